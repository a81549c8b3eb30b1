"""The Laplace fill: exact on small pictures, to its stated residual on any, strict about its source."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inpaint_core import Cancelled
from inpaint_core.classical.diffusion.harmonic import TOLERANCE, fill_harmonic
from inpaint_core.classical.diffusion.options import HarmonicOptions


def ignore(stage, fraction):
    pass


def fill(image, hole, source=None, progress=ignore):
    source = ~hole if source is None else source
    known = np.where(hole[..., None], 0, image).astype(np.float32)
    return fill_harmonic(known, hole, source, options=HarmonicOptions(), seed=0, progress=progress)


def laplacian(shape):
    """The dense graph Laplacian of a picture's pixels, four neighbours, no flux through the border."""
    index = np.arange(shape[0] * shape[1]).reshape(shape)
    matrix = np.zeros((index.size, index.size))
    pairs = [(index[1:].ravel(), index[:-1].ravel()), (index[:, 1:].ravel(), index[:, :-1].ravel())]
    for a, b in pairs:
        np.add.at(matrix, (a, a), 1)
        np.add.at(matrix, (b, b), 1)
        matrix[a, b] = matrix[b, a] = -1
    return matrix


def exact(image, unknown):
    """Solve by elimination, in double precision."""
    matrix, free = laplacian(unknown.shape), unknown.ravel()
    values = image.reshape(-1, image.shape[2]).astype(float)
    values[free] = np.linalg.solve(matrix[free][:, free], -matrix[free][:, ~free] @ values[~free])
    return values.reshape(image.shape)


def residual(image, unknown):
    padded = np.pad(image.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return np.abs(4 * image - around)[unknown].max()


def test_one_pixel_becomes_the_mean_of_its_neighbours():
    image = np.float32([[9, 1, 9], [2, 0, 3], [9, 6, 9]])[..., None]
    hole = np.zeros((3, 3), bool)
    hole[1, 1] = True
    assert fill(image, hole)[1, 1, 0] == 3


def test_a_corner_pixel_becomes_the_mean_of_its_two_neighbours():
    image = np.float32([[0, 4], [2, 9]])[..., None]
    hole = np.array([[True, False], [False, False]])
    assert fill(image, hole)[0, 0, 0] == 3


def test_a_plane_is_continued_exactly():
    y, x = np.mgrid[0:40, 0:50].astype(np.float32)
    plane = np.stack([0.01 * x, 0.5 - 0.01 * y, 0.002 * (x + y)], axis=2)
    hole = np.zeros((40, 50), bool)
    hole[7:33, 9:41] = True
    np.testing.assert_allclose(fill(plane, hole), plane, atol=2e-6)


@settings(deadline=None, max_examples=60)
@given(
    hole=hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14)),
    channels=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_agrees_with_elimination_on_any_hole(hole, channels, seed):
    hole.flat[0] = False
    hole.flat[-1] |= hole.size > 1
    if not hole.any():
        return
    image = np.random.default_rng(seed).random((*hole.shape, channels), np.float32)
    np.testing.assert_allclose(fill(image, hole)[hole], exact(image, hole)[hole], atol=1e-5)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31 - 1))
def test_pixels_that_are_neither_hole_nor_source_never_show(seed):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, (12, 13))
    kind[0, 0], kind[5, 5] = 0, 2
    image = rng.random((12, 13, 3), np.float32)
    hole, source = kind == 2, kind == 0
    want = fill(image, hole, source)
    np.testing.assert_allclose(want[hole], exact(image, ~source)[hole], atol=1e-5)
    poisoned = np.where((kind == 1)[..., None], np.float32(1e6), image)
    np.testing.assert_array_equal(fill(poisoned, hole, source)[hole], want[hole])


@pytest.mark.parametrize("kind", ["disc", "scratches", "noise", "half"])
def test_reaches_its_residual_on_large_holes(kind):
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:300, 0:280]
    hole = {
        "disc": (y - 150) ** 2 + (x - 140) ** 2 < 120**2,
        "scratches": (np.abs((3 * y + 7 * x) % 97) < 6) | ((y - 2 * x) % 83 < 3),
        "noise": rng.random((300, 280)) < 0.97,
        "half": y < 200,
    }[kind]
    image = rng.random((300, 280, 3), np.float32)
    rounding = 8 * np.finfo(np.float32).eps
    filled = fill(image, hole)
    assert residual(filled, hole) <= TOLERANCE + rounding
    assert (filled[~hole] == image[~hole]).all()


@pytest.mark.parametrize("scale", [1e-42, 1e-6, 1.0, 1e6, 1e38])
def test_scale_and_offset_do_not_matter(scale):
    rng = np.random.default_rng(2)
    image = (rng.random((20, 21, 1)) * 2 - 1).astype(np.float32)
    hole = rng.random((20, 21)) < 0.6
    scaled = (image * np.float64(scale)).astype(np.float32)
    np.testing.assert_allclose(
        fill(scaled, hole).astype(float), exact(scaled, hole), atol=1e-5 * scale + np.float32(1e-45)
    )


def test_one_source_pixel_colours_everything():
    hole = np.ones((33, 50), bool)
    hole[11, 17] = False
    image = np.full((33, 50, 2), (0.25, -3.0), np.float32)
    np.testing.assert_array_equal(fill(image, hole), image)


def test_reports_rising_fractions_and_can_be_stopped():
    image = np.random.default_rng(4).random((64, 64, 1), np.float32)
    hole = np.zeros((64, 64), bool)
    hole[8:56, 8:56] = True
    heard = []
    fill(image, hole, progress=lambda stage, fraction: heard.append((stage, fraction)))
    fractions = [fraction for _, fraction in heard]
    assert len(set(fractions)) > 3
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert all(stage for stage, _ in heard)

    def stop(stage, fraction):
        raise Cancelled

    with pytest.raises(Cancelled):
        fill(image, hole, progress=stop)
