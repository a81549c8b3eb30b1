"""However a fill is divided and shared out, the result is the same."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import cores, inpaint, passes
from inpaint_core.geometry import Size, context_box
from inpaint_core.holes import bounding_box


def clouds(shape: tuple[int, int]) -> np.ndarray:
    y, x = np.indices(shape)
    grain = np.random.default_rng(8).normal(0, 9, (*shape, 3))
    waves = np.stack([120 + 60 * np.sin(x / 23) * np.cos(y / period) for period in (17, 19, 29)], axis=2)
    return np.clip(waves + grain, 0, 255).astype(np.uint8)


def scratches(shape: tuple[int, int]) -> np.ndarray:
    hole = np.zeros(shape, bool)
    for shift in range(4):
        hole[np.arange(shape[0]), np.arange(shape[0]) * shape[1] // shape[0] // 2 + shift] = True
    hole[40:43] = True
    return hole


def spots(shape: tuple[int, int]) -> np.ndarray:
    hole = np.zeros(shape, bool)
    for x, y in np.random.default_rng(2).integers(20, np.array(shape[::-1]) - 40, (12, 2)):
        hole[y : y + 14, x : x + 14] = True
    return hole


@pytest.mark.parametrize("method", ["auto", "patch", "biharmonic"])
def test_the_bytes_do_not_depend_on_the_number_of_threads(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = (700, 1100)
    picture, hole = clouds(shape), spots(shape)
    results = set()
    for count in (1, 3):
        monkeypatch.setattr(cores, "threads", lambda count=count: count)
        results.add(inpaint(picture, hole, method).tobytes())
    assert len(results) == 1


@pytest.mark.parametrize("method", ["harmonic", "biharmonic", "telea", "navier-stokes"])
def test_a_scratch_in_pieces_is_the_scratch_as_a_whole(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (600, 1100)
    picture, hole = clouds(shape).astype(np.float32) / 255, scratches(shape)
    pieced = inpaint(picture, hole, method)
    monkeypatch.setattr(passes, "PIECE", 1 << 20)
    assert np.abs(pieced - inpaint(picture, hole, method)).max() < 0.25 / 255


@pytest.mark.parametrize("method", ["auto", "patch", "harmonic"])
def test_the_context_of_all_holes_gives_what_the_whole_picture_gives(method: str) -> None:
    picture = clouds((900, 900))
    hole = np.zeros((900, 900), bool)
    hole[350:550, 350:550] = spots((200, 200))
    window = context_box(bounding_box(hole), Size(900, 900))
    part = inpaint(picture[window.slices], hole[window.slices], method)
    assert np.array_equal(part, inpaint(picture, hole, method)[window.slices])
