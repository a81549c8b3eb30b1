"""A fill with a preview is as the preview is where that can tell, and its own where it cannot."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from inpaint_core import InputError, inpaint
from inpaint_core.agreement import GAIN, agree
from inpaint_core.evaluation.metrics import ssim, texture_distance


def scene():
    """Return a photograph with a hole, and both four times smaller: uint8 and bool."""
    picture = np.ascontiguousarray(data.astronaut()[:320, 100:420])
    hole = np.zeros((320, 320), bool)
    hole[96:224, 96:224] = True
    small = cv2.resize(picture, (80, 80), interpolation=cv2.INTER_AREA)
    return picture, hole, small, hole[::4, ::4].copy()


def test_a_fill_agrees_with_its_preview_and_is_as_lively():
    picture, hole, small, small_hole = scene()
    preview = inpaint(small, small_hole, "patch", seed=2)
    large = cv2.resize(preview, (320, 320), interpolation=cv2.INTER_CUBIC)
    guided = inpaint(picture, hole, "patch", seed=2, guide=large)
    filled = inpaint(picture, hole, "patch", seed=2, preview=preview)

    def likeness(result):
        again = cv2.resize(result, (80, 80), interpolation=cv2.INTER_AREA)
        return ssim(again / np.float32(255), preview / np.float32(255), small_hole)

    def strangeness(result):
        return texture_distance(result / np.float32(255), picture / np.float32(255), hole)

    assert likeness(filled) > max(0.9, likeness(guided) + 0.02)
    assert strangeness(filled) < strangeness(guided) + 0.03
    np.testing.assert_array_equal(filled[~hole], picture[~hole])


def test_only_what_is_as_coarse_as_the_preview_is_changed():
    hole = np.zeros((64, 64), bool)
    hole[:, :48] = True
    fine = np.indices((64, 64)).sum(axis=0) % 2 * np.float32(0.1) + np.float32(0.35)
    filled, preview = fine[..., None], np.where(hole, np.float32(0.6), np.float32(0.0))[..., None]
    change = agree(filled, preview, hole, 4.0) - filled
    np.testing.assert_allclose(change[:, :36], GAIN * 0.2, atol=1e-6)
    assert 0.0 < change[:, 47].max() < 0.25 * GAIN * 0.2, "the rim shows"
    assert agree(filled, preview, hole, 1.0) is filled


def test_nothing_leaves_the_range_of_both():
    rng = np.random.default_rng(0)
    filled, preview = rng.random((2, 40, 48, 3), np.float32)
    result = agree(filled, preview, np.ones((40, 48), bool), 8.0)
    assert result.min() >= min(filled.min(), preview.min())
    assert result.max() <= max(filled.max(), preview.max())


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (320, 320, 3)])
def test_a_preview_may_be_of_any_smaller_size(shape):
    picture, hole, *_ = scene()
    result = inpaint(picture, hole, "patch", preview=np.full(shape, 100, np.uint8), quality="draft")
    np.testing.assert_array_equal(result[~hole], picture[~hole])


@pytest.mark.parametrize("shape", [(80, 80), (80, 80, 4), (321, 80, 3), (0, 80, 3)])
def test_a_preview_that_is_none_is_refused(shape):
    picture, hole, *_ = scene()
    with pytest.raises(InputError, match="The preview is a picture of dtype"):
        inpaint(picture, hole, "patch", preview=np.zeros(shape, np.uint8))


def test_a_guide_and_a_preview_are_too_much():
    picture, hole, small, _ = scene()
    with pytest.raises(InputError, match="not both"):
        inpaint(picture, hole, "patch", guide=picture, preview=small)
    with pytest.raises(InputError, match="cannot be guided"):
        inpaint(picture, hole, "harmonic", preview=small)


def test_a_preview_may_have_its_bytes_in_another_order():
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (40, 44, 3), np.uint8)
    hole = np.zeros((40, 44), bool)
    hole[12:28, 14:30] = True
    preview = rng.integers(0, 2**16, (20, 22, 3), np.uint16)
    native, foreign = (
        inpaint(picture, hole, "patch", preview=preview.astype(order)) for order in ("=u2", ">u2")
    )
    assert (native == foreign).all()
