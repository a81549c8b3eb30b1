"""The non-local Bayes fill: exact where it must be, better than the smooth fills where pictures repeat."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inpaint_core import inpaint
from inpaint_core.classical.bayes import fill as module
from inpaint_core.classical.bayes.estimate import (
    LANES,
    LENGTH,
    NOISE,
    PIXELS,
    PRIOR,
    SIDE,
    SMOOTHNESS,
    estimate,
    prior_covariance,
)
from inpaint_core.classical.bayes.fill import fill_bayes
from inpaint_core.classical.bayes.options import BayesOptions
from inpaint_core.classical.bayes.similar import (
    BLOCK,
    BRIGHTNESS,
    LEAST,
    NEARNESS,
    SIMILAR,
    find_similar,
    weigh,
)


def ignore(stage, fraction):
    pass


def fill(image, hole, source=None, progress=ignore, **options):
    source = ~hole if source is None else source
    known = np.where(hole[..., None], 0, image).astype(np.float32)
    return fill_bayes(known, hole, source, options=BayesOptions(**options), seed=0, progress=progress)


@pytest.fixture
def scratch():
    y, x = np.mgrid[0:48, 0:56]
    return np.abs(y - 0.4 * x - 12) < 1.5


@pytest.fixture
def picture():
    return np.random.default_rng(0).random((48, 56, 3), np.float32)


def test_a_ramp_is_continued(scratch):
    y, x = np.mgrid[0:48, 0:56].astype(np.float32)
    ramp = np.stack([0.015 * x, 1 - 0.02 * y, 0.005 * (x + y)], axis=2)
    np.testing.assert_allclose(fill(ramp, scratch), ramp, atol=0.01)


def test_a_woven_texture_is_continued_where_smooth_fills_lose_it(scratch):
    y, x = np.mgrid[0:48, 0:56]
    cloth = (0.5 + 0.25 * np.sin(2 * np.pi * x / 4) + 0.25 * np.sin(2 * np.pi * y / 5))[..., None]
    smooth = inpaint(np.where(scratch[..., None], 0, cloth), scratch, "biharmonic")
    ours, theirs = (np.abs(filled - cloth)[scratch].max() for filled in (fill(cloth, scratch), smooth))
    assert ours < 0.03
    assert theirs > 10 * ours


def test_an_edge_is_continued_sharply(scratch):
    y, x = np.mgrid[0:48, 0:56]
    edge = (x + 2 * y > 75).astype(np.float32)[..., None]
    smooth = inpaint(np.where(scratch[..., None], 0, edge), scratch, "biharmonic")
    off = np.abs(fill(edge, scratch) - edge)[scratch]
    assert off.mean() < 0.6 * np.abs(smooth - edge)[scratch].mean()


def test_the_most_similar_places_are_found(picture):
    """By sorting all costs, computed as the formula says."""
    known = np.ones((48, 56), bool)
    known[20:24, 18:22] = False
    grey, weights, whole = picture[..., 0], weigh(known), module._whole(known)
    corners = np.array([[18, 17]], np.int32)
    places, found = np.zeros((1, SIMILAR, 2), np.int32), np.zeros(1, np.int32)
    find_similar(np.pad(grey, ((0, 0), (0, BLOCK))), weights, whole, corners, SIDE, 20, places, found, 0, 1)
    here = (slice(18, 18 + SIDE), slice(17, 17 + SIDE))
    weight = np.where(weights[here] >= LEAST, weights[here], 0).astype(float)
    costs = {}
    for y in range(39):
        for x in range(38):
            apart = grey[y : y + SIDE, x : x + SIDE] - grey[here].astype(float)
            cost = (weight * apart**2).sum() - BRIGHTNESS * (weight * apart).sum() ** 2 / weight.sum()
            if whole[y, x]:
                costs[y, x] = cost
    want = sorted(costs, key=costs.get)[:SIMILAR]
    assert found[0] == SIMILAR
    assert {tuple(place) for place in places[0].tolist()} == set(want)


def test_the_estimate_is_the_conditional_mean_of_a_gaussian():
    """Without a similar patch's word (all flat, one step aside) the prior alone speaks: compare with it."""
    rng = np.random.default_rng(1)
    known = np.ones((SIDE, SIDE), bool)
    known[2:4, 1:6] = False
    patch = rng.random((SIDE, SIDE, 1), np.float32)
    width = SIDE + 2 * SIDE
    picture = np.zeros((SIDE, width, LANES), np.float32)
    picture[:, :SIDE] = patch
    grey = np.pad(picture[..., 0], ((0, 0), (0, BLOCK)))
    mask = np.ones((SIDE, width), bool)
    mask[:, :SIDE] = known
    whole, weights = module._whole(mask), weigh(mask)
    corners, out = np.zeros((1, 2), np.int32), np.zeros((1, PIXELS, LANES + 1), np.float32)
    places, found = np.zeros((1, SIMILAR, 2), np.int32), np.zeros(1, np.int32)
    find_similar(grey, weights, whole, corners, SIDE, width, places, found, 0, 1)
    estimate(picture, grey, weights, corners, places, found, prior_covariance(), out, 0, 1)
    samples = [picture[:, x : x + SIDE, 0].ravel() for x in np.flatnonzero(whole[0])]
    want = conditional_mean(patch[..., 0].ravel().astype(float), known.ravel(), samples)
    np.testing.assert_allclose(out[0, ~known.ravel(), 0], want, atol=1e-3)


def conditional_mean(patch, known, samples):
    """The formulas of the module, in double precision and by elimination."""
    y, x = np.divmod(np.arange(PIXELS), SIDE)
    distance = np.hypot(y[:, None] - y, x[:, None] - x)
    nearest = np.where(known, distance[:, ~known].min(axis=1), 0)
    weight = np.where(known, NEARNESS**nearest, 0)
    weight /= weight.sum()
    centred = np.array([sample - weight @ sample for sample in samples], float)
    scale = PRIOR * ((centred**2).sum() / PIXELS + 1e-7)
    covariance = centred.T @ centred
    covariance += scale * (np.exp(-((distance / LENGTH) ** SMOOTHNESS)) + NOISE * np.eye(PIXELS))
    mean = weight @ patch
    gain = covariance[np.ix_(~known, known)] @ np.linalg.inv(covariance[np.ix_(known, known)])
    return mean + gain @ (patch[known] - mean)


@settings(deadline=None, max_examples=25)
@given(
    hole=hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)),
    channels=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_any_hole_is_filled_within_the_range_of_its_source(hole, channels, seed):
    hole.flat[0] = False
    hole.flat[-1] |= hole.size > 1
    image = np.random.default_rng(seed).normal(size=(*hole.shape, channels)).astype(np.float32)
    filled = fill(image, hole)
    np.testing.assert_array_equal(filled[~hole], image[~hole])
    assert (filled >= image[~hole].min(axis=0)).all()
    assert (filled <= image[~hole].max(axis=0)).all()


def test_a_checkerboard_mask_and_a_single_pixel(picture):
    y, x = np.mgrid[0:48, 0:56]
    smooth = np.stack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 11)], axis=2)
    for hole in ((y + x) % 2 == 0, (y == 20) & (x == 30)):
        np.testing.assert_allclose(fill(smooth, hole), smooth, atol=0.05)


def test_the_bytes_do_not_depend_on_the_number_of_threads(scratch, picture, monkeypatch):
    several = fill(picture, scratch)
    monkeypatch.setattr(module, "threads", lambda: 1)
    monkeypatch.setattr(module, "_BATCH", 32)
    np.testing.assert_array_equal(fill(picture, scratch), several)


@pytest.mark.parametrize(("scale", "off"), [(1e-41, 0.05), (1e-6, 2e-3), (1e38, 2e-3)])
def test_scale_does_not_matter(scratch, picture, scale, off):
    """The first one leaves thirteen bits, and other patches are the most similar ones."""
    scaled = fill((picture * np.float64(scale)).astype(np.float32), scratch).astype(np.float64) / scale
    np.testing.assert_allclose(scaled, fill(picture, scratch), atol=off)


def test_one_colour_stays_that_colour(scratch):
    flat = np.full((48, 56, 3), (0.1, 0.5, -2.0), np.float32)
    np.testing.assert_array_equal(fill(flat, scratch), flat)
