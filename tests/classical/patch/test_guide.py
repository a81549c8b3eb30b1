"""The guide decides what belongs in the hole, and never what a pixel looks like."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inpaint_core.classical.patch.fill import fill_patch
from inpaint_core.classical.patch.options import PatchOptions

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


def filled(image, hole, guide, source=None):
    image = np.where(hole[..., None], np.float32(0.0), image)
    return fill_patch(
        image,
        hole,
        ~hole if source is None else source,
        options=PatchOptions(),
        seed=3,
        progress=lambda *_: None,
        guide=guide,
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
