"""Boxes behave as sets of pixels, and the context of a hole is monotone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core import inpaint
from inpaint_core.geometry import MIN_CONTEXT, Box, Size, context_box

FIELD = Size(12, 9)
corners = st.tuples(st.integers(0, 12), st.integers(0, 9), st.integers(0, 12), st.integers(0, 9))
boxes = corners.map(lambda c: Box(min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3])))


def pixels(box: Box) -> np.ndarray:
    field = np.zeros((FIELD.height, FIELD.width), bool)
    if box:
        field[box.slices] = True
    return field


@given(boxes, boxes)
def test_intersection_is_that_of_the_pixels(one: Box, other: Box) -> None:
    assert np.array_equal(pixels(one & other), pixels(one) & pixels(other))


@given(boxes, boxes)
def test_union_is_the_smallest_box_around_both(one: Box, other: Box) -> None:
    union = one | other
    both = pixels(one) | pixels(other)
    assert bool(union) == both.any()
    assert one in union
    assert other in union
    if union:
        rows, columns = np.nonzero(both)
        assert union == Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@given(boxes, boxes)
def test_containment_is_that_of_the_pixels(one: Box, other: Box) -> None:
    assert (one in other) == bool((pixels(other) | ~pixels(one)).all())


@given(boxes)
def test_size_counts_the_pixels(box: Box) -> None:
    assert box.width * box.height == pixels(box).sum()
    assert bool(box) == pixels(box).any()
    assert box.size.box == box.shift(-box.x0, -box.y0) or not box


@given(boxes, st.integers(0, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_grow_and_shift_undo_themselves(box: Box, margin: int, dx: int, dy: int) -> None:
    assert box.grow(margin).grow(-margin) == box
    assert box.shift(dx, dy).shift(-dx, -dy) == box


sides = st.integers(1, 6000)


@given(st.data(), sides, sides)
def test_the_context_of_a_part_lies_within_the_context_of_the_whole(
    data: st.DataObject, width: int, height: int
) -> None:
    extent = Size(width, height)
    x0, x1 = sorted((data.draw(st.integers(0, width - 1)), data.draw(st.integers(1, width))))
    y0, y1 = sorted((data.draw(st.integers(0, height - 1)), data.draw(st.integers(1, height))))
    hole = Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))
    part = Box(
        data.draw(st.integers(hole.x0, hole.x1 - 1)),
        data.draw(st.integers(hole.y0, hole.y1 - 1)),
        hole.x1,
        hole.y1,
    )
    context = context_box(hole, extent)
    assert context_box(part, extent) in context
    assert hole in context
    assert context in extent.box


def test_the_smallest_hole_gets_the_least_context() -> None:
    assert context_box(Box(500, 500, 501, 501), Size(1000, 1000)) == Box(500, 500, 501, 501).grow(MIN_CONTEXT)


@pytest.mark.parametrize("method", ["harmonic", "patch"])
def test_the_context_alone_gives_the_very_fill_of_the_whole(method: str) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (420, 460, 3), dtype=np.uint8)
    hole = np.zeros(picture.shape[:2], bool)
    hole[200:216, 210:240] = True
    hole[230:234, 205:212] = True
    window = context_box(Box(205, 200, 240, 234), Size(460, 420))
    assert window != Size(460, 420).box
    whole = inpaint(picture, hole, method)
    alone = inpaint(picture[window.slices], hole[window.slices], method)
    assert np.array_equal(whole[window.slices], alone)
