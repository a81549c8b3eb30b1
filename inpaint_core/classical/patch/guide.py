"""A picture of what roughly belongs in the hole: it steers the coarse levels, where structure is decided.

A guide is soft: what is finer than its finest detail is not in it. So it gives the hole what is as coarse,
and what is finer stays what the patches voted, how lively they are included; else smooth sources would suit
it best. The patches that are searched next are those that suit both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.pyramid import Bytes, Level
from inpaint_core.geometry import Size
from inpaint_core.holes import bounding_box

MEASURED = 512
"""The short side of the finest level, at most, that is compared with a guide; one finer may be guided."""

COARSE = 140
"""A level is guided where its short side is at most this, …"""

FINER = 3.0
"""… or where the finest detail of the guide is at most so many of its pixels wide."""

SOFT = 0.4
"""The standard deviation of the blur that leaves what a guide tells, in widths of its finest detail."""

GUESSED_SOFT = 2.2
"""The same for a guess, which is less sure of what it shows."""

REACH = 5.0
"""Standard deviations beyond which nothing has a share in a blur."""

STEP = 0.25
"""Widths of details are told apart by this power of two, …"""

SOFTEST = 4
"""… up to this power of two beyond the coarsest level's pixels."""

MAX_SHIFT = 0.15
"""A guide is shifted by at most this part of the picture's range in each colour, to meet the rim."""


@dataclass(frozen=True, slots=True)
class Steering:
    """The guide at one level.

    Attributes
    ----------
    colours : (N, 3) or, with alpha, (N, 4) float32
        What it shows at the level's pixels, 0…255.
    softness
        The standard deviation of the blur, in the level's pixels, that leaves what it tells.
    """

    colours: Float
    softness: float

    def begin(self, level: Level, known: Bytes) -> Bytes:
        """Return the work image to begin with: as soft as the guide, which is in the hole.

        What the guide does not tell stays unknown there.
        """
        lanes = self.colours.shape[1]
        work = level.work.copy()
        if self.softness >= 1.0:
            y, x = np.nonzero(~level.hole)
            soft = _blurred(level.work[y, x, :lanes], y, x, ~level.hole, self.softness)
            work[y, x, :lanes] = np.clip(np.rint(soft), 0.0, 255.0)
            work[..., 3] = work[..., 3] & 0xFE | level.work[..., 3] & 1
        flat, known_flat = work.reshape(-1, 4), known.reshape(-1, 4)
        flat[level.pixels, :lanes] = np.rint(self.colours)
        flat[level.pixels, 3] &= 0xFE
        known_flat[level.pixels, :lanes] = 255
        return work

    def mix(self, level: Level) -> None:
        """Give the hole what the guide tells, in place of what is as coarse in it."""
        lanes = self.colours.shape[1]
        work = level.work.reshape(-1, 4)
        voted = work[level.pixels, :lanes].astype(np.float32)
        change = self.colours - voted
        if self.softness >= 1.0:
            y, x = np.divmod(level.pixels, level.stride)
            change = _blurred(change, y, x, level.hole, self.softness)
        work[level.pixels, :lanes] = np.clip(np.rint(voted + change), 0.0, 255.0)
        work[level.pixels, 3] &= 0xFE


@dataclass(frozen=True, slots=True)
class _Planes:
    """The surroundings of the hole in a reduced picture.

    Attributes
    ----------
    values : (H, W, C + 1) float32
        The sum of the colours over what is hole, and how much that is; H and W can be halved for every
        coarser level.
    top, left
        Where they begin in the reduced picture.
    """

    values: Float
    top: int
    left: int

    @classmethod
    def of(cls, picture: Float, hole: Bool, factor: int, multiple: int) -> _Planes:
        """Reduce a picture by a factor; sides and corner become multiples of a number."""
        box, step = bounding_box(hole), factor * multiple
        top, left = box.y0 // step * multiple, box.x0 // step * multiple
        rows, columns = -(-box.y1 // step) * multiple - top, -(-box.x1 // step) * multiple - left
        area = np.s_[top * factor : (top + rows) * factor, left * factor : (left + columns) * factor]
        inside = hole[area]
        missing = (0, rows * factor - inside.shape[0], 0, columns * factor - inside.shape[1])
        values = np.empty((rows, columns, picture.shape[2] + 1), np.float32)
        for channel in range(values.shape[2]):
            plane = inside.astype(np.float32)
            if channel < picture.shape[2]:
                plane *= np.where(inside, picture[area][..., channel], np.float32(0.0))
            whole = cv2.copyMakeBorder(plane, *missing, cv2.BORDER_CONSTANT, value=0.0)
            values[..., channel] = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
        return cls(values, top, left)

    def colours(self, level: Level, halvings: int) -> Float:
        """Return what is shown at the pixels of a level that is so many times halved, 0…255."""
        size = (self.values.shape[1] >> halvings, self.values.shape[0] >> halvings)
        small = [
            cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in np.moveaxis(self.values, 2, 0)
        ]
        y, x = np.divmod(level.pixels, level.stride)
        y -= self.top >> halvings
        x -= self.left >> halvings
        shown = np.stack([plane[y, x] for plane in small], axis=1)
        colours = (shown[:, :-1] / shown[:, -1:] - np.float32(level.low)) * np.float32(255.0 / level.span)
        if colours.shape[1] < 3:
            colours = np.concatenate([colours[:, :1]] * 3 + [colours[:, 1:]], axis=1)
        return np.asarray(colours, np.float32)


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide, reduced to what the levels need of it.

    Attributes
    ----------
    planes
        Its colours at the finest level that it may guide.
    base
        The number of that level.
    detail
        The width in the picture's pixels of the finest detail that it shows.
    guessed
        As in `of`.
    """

    planes: _Planes
    base: int
    detail: float
    guessed: bool

    @classmethod
    def of(cls, picture: Float, hole: Bool, levels: list[Level], *, guessed: bool) -> Guide | None:
        """Prepare a guide, or return None where all levels are too fine for one.

        Parameters
        ----------
        picture : (H, W, C) float32
            Only what is in the hole is read.
        hole : (H, W) bool
            At the picture's own size.
        levels
            The finest first.
        guessed
            Whether it is a guess, which shows less of what it is less sure of: then it is trusted with
            details as coarse as the surroundings would have to be to be as calm.
        """
        small = [number for number, level in enumerate(levels) if min(level.hole.shape) <= MEASURED]
        if not small:
            return None
        base = max(small[0] - 1, 0)
        planes = _Planes.of(picture, hole, 1 << base, 1 << (len(levels) - 1 - base))
        shown, known = [], []
        for number in small:
            level = levels[number]
            width = level.hole.shape[1]
            box = bounding_box(level.hole)
            content = np.zeros((box.height, box.width, 3), np.float32)
            content[level.hole[box.slices]] = planes.colours(level, number - base)[:, :3]
            shown.append(_gradients(content, level.hole[box.slices]) / 4.0**number)
            known.append(_gradients(level.work[:, :width, :3].astype(np.float32), ~level.hole) / 4.0**number)
        detail = 2.0 ** (small[0] + _softening(np.array(shown), np.array(known), guessed=guessed))
        return cls(planes, base, detail, guessed)

    def steer(self, level: Level, number: int) -> Steering | None:
        """Return what it says about a level, ``2 ** number`` times smaller; None where that is too fine."""
        width = self.detail / (1 << number)
        if number < self.base or (width > FINER and min(level.hole.shape) > COARSE):
            return None
        colours = self.planes.colours(level, number - self.base)
        colours = np.clip(colours + _shift(colours, level), 0.0, 255.0)
        return Steering(colours, (GUESSED_SOFT if self.guessed else SOFT) * width)


def _gradients(content: Float, inside: Bool) -> float:
    """Return the mean squared difference of neighbours that are both inside an area."""
    total, count = 0.0, 0
    for here, there in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        both = inside[here] & inside[there]
        differences = content[there] - content[here]
        differences *= both[..., None]
        total += float(np.vdot(differences, differences))
        count += content.shape[2] * int(np.count_nonzero(both))
    return total / max(count, 1)


def _softening(shown: NDArray[np.float64], known: NDArray[np.float64], *, guessed: bool) -> float:
    """Return the width of a guide's finest detail, in powers of two of the first level's pixels.

    It is that of the known pixels, blurred so that their gradients fall off as the guide's do from level to
    level or, for a guess, so that they are as small. Two blurs add up by their squares.

    Parameters
    ----------
    shown, known : (L,) float64
        Mean squared gradients, per pixel of the finest level, of the guide and of the known pixels.
    guessed
        As in `Guide.of`.
    """
    own, other = np.log2(shown + 1e-6), np.log2(known + 1e-6)
    numbers = np.arange(len(own))
    last = len(own) - 1
    slope = min((other[-1] - other[0]) / last, -0.5) if last else -1.5  # beyond the coarsest level
    best, least = 0.0, np.inf
    for width in np.arange(0.0, last + SOFTEST + STEP, STEP):
        blurs = np.log2(4.0**width + 4.0**numbers) / 2.0 if width else numbers.astype(np.float64)
        expected = np.interp(blurs, numbers, other) + slope * np.maximum(blurs - last, 0.0)
        misfit = own - expected
        error = float(np.mean(misfit**2) if guessed or not last else np.var(misfit))
        if error < least:
            best, least = float(width), error
    return best


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


def _blurred(values: NDArray[Any], y: NDArray[Any], x: NDArray[Any], area: Bool, sigma: float) -> Float:
    """Return (N, C) values of the pixels of an area, blurred within it."""
    box = bounding_box(area).grow(math.ceil(REACH * sigma)) & Size(area.shape[1], area.shape[0]).box
    inside = area[box.slices]
    y, x = y - box.y0, x - box.x0
    plane = np.zeros((*inside.shape, values.shape[1]), np.float32)
    plane[y, x] = values
    share = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), sigma)
    blurred = np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)
    return np.asarray(blurred[y, x] / share[y, x, None], np.float32)
