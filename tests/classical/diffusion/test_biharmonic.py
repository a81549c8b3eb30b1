"""The biharmonic fill: exact on small pictures, equal to scikit-image's, strict about its source."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.restoration import inpaint_biharmonic

from inpaint_core.classical.diffusion.biharmonic import TOLERANCE, fill_biharmonic
from inpaint_core.classical.diffusion.options import BiharmonicOptions

AGREEMENT = 1e-4
"""The stated agreement with scikit-image, of a range of 1."""


def ignore(stage, fraction):
    pass


def fill(image, hole, source=None, progress=ignore):
    source = ~hole if source is None else source
    known = np.where(hole[..., None], 0, image).astype(np.float32)
    return fill_biharmonic(known, hole, source, options=BiharmonicOptions(), seed=0, progress=progress)


def laplacian(image):
    padded = np.pad(image.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return 4 * image - around


def exact(image, unknown, source):
    """Solve by elimination, in double precision, and cut to the range of the source."""
    pixels = np.eye(unknown.size).reshape(*unknown.shape, -1)
    matrix = laplacian(laplacian(pixels)).reshape(unknown.size, -1)
    free = unknown.ravel()
    values = image.reshape(-1, image.shape[2]).astype(float)
    values[free] = np.linalg.solve(matrix[free][:, free], -matrix[free][:, ~free] @ values[~free])
    return np.clip(values.reshape(image.shape), image[source].min(axis=0), image[source].max(axis=0))


def test_a_ramp_is_continued_exactly():
    y, x = np.mgrid[0:40, 0:50].astype(np.float32)
    ramp = np.stack([0.02 * x, 1 - 0.02 * y], axis=2)
    hole = np.zeros((40, 50), bool)
    hole[10:30, 12:38] = True
    np.testing.assert_allclose(fill(ramp, hole), ramp, atol=1e-4)


@settings(deadline=None, max_examples=40)
@given(
    hole=hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)),
    channels=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_agrees_with_elimination_on_any_hole(hole, channels, seed):
    hole.flat[0] = False
    hole.flat[-1] |= hole.size > 1
    if not hole.any():
        return
    image = np.random.default_rng(seed).random((*hole.shape, channels), np.float32)
    np.testing.assert_allclose(fill(image, hole)[hole], exact(image, hole, ~hole)[hole], atol=AGREEMENT)


@pytest.mark.parametrize("kind", ["disc", "border", "scratches", "dust"])
def test_agrees_with_scikit_image(kind):
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:70, 0:80]
    hole = {
        "disc": (y - 35) ** 2 + (x - 40) ** 2 < 18**2,
        "border": (y < 22) & (x > 20),
        "scratches": (np.abs((3 * y + 7 * x) % 97) < 6),
        "dust": rng.random((70, 80)) < 0.1,
    }[kind]
    image = np.where(hole[..., None], 0, rng.random((70, 80, 3)))
    theirs = inpaint_biharmonic(image, hole, channel_axis=-1)
    np.testing.assert_allclose(fill(image, hole)[hole], theirs[hole], atol=AGREEMENT)


def test_reaches_its_residual_on_a_large_hole():
    rng = np.random.default_rng(2)
    y, x = np.mgrid[0:240, 0:240]
    hole = (y - 120) ** 2 + (x - 120) ** 2 < 90**2
    smooth = np.sin(y / 31)[..., None] + np.cos(x / 23)[..., None] + 0.01 * rng.random((240, 240, 1))
    smooth[0, 0], smooth[-1, -1] = 9, -9  # the range is wide, so that nothing is cut
    rounding = 64 * np.finfo(np.float32).eps
    filled = fill(smooth, hole)
    assert np.abs(laplacian(laplacian(filled)))[hole].max() <= 18 * (TOLERANCE + rounding)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**31 - 1))
def test_pixels_that_are_neither_hole_nor_source_never_show(seed):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, (11, 12))
    kind[0, 0], kind[5, 5] = 0, 2
    image = rng.random((11, 12, 3), np.float32)
    hole, source = kind == 2, kind == 0
    want = fill(image, hole, source)
    np.testing.assert_allclose(want[hole], exact(image, ~source, source)[hole], atol=AGREEMENT)
    poisoned = np.where((kind == 1)[..., None], np.float32(1e6), image)
    np.testing.assert_array_equal(fill(poisoned, hole, source)[hole], want[hole])


@pytest.mark.parametrize("scale", [1e-41, 1e-6, 1e6, 1e38])
def test_scale_does_not_matter(scale):
    image = np.random.default_rng(3).random((20, 21, 1)).astype(np.float32)
    hole = np.zeros((20, 21), bool)
    hole[4:15, 5:17] = True
    scaled = fill((image * np.float64(scale)).astype(np.float32), hole).astype(np.float64) / scale
    np.testing.assert_allclose(scaled, fill(image, hole), atol=1e-3)


def test_one_source_pixel_colours_everything():
    hole = np.ones((21, 30), bool)
    hole[11, 17] = False
    image = np.full((21, 30, 2), (0.25, -3.0), np.float32)
    np.testing.assert_array_equal(fill(image, hole), image)
