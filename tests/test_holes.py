"""Every masked pixel is in exactly one part, and parts do not see each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.geometry import Box, Size, context_box
from inpaint_core.holes import bounding_box, parts


def rectangles(spots: list[tuple[int, int, int, int]], size: Size) -> np.ndarray:
    mask = np.zeros((size.height, size.width), bool)
    for x, y, width, height in spots:
        mask[y : y + height, x : x + width] = True
    return mask


spots = st.lists(
    st.tuples(st.integers(0, 1490), st.integers(0, 690), st.integers(1, 60), st.integers(1, 60)), max_size=6
)


@settings(max_examples=50)
@given(spots)
def test_parts_cover_the_hole_and_their_contexts_are_apart(where: list[tuple[int, int, int, int]]) -> None:
    extent = Size(1500, 700)
    hole = rectangles(where, extent)
    found = parts(hole)
    covered = np.zeros(hole.shape, int)
    for box in found:
        covered[box.slices] += 1
        assert bounding_box(hole[box.slices]) == box.size.box
    assert (covered[hole] == 1).all()
    assert covered.max(initial=0) <= 1
    for one, other in combinations(found, 2):
        assert not context_box(one, extent) & context_box(other, extent)


def test_far_holes_are_apart_and_near_ones_together() -> None:
    hole = rectangles([(10, 10, 5, 5), (60, 10, 5, 5), (900, 10, 5, 5)], Size(1000, 40))
    assert parts(hole) == [Box(10, 10, 65, 15), Box(900, 10, 905, 15)]


def test_no_hole_has_no_parts() -> None:
    empty = np.zeros((5, 4), bool)
    assert parts(empty) == []
    assert not bounding_box(empty)


def test_a_diagonal_line_is_one_part() -> None:
    assert parts(np.eye(30, dtype=bool)) == [Box(0, 0, 30, 30)]
