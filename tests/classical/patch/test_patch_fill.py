"""The patch fill: exact where it can be, strict about its source, the same on any number of threads."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inpaint_core import Cancelled, InpaintWarning, NoSourceError, inpaint
from inpaint_core.classical.patch import crew


@pytest.fixture(scope="module", autouse=True)
def kernels():
    """Compile first; a machine that keeps no kernels says so once, which other tests look at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InpaintWarning)
        inpaint(np.zeros((16, 16), np.uint8), np.eye(16, dtype=bool) * (np.arange(16) == 8), "patch")


def noise(*shape, seed=1):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def grain(height, width, seed=1):
    """Return a picture with structure at several scales: (H, W, 3) uint8."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3))
    for step in (1, 4, 16):
        coarse = rng.random((-(-height // step), -(-width // step), 3))
        picture += np.repeat(np.repeat(coarse, step, 0), step, 1)[:height, :width]
    return (picture * 85).astype(np.uint8)


def box(shape, top, left, height, width):
    mask = np.zeros(shape[:2], bool)
    mask[top : top + height, left : left + width] = True
    return mask


def emptied(image, mask):
    image = image.copy()
    image[mask] = 0
    return image


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.sampled_from([1, 3]),
    top=st.integers(0, 50),
    left=st.integers(0, 50),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    seed=st.integers(0, 99),
)
def test_a_periodic_texture_is_recovered_exactly(  # noqa: PLR0917
    height, width, channels, top, left, size, seed
):
    tile = noise(height, width, channels, seed=seed)
    image = np.tile(tile, (80 // height + 1, 80 // width + 1, 1))[:80, :80]
    mask = box(image.shape, top, left, *size)
    filled = inpaint(emptied(image, mask), mask, "patch", seed=seed)
    np.testing.assert_array_equal(filled, image)


def test_a_large_tile_is_recovered_exactly():
    image = np.tile(noise(16, 16, 3), (10, 10, 1))
    mask = box(image.shape, 50, 60, 45, 40)
    np.testing.assert_array_equal(inpaint(emptied(image, mask), mask, "patch"), image)


@pytest.mark.parametrize("scale", [1e-3, 40.0])
def test_float_content_of_any_range_is_told_apart(scale):
    image = np.tile(np.random.default_rng(4).random((5, 7, 3)).astype(np.float32) * scale, (12, 9, 1))
    mask = box(image.shape, 20, 20, 14, 15)
    np.testing.assert_allclose(inpaint(emptied(image, mask), mask, "patch"), image, rtol=1e-5)


def test_the_bytes_do_not_depend_on_the_number_of_threads(monkeypatch):
    image, mask = grain(260, 300), box((260, 300), 60, 70, 120, 130)
    fills = []
    for count in (1, 2, 5):
        monkeypatch.setattr(crew, "threads", lambda count=count: count)
        fills.append(inpaint(image, mask, "patch", seed=7))
    np.testing.assert_array_equal(fills[0], fills[1])
    np.testing.assert_array_equal(fills[0], fills[2])
    assert (inpaint(image, mask, "patch", seed=8) != fills[0]).any()


def test_what_the_mask_hides_has_no_influence():
    image, mask = grain(120, 120), box((120, 120), 40, 40, 30, 30)
    np.testing.assert_array_equal(inpaint(image, mask, "patch"), inpaint(emptied(image, mask), mask, "patch"))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 999), column=st.integers(20, 100))
def test_content_outside_the_source_never_appears(seed, column):
    image = noise(100, 120, 3, seed=seed) // 2
    image[:, column:] |= 128
    mask = box(image.shape, 30, 35, 40, 50)
    source = np.zeros(mask.shape, bool)
    source[:, :column] = True
    source &= np.random.default_rng(seed).random(mask.shape) > 0.0005
    image[~source] |= 128
    if not source[:, :20].any():
        return
    filled = inpaint(image, mask, "patch", source=source, patch_size=5)
    assert (filled[mask] < 128).all()


def test_a_source_without_a_whole_patch_is_refused_with_advice():
    image, mask = noise(40, 40), box((40, 40), 10, 10, 20, 20)
    source = box((40, 40), 0, 0, 5, 40)
    with pytest.raises(NoSourceError, match="smaller patch size"):
        inpaint(image, mask, "patch", source=source)
    assert inpaint(image, mask, "patch", source=source, patch_size=3).shape == image.shape


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (6, 6), (3, 200)])
def test_a_picture_smaller_than_a_patch_is_refused(shape):
    mask = np.zeros(shape, bool)
    mask[0, 0] = True
    with pytest.raises(NoSourceError):
        inpaint(np.zeros(shape, np.uint8), mask, "patch")


def test_a_checkerboard_leaves_no_patch():
    mask = np.indices((40, 40)).sum(axis=0) % 2 == 0
    with pytest.raises(NoSourceError, match="harmonic"):
        inpaint(noise(40, 40), mask, "patch")


@pytest.mark.parametrize(
    "mask",
    [
        box((64, 64), 20, 30, 1, 1),
        box((64, 64), 0, 0, 1, 1),
        box((64, 64), 63, 0, 1, 64),
        ~box((64, 64), 25, 25, 10, 10),
        box((64, 64), 0, 0, 64, 40),
        np.indices((64, 64)).sum(axis=0) % 17 == 0,
        np.indices((64, 64)).sum(axis=0) % 2 * box((64, 64), 0, 0, 64, 30) > 0,
    ],
    ids=["one pixel", "corner", "last row", "all four borders", "half", "scratches", "half a checkerboard"],
)
@pytest.mark.parametrize("patch_size", [3, 4, 7, 9, 15])
def test_any_hole_is_filled_with_source_colours(mask, patch_size):
    image = noise(64, 64) // 2 + 64
    try:
        filled = inpaint(emptied(image, mask), mask, "patch", patch_size=patch_size)
    except NoSourceError:
        assert patch_size > 7
    else:
        np.testing.assert_array_equal(filled[~mask], image[~mask])
        assert filled[mask].min() >= 60


def test_a_picture_of_one_colour():
    image, mask = np.full((90, 90, 3), 77, np.uint8), box((90, 90), 20, 20, 50, 50)
    np.testing.assert_array_equal(inpaint(emptied(image, mask), mask, "patch"), image)


def test_progress_speaks_and_only_rises():
    heard = []
    inpaint(
        grain(300, 300),
        box((300, 300), 80, 80, 140, 140),
        "patch",
        progress=lambda stage, fraction: heard.append((stage, fraction)),
    )
    fractions = [fraction for _, fraction in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(set(fractions)) > 20
    stages = {stage for stage, _ in heard}
    assert any(stage.startswith("Candidate ") for stage in stages)  # they are solved side by side
    assert "Searching patches, level 3 of 3" in stages


@pytest.mark.parametrize("part", [0.0, 0.3, 0.76])
def test_a_cancel_reaches_the_caller_at_once(part):
    started = []

    def cancel(stage, fraction):
        if fraction >= part:
            started.append(time.perf_counter())
            raise Cancelled

    with pytest.raises(Cancelled):
        inpaint(grain(900, 900), box((900, 900), 200, 200, 500, 500), "patch", progress=cancel)
    assert len(started) == 1
    assert time.perf_counter() - started[0] < 1.0  # a busy machine; alone it takes hundredths


def test_no_stage_is_silent_for_long():
    image, mask = grain(900, 900), box((900, 900), 200, 200, 500, 500)
    heard = [time.thread_time()]
    inpaint(image, mask, "patch", progress=lambda *_: heard.append(time.thread_time()))
    assert max(np.diff(heard)) < 0.3  # its own seconds, whatever else the machine does
