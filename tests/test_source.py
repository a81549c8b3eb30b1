"""What is excluded as a source never appears, whatever the setting and the method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inpaint_core import InputError, NoSourceError, inpaint, methods
from inpaint_core.geometry import MIN_CONTEXT, Box, Size
from inpaint_core.source import MAX_RADIUS, find_source

METHODS = [method.id for method in methods() if not method.id.startswith("deep")]
HOLE = Box(30, 24, 62, 46)


def dark_near_bright(shape: tuple[int, int], allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return noise of 40 to 120 where `allowed`, of 200 to 255 elsewhere, and a hole."""
    rng = np.random.default_rng(4)
    picture = rng.integers(200, 256, (*shape, 3), dtype=np.uint8)
    picture[allowed] = rng.integers(40, 121, (int(allowed.sum()), 3), dtype=np.uint8)
    hole = np.zeros(shape, bool)
    hole[HOLE.slices] = True
    return picture, hole


def distance(shape: tuple[int, int]) -> np.ndarray:
    y, x = np.indices(shape)
    across = np.maximum(np.maximum(HOLE.x0 - x, x - HOLE.x1 + 1), 0)
    down = np.maximum(np.maximum(HOLE.y0 - y, y - HOLE.y1 + 1), 0)
    return np.hypot(across, down)


def left_half(shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    mask[:, : HOLE.x0] = 9
    return mask


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("auto", lambda shape: np.indices(shape)[1] < HOLE.x1 + MIN_CONTEXT),
        (None, lambda shape: np.indices(shape)[1] < HOLE.x1 + MIN_CONTEXT),
        (18, lambda shape: distance(shape) <= 18),
        ("mask", lambda shape: left_half(shape) > 0),
    ],
    ids=["auto", "None", "radius", "mask"],
)
def test_excluded_content_never_appears(method: str, setting: Any, allowed: Any) -> None:
    shape = (70, HOLE.x1 + MIN_CONTEXT + 40)
    picture, hole = dark_near_bright(shape, allowed(shape))
    if setting == "mask":
        setting = left_half(shape)
    filled = inpaint(picture, hole, method, source=setting)
    assert 40 <= filled[hole].min() <= filled[hole].max() <= 120


@pytest.mark.parametrize("setting", ["auto", "whole", 40])
@pytest.mark.parametrize("method", ["patch", "harmonic"])
def test_an_exclusion_holds_whatever_the_source(method: str, setting: Any) -> None:
    shape = (70, 110)
    excluded = left_half(shape)
    picture, hole = dark_near_bright(shape, excluded == 0)
    filled = inpaint(picture, hole, method, source=setting, exclude=excluded)
    assert 40 <= filled[hole].min() <= filled[hole].max() <= 120


def test_the_area_is_what_content_may_come_from() -> None:
    picture = np.full((60, 60, 2), 255, np.uint8)
    picture[:10, :, 1] = 0
    hole = np.zeros((60, 60), bool)
    hole[30:34, 30:34] = True
    excluded = np.zeros((60, 60))
    excluded[:, :28] = 0.1
    area = find_source("auto", picture, hole, excluded).area(hole)
    assert np.array_equal(area, ~hole & (picture[..., 1] > 0) & (excluded == 0))
    near = find_source(5, picture, hole).area(hole)
    assert near[30, 25]
    assert not near[30, 24]
    assert not near[hole].any()


@pytest.mark.filterwarnings("ignore:In places no whole patch was free")
def test_auto_is_content_with_any_radius() -> None:
    shape = (70, 90)
    picture, hole = dark_near_bright(shape, distance(shape) <= 2)
    assert inpaint(picture, hole, source=2)[hole].max() <= 120


def test_windows_reach_as_far_as_the_setting_says() -> None:
    picture = np.zeros((900, 1200), np.uint8)
    hole = np.zeros(picture.shape, bool)
    box, whole = Box(600, 400, 610, 410), Size(1200, 900).box
    hole[box.slices] = True
    far = np.zeros(picture.shape, bool)
    far[10:20, 30:40] = True

    def windows(setting: Any) -> list[Box]:
        return list(find_source(setting, picture, hole).windows(box))

    assert windows("whole") == [whole]
    assert windows("auto") == windows(None) == [box.grow(MIN_CONTEXT), whole]
    assert windows(5) == [box.grow(MIN_CONTEXT)]
    assert windows(200.5) == [box.grow(201)]
    assert windows(far) == [box.grow(MIN_CONTEXT) | Box(30, 10, 40, 20)]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("everywhere", "auto or whole, a radius in pixels, or a mask; not the word 'everywhere'"),
        (0.5, f"from 1 to {MAX_RADIUS}, not 0.5"),
        (float("nan"), "not nan"),
        (MAX_RADIUS + 1, "from 1 to"),
        (True, "not True"),
        (np.ones((3, 3, 3)), r"The source has the shape \(3, 3, 3\)"),
    ],
)
def test_other_settings_are_refused_in_words(setting: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        find_source(setting, np.zeros((9, 9), np.uint8), np.eye(9, dtype=bool))


def test_a_transparent_rim_leaves_no_source_within_a_radius() -> None:
    picture = np.full((60, 60, 4), 255, np.uint8)
    picture[15:45, 15:45, 3] = 0
    hole = np.zeros((60, 60), bool)
    hole[25:35, 25:35] = True
    with pytest.raises(NoSourceError, match="Around a hole nothing is left"):
        inpaint(picture, hole, "harmonic", source=5)
