"""The parts of a hole: which masked pixels are solved together, and within which surroundings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool
from inpaint_core.geometry import Box

BLOCK = 16
"""Masked pixels in one block of so many pixels, or in blocks that touch, are never parted."""

SMALL = 1 << 18
"""What costs no more than looking at so many pixels is not worth dividing."""

FEW = 16
"""More holes than this are cut near the middle, so that the cuts stay few."""

Numbers = NDArray[np.int32]


def bounding_box(mask: Bool) -> Box:
    """Return the smallest box around the marked pixels of an (H, W) mask; an empty box for none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return Box(0, 0, 0, 0)
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


@dataclass(frozen=True, slots=True)
class Part:
    """Masked pixels that are filled together.

    `box` is the smallest one around them; the boxes of two parts may overlap, their pixels do not.
    """

    box: Box
    _number: int
    _owners: Numbers
    _origin: Box

    def own(self, hole: Bool, box: Box) -> Bool:
        """Return which pixels within `box`, itself within ``self.box``, belong to this part."""
        place = box.shift(-self._origin.x0, -self._origin.y0)
        first, left = place.y0 // BLOCK, place.x0 // BLOCK
        blocks = self._owners[first : -(-place.y1 // BLOCK), left : -(-place.x1 // BLOCK)] == self._number
        pixels = blocks.repeat(BLOCK, axis=1).repeat(BLOCK, axis=0)
        mine: Bool = pixels[place.shift(-left * BLOCK, -first * BLOCK).slices] & hole[box.slices]
        return mine


def parts(hole: Bool, window: Callable[[Box], Box]) -> list[Part]:
    """Divide the hole so that little has to be looked at.

    Holes are solved together where one window around them is no larger than the windows that they would have
    each, and alone where they lie far apart.

    Parameters
    ----------
    hole : (H, W) bool
    window
        What a fill of the pixels within a box looks at.

    Returns
    -------
    list of `Part`
        Every masked pixel belongs to exactly one.
    """
    whole = bounding_box(hole)
    if not whole:
        return []
    clusters = _clusters(hole[whole.slices])
    boxes = [box.shift(whole.x0, whole.y0) & whole for box in clusters.boxes]
    _, groups = _divide(boxes, list(range(len(boxes))), lambda box: _area(window(box)))
    number_of = np.full(len(boxes) + 1, -1, np.int32)
    for number, group in enumerate(groups):
        number_of[np.asarray(group) + 1] = number
    owners = number_of[clusters.labels]
    found = []
    for number, group in enumerate(groups):
        loose = Part(_union(boxes, group), number, owners, whole)
        tight = bounding_box(loose.own(hole, loose.box)).shift(loose.box.x0, loose.box.y0)
        found.append(Part(tight, number, owners, whole))
    return found


def pieces(box: Box, side: int) -> list[Box]:
    """Divide a box evenly into boxes of at most `side` by `side` pixels, row by row."""
    columns, rows = -(-box.width // side), -(-box.height // side)
    xs = [box.x0 + box.width * i // columns for i in range(columns + 1)]
    ys = [box.y0 + box.height * i // rows for i in range(rows + 1)]
    return [Box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for j in range(rows) for i in range(columns)]


def depths(hole: Bool) -> NDArray[np.float32]:
    """Return how far each pixel of an (H, W) mask is from the nearest that is not marked, 0 outside of it.

    Half of the width where the mask is widest; beyond the picture's borders nothing counts as unmarked, so
    that at a border it is the whole width: what is there is told by one side alone.
    """
    apart = cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(apart, np.float32)


@dataclass(frozen=True, slots=True)
class _Clusters:
    """Blocks that touch, numbered from 1; `boxes` are theirs, in pixels."""

    labels: Numbers
    boxes: list[Box]


def _clusters(hole: Bool) -> _Clusters:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(_blocks(hole).view(np.uint8), connectivity=8)
    boxes = [
        Box(x * BLOCK, y * BLOCK, (x + width) * BLOCK, (y + height) * BLOCK)
        for x, y, width, height, _ in stats[1:].tolist()
    ]
    return _Clusters(np.asarray(labels, np.int32), boxes)


def _blocks(hole: Bool) -> Bool:
    """Return which blocks hold a masked pixel, eight pixels being looked at at once."""
    padded = np.pad(hole, [(0, -side % BLOCK) for side in hole.shape])
    words = padded.view(np.uint64).reshape(len(padded) // BLOCK, BLOCK, -1)
    blocks: Bool = np.bitwise_or.reduce(words, axis=1).reshape(len(words), -1, BLOCK // 8).any(axis=2)
    return blocks


def _divide(boxes: list[Box], ids: list[int], cost: Callable[[Box], int]) -> tuple[int, list[list[int]]]:
    """Return what the cheapest grouping costs, and its groups, cut after cut along the longer side."""
    union = _union(boxes, ids)
    together = cost(union)
    if len(ids) == 1 or together <= SMALL:
        return together, [ids]
    across = union.width >= union.height
    spans = {number: _span(boxes[number], across) for number in ids}
    ordered = sorted(ids, key=spans.__getitem__)
    cut = _widest_gap([spans[number] for number in ordered])
    one, its_groups = _divide(boxes, ordered[:cut], cost)
    other, other_groups = _divide(boxes, ordered[cut:], cost)
    if one + other < together:
        return one + other, its_groups + other_groups
    return together, [ids]


def _span(box: Box, across: bool) -> tuple[int, int]:
    return (box.x0, box.x1) if across else (box.y0, box.y1)


def _widest_gap(spans: list[tuple[int, int]]) -> int:
    """Return how many of the sorted spans lie before the widest gap; of many spans, not near the ends."""
    ends = np.maximum.accumulate([end for _, end in spans])
    gaps = np.array([start for start, _ in spans[1:]]) - ends[:-1]
    margin = len(gaps) // 4 if len(gaps) > FEW else 0
    middle = gaps[margin : len(gaps) - margin]
    return margin + int(np.argmax(middle)) + 1


def _union(boxes: list[Box], ids: list[int]) -> Box:
    union = boxes[ids[0]]
    for number in ids:
        union |= boxes[number]
    return union


def _area(box: Box) -> int:
    return box.width * box.height
