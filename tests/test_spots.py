"""Dust and scratches are found on made pictures, and nothing is where there are none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from inpaint_core import Cancelled, InputError, find_spots, spots
from inpaint_core.cli import main
from inpaint_core.evaluation.spots import compare_spots, paint_spots
from inpaint_core.picture_files import Picture, read_picture, write_picture

SHAPE = (600, 800)


def landscape(seed: int = 3) -> np.ndarray:
    """Return clouds of all sizes above a ground of pebbles, with grain."""
    rng = np.random.default_rng(seed)
    picture = np.full((*SHAPE, 3), 120.0, np.float32)
    for scale, strength in ((4, 60), (12, 35), (40, 20), (160, 10)):
        cells = rng.normal(0.0, strength / 2, (scale, scale * 4 // 3, 3)).astype(np.float32)
        picture += cv2.resize(cells, SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
    pebbles = cv2.GaussianBlur(rng.normal(0.0, 300.0, (200, 800)).astype(np.float32), (0, 0), 2.5)
    picture[400:] += pebbles[..., None]
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0.0, 3.0, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def test_a_hundred_spots_are_found_and_little_else() -> None:
    picture, numbers = paint_spots(landscape(), 100, seed=1)
    agreement = compare_spots(find_spots(picture), numbers)
    assert agreement.recall >= 0.9
    assert agreement.precision >= 0.8


def test_tone_size_sensitivity_and_place_are_kept_to() -> None:
    picture = np.full((120, 160, 3), 128, np.uint8)
    for column, radius, value in ((30, 3, 250), (70, 3, 5), (110, 9, 250)):
        cv2.circle(picture, (column, 60), radius, (value,) * 3, -1)

    def found(**options: bool | float | str) -> list[bool]:
        mask = find_spots(picture, **options)
        return [bool(mask[60, column]) for column in (30, 70, 110)]

    assert found() == [True, True, False]
    assert found(tone="light") == [True, False, False]
    assert found(tone="dark") == [False, True, False]
    assert found(size=20) == [True, True, True]
    left = np.zeros((120, 160))
    left[:, :50] = 0.5
    assert np.array_equal(find_spots(picture, left), find_spots(picture, tone="light") & (left > 0))
    with pytest.raises(InputError, match="sensitivity is a whole number from 1 to 10"):
        find_spots(picture, sensitivity=11)


def test_more_sensitivity_finds_more() -> None:
    picture, _ = paint_spots(landscape(), 40, seed=2)
    least, usual, most = (find_spots(picture, sensitivity=level) for level in (1, 5, 10))
    assert least.sum() < usual.sum() < most.sum()
    assert not (least & ~most).any()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [(), (2,), (4,)])
def test_every_kind_of_picture_is_understood(dtype: str, channels: tuple[int, ...]) -> None:
    full = {"uint8": 255, "uint16": 65535, "float32": 1.0}[dtype]
    picture = np.full((64, 80, *channels), 0.5 * full, dtype)
    if channels:
        picture[..., -1] = full
        picture[40:, :, -1] = 0
    picture[20:23, 30:33, ...] = full
    mask = find_spots(picture)
    assert mask[21, 31]
    assert not mask[:, 40:].any()
    assert not mask[36:].any()


def test_nothing_is_found_where_nothing_is() -> None:
    grain = np.random.default_rng(0).normal(128, 6, (200, 200, 3)).astype(np.uint8)
    assert not find_spots(grain).any()
    assert not find_spots(np.zeros((1, 1), np.uint8)).any()
    assert not find_spots(grain, np.zeros((200, 200))).any()


def test_values_that_are_no_numbers_or_endless_are_no_fault() -> None:
    picture = np.full((120, 160, 3), 0.5, np.float32)
    picture[20, 30:32], picture[60, 80], picture[90, 100] = np.nan, np.inf, -np.inf
    assert find_spots(picture).sum() < 200


def test_likeness_counts_exactly_those_near_by() -> None:
    rng = np.random.default_rng(5)
    middles, scores = rng.uniform(0.0, 500.0, (400, 2)), rng.normal(0.0, 3.0, 400)
    near = np.abs(middles[:, None] - middles).max(axis=2) <= spots.ALIKE
    counted = near & (scores >= scores[:, None] - spots.SIMILAR)
    np.testing.assert_array_equal(spots._alike(middles, scores), counted.sum(axis=1) - 1)


def test_the_search_reports_on_the_way_and_can_be_stopped() -> None:
    told: list[float] = []

    def stop(stage: str, fraction: float) -> None:
        told.append(fraction)
        if fraction > 0.0:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        find_spots(paint_spots(landscape(), 100, seed=1)[0], progress=stop)
    assert 0.0 < told[-1] < 1.0


def test_a_mask_that_marks_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("picture", "nowhere"):
        write_picture(tmp_path / f"{name}.png", Picture(np.zeros((40, 50), np.uint8)))
    arguments = [str(tmp_path / "picture.png"), "--within", str(tmp_path / "nowhere.png")]
    assert main(["spots", *arguments, "-o", str(tmp_path / "found.png")]) == 2
    assert "marks nothing" in capsys.readouterr().err


def test_the_command_writes_a_mask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture, _ = paint_spots(landscape(), 10, seed=5)
    write_picture(tmp_path / "photo.png", Picture(picture))
    arguments = ["spots", str(tmp_path / "photo.png"), "--tone", "light", "-o"]
    assert main([*arguments, str(tmp_path / "mask.png")]) == 0
    assert "spots found." in capsys.readouterr().err
    mask = read_picture(tmp_path / "mask.png").pixels
    assert np.array_equal(mask > 0, find_spots(picture, tone="light"))
    assert main([*arguments, str(tmp_path / "photo.png")]) == 2
    assert "also an input" in capsys.readouterr().err
