"""The picture at several scales, each prepared for searching."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.search import NO_MATCH, PADDING

Bytes = NDArray[np.uint8]
Places = NDArray[np.int32]

MAX_ANCHORS = 1 << 16
"""Places kept to draw from all over the source."""

MIN_ANCHORS = 64
"""A coarser level with fewer source patches than this would decide too much from too little."""

ROBUST = (0.5, 99.5)
"""Percentiles between which a picture of unusual range is searched."""


TEXTURE_WINDOW = 9
"""Width in pixels of the area whose texture is measured."""

TEXTURE_GAIN = 3.0
"""What the texture counts beside a colour."""


@dataclass(slots=True)
class Level:
    """One scale: the work image (see `search`), what is to be matched, and the matches so far.

    Attributes
    ----------
    work, size, index, targets, anchors, matches, costs
        As in `search.improve`.
    hole, source : (H, W) bool
        What to fill, and where content may come from.
    pixels, layers : (N,) int32
        The hole's pixels, ascending, and how far each is from a known one.
    span
        The range of the picture's values that the work image spans.
    """

    work: Bytes
    hole: Bool
    source: Bool
    size: int
    index: Places
    targets: Places
    pixels: Places
    anchors: Places
    layers: Places
    span: float
    matches: Places = field(init=False)
    costs: Places = field(init=False)

    def __post_init__(self) -> None:
        self.matches = np.full(len(self.targets), NO_MATCH, np.int32)
        self.costs = np.zeros(len(self.targets), np.int32)

    @property
    def stride(self) -> int:
        """Pixels from one row of the work image to the next."""
        return int(self.work.shape[1])

    @property
    def rows(self) -> int:
        """Rows in which a patch may begin."""
        return int(self.hole.shape[0]) - self.size + 1

    @property
    def columns(self) -> int:
        """Columns in which a patch may begin."""
        return int(self.hole.shape[1]) - self.size + 1

    @property
    def depth(self) -> int:
        """How far the hole's innermost pixel is from a known one."""
        return int(self.layers.max())


def build(image: Float, hole: Bool, source: Bool, size: int) -> list[Level]:
    """Prepare the picture at full size and at half sizes, down to where the hole is a few patches wide.

    Parameters
    ----------
    image : (H, W, C) float32
        As in `methods.Fill`.
    hole, source : (H, W) bool
        What to fill, and where content may come from.
    size
        Width of a patch.

    Returns
    -------
    Levels, the finest first; its anchors are empty where no source patch exists.
    """
    low, high = _range(image, hole)
    content = quantise(image, hole, low, high)
    if image.shape[2] in (1, 3):
        cv2.insertChannel(texture(content, hole), content, 3)
    levels = [_level(content, hole, source, size, high - low)]
    while levels[-1].depth > size:
        half = _level(*_halve(levels[-1]), size, high - low)
        if len(half.anchors) < MIN_ANCHORS or not len(half.pixels):
            break
        levels.append(half)
    return levels


def quantise(image: Float, hole: Bool, low: float, high: float) -> Bytes:
    """Return the picture as (H, W, 4) uint8 for searching: three colours, and alpha in the last channel."""
    scale = 255.0 / (high - low)
    quantised = cv2.addWeighted(image, scale, image, 0.0, -low * scale, dtype=cv2.CV_8U)
    channels = image.shape[2]
    if channels in (1, 2):
        planes = cv2.split(quantised)
        alpha = planes[1] if channels == 2 else np.zeros(hole.shape, np.uint8)
        result = cv2.merge([planes[0], planes[0], planes[0], alpha])
    elif channels == 3:
        result = cv2.cvtColor(quantised, cv2.COLOR_RGB2RGBA)
        cv2.insertChannel(np.zeros(hole.shape, np.uint8), result, 3)
    else:
        result = quantised
    result[hole] = 0
    return np.asarray(result, np.uint8)


def texture(content: Bytes, hole: Bool) -> Bytes:
    """Return how lively the surroundings of each known pixel are, (H, W) uint8; 0 in the hole.

    The mean absolute gradient of the luma. Averaged down the pyramid it tells the coarse levels of grain
    that they cannot see, so that flat areas are not taken for rough ones (Newson et al., 2014, section 3.3).
    """
    luma = cv2.cvtColor(content, cv2.COLOR_RGBA2GRAY)
    known = (~hole).view(np.uint8)
    energy = np.zeros(hole.shape, np.float32)
    for axis in (0, 1):
        head: Any = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        tail: Any = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        step = np.maximum(luma[tail], luma[head]) - np.minimum(luma[tail], luma[head])
        step *= known[tail] & known[head]
        energy[head] += step
    window = (TEXTURE_WINDOW, TEXTURE_WINDOW)
    total = cv2.blur(energy, window, borderType=cv2.BORDER_CONSTANT)
    share = cv2.blur(known.astype(np.float32), window, borderType=cv2.BORDER_CONSTANT)
    mean = np.divide(total, share, out=np.zeros_like(total), where=(share > 0.0) & ~hole)
    return np.asarray(cv2.convertScaleAbs(mean, alpha=TEXTURE_GAIN), np.uint8)


def _range(image: Float, hole: Bool) -> tuple[float, float]:
    """Return what becomes 0 and 255: 0…1, or what most of a picture spans that uses little of it or more."""
    step = max(1, round((hole.size / 65536) ** 0.5))
    known = image[::step, ::step][~hole[::step, ::step]]
    if not known.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, ROBUST))
    if low >= 0.0 and high <= 1.0 and high - low > 0.25:
        return 0.0, 1.0
    margin = max(0.1 * (high - low), 1e-6 * max(abs(low), abs(high)), 1e-12)
    return low - margin, high + margin


def _level(content: Bytes, hole: Bool, source: Bool, size: int, span: float) -> Level:
    height, width = hole.shape
    work = np.asarray(cv2.copyMakeBorder(content, 0, 0, 0, PADDING, cv2.BORDER_CONSTANT), np.uint8)
    stride = work.shape[1]
    rows, columns = max(height - size + 1, 0), max(width - size + 1, 0)
    begins = np.zeros((2, height, stride), np.uint8)
    kernel = np.ones((size, size), np.uint8)
    for plane, mask, grow in ((begins[0], hole, cv2.dilate), (begins[1], source, cv2.erode)):
        covered = grow(
            mask.view(np.uint8), kernel, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT, borderValue=0
        )
        plane[:rows, :columns] = covered[:rows, :columns]
    work[..., 3] = (work[..., 3] & 0xFE) | begins[1]
    targets = np.flatnonzero(begins[0]).astype(np.int32)
    index = np.full(height * stride, NO_MATCH, np.int32)
    index[targets] = np.arange(len(targets), dtype=np.int32)
    y, x = np.nonzero(hole)
    layers = cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_C, 3)
    return Level(
        work=work,
        hole=hole,
        source=source,
        size=size,
        index=index,
        targets=targets,
        pixels=(y * stride + x).astype(np.int32),
        anchors=_anchors(begins[1]),
        span=span,
        layers=np.minimum(layers, max(hole.shape))[y, x].astype(np.int32),  # endless where all is hole
    )


def _anchors(valid: Bytes) -> Places:
    places = np.flatnonzero(valid)
    if len(places) > MAX_ANCHORS:
        places = places[np.linspace(0, len(places) - 1, MAX_ANCHORS).astype(np.int64)]
    return places.astype(np.int32)


def _halve(level: Level) -> tuple[Bytes, Bool, Bool]:
    """Average 2 by 2 known pixels; a pixel more than half unknown is hole, one not all source is none."""
    height, width = level.hole.shape
    odd = (0, height % 2, 0, width % 2)
    size = ((width + 1) // 2, (height + 1) // 2)

    def shrink(plane: NDArray[Any]) -> Bytes:
        even = cv2.copyMakeBorder(plane, *odd, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
        return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)

    content = shrink(np.ascontiguousarray(level.work[:, :width]))
    inside = cv2.copyMakeBorder(
        (~level.hole).view(np.uint8) * np.uint8(255), *odd, cv2.BORDER_CONSTANT, value=(0,)
    )
    known = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    mixed = (known > 0) & (known < 255)
    content[mixed] = np.minimum(np.rint(content[mixed] * (255.0 / known[mixed])[:, None]), 255.0).astype(
        np.uint8
    )
    hole = known < 128
    content[hole] = 0
    source = shrink(level.source.view(np.uint8) * np.uint8(255)) == 255
    return content, hole, source & ~hole


def inherit(fine: Level, coarse: Level) -> None:
    """Start `fine` from the solved `coarse` level: its colours in the hole, and its matches, doubled."""
    y, x = np.divmod(fine.pixels, fine.stride)
    fine.work[y, x] = coarse.work[y >> 1, x >> 1] & np.uint8(0xFE)
    radius = fine.size // 2
    y, x = np.divmod(fine.targets, fine.stride)
    top = np.clip(((y + radius) >> 1) - radius, 0, coarse.rows - 1)
    left = np.clip(((x + radius) >> 1) - radius, 0, coarse.columns - 1)
    number = coarse.index[top * coarse.stride + left]
    match_y, match_x = np.divmod(coarse.matches[number], coarse.stride)
    y += 2 * (match_y - top)
    x += 2 * (match_x - left)
    inside = (number >= 0) & (y >= 0) & (y < fine.rows) & (x >= 0) & (x < fine.columns)
    places = np.where(inside, y * fine.stride + x, 0)
    valid = inside & (fine.work.reshape(-1, 4)[places, 3] & 1 == 1)
    fine.matches[:] = np.where(valid, places, NO_MATCH)
