# ruff: noqa: PLR0917 - Numba wants arguments by place
"""The picture at several scales, each prepared for searching."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.search import NO_MATCH, PADDING
from inpaint_core.geometry import Size
from inpaint_core.holes import bounding_box
from inpaint_core.jit import kernel

Bytes = NDArray[np.uint8]
Places = NDArray[np.int32]
Shifts = NDArray[np.int16]

MAX_ANCHORS = 1 << 16
"""Places kept to draw from all over the source."""

MIN_ANCHORS = 64
"""A coarser level with fewer source patches than this would decide too much from too little."""

ROBUST = (0.5, 99.5)
"""Percentiles between which a picture of unusual range is searched."""

TRUST = 5.0
"""How much less a patch counts when its middle is one pixel farther from what is known.

So every piece must suit the rim first, and seams move inwards where they hurt least (Wexler et al., 2007,
section 3.2, who take 1.3)."""

DEEP = 22
"""Pixels from what is known beyond which all patches are trusted alike."""

TEXTURE_WINDOW = 9
"""Width in pixels of the area whose texture is measured."""

TEXTURE_REACH = TEXTURE_WINDOW // 2 + 1
"""Rows beyond a pixel that its texture depends on."""

TEXTURE_GAIN = 4.0
"""What the texture counts beside a colour."""

STRIP = 64
"""Rows that are prepared at once."""

SAMPLED = 1 << 14
"""Pixels that are looked at to know a picture's range."""


@dataclass(slots=True)
class Level:
    """One scale: the work image (see `search`), what is to be matched, and the matches so far.

    Attributes
    ----------
    work, size, index, targets, anchors, matches, costs
        As in `search.improve`.
    shifts : (T, 3) int16
        What is added to the matches, as in `search.adapt`; no rows until something is.
    hops : (K,) int32
        By how much places differ by which the hole's surroundings repeat; see `offsets`.
    hole, source : (H, W) bool
        What to fill, and where content may come from.
    pixels, layers : (N,) int32
        The hole's pixels, ascending, and how far each is from a known one.
    trust : (T,) float32
        How much the patch of each target counts for what it knows of the rim.
    low, span
        The least of the picture's values that the work image tells apart, and the range of them.
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
    trust: Float
    low: float
    span: float
    matches: Places = field(init=False)
    costs: Places = field(init=False)
    shifts: Shifts = field(init=False)
    hops: Places = field(init=False)

    def __post_init__(self) -> None:
        self.matches = np.full(len(self.targets), NO_MATCH, np.int32)
        self.costs = np.zeros(len(self.targets), np.int32)
        self.shifts = np.zeros((0, 3), np.int16)
        self.hops = np.zeros(0, np.int32)

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


def build(image: Float, hole: Bool, source: Bool, size: int, crew: Crew) -> list[Level]:
    """Prepare the picture at full size and at half sizes, down to where the hole is a few patches wide.

    Parameters
    ----------
    image : (H, W, C) float32
        As in `methods.Fill`.
    hole, source : (H, W) bool
        What to fill, and where content may come from.
    size
        Width of a patch.
    crew
        Lets the caller know that work goes on.

    Returns
    -------
    Levels, the finest first; its anchors are empty where no source patch exists.
    """
    low, high = _range(image, hole)
    work = _blank(hole.shape)

    def prepare(start: int, end: int) -> None:
        """Write some rows, looking as far beyond them as texture reaches."""
        top, bottom = max(start - TEXTURE_REACH, 0), end + TEXTURE_REACH
        content = quantise(image[top:bottom], hole[top:bottom], low, high)
        if image.shape[2] in (1, 3):
            cv2.insertChannel(texture(content, hole[top:bottom]), content, 3)
        work[start:end, : hole.shape[1]] = content[start - top : end - top]

    crew.share(len(hole), prepare, 0.0, chunk=STRIP)
    finest = _level(work, hole, source, size, low, high - low, crew)
    return [finest, *_coarser(finest, crew)]


def rebuild(level: Level, size: int, crew: Crew, count: int = 1) -> list[Level]:
    """Prepare an unsolved level and coarser ones for patches of another size, `count` in all; see `build`."""
    finest = _level(level.work.copy(), level.hole, level.source, size, level.low, level.span, crew)
    return [finest, *islice(_coarser(finest, crew, count), count - 1)]


def _coarser(level: Level, crew: Crew, least: int = 1) -> Iterator[Level]:
    """Yield levels of half the size, as long as the hole is more than a few patches wide.

    `least` is how many there are to be, `level` included, though the hole may be narrower.
    """
    number = 1
    while level.depth > level.size or number < least:
        number += 1
        half = _halve(level, crew)
        if len(half.anchors) < MIN_ANCHORS or not len(half.pixels):
            return
        yield half
        level = half


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
    energy = np.zeros(hole.shape, np.uint8)  # half of the two directions' sum
    for axis in (0, 1):
        head: Any = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        tail: Any = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        step = np.maximum(luma[tail], luma[head]) - np.minimum(luma[tail], luma[head])
        step *= known[tail] & known[head]
        energy[head] += (step >> 1) + (step & np.uint8(axis))  # rounded up once, down once
    total = _box_sum(energy)
    share = _box_sum(known)
    lively = cv2.divide(total, share, scale=2.0 * TEXTURE_GAIN, dtype=cv2.CV_8U)
    return np.asarray(lively, np.uint8) * known


def _box_sum(plane: Bytes) -> NDArray[np.uint16]:
    window = (TEXTURE_WINDOW, TEXTURE_WINDOW)
    total = cv2.boxFilter(plane, cv2.CV_16U, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total, np.uint16)


def _range(image: Float, hole: Bool) -> tuple[float, float]:
    """Return what becomes 0 and 255: 0…1, or what most of a picture spans that uses little of it or more."""
    step = max(1, round((hole.size / SAMPLED) ** 0.5))
    known = image[::step, ::step][~hole[::step, ::step]]
    if not known.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, ROBUST))
    if low >= 0.0 and high <= 1.0 and high - low > 0.25:
        return 0.0, 1.0
    margin = max(0.1 * (high - low), 1e-6 * max(abs(low), abs(high)), 1e-12)
    return low - margin, high + margin


def _blank(shape: tuple[int, ...]) -> Bytes:
    """Return zeros for the work image of a picture of (H, W)."""
    return np.zeros((shape[0], shape[1] + PADDING, 4), np.uint8)


def _level(work: Bytes, hole: Bool, source: Bool, size: int, low: float, span: float, crew: Crew) -> Level:
    """Return a level that takes over a work image, in which it marks the source patches."""
    height, stride = work.shape[:2]
    rows, columns = max(height - size + 1, 0), max(hole.shape[1] - size + 1, 0)
    begins = np.zeros((2, height, stride), np.uint8)
    kernel = np.ones((size, size), np.uint8)

    def mark(start: int, end: int) -> None:
        """Mark where patches begin that touch the hole, and where patches that are all source."""
        for plane, mask, grow in ((begins[0], hole, cv2.dilate), (begins[1], source, cv2.erode)):
            some = mask[start : end + size - 1].view(np.uint8)
            covered = grow(some, kernel, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT, borderValue=0)
            plane[start:end, :columns] = covered[: end - start, :columns]
        last = work[start:end, :, 3]
        last &= 0xFE
        last |= begins[1, start:end]

    work[rows:, :, 3] &= 0xFE
    crew.share(rows, mark, 0.0, chunk=STRIP)
    targets = _marked(begins[0])
    index = np.full(height * stride, NO_MATCH, np.int32)
    index[targets] = np.arange(len(targets), dtype=np.int32)
    box = bounding_box(hole).grow(size) & Size(hole.shape[1], height).box
    layers = cv2.distanceTransform(np.ascontiguousarray(hole[box.slices]).view(np.uint8), cv2.DIST_C, 3)
    pixels = _marked(hole)
    pixels += np.int32(PADDING) * (pixels // np.int32(hole.shape[1]))
    middles = targets + np.int32((size // 2) * (stride + 1))

    def depths(places: Places) -> Float:
        y, x = np.divmod(places, np.int32(stride))
        return np.asarray(layers[y - box.y0, x - box.x0])

    trust = np.float32(TRUST) ** np.arange(DEEP // 2, -DEEP // 2 - 1, -1, dtype=np.float32)
    return Level(
        work=work,
        hole=hole,
        source=source,
        size=size,
        index=index,
        targets=targets,
        pixels=pixels,
        anchors=_anchors(begins[1]),
        trust=trust[np.minimum(depths(middles), DEEP).astype(np.intp)],
        low=low,
        span=span,
        layers=np.minimum(depths(pixels), max(hole.shape)).astype(np.int32),  # endless where all is hole
    )


def _marked(plane: NDArray[Any]) -> Places:
    """Return the linear places of what is set, ascending; only the rows that have some are read twice."""
    rows = np.flatnonzero(plane.any(axis=1))
    if not len(rows):
        return np.zeros(0, np.int32)
    places = np.flatnonzero(plane[rows[0] : rows[-1] + 1]).astype(np.int32)
    places += np.int32(rows[0] * plane.shape[1])
    return places


def _anchors(valid: Bytes) -> Places:
    """Return the places of source patches, or of `MAX_ANCHORS` of them spread evenly."""
    count = cv2.countNonZero(valid)
    ranks = np.linspace(0, count - 1, min(count, MAX_ANCHORS)).astype(np.int64)
    places = np.empty(len(ranks), np.int32)
    spread(valid.reshape(-1), ranks, places)
    return places


@kernel("void(uint8[::1], int64[::1], int32[::1])")
def spread(valid: Bytes, ranks: NDArray[np.int64], places: Places) -> None:
    """Write the places of those set bytes whose numbers, counted from 0, are `ranks`, ascending."""
    rank = next_one = 0
    for place in range(len(valid)):
        if next_one == len(ranks):
            return
        if valid[place]:
            if ranks[next_one] == rank:
                places[next_one] = place
                next_one += 1
            rank += 1


def _halve(level: Level, crew: Crew) -> Level:
    """Average 2 by 2 known pixels; a pixel more than half unknown is hole, one not all source is none."""
    height, width = level.hole.shape
    size = ((height + 1) // 2, (width + 1) // 2)
    work, hole, source = _blank(size), np.empty(size, bool), np.empty(size, bool)

    def shrink(plane: NDArray[Any]) -> Bytes:
        odd = (0, plane.shape[0] % 2, 0, plane.shape[1] % 2)
        even = cv2.copyMakeBorder(plane, *odd, cv2.BORDER_REPLICATE)
        shape = (even.shape[1] // 2, even.shape[0] // 2)
        return np.asarray(cv2.resize(even, shape, interpolation=cv2.INTER_AREA), np.uint8)

    def average(start: int, end: int) -> None:
        rows = slice(2 * start, 2 * end)
        content = shrink(np.ascontiguousarray(level.work[rows, :width]))
        known = shrink((~level.hole[rows]).view(np.uint8) * np.uint8(255))
        mixed = (known > 0) & (known < 255)
        content[mixed] = np.minimum(np.rint(content[mixed] * (255.0 / known[mixed])[:, None]), 255.0).astype(
            np.uint8
        )
        hole[start:end] = known < 128
        content[hole[start:end]] = 0
        work[start:end, : size[1]] = content
        source[start:end] = shrink(level.source[rows].view(np.uint8) * np.uint8(255)) == 255
        source[start:end] &= ~hole[start:end]

    crew.share(size[0], average, 0.0, chunk=STRIP)
    return _level(work, hole, source, level.size, level.low, level.span, crew)


def inherit(fine: Level, coarse: Level, crew: Crew) -> None:
    """Start `fine` from the solved `coarse` level: its colours in the hole, and its matches, doubled."""

    def colour(start: int, end: int) -> None:
        enlarge_colours(fine.work, coarse.work, fine.pixels, start, end)

    def match(start: int, end: int) -> None:
        enlarge_matches(
            fine.work,
            coarse.stride,
            fine.size,
            coarse.size,
            fine.targets,
            coarse.index,
            coarse.matches,
            start,
            end,
            fine.matches,
        )

    crew.share(len(fine.pixels), colour, 0.0)
    crew.share(len(fine.targets), match, 0.0)


@kernel("void(uint8[:,:,::1], uint8[:,:,::1], int32[::1], int64, int64)")
def enlarge_colours(fine: Bytes, coarse: Bytes, pixels: Places, start: int, end: int) -> None:
    """Give pixels ``start <= i < end`` of a work image the colours of the coarser one."""
    for i in range(start, end):
        y, x = divmod(np.int64(pixels[i]), fine.shape[1])
        for c in range(4):
            fine[y, x, c] = coarse[y >> 1, x >> 1, c] & (0xFE if c == 3 else 0xFF)


@kernel(
    "void(uint8[:,:,::1], int64, int64, int64, int32[::1], int32[::1], int32[::1], int64, int64, int32[::1])"
)
def enlarge_matches(
    work: Bytes,
    coarse_stride: int,
    size: int,
    coarse_size: int,
    targets: Places,
    coarse_index: Places,
    coarse_matches: Places,
    start: int,
    end: int,
    matches: Places,
) -> None:
    """Give targets ``start <= i < end`` the doubled matches of the coarser targets around their middles."""
    radius, coarse_radius = size // 2, coarse_size // 2
    stride = work.shape[1]
    coarse_rows = len(coarse_index) // coarse_stride - coarse_size + 1
    coarse_columns = coarse_stride - PADDING - coarse_size + 1
    for i in range(start, end):
        y, x = divmod(np.int64(targets[i]), stride)
        top = min(max(((y + radius) >> 1) - coarse_radius, 0), coarse_rows - 1)
        left = min(max(((x + radius) >> 1) - coarse_radius, 0), coarse_columns - 1)
        number = coarse_index[top * coarse_stride + left]
        matches[i] = NO_MATCH
        if number < 0 or coarse_matches[number] < 0:
            continue
        match_y, match_x = divmod(np.int64(coarse_matches[number]), coarse_stride)
        y += 2 * (match_y - top)
        x += 2 * (match_x - left)
        inside = 0 <= y <= work.shape[0] - size and 0 <= x <= stride - PADDING - size
        if inside and work[y, x, 3] & 1 == 1:
            matches[i] = y * stride + x
