"""Telea and Navier-Stokes: OpenCV's answers, finer than 8 bits, strict about their source."""

import cv2
import numpy as np
import pytest

from inpaint_core.classical.diffusion.march import fill_navier_stokes, fill_telea
from inpaint_core.classical.diffusion.options import MarchOptions

BOTH = pytest.mark.parametrize(
    ("function", "flag"), [(fill_telea, cv2.INPAINT_TELEA), (fill_navier_stokes, cv2.INPAINT_NS)]
)
IDS = pytest.mark.parametrize("method", ["telea", "navier-stokes"])


def ignore(stage, fraction):
    pass


def fill(function, image, hole, source=None, **options):
    known = np.where(hole[..., None], 0, image).astype(np.float32)
    source = ~hole if source is None else source
    return function(known, hole, source, options=MarchOptions(**options), seed=0, progress=ignore)


@pytest.fixture
def picture():
    noise = np.random.default_rng(0).random((60, 80, 3), np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return (smooth - smooth.min()) / (smooth.max() - smooth.min())


@pytest.fixture
def hole():
    mask = np.zeros((60, 80), bool)
    mask[20:40, 25:50] = True
    mask[:9, :12] = True
    return mask


@BOTH
def test_agrees_with_opencv_on_eight_bits(function, flag, picture, hole):
    levels = np.rint(picture * 255).astype(np.uint8)
    theirs = cv2.inpaint(levels, hole.astype(np.uint8), 3, flag) / 255.0
    assert np.abs(fill(function, picture, hole) - theirs)[hole].mean() < 0.02


@BOTH
def test_radius_is_heard(function, flag, picture, hole):
    assert (fill(function, picture, hole, radius=9.0) != fill(function, picture, hole)).any()


@BOTH
def test_one_colour_stays_that_colour(function, flag, hole):
    flat = np.full((60, 80, 3), (0.1, 0.5, -2.0), np.float32)
    np.testing.assert_array_equal(fill(function, flat, hole), flat)


@BOTH
@pytest.mark.parametrize("scale", [1e-41, 1e-5, 1e4, 3e38])
def test_scale_does_not_matter(function, flag, picture, hole, scale):
    scaled = (picture * np.float64(scale)).astype(np.float32)
    got = fill(function, scaled, hole).astype(np.float64) / scale
    np.testing.assert_allclose(got, fill(function, picture, hole), atol=1e-3)


@BOTH
@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 9), (2, 2), (3, 3)])
def test_tiny_pictures(function, flag, shape):
    image = np.random.default_rng(0).random((*shape, 1), np.float32)
    hole = np.ones(shape, bool)
    hole[-1, -1] = False
    np.testing.assert_allclose(fill(function, image, hole)[hole], image[-1, -1, 0], rtol=1e-6)
