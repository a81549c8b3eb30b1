"""The guide decides what belongs in the hole, and never what a pixel looks like."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.fill import fill_patch
from inpaint_core.classical.patch.guide import Guide
from inpaint_core.classical.patch.options import PatchOptions
from inpaint_core.classical.patch.pyramid import build
from inpaint_core.evaluation.metrics import ssim

SIZE = 96


def halves(channels=3, seed=2):
    """Return dark grain on the left and bright grain on the right: (96, 96, C) float32."""
    picture = np.random.default_rng(seed).random((SIZE, SIZE, channels), np.float32) * 0.3
    picture[:, SIZE // 2 :] += 0.6
    return picture


def middle():
    hole = np.zeros((SIZE, SIZE), bool)
    hole[24:72, 24:72] = True
    return hole


def filled(image, hole, guide, source=None, *, guessed=False):
    image = np.where(hole[..., None], np.float32(0.0), image)
    return fill_patch(
        image,
        hole,
        ~hole if source is None else source,
        options=PatchOptions(),
        seed=3,
        progress=lambda *_: None,
        guide=guide,
        guessed=guessed,
    )


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_guide_decides_where_things_are(channels):
    image, hole = halves(channels), middle()
    if channels in {2, 4}:
        image[..., -1] = 1.0
    lying = np.full_like(image, 0.15 if channels in {1, 3} else 1.0)
    lying[24:48, :, : channels if channels in {1, 3} else channels - 1] = 0.75
    lying[48:, :, : channels if channels in {1, 3} else channels - 1] = 0.15
    result = filled(image, hole, lying)[24:72, 24:72, 0]
    assert result[4:20].mean() > 0.6
    assert result[28:44].mean() < 0.3


def test_what_is_copied_is_the_pictures_own():
    image, hole = halves(), middle()
    blurred = cv2.GaussianBlur(image, (0, 0), 4.0)
    with_guide, without = filled(image, hole, blurred), filled(image, hole, None)
    assert with_guide[hole].std() > 0.95 * without[hole].std()
    assert np.abs(np.diff(with_guide[24:72, 24:44], axis=1)).mean() > 0.09  # grain of 0.1, and no blur


def test_a_guide_that_is_off_in_colour_serves_as_well():
    image, hole = halves(), middle()
    blurred = cv2.GaussianBlur(image, (0, 0), 4.0)
    for shift in (np.float32(-0.1), np.float32(0.1)):
        result = filled(image, hole, blurred + shift)
        error = cv2.GaussianBlur(result - image, (0, 0), 3.0)[hole]
        assert np.abs(error).mean() < 0.06


def test_only_the_hole_of_a_guide_is_read():
    image, hole = halves(), middle()
    guide = cv2.GaussianBlur(image, (0, 0), 4.0)
    other = np.where(hole[..., None], guide, np.float32(np.nan))
    np.testing.assert_array_equal(filled(image, hole, guide), filled(image, hole, other))


def test_a_guide_brings_in_nothing_that_is_no_source():
    image, hole = halves(), middle()
    source = ~hole
    source[:, SIZE // 2 :] = False
    assert filled(image, hole, image, source)[hole].max() <= 0.3


@pytest.mark.parametrize("shape", [(61, 77), (77, 61), (300, 41)])
def test_odd_sizes_and_holes_at_the_border(shape):
    image = np.random.default_rng(5).random((*shape, 3), np.float32)
    hole = np.zeros(shape, bool)
    hole[shape[0] // 2 :, : shape[1] // 2] = True
    assert np.isfinite(filled(image, hole, image)).all()


def rough(side, seed):
    """Return noise that is as lively at all scales, as photographs are: (side, side, 3) float32, 0…1."""
    rng = np.random.default_rng(seed)
    frequencies = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])[..., None]
    frequencies[0, 0] = np.inf
    waves = np.fft.ifft2(np.fft.fft2(rng.random((side, side, 3)), axes=(0, 1)) / frequencies, axes=(0, 1))
    return np.clip(0.5 + 0.15 * waves.real / waves.real.std(), 0.0, 1.0).astype(np.float32)


def soft(picture, factor):
    """Return a picture as it is after it was so many times smaller."""
    small = cv2.resize(picture, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("factor", [4, 16])
def test_it_is_seen_how_soft_a_guide_is(factor):
    picture, hole = rough(256, 0), np.zeros((256, 256), bool)
    hole[64:192, 64:192] = True
    with Crew(lambda _: None) as crew:
        levels = build(picture, hole, ~hole, 7, crew)
    for contrast in (0.3, 1.0):
        guide = Guide.of(0.5 + contrast * (soft(picture, factor) - 0.5), hole, levels, guessed=False)
        assert factor / 1.7 < guide.detail < factor * 1.7


def test_a_guess_without_contrast_is_doubted():
    picture, hole = rough(256, 0), np.zeros((256, 256), bool)
    hole[64:192, 64:192] = True
    with Crew(lambda _: None) as crew:
        levels = build(picture, hole, ~hole, 7, crew)
    faint = 0.5 + 0.3 * (soft(picture, 8) - 0.5)
    doubted, believed = (Guide.of(faint, hole, levels, guessed=guessed).detail for guessed in (True, False))
    assert doubted > 2.0 * believed


def test_lines_are_followed_beside_a_guess_and_not_beside_a_guide():
    y, x = np.mgrid[:128, :128]
    tone = np.where(y < 0.3 * x + 45.0, np.float32(0.75), np.float32(0.3))[..., None]
    picture = tone + np.random.default_rng(0).normal(0.0, 0.02, (128, 128, 3)).astype(np.float32)
    hole, grey = np.zeros((128, 128), bool), np.full_like(picture, 0.5)
    hole[34:94, 34:94] = True
    guess, guide = (
        np.abs(filled(picture, hole, grey, guessed=guessed) - tone)[hole].mean() for guessed in (True, False)
    )
    assert guess < 0.02
    assert guide > 1.25 * guess


def test_a_fill_agrees_with_the_preview_that_guides_it():
    picture, hole = rough(320, 4), np.zeros((320, 320), bool)
    hole[96:224, 96:224] = True
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small_hole = hole[::4, ::4]
    sketch = np.where(small_hole[..., None], filled(small, small_hole, None), small)
    guide = cv2.resize(sketch, (320, 320), interpolation=cv2.INTER_CUBIC)

    def likeness(guide):
        result = np.where(hole[..., None], filled(picture, hole, guide), picture)
        return ssim(cv2.resize(result, (80, 80), interpolation=cv2.INTER_AREA), sketch, small_hole)

    assert likeness(guide) > 0.85 > likeness(None)
