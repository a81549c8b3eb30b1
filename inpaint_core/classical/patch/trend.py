"""What is to be expected in the hole before anything is searched: the rim's colours, and lines across.

It is the smoothest picture through the rim and through both sides of the straight edges that cross the hole.
It tells light and liveliness, no texture; so it is followed a little, and closely where a line is. As the
first guess it gives fills that are closer to the truth and duller, so it is that of a candidate alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.harmonic import fill_harmonic
from inpaint_core.classical.diffusion.options import HarmonicOptions
from inpaint_core.classical.patch.lines import Line
from inpaint_core.classical.patch.pyramid import Bytes, Level

FINEST = 70
"""The short side of the finest level that is drawn towards the rim's colours."""

FINEST_LINED = 140
"""The short side of the finest level that is drawn towards lines."""

SHARE = 0.15
"""What the rim's colours count beside what the patches voted, 0…1."""

BLUR = 2.0
"""Standard deviation in pixels of what is compared: finer than that is texture, of which nothing is known."""

LINE_SHARE = 0.6
"""What a line counts beside what the patches voted, 0…1."""

WIDTH = 2.5
"""Pixels from a line that are drawn towards it."""

PINNED = 1.0
"""Pixels from a line that have its colours."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What is expected at one level.

    Attributes
    ----------
    colours : (N, 4) float32
        At the level's pixels, 0…255, with alpha or texture as in the work image.
    share
        What they count, 0…1.
    lined : (N, 1) float32
        What the lines count at each pixel, 0…1.
    """

    colours: Float
    share: float
    lined: Float

    def begin(self, level: Level, known: Bytes) -> Bytes:
        """Show it as the hole's first content; return the work image."""
        work = level.work.reshape(-1, 4)
        work[level.pixels] = np.rint(self.colours)
        work[level.pixels, 3] &= 0xFE
        known.reshape(-1, 4)[level.pixels] = 255
        return level.work

    def mix(self, level: Level) -> None:
        """Draw the hole's colours towards it."""
        work = level.work.reshape(-1, 4)
        voted = work[level.pixels].astype(np.float32)
        change = self.colours - voted
        wanted = self.lined * change
        if self.share:
            wanted = np.where(self.lined > 0.0, wanted, self.share * _blurred(change, level))
        work[level.pixels] = np.clip(np.rint(voted + wanted), 0.0, 255.0)
        work[level.pixels, 3] &= 0xFE


def expect(level: Level, lines: Sequence[Line]) -> Trend | None:
    """Return what is expected at a level, or None where it is too fine to be told.

    Parameters
    ----------
    level
        Any level of a pyramid.
    lines
        Those of `lines.find`, at the scale of this level.
    """
    short = min(level.hole.shape)
    if short > (FINEST_LINED if lines else FINEST):
        return None
    picture = level.work[:, : level.hole.shape[1]].astype(np.float32)
    unknown, lined = level.hole.copy(), np.zeros(level.hole.shape, np.float32)
    for line in lines:
        _draw(line, picture, unknown, lined, level.hole)
    picture = fill_harmonic(
        picture, unknown, ~unknown, options=HarmonicOptions(), seed=0, progress=lambda *_: None
    )
    y, x = np.divmod(level.pixels, level.stride)
    return Trend(picture[y, x], SHARE if short <= FINEST else 0.0, lined[y, x, None])


def _draw(line: Line, picture: Float, unknown: Bool, lined: Float, hole: Bool) -> None:
    """Give a line's colours to the hole's pixels at both of its sides, which are no longer unknown."""
    y, x = np.nonzero(hole)
    way = line.end - line.start
    length = float(np.hypot(*way))
    along = ((y - line.start[0]) * way[0] + (x - line.start[1]) * way[1]) / length**2
    apart = ((x - line.start[1]) * way[0] - (y - line.start[0]) * way[1]) / length  # above 0 to the left
    beside = (along >= 0.0) & (along <= 1.0)
    near = beside & (np.abs(apart) <= WIDTH)
    lined[y[near], x[near]] = LINE_SHARE
    pinned = beside & (np.abs(apart) <= PINNED)
    y, x, along, right = y[pinned], x[pinned], along[pinned, None], (apart[pinned] < 0.0).astype(np.intp)
    picture[y, x] = (1.0 - along) * line.colours[0, right] + along * line.colours[1, right]
    unknown[y, x] = False


def _blurred(change: Float, level: Level) -> Float:
    """Return values of the level's pixels, blurred within the hole."""
    y, x = np.divmod(level.pixels, level.stride)
    plane = np.zeros((*level.hole.shape, 4), np.float32)
    plane[y, x] = change
    share = cv2.GaussianBlur(level.hole.astype(np.float32), (0, 0), BLUR)
    blurred = np.asarray(cv2.GaussianBlur(plane, (0, 0), BLUR), np.float32)
    return np.asarray(blurred[y, x] / share[y, x, None])
