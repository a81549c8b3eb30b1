"""Every masked pixel is in exactly one part; parts look at little together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.geometry import Box, Size, context_box
from inpaint_core.holes import BLOCK, SMALL, Part, bounding_box, depths, parts, pieces


def rectangles(spots: list[tuple[int, int, int, int]], size: Size) -> np.ndarray:
    mask = np.zeros((size.height, size.width), bool)
    for x, y, width, height in spots:
        mask[y : y + height, x : x + width] = True
    return mask


def divided(hole: np.ndarray) -> list[Part]:
    extent = Size(hole.shape[1], hole.shape[0])
    return parts(hole, lambda box: context_box(box, extent))


def looked_at(boxes: list[Box], extent: Size) -> int:
    windows = [context_box(box, extent) for box in boxes]
    return sum(window.width * window.height for window in windows)


spots = st.lists(
    st.tuples(st.integers(0, 1490), st.integers(0, 690), st.integers(1, 60), st.integers(1, 60)), max_size=6
)


@settings(max_examples=50)
@given(spots)
def test_every_pixel_is_in_one_part_and_division_never_costs(where: list[tuple[int, int, int, int]]) -> None:
    extent = Size(1500, 700)
    hole = rectangles(where, extent)
    found = divided(hole)
    covered = np.zeros(hole.shape, int)
    for part in found:
        own = part.own(hole, part.box)
        assert bounding_box(own) == part.box.size.box
        covered[part.box.slices] += own
    assert np.array_equal(covered, hole)
    if found:
        assert looked_at([part.box for part in found], extent) <= max(
            looked_at([bounding_box(hole).grow(BLOCK)], extent), SMALL
        )


def test_far_holes_are_apart_and_near_ones_together() -> None:
    hole = rectangles([(10, 10, 5, 5), (60, 10, 5, 5), (1900, 10, 5, 5)], Size(2000, 400))
    assert sorted(part.box for part in divided(hole)) == [Box(10, 10, 65, 15), Box(1900, 10, 1905, 15)]


def test_crossing_boxes_keep_their_own_pixels() -> None:
    hole = np.zeros((1800, 1800), bool)
    hole[np.arange(1800), np.arange(1800)] = True
    hole[20:30, 1500:1510] = True
    owners = sum(part.own(hole, part.box)[20 - part.box.y0, 1505 - part.box.x0] for part in divided(hole))
    assert owners == 1


def test_no_hole_has_no_parts() -> None:
    empty = np.zeros((5, 4), bool)
    assert divided(empty) == []
    assert not bounding_box(empty)


def test_a_diagonal_line_is_one_part() -> None:
    assert [part.box for part in divided(np.eye(30, dtype=bool))] == [Box(0, 0, 30, 30)]


@pytest.mark.parametrize("box", [Box(0, 0, 1, 1), Box(3, 5, 1030, 517), Box(7, 7, 519, 1032)])
def test_pieces_tile_the_box(box: Box) -> None:
    found = pieces(box, 512)
    assert sum(piece.width * piece.height for piece in found) == box.width * box.height
    assert all(piece and piece in box and max(piece.width, piece.height) <= 512 for piece in found)


def test_depth_is_the_way_out() -> None:
    hole = rectangles([(5, 5, 30, 9)], Size(40, 20))
    assert depths(hole).max() == pytest.approx(5, abs=0.1)
    assert depths(hole)[0, 0] == 0
