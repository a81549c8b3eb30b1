"""Colours matched where a network's pixels meet the photograph's (Pérez et al., 2003, the membrane)."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.harmonic import fill_harmonic
from inpaint_core.classical.diffusion.options import HarmonicOptions
from inpaint_core.progress import Progress

REACH = 3
"""Pixels on either side of the rim whose means are compared: single ones differ by their noise."""

LIMIT = 0.12
"""Differences far beyond this part of the range are structure that ends at the rim, and stay."""


def matched(image: Float, hole: Bool, source: Bool, answer: Float, progress: Progress) -> Float:
    """Return `answer` with a smooth correction, so that its colours are those of the picture at the rim.

    Parameters
    ----------
    image : (H, W, C) float32
        Looked at in the source alone.
    hole, source : (H, W) bool
    answer : (H, W, C) float32
        The network's pixels, in the hole.
    progress
        Called now and then.

    Returns
    -------
    (H, W, C) float32
        Equal to `image` outside the hole.
    """
    result = np.where(hole[..., None], answer, image)
    rim = source & (cv2.dilate(hole.view(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    if not rim.any():
        return result
    difference = np.zeros_like(image)
    difference[rim] = _soft(_mean(image, source)[rim] - _mean(answer, hole)[rim])
    correction = fill_harmonic(difference, hole, source, options=HarmonicOptions(), seed=0, progress=progress)
    result[hole] += correction[hole]
    return result


def _mean(plane: Float, area: Bool) -> Float:
    """Return the mean over what belongs to an area of each pixel's surroundings."""
    window = (2 * REACH + 1, 2 * REACH + 1)
    weights = area.astype(np.float32)
    total = cv2.boxFilter(plane * weights[..., None], -1, window, normalize=False)
    count = cv2.boxFilter(weights, -1, window, normalize=False)
    return np.asarray(total.reshape(plane.shape) / np.maximum(count, 1.0)[..., None], np.float32)


def _soft(difference: Float) -> Float:
    """Let differences fade, in all channels alike, where they are too large to be of colour alone."""
    size = np.abs(difference).max(axis=1, keepdims=True) / LIMIT
    return np.asarray(difference / (1.0 + size**4), np.float32)
