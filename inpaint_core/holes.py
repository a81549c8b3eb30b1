"""The parts of a hole: which masked pixels are solved together, and within which surroundings."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool
from inpaint_core.geometry import Box, Size, context_box


def bounding_box(mask: Bool) -> Box:
    """Return the smallest box around the marked pixels of an (H, W) mask; an empty box for none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return Box(0, 0, 0, 0)
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def parts(hole: Bool) -> list[Box]:
    """Return boxes that cover the hole and whose contexts do not overlap, from the top down.

    Holes that lie in each other's surroundings are solved together; a hole far from the others is solved
    alone, within its own context.
    """
    extent = Size(hole.shape[1], hole.shape[0])
    boxes = _component_boxes(hole)
    merged = True
    while merged:
        boxes, merged = _merge_neighbours(boxes, extent)
    return sorted(boxes, key=lambda box: (box.y0, box.x0))


def _component_boxes(hole: Bool) -> list[Box]:
    whole = bounding_box(hole)
    if not whole:
        return []
    crop = np.ascontiguousarray(hole[whole.slices]).view(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(crop, connectivity=8)
    return [
        Box(int(x), int(y), int(x + width), int(y + height)).shift(whole.x0, whole.y0)
        for x, y, width, height, _ in stats[1:count]
    ]


def _merge_neighbours(boxes: list[Box], extent: Size) -> tuple[list[Box], bool]:
    kept: list[Box] = []
    merged = False
    for box in boxes:
        rest = []
        for other in kept:
            if context_box(other, extent) & context_box(box, extent):
                box |= other  # noqa: PLW2901 - it grows by what it meets
                merged = True
            else:
                rest.append(other)
        kept = [*rest, box]
    return kept, merged
