# ruff: noqa: PLR0917 - Numba wants arguments by place
"""The last step of a fill: pixels are copied at the picture's own precision."""

from __future__ import annotations

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.pyramid import Places
from inpaint_core.jit import kernel


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


@kernel(
    "void(float32[:,::1], int32[::1], int32[::1], float32[:,::1], float32[::1], float32[::1], int64, int64,"
    " float32[:,::1])"
)
def paint(
    colours: Float,
    pixels: Places,
    origins: Places,
    change: Float,
    low: Float,
    high: Float,
    start: int,
    end: int,
    filled: Float,
) -> None:
    """Copy hole pixels ``start <= i < end`` from their origins, change them, and keep them in range.

    Parameters
    ----------
    colours : (H * W, C) float32
    pixels, origins : (N,) int32
        Where to, and where from.
    change : (M, 4) float32
        What is added, its first C columns; nothing when it is empty.
    low, high : (C,) float32
        The range of each channel.
    filled : (H * W, C) float32
        Written at the pixels.
    """
    for i in range(start, end):
        for c in range(colours.shape[1]):
            value = colours[origins[i], c]
            if len(change):
                value = min(max(value + change[i, c], low[c]), high[c])
            filled[pixels[i], c] = value
