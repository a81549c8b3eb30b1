# ruff: noqa: PLR0917 - Numba wants arguments by place
"""From matches back to colours: every patch over a pixel votes for its colour (Wexler et al., 2007)."""

from __future__ import annotations

from typing import Any

import numpy as np

from inpaint_core.classical.patch.search import PADDING, SHIFT_STEPS
from inpaint_core.jit import inline, kernel

DISTINCT = 8
"""Offsets that are told apart among the patches over one pixel; more seldom occur and hardly matter."""


@inline
def _common_offset(
    size: Any, stride: Any, columns: Any, rows: Any, index: Any, matches: Any, y: Any, x: Any
) -> Any:
    """Return the offset on which all patches over a pixel agree, or 0 (which no match has) if they do not."""
    first: Any = max(x - size + 1, 0)
    last: Any = min(x, columns - 1)
    common = np.int64(0)
    for top in range(max(y - size + 1, 0), min(y, rows - 1) + 1):
        corner = top * stride + first
        j = index[corner]
        if common == 0:
            common = np.int64(matches[j]) - corner
        differ = 0
        for k in range(last - first + 1):
            differ |= matches[j + k] - k - corner - common
        if differ != 0 or matches[j] < 0:
            return np.int64(0)
    return common


@inline
def _byte(value: Any) -> Any:
    """Return the nearest byte."""
    return np.uint8(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))


@kernel(
    "void(uint8[:,:,::1], int64, int32[::1], int32[::1], float32[::1], int16[:,::1], int32[::1], int64,"
    " int64)"
)
def vote(
    work: Any,
    size: int,
    index: Any,
    matches: Any,
    weights: Any,
    shifts: Any,
    pixels: Any,
    start: int,
    end: int,
) -> None:
    """Colour hole pixels ``start <= i < end`` of the work image with the mean of what their patches propose.

    Parameters
    ----------
    work : (H, S, 4) uint8
        Written at the pixels only; read outside the hole only.
    size, index, matches
        As in `search.improve`. A pixel none of whose patches has a match keeps its colour.
    weights : (T,) float32
        What the vote of each target's patch counts.
    shifts : (T, 3) int16
        What is added to it, as in `search.adapt`; nothing when it is empty.
    pixels : (N,) int32
        Places of the hole's pixels.
    """
    step = np.float32(1.0 / SHIFT_STEPS)
    stride = work.shape[1]
    rows = work.shape[0] - size + 1
    columns = stride - PADDING - size + 1
    flat = work.reshape(-1)
    for i in range(start, end):
        pixel = np.int64(pixels[i])
        y: Any = pixel // stride
        x: Any = pixel - y * stride
        common = _common_offset(size, stride, columns, rows, index, matches, y, x)
        if common != 0:
            at = 4 * (pixel + common)
            for channel in range(4):
                flat[4 * pixel + channel] = flat[at + channel] & (0xFE if channel == 3 else 0xFF)
            if len(shifts):  # those of one piece are nearly alike: the middle one stands for all
                top = min(max(y - size // 2, 0), rows - 1)
                j = index[top * stride + min(max(x - size // 2, 0), columns - 1)]
                for channel in range(3):
                    shifted = np.float32(flat[at + channel]) + step * np.float32(shifts[j, channel])
                    flat[4 * pixel + channel] = _byte(shifted)
            continue
        a = b = c = d = total = np.float32(0.0)
        first: Any = max(x - size + 1, 0)
        last: Any = min(x, columns - 1)
        for top in range(max(y - size + 1, 0), min(y, rows - 1) + 1):
            corner = top * stride + first
            j = index[corner]
            for k in range(last - first + 1):
                match = np.int64(matches[j + k])
                if match >= 0:
                    weight = weights[j + k]
                    at = 4 * (match + pixel - corner - k)
                    a += weight * np.float32(flat[at])
                    b += weight * np.float32(flat[at + 1])
                    c += weight * np.float32(flat[at + 2])
                    d += weight * np.float32(flat[at + 3])
                    total += weight
                    if len(shifts):
                        a += weight * step * np.float32(shifts[j + k, 0])
                        b += weight * step * np.float32(shifts[j + k, 1])
                        c += weight * step * np.float32(shifts[j + k, 2])
        if total > 0.0:
            scale = np.float32(1.0) / total
            flat[4 * pixel] = _byte(a * scale)
            flat[4 * pixel + 1] = _byte(b * scale)
            flat[4 * pixel + 2] = _byte(c * scale)
            flat[4 * pixel + 3] = _byte(d * scale) & 0xFE


@kernel(
    "void(int64, int64, int64, int64, int32[::1], int32[::1], float32[::1], int32[::1], int64, int64,"
    " int32[::1])"
)
def elect(
    size: int,
    height: int,
    width: int,
    stride: int,
    index: Any,
    matches: Any,
    weights: Any,
    pixels: Any,
    start: int,
    end: int,
    origins: Any,
) -> None:
    """Choose for hole pixels ``start <= i < end`` the one place that each is copied from.

    The offsets of the patches over a pixel are candidates, each with the sum of its patches' weights: where
    many neighbours agree on an offset it wins, so that whole pieces are copied and grain survives.

    Parameters
    ----------
    size, index, matches, weights, pixels
        As in `vote`.
    height, width, stride
        Of the picture and of linear places.
    origins : (N,) int32
        Written: the place that the pixel's colour comes from, or -1.
    """
    rows = height - size + 1
    columns = width - size + 1
    offsets = np.empty(DISTINCT, np.int64)
    support = np.empty(DISTINCT, np.float32)
    for i in range(start, end):
        pixel = np.int64(pixels[i])
        y: Any = pixel // stride
        x: Any = pixel - y * stride
        common = _common_offset(size, stride, columns, rows, index, matches, y, x)
        if common != 0:
            origins[i] = pixel + common
            continue
        count = 0
        first: Any = max(x - size + 1, 0)
        last: Any = min(x, columns - 1)
        for top in range(max(y - size + 1, 0), min(y, rows - 1) + 1):
            corner = top * stride + first
            j = index[corner]
            for k in range(last - first + 1):
                match = np.int64(matches[j + k])
                if match < 0:
                    continue
                offset = match - corner - k
                slot = 0
                while slot < count and offsets[slot] != offset:
                    slot += 1
                if slot == count:
                    if count == DISTINCT:
                        continue
                    offsets[slot] = offset
                    support[slot] = np.float32(0.0)
                    count += 1
                support[slot] += weights[j + k]
        best = np.int64(-1)
        most = np.float32(0.0)
        for slot in range(count):
            if support[slot] > most:
                most = support[slot]
                best = pixel + offsets[slot]
        origins[i] = best
