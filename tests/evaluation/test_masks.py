"""The test masks: seeded, of the size their kind promises, at any picture size."""

import cv2
import numpy as np
import pytest

from inpaint_core.evaluation.masks import KINDS, WIDTHS, rectangle

SHARES = {
    "scratches": (0.002, 0.06),
    "dust": (0.002, 0.05),
    "blobs": (0.015, 0.08),
    "large blob": (0.10, 0.15),
    "rectangle": (0.025, 0.065),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(256, 384, 3), (700, 500), (64, 64, 1)])
def test_share_of_the_picture(kind, shape):
    picture = np.random.default_rng(0).random(shape)
    for seed in range(8):
        mask = KINDS[kind](picture, seed)
        low, high = SHARES[kind]
        assert mask.dtype == bool
        assert mask.shape == shape[:2]
        if shape[0] > 64:
            assert low <= mask.mean() <= high
        else:
            assert 0 < mask.mean() < 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_seeded(kind):
    picture = np.random.default_rng(0).random((200, 300))
    first, again, other = (KINDS[kind](picture, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("kind", "narrow", "wide"), [("thin", 4, 20), ("medium", 30, 120), ("thick", 100, 300)]
)
def test_strokes_and_boxes_are_as_wide_as_their_name_says(kind, narrow, wide):
    for seed in range(6):
        mask = WIDTHS[kind](np.zeros((512, 640)), seed)
        assert 0 < mask.mean() <= 0.5
        to_the_rim = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5).max()
        assert (
            narrow / 4 <= to_the_rim <= wide
        )  # strokes that leave the picture are narrower, crossings wider


def test_a_larger_picture_gets_the_same_mask_enlarged():
    small, large = (KINDS["large blob"](np.zeros(shape), 5) for shape in ((256, 384), (512, 768)))
    shrunk = cv2.resize(large.astype(np.float32), (384, 256), interpolation=cv2.INTER_AREA) > 0.5
    assert (shrunk == small).mean() > 0.99


def test_the_rectangle_cuts_the_strongest_edge():
    picture = np.zeros((200, 300))
    picture[:, 260:] = 1.0
    mask = rectangle(picture, 0)
    assert mask[:, 250:270].any()
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    assert mask.sum() == (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
