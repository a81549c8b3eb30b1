"""What nobody draws on purpose: the right result, or one clear sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from inpaint_core import NoSourceError, inpaint, methods
from inpaint_core.explanation import Explanation

METHODS = [method.id for method in methods() if method.id != "deep"]
Request = tuple[np.ndarray, np.ndarray, dict[str, Any]]

pytestmark = pytest.mark.filterwarnings("ignore:In places no whole patch was free")


def slope(height: int, width: int) -> np.ndarray:
    """Return an even slope between 60 and 200 with all that it takes to tell rows from columns."""
    y, x = np.mgrid[:height, :width]
    return np.rint(60 + 90 * x / width + 50 * y / height).astype(np.uint8)


def all_but_a_border() -> Request:
    hole = np.zeros((40, 50), bool)
    hole[1:-1, 1:-1] = True
    return slope(40, 50), hole, {}


def a_source_smaller_than_a_patch() -> Request:
    hole, source = np.zeros((40, 50), bool), np.zeros((40, 50), bool)
    hole[10:30, 10:30] = True
    source[12:16, 30:34] = True
    return slope(40, 50), hole, {"source": source}


def smaller_than_a_patch() -> Request:
    return slope(5, 6), np.eye(5, 6, dtype=bool), {}


def touching_all_borders() -> Request:
    hole = np.zeros((60, 70), bool)
    hole[25:33] = hole[:, 30:38] = True
    return slope(60, 70), hole, {}


def checkerboard() -> Request:
    return slope(40, 50), np.indices((40, 50)).sum(axis=0) % 2 == 1, {}


def a_single_pixel() -> Request:
    hole = np.zeros((40, 50), bool)
    hole[20, 49] = True
    return slope(40, 50), hole, {}


def a_thousand_holes() -> Request:
    hole = np.zeros((420, 320), bool)
    hole[3::13, 3::10] = hole[4::13, 3::10] = True
    assert hole.sum() >= 2 * 1000
    return slope(420, 320), hole, {}


NO_PATCH = {all_but_a_border, a_source_smaller_than_a_patch, smaller_than_a_patch, checkerboard}
CASES = [*NO_PATCH, touching_all_borders, a_single_pixel, a_thousand_holes]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "case", sorted(CASES, key=lambda case: case.__name__), ids=lambda case: case.__name__
)
def test_strange_holes_are_filled_or_refused_in_words(case: Callable[[], Request], method: str) -> None:
    picture, hole, settings = case()
    if method == "patch" and case in NO_PATCH:
        with pytest.raises(NoSourceError, match="Nowhere is a whole patch"):
            inpaint(picture, hole, method, **settings)
        return
    filled = inpaint(picture, hole, method, **settings)
    assert np.array_equal(filled[~hole], picture[~hole])
    known = picture[settings.get("source", ~hole)]
    assert known.min() <= filled[hole].min() <= filled[hole].max() <= known.max()
    if not settings:
        assert np.abs(filled[hole].astype(int) - picture[hole]).mean() < 12


@pytest.mark.parametrize("method", METHODS)
def test_one_colour_stays_one_colour(method: str) -> None:
    picture = np.full((50, 60, 3), (17, 120, 250), np.uint8)
    hole = np.zeros((50, 60), bool)
    hole[20:40, 20:45] = hole[5, 5] = True
    assert np.array_equal(
        inpaint(np.where(hole[..., None], 0, picture).astype(np.uint8), hole, method), picture
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-40, 1e-6, 1e6, -1.0])
def test_values_of_any_size_are_filled_within_their_range(method: str, scale: float) -> None:
    picture = (slope(50, 60) / 255.0 * scale).astype(np.float32)
    hole = np.zeros((50, 60), bool)
    hole[20:40, 20:40] = True
    filled = inpaint(picture, hole, method)
    assert np.isfinite(filled).all()
    assert picture[~hole].min() <= filled[hole].min() <= filled[hole].max() <= picture[~hole].max()


@pytest.mark.parametrize("method", METHODS)
def test_transparent_pixels_beside_the_mask_show_nowhere(method: str) -> None:
    picture = np.dstack([np.repeat(slope(60, 70)[..., None], 3, axis=2), np.full((60, 70), 255, np.uint8)])
    hole = np.zeros((60, 70), bool)
    hole[20:40, 20:40] = True
    picture[20:40, 40:44] = (255, 0, 0, 0)
    filled = inpaint(picture, hole, method)
    assert np.array_equal(filled[~hole], picture[~hole])
    shown = filled[hole][filled[hole][:, 3] > 20]
    assert len(shown) > 300
    assert np.abs(shown[:, 0].astype(int) - shown[:, 1]).max() <= 3, "no red"


def test_auto_tells_a_thousand_holes_in_a_line() -> None:
    picture, hole, _ = a_thousand_holes()
    seen: list[Explanation] = []
    inpaint(picture, hole, explain=seen.append)
    assert str(seen[0]).startswith("1056 holes: ")
    assert len(str(seen[0]).splitlines()) == 1
