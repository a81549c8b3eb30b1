"""A picture of what roughly belongs in the hole: it steers the coarse levels, where structure is decided.

Per pixel, the term ``share * |s - g|²`` of a source pixel s beside the usual ``(1 - share) * |s - v|²``, with
g the guide and v what the patches voted, is ``|s - (v + share * (g - v))|²`` plus what does not depend on s:
so to mix the guide into the work image is to add it to the patch distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.pyramid import Bytes, Level
from inpaint_core.holes import bounding_box

DETAIL = 64
"""The short side of a picture that holds what guides can be trusted with; finer detail is the patches' own.

Where a level is finer, only the low frequencies are drawn towards the guide: else blurred sources would suit
the guide best, and texture would turn to mush."""

FINEST = 140
"""The short side of the finest level that is guided."""

SHARE = 0.7
"""What the guide counts beside what the patches voted, 0…1."""

MAX_SHIFT = 0.15
"""A guide is shifted by at most this part of the picture's range in each colour, to meet the rim."""


@dataclass(frozen=True, slots=True)
class Steering:
    """The guide at one level: (N, 3) or, with alpha, (N, 4) float32 at the level's pixels, 0…255."""

    colours: Float

    def begin(self, level: Level, known: Bytes) -> None:
        """Show the guide as the hole's first content; what it does not tell stays unknown."""
        lanes = self.colours.shape[1]
        work, known_flat = level.work.reshape(-1, 4), known.reshape(-1, 4)
        work[level.pixels, :lanes] = np.rint(self.colours)
        work[level.pixels, 3] &= 0xFE
        known_flat[level.pixels, :lanes] = 255

    def mix(self, level: Level) -> None:
        """Draw the hole's colours towards the guide."""
        lanes = self.colours.shape[1]
        work = level.work.reshape(-1, 4)
        voted = work[level.pixels, :lanes].astype(np.float32)
        change = _smooth(self.colours - voted, level, 0.6 * min(level.hole.shape) / DETAIL)
        work[level.pixels, :lanes] = np.clip(np.rint(voted + SHARE * change), 0.0, 255.0)
        work[level.pixels, 3] &= 0xFE


def steer(guide: Float, hole: Bool, level: Level, number: int) -> Steering | None:
    """Return what a guide says about a level, or None where the level is too fine for it.

    Parameters
    ----------
    guide : (H, W, C) float32
        As the picture; only what is in the hole is read.
    hole : (H, W) bool
        At the picture's own size.
    level, number
        The level, ``2 ** number`` times smaller.
    """
    if min(level.hole.shape) > FINEST:
        return None
    colours = _shrink(guide, hole, level, 1 << number)
    colours = (colours - level.low) * np.float32(255.0 / level.span)
    channels = colours.shape[1]
    if channels < 3:
        colours = np.concatenate([colours[:, :1]] * 3 + [colours[:, 1:]], axis=1)
    return Steering(np.clip(colours + _shift(colours, level), 0.0, 255.0))


def _shrink(guide: Float, hole: Bool, level: Level, factor: int) -> Float:
    """Return for each of the level's pixels the mean of the guide over what is hole of its block."""
    box = bounding_box(hole)
    top, left = box.y0 // factor, box.x0 // factor
    rows, columns = -(-box.y1 // factor) - top, -(-box.x1 // factor) - left
    area = np.s_[top * factor : (top + rows) * factor, left * factor : (left + columns) * factor]
    inside = hole[area].astype(np.float32)
    content = np.where(hole[area][..., None], guide[area], np.float32(0.0))
    missing = (0, rows * factor - inside.shape[0], 0, columns * factor - inside.shape[1])
    small = []
    for plane in (*cv2.split(content), inside):
        whole = cv2.copyMakeBorder(plane, *missing, cv2.BORDER_CONSTANT, value=0.0)
        small.append(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA))
    y, x = np.divmod(level.pixels, level.stride)
    share = small.pop()[y - top, x - left]
    return np.stack([plane[y - top, x - left] / share for plane in small], axis=1)


def _shift(colours: Float, level: Level) -> Float:
    """Return what brings a guide that is off in colour to the rim: the median difference there, limited."""
    height, width = level.hole.shape
    y, x = np.divmod(level.pixels, level.stride)
    work = level.work[:, :width]
    differences = []
    for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0)):
        v, u = np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)
        rim = ~level.hole[v, u]
        differences.append(work[v[rim], u[rim], : colours.shape[1]] - colours[rim])
    rim_differences = np.concatenate(differences)
    if not len(rim_differences):
        return np.zeros(colours.shape[1], np.float32)
    limit = MAX_SHIFT * 255.0
    shift: Float = np.clip(np.median(rim_differences, axis=0), -limit, limit).astype(np.float32)
    return shift


def _smooth(values: Float, level: Level, sigma: float) -> Float:
    """Return values of the level's pixels, blurred within the hole; sharp where `sigma` is below a pixel."""
    if sigma < 1.0:
        return values
    y, x = np.divmod(level.pixels, level.stride)
    plane = np.zeros((*level.hole.shape, 4), np.float32)
    plane[y, x, : values.shape[1]] = values
    share = cv2.GaussianBlur(level.hole.astype(np.float32), (0, 0), sigma)
    blurred = np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)
    return blurred[y, x, : values.shape[1]] / share[y, x, None]
