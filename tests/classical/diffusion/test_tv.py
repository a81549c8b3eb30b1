"""The total-variation fill: within its stated gap of the minimum, sharp at edges, strict about its source."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inpaint_core.classical.diffusion import primal_dual
from inpaint_core.classical.diffusion.harmonic import fill_harmonic
from inpaint_core.classical.diffusion.options import HarmonicOptions, TotalVariationOptions
from inpaint_core.classical.diffusion.tv import GAP, fill_tv


def ignore(stage, fraction):
    pass


def fill(image, hole, source=None, progress=ignore):
    source = ~hole if source is None else source
    known = np.where(hole[..., None], 0, image).astype(np.float32)
    return fill_tv(known, hole, source, options=TotalVariationOptions(), seed=0, progress=progress)


def variation(image):
    """Return Σ ‖∇u‖ in double precision, over the whole picture."""
    image = image.astype(float)
    right = np.diff(image, axis=1, append=image[:, -1:])
    below = np.diff(image, axis=0, append=image[-1:])
    return np.sqrt((right**2 + below**2).sum(axis=2)).sum()


@pytest.fixture
def disc():
    y, x = np.mgrid[0:48, 0:56]
    return (y - 24) ** 2 + (x - 28) ** 2 < 15**2


def test_an_edge_goes_on_within_two_pixels(disc):
    image = np.zeros((48, 56, 3), np.float32)
    image[:, 30:] = (1.0, 0.5, -2.0)
    off = np.abs(fill(image, disc) - image)
    assert off.max() < 1.0
    np.testing.assert_allclose(np.delete(off, [28, 29, 30, 31], axis=1), 0, atol=0.06)


@settings(deadline=None, max_examples=30)
@given(
    hole=hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=14)),
    channels=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_no_change_lessens_the_variation(hole, channels, seed):
    hole.flat[0] = False
    hole.flat[-1] |= hole.size > 1
    rng = np.random.default_rng(seed)
    image = rng.random((*hole.shape, channels), np.float32)
    filled = fill(image, hole)
    allowed = GAP * hole.sum() + 1e-4
    least = variation(filled) - allowed
    flat = np.where(hole[..., None], np.median(image[~hole], axis=0), image)
    for other in (flat, harmonic(image, hole), filled + rng.normal(0, 0.02, filled.shape) * hole[..., None]):
        assert least <= variation(other)
        assert least <= variation(0.9 * filled + 0.1 * other)


def harmonic(image, hole):
    known = np.where(hole[..., None], 0, image)
    return fill_harmonic(known, hole, ~hole, options=HarmonicOptions(), seed=0, progress=ignore)


def test_one_pixel_becomes_what_it_must():
    image = np.float32([[5, 1, 5], [1, 0, 1], [5, 1, 5]])[..., None]
    hole = np.zeros((3, 3), bool)
    hole[1, 1] = True
    assert fill(image, hole)[1, 1, 0] == pytest.approx(1.0, abs=0.01)


def test_a_checkerboard_mask():
    y, x = np.mgrid[0:30, 0:31]
    hole = (y + x) % 2 == 0
    image = np.where(x < 15, np.float32(0.2), np.float32(0.9))[..., None]
    filled = fill(image, hole)
    assert variation(filled) <= variation(image) + GAP * hole.sum()


def test_the_bytes_do_not_depend_on_the_number_of_threads(disc, monkeypatch):
    image = np.random.default_rng(0).random((48, 56, 3), np.float32)
    alone = fill(image, disc)
    monkeypatch.setattr(primal_dual, "_SHARED_FROM", 1)
    monkeypatch.setattr(primal_dual, "_threads", lambda: 3)
    np.testing.assert_array_equal(fill(image, disc), alone)


@pytest.mark.parametrize("scale", [1e-41, 1e-6, 1e6, 1e38])
def test_scale_does_not_matter(disc, scale):
    image = np.random.default_rng(3).random((48, 56, 1)).astype(np.float32)
    scaled = fill((image * np.float64(scale)).astype(np.float32), disc).astype(np.float64) / scale
    assert variation(scaled) == pytest.approx(variation(fill(image, disc)), abs=2 * GAP * disc.sum())


def test_one_source_pixel_colours_everything():
    hole = np.ones((21, 30), bool)
    hole[11, 17] = False
    image = np.full((21, 30, 2), (0.25, -3.0), np.float32)
    np.testing.assert_array_equal(fill(image, hole), image)
