"""Mirrored, turned and scaled sources."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import inpaint
from inpaint_core.classical.patch.canvas import enlarge


def noise(height, width, seed=1):
    return np.random.default_rng(seed).integers(60, 200, (height, width, 3)).astype(np.uint8)


def box(shape, top, left, height, width):
    mask = np.zeros(shape[:2], bool)
    mask[top : top + height, left : left + width] = True
    return mask


def turned(picture, adapt):
    return picture[:, ::-1] if adapt == "mirror" else np.rot90(picture)


@pytest.mark.parametrize("adapt", ["mirror", "rotate", "all"])
@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("axis", [0, 1])
def test_what_only_a_turned_source_holds_is_recovered(adapt, second, axis):
    half = noise(40, 40)
    image = np.concatenate([half, turned(half, adapt)][:: 1 if second else -1], axis=axis)
    corner = [14, 14]
    corner[axis] += 40 * second
    hole = box(image.shape, *corner, 11, 11)
    blank = np.where(hole[..., None], np.uint8(0), image)
    np.testing.assert_array_equal(inpaint(blank, hole, "patch", adapt=adapt), image)
    plain = inpaint(blank, hole, "patch")
    assert (plain[hole] != image[hole]).mean() > 0.9


@pytest.mark.parametrize("adapt", ["mirror", "rotate", "scale", "all"])
@pytest.mark.parametrize("place", [(0, 0), (0, 30), (20, 0), (31, 51)])
def test_a_canvas_holds_the_picture_and_sources_from_it_alone(adapt, place):
    image = noise(40, 60).astype(np.float32) / 255
    hole = box(image.shape, *place, 9, 9)
    source = ~hole
    source[:, 20:25] = False
    image[~source] = 5.0
    canvas = enlarge(image, hole, source, adapt)
    np.testing.assert_array_equal(canvas.image[canvas.place], image)
    np.testing.assert_array_equal(canvas.hole[canvas.place], hole)
    np.testing.assert_array_equal(canvas.source[canvas.place], source)
    assert canvas.hole.sum() == hole.sum()
    assert canvas.source.sum() > 1.4 * source.sum()
    assert canvas.image[canvas.source].max() < 1.0


def test_a_guide_and_the_best_quality_go_with_it():
    image = noise(60, 60)
    hole = box(image.shape, 20, 25, 20, 20)
    fills = [
        inpaint(image, hole, "patch", adapt="all", quality="best", guide=guide)
        for guide in (np.zeros_like(image), np.full_like(image, 255))
    ]
    assert fills[1][hole].mean() > fills[0][hole].mean() + 5
