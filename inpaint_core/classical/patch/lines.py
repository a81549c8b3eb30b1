"""Straight edges that run into the hole on one side and come out of it on the other.

What crosses a hole, a horizon, a roof or a post, is found among the edges at its rim: two of them that lie on
one line and tell the same two colours apart. Between them the fill is expected to have that edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.pyramid import Level

DETECTED = 140
"""The short side, at most, of the level at which edges are looked for."""

BAND = (2.0, 4.5)
"""How many pixels from the hole an edge is measured."""

BEFORE = 5.0
"""How many pixels farther out the edge must have begun, so that grain is no edge."""

STEEP = 16.0
"""The least step across an edge, in 255ths."""

STRAIGHT = 0.8
"""The least coherence, 0…1, of an edge's surroundings."""

UNBENT = 0.95
"""The least cosine between an edge's directions there and here."""

HEADING = 0.3
"""The least cosine between an edge's direction and the way into the hole."""

ALIGNED = 0.985
"""The least cosine between the edges' directions and the line through both: 10 degrees."""

ALIKE = 0.5
"""The most that two edges of one line differ, as a part of their steps."""

SIDE = 2.0
"""How many pixels from an edge its two colours are looked up."""

MOST = 8
"""Lines at most."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight edge between two points (y, x) of the rim, in pixels of the level where it was found.

    `colours` is (2, 2, 4) float32: at either end, those on the left and the right of the way, as in the
    work image.
    """

    start: Float
    end: Float
    colours: Float

    def scaled(self, factor: float) -> Line:
        """Return it at another scale."""
        middle = np.float32(0.5)  # of a pixel
        return Line(
            (self.start + middle) * np.float32(factor) - middle,
            (self.end + middle) * np.float32(factor) - middle,
            self.colours,
        )


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges at the rim: points, unit directions into the hole, colours left and right of these."""

    points: Float
    directions: Float
    left: Float
    right: Float


def across(levels: list[Level]) -> list[Line]:
    """Return the lines across the hole, at the scale of the first and finest of `levels`."""
    for number, level in enumerate(levels):
        if min(level.hole.shape) <= DETECTED:
            return [line.scaled(2.0**number) for line in find(level)]
    return []


def find(level: Level) -> list[Line]:
    """Return the lines across the hole of a level, the surest first; no two of them cross."""
    edges = _edges(level)
    lines: list[Line] = []
    used: set[int] = set()
    for _, i, j in sorted(_pairs(edges, level.hole), reverse=True):
        if i in used or j in used or len(lines) == MOST:
            continue
        line = Line(
            edges.points[i],
            edges.points[j],
            np.stack([[edges.left[i], edges.right[i]], [edges.right[j], edges.left[j]]]),
        )
        if not any(_cross(line, other) for other in lines):
            lines.append(line)
            used |= {i, j}
    return lines


def _edges(level: Level) -> _Edges:
    height, width = level.hole.shape
    known = (~level.hole).astype(np.float32)
    smooth = _blur(level.work[:, :width].astype(np.float32), known, 0.8)
    strength, direction, straight = _structure(smooth[..., :3], level.hole)
    apart = cv2.distanceTransform((~level.hole).view(np.uint8), cv2.DIST_L2, 5)
    outward = np.stack([cv2.Sobel(apart, cv2.CV_32F, 0, 1), cv2.Sobel(apart, cv2.CV_32F, 1, 0)], axis=2)
    outward = outward / np.maximum(np.hypot(outward[..., :1], outward[..., 1:]), 1e-3)
    inward = -(direction * outward).sum(2)
    direction *= np.where(inward < 0.0, np.float32(-1.0), np.float32(1.0))[..., None]
    wanted = (apart >= BAND[0]) & (apart <= BAND[1]) & (straight > STRAIGHT)
    wanted &= (np.abs(inward) > HEADING) & (strength > 0.5 * STEEP)
    ridge = np.where(wanted, strength, np.float32(0.0))
    points = np.argwhere((ridge > 0.0) & (ridge >= cv2.dilate(ridge, np.ones((5, 5), np.uint8))))
    toward = direction[points[:, 0], points[:, 1]]
    before = points - BEFORE * toward
    keep = ((before >= 0.0) & (before <= [height - 1, width - 1])).all(axis=1)
    keep &= _at(strength, before) > 0.5 * _at(strength, points)
    keep &= np.abs((_at(direction, before) * toward).sum(axis=1)) > UNBENT
    places, toward = points[keep].astype(np.float32), toward[keep]
    left = np.stack([-toward[:, 1], toward[:, 0]], axis=1) * np.float32(SIDE)
    behind = places - toward
    return _Edges(places, toward, _at(smooth, behind + left), _at(smooth, behind - left))


def _structure(picture: Float, hole: Bool) -> tuple[Float, Float, Float]:
    """Return the strength of edges, their directions (y, x), and how straight they are, 0…1.

    From the structure tensor (Di Zenzo, 1986; Weickert, 1999), to which unknown pixels add nothing.
    """
    square = np.ones((3, 3), np.uint8)
    sure = cv2.dilate(hole.view(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=1) == 0
    across = 0.5 * cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=1)
    down = 0.5 * cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=1)
    tensor = np.stack([(down * down).sum(2), (across * across).sum(2), (down * across).sum(2)], axis=2)
    tensor = _blur(tensor, sure.astype(np.float32), 1.2)
    yy, xx, yx = tensor[..., 0], tensor[..., 1], tensor[..., 2]
    gap = np.hypot(yy - xx, 2.0 * yx)
    angle = 0.5 * np.arctan2(2.0 * yx, xx - yy)  # of the gradient
    direction = np.stack([np.cos(angle), -np.sin(angle)], axis=2)
    return np.sqrt(0.5 * (yy + xx + gap)) * sure, direction, gap / np.maximum(yy + xx, np.float32(1.0))


def _pairs(edges: _Edges, hole: Bool) -> list[tuple[float, int, int]]:
    """Return how sure each two edges are one line, with their numbers."""
    found = []
    for i in range(len(edges.points)):
        for j in range(i):
            way = edges.points[j] - edges.points[i]
            length = float(np.hypot(*way))
            if length < 4.0:
                continue
            way /= length
            ahead, back = float(edges.directions[i] @ way), float(-(edges.directions[j] @ way))
            if min(ahead, back) < ALIGNED:
                continue
            one, other = edges.left[i] - edges.right[i], edges.right[j] - edges.left[j]
            step = min(float(np.linalg.norm(one)), float(np.linalg.norm(other)))
            differ = max(
                float(np.linalg.norm(edges.left[i] - edges.right[j])),
                float(np.linalg.norm(edges.right[i] - edges.left[j])),
            )
            if step < STEEP or differ > ALIKE * step:
                continue
            if not _spans(hole, edges.points[i], edges.points[j]):
                continue
            found.append((min(ahead, back) * (1.0 - differ / step), i, j))
    return found


def _spans(hole: Bool, start: Float, end: Float) -> bool:
    """Tell whether all between two points is hole but for what is near them."""
    steps = np.linspace(0.0, 1.0, int(np.abs(end - start).max()) + 1)[:, None]
    inside = _at(hole, start + steps * (end - start))
    margin = math.ceil(1.5 * BAND[1])
    return bool(inside.any() and inside[margin:-margin].all())


def _cross(a: Line, b: Line) -> bool:
    def side(line: Line, point: Float) -> float:
        way, to = line.end - line.start, point - line.start
        return float(way[0] * to[1] - way[1] * to[0])

    return side(a, b.start) * side(a, b.end) < 0.0 and side(b, a.start) * side(b, a.end) < 0.0


def _blur(values: Float, weight: Float, sigma: float) -> Float:
    """Return a blur that takes only what has weight into account; 0 where there is none."""
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    blurred = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma)
    return np.asarray(blurred / np.maximum(share, 1e-3)[..., None], np.float32)


def _at(values: NDArray[Any], points: NDArray[Any]) -> NDArray[Any]:
    """Return values at the pixels nearest to points (y, x), those outside at the border."""
    y = np.clip(np.rint(points[:, 0]), 0, values.shape[0] - 1).astype(np.intp)
    x = np.clip(np.rint(points[:, 1]), 0, values.shape[1] - 1).astype(np.intp)
    found: NDArray[Any] = values[y, x]
    return found
