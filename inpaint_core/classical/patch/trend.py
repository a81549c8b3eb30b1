"""What is to be expected in the hole before anything is searched: the rim's colours, and lines across.

It is the smoothest picture through the rim and through both sides of the straight edges that cross the hole.
It is followed where a line is, and only there: elsewhere a bright rim would glow far into a dark hole. As the
first guess it gives fills that are closer to the truth and duller, so it is that of a candidate, and of holes
that lead out of the picture: from one side, layer by layer, each mistake is what the next ones go by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.harmonic import fill_harmonic
from inpaint_core.classical.diffusion.options import HarmonicOptions
from inpaint_core.classical.patch.lines import Line
from inpaint_core.classical.patch.pyramid import Bytes, Level

FINEST = 140
"""The short side of the finest level that is drawn towards lines, unless it is the coarsest of all."""

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
    lined : (N, 1) float32
        What the lines count at each pixel, 0…1.
    begins
        Whether all of it is the hole's first content, or only what is along lines.
    """

    colours: Float
    lined: Float
    begins: bool

    def begin(self, level: Level, known: Bytes) -> Bytes:
        """Show it as the hole's first content, or the lines alone; return the work image."""
        told = np.ones(len(level.pixels), np.bool_) if self.begins else self.lined[:, 0] > 0.0
        pixels = level.pixels[told]
        work = level.work.reshape(-1, 4)
        work[pixels] = np.rint(self.colours[told])
        work[pixels, 3] &= 0xFE
        known.reshape(-1, 4)[pixels] = 255
        return level.work

    def mix(self, level: Level) -> None:
        """Draw the hole's colours towards the lines."""
        work = level.work.reshape(-1, 4)
        voted = work[level.pixels].astype(np.float32)
        work[level.pixels] = np.rint(voted + self.lined * (self.colours - voted))
        work[level.pixels, 3] &= 0xFE


def leads_out(hole: Bool) -> bool:
    """Tell whether more of the outline of a hole, (H, W), is the picture's border than rim."""
    border = sum(np.count_nonzero(side) for side in (hole[0], hole[-1], hole[:, 0], hole[:, -1]))
    rim = np.count_nonzero(hole[1:] != hole[:-1]) + np.count_nonzero(hole[:, 1:] != hole[:, :-1])
    return bool(border > rim)


def expect(level: Level, lines: Sequence[Line], *, coarsest: bool, begins: bool) -> Trend | None:
    """Return what is expected at a level, or None where nothing is.

    Parameters
    ----------
    level
        Any level of a pyramid.
    lines
        Those of `lines.across`, at the scale of this level.
    coarsest
        Whether it is the coarsest one.
    begins
        As in `Trend`.
    """
    if not begins and not (lines and (coarsest or min(level.hole.shape) <= FINEST)):
        return None
    picture = level.work[:, : level.hole.shape[1]].astype(np.float32)
    unknown, lined = level.hole.copy(), np.zeros(level.hole.shape, np.float32)
    for line in lines:
        _draw(line, picture, unknown, lined, level.hole)
    if unknown.any():
        picture = fill_harmonic(
            picture, unknown, ~unknown, options=HarmonicOptions(), seed=0, progress=lambda *_: None
        )
    y, x = np.divmod(level.pixels, level.stride)
    return Trend(picture[y, x], lined[y, x, None], begins)


def _draw(line: Line, picture: Float, unknown: Bool, lined: Float, hole: Bool) -> None:
    """Give a line's colours to the hole's pixels at both of its sides, which are no longer unknown."""
    margin = np.float32(WIDTH + 1.0)
    (top, left), (bottom, right) = line.points.min(0) - margin, line.points.max(0) + margin
    y, x = np.nonzero(hole)
    close = (y >= top) & (y <= bottom) & (x >= left) & (x <= right)
    y, x = y[close], x[close]
    if not len(y):
        return
    ways = np.stack([y, x], axis=1)[:, None] - line.points
    nearest = np.argmin((ways**2).sum(2), axis=1)
    heading = np.gradient(line.points, axis=0)[nearest]
    heading /= np.maximum(np.hypot(*heading.T)[:, None], 1e-6)
    off = ways[np.arange(len(y)), nearest]
    apart = off[:, 1] * heading[:, 0] - off[:, 0] * heading[:, 1]  # above 0 to the left
    beside = np.abs((off * heading).sum(1)) <= 1.0
    near = beside & (np.abs(apart) <= WIDTH)
    lined[y[near], x[near]] = LINE_SHARE
    pinned = beside & (np.abs(apart) <= PINNED)
    y, x, right_side = y[pinned], x[pinned], (apart[pinned] < 0.0).astype(np.intp)
    along = (nearest[pinned] / (len(line.points) - 1))[:, None]
    picture[y, x] = (1.0 - along) * line.colours[0, right_side] + along * line.colours[1, right_side]
    unknown[y, x] = False
