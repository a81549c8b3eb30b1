"""Colours matched where a network's pixels meet the photograph's (Pérez et al., 2003, the membrane)."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.domain import unknown_domain, working_box
from inpaint_core.classical.diffusion.equation import MARGIN
from inpaint_core.classical.diffusion.harmonic import LAPLACE, membrane
from inpaint_core.geometry import Size
from inpaint_core.progress import Progress

REACH = 4
"""Pixels along the rim within which differences are averaged: single ones are of the photograph's noise."""

LIMIT = 0.12
"""Differences far beyond this part of the range are structure that ends at the rim, and stay."""

COARSER = 3
"""What is averaged along the rim is smooth enough to be continued in a picture so many times smaller."""

AROUND = COARSER * (MARGIN + 1)
"""Pixels around the hole that are looked at, so that no border of the small picture is near."""

ROUGHLY = replace(LAPLACE, tolerance=1e-3, error=1e-3)
"""As exactly as a correction is worth: to a thousandth of itself."""


def matched(image: Float, hole: Bool, source: Bool, answer: Float, progress: Progress) -> Float:
    """Give `answer`, in place, a smooth correction, so that its colours are those of the picture at the rim.

    Parameters
    ----------
    image : (H, W, C) float32
        Looked at in the source alone.
    hole, source : (H, W) bool
    answer : (H, W, C) float32
        The network's pixels in the hole, the picture's outside.
    progress
        Called now and then.

    Returns
    -------
    (H, W, C) float32
        `answer`, changed in the hole alone.
    """
    if not source.any():
        return answer
    unknown = unknown_domain(hole, source)
    box = working_box(unknown).grow(AROUND) & Size(hole.shape[1], hole.shape[0]).box
    image, part = image[box.slices], answer[box.slices]
    hole, source, unknown = hole[box.slices], source[box.slices], unknown[box.slices]
    difference, rim = _differences(image, hole, source, part)
    if rim.any():
        change = _continued(_averaged(difference, rim), rim, unknown, progress)
        cv2.copyTo(part + change, hole.view(np.uint8), part)
    return answer


def _continued(values: Float, rim: Bool, unknown: Bool, progress: Progress) -> Float:
    """Continue values of the rim, 0 elsewhere, smoothly into what is unknown."""
    share = _reduced(rim.astype(np.float32))
    rimmed = share > 0.0
    inner = ~rimmed & (_reduced(unknown.astype(np.float32)) > 0.0)
    small = _reduced(values).reshape(*share.shape, -1)
    small[rimmed] /= share[rimmed][:, None]
    if inner.any():
        small = membrane(small, inner, ~inner, ROUGHLY, progress)
    weight = _enlarged((inner | rimmed).astype(np.float32), rim.shape)
    np.maximum(weight, np.float32(1e-6), out=weight)  # what is beyond the rim is 0
    continued = _enlarged(small, rim.shape).reshape(*rim.shape, -1)
    continued /= weight[..., None]
    return continued


def _reduced(plane: Float) -> Float:
    """Return the means of squares of `COARSER` pixels; what is missing at the end is 0."""
    below, right = (-side % COARSER for side in plane.shape[:2])
    whole = cv2.copyMakeBorder(plane, 0, below, 0, right, cv2.BORDER_CONSTANT, value=0.0)
    size = (whole.shape[1] // COARSER, whole.shape[0] // COARSER)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def _enlarged(plane: Float, shape: tuple[int, ...]) -> Float:
    """Undo `_reduced` of a plane of a shape, with slopes in place of steps."""
    size = (COARSER * plane.shape[1], COARSER * plane.shape[0])
    enlarged = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32)[: shape[0], : shape[1]]


def _differences(image: Float, hole: Bool, source: Bool, answer: Float) -> tuple[Float, Bool]:
    """Return what the picture has more than the answer, continued to the rim, and where that is known."""
    total = np.zeros_like(image)
    count = np.zeros(hole.shape, np.float32)
    for turn in range(4):
        known, inside = np.rot90(source, turn), np.rot90(hole, turn)
        given, made = np.rot90(image, turn), np.rot90(answer, turn)
        y, x = np.nonzero(known[:-1] & inside[1:])
        beyond = np.minimum(y + 2, len(inside) - 1)
        first, second = made[y + 1, x], made[beyond, x]
        goes_on = (inside[beyond, x] & (beyond == y + 2))[:, None]
        continued = np.where(goes_on, 2.0 * first - second, first)
        np.rot90(total, turn)[y, x] += given[y, x] - continued
        np.rot90(count, turn)[y, x] += 1.0
    rim: Bool = count > 0
    total[rim] /= count[rim][:, None]
    return total, rim


def _averaged(difference: Float, rim: Bool) -> Float:
    """Average along the rim; elsewhere 0."""
    window = (2 * REACH + 1, 2 * REACH + 1)
    total = cv2.boxFilter(difference, -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    count = cv2.boxFilter(rim.astype(np.float32), -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    averaged = np.zeros_like(difference)
    averaged[rim] = _soft(np.asarray(total, np.float32).reshape(difference.shape)[rim] / count[rim][:, None])
    return averaged


def _soft(difference: Float) -> Float:
    """Let differences fade, in all channels alike, where they are too large to be of colour alone."""
    size = np.abs(difference).max(axis=1, keepdims=True) / LIMIT
    return np.asarray(difference / (1.0 + size**4), np.float32)
