# ruff: noqa: PLR0917 - Numba wants arguments by place
"""The last step of a fill: pixels are copied at the picture's own precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.pyramid import Places
from inpaint_core.jit import inline, kernel

AROUND = 2
"""Pixels to each side of a pixel that tell the mean of its piece."""

GAIN = (np.float32(-0.1), np.float32(0.3))
"""How much less, or more, contrast a piece may get (Darabi et al., 2012, section 4: gains of 0.9 to 1.3)."""


@kernel("void(float32[:,::1], boolean[::1], int64, int64, float32[:,::1])")
def limits(colours: Float, source: Bool, start: int, end: int, ends: Float) -> None:
    """Write each channel's least and greatest value among the source pixels ``start <= i < end``.

    Parameters
    ----------
    colours : (H * W, C) float32
    source : (H * W,) bool
    ends : (2, C) float32
        Written; without a source pixel, infinity and minus infinity.
    """
    ends[0], ends[1] = np.inf, -np.inf
    for i in range(start, end):
        if source[i]:
            for c in range(colours.shape[1]):
                ends[0, c] = min(ends[0, c], colours[i, c])
                ends[1, c] = max(ends[1, c], colours[i, c])


@inline
def _lit(value: Any, mean: Any, change: Any) -> Any:
    """Return a value of a piece of that mean which becomes brighter or darker by `change`.

    Light multiplies: where a piece becomes brighter its contrast grows alike, within `GAIN`.
    """
    if mean <= np.float32(0.0):
        return value + change
    gain = min(max(change / mean, GAIN[0]), GAIN[1])
    return value + change + gain * (value - mean)


@kernel(
    "void(float32[:,::1], boolean[::1], int64, int32[::1], int32[::1], float32[:,::1], float32[::1],"
    " float32[::1], int64, int64, float32[:,::1])"
)
def paint(
    colours: Float,
    source: Bool,
    width: int,
    pixels: Places,
    origins: Places,
    change: Float,
    low: Float,
    high: Float,
    start: int,
    end: int,
    filled: Float,
) -> None:
    """Copy hole pixels ``start <= i < end`` from their origins, suit them to the light, keep them in range.

    Parameters
    ----------
    colours : (H * W, C) float32
    source : (H * W,) bool
        What may be looked at; all origins are.
    width
        Of the picture.
    pixels, origins : (N,) int32
        Where to, and where from.
    change : (M, 4) float32
        How much brighter what is copied becomes, its first C columns; nothing when it is empty.
    low, high : (C,) float32
        The range of each channel.
    filled : (H * W, C) float32
        Written at the pixels.
    """
    height, channels = len(source) // width, colours.shape[1]
    means = np.empty(4, np.float32)
    for i in range(start, end):
        origin = np.int64(origins[i])
        if not len(change):
            for c in range(channels):
                filled[pixels[i], c] = colours[origin, c]
            continue
        y: Any = origin // width
        x: Any = origin - y * width
        means[:] = 0.0
        count = 0
        for v in range(max(y - AROUND, 0), min(y + AROUND + 1, height)):
            for place in range(v * width + max(x - AROUND, 0), v * width + min(x + AROUND + 1, width)):
                if source[place]:
                    count += 1
                    for c in range(channels):
                        means[c] += colours[place, c]
        for c in range(channels):
            value = _lit(colours[origin, c], means[c] / np.float32(count), change[i, c])
            filled[pixels[i], c] = min(max(value, low[c]), high[c])
