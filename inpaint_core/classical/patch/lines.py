"""Edges that run into the hole on one side and come out of it on the other.

What crosses a hole, a horizon, a roof, a branch or a back, is found among the edges at its rim: two of them
that tell the same two colours apart, and that a straight line or an even curve joins (good continuation, as
Kellman and Shipley, 1991, describe it for the eye). Between them the fill is expected to have that edge.
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

BEFORE = 2.5
"""How many pixels farther out the edge must have begun."""

STEEP = 16.0
"""The least step across an edge, in 255ths."""

STRAIGHT = 0.6
"""The least coherence, 0…1, of an edge's surroundings."""

UNBENT = 0.85
"""The least cosine between an edge's directions there and here."""

HEADING = 0.15
"""The least cosine between an edge's direction and the way into the hole."""

MOST_TURN, LEAST_TURN = np.deg2rad(75.0), np.deg2rad(6.0)
"""The angle between an edge and the way to the other one, at most, and what counts as none."""

UNEVEN = np.deg2rad(40.0)
"""The most by which these angles differ at both ends of an even curve: an arc of a circle has them equal."""

ALIKE = 0.8
"""The most that two edges of one line differ, as a part of their steps."""

SAME = 0.9
"""The least cosine between their steps, as colours."""

SIDE = 2.0
"""How many pixels from an edge its two colours are looked up."""

BEHIND, LASTING = (1.0, 3.0, 5.0), 0.5
"""How many pixels behind it, and the part of the mean step that there must be at each."""

ASTRAY = 2.0
"""How far a line may be from its edges when it comes from a level of half the size, in pixels."""

SHORTEST = 4.0
"""Pixels that a line is long at least."""

MOST_EDGES, MOST = 200, 8
"""Edges that are looked at, the strongest of them, and lines at most."""


@dataclass(frozen=True, slots=True)
class Line:
    """An edge between two points of the rim, straight or evenly turning.

    Attributes
    ----------
    points : (N, 2) float32
        Places (y, x) on its way, in pixels of the level where it was found, at most about one apart.
    colours : (2, 2, 4) float32
        At either end, those on the left and the right of the way, as in the work image.
    """

    points: Float
    colours: Float

    def scaled(self, factor: float) -> Line:
        """Return it at another scale."""
        middle = np.float32(0.5)  # of a pixel
        return Line((self.points + middle) * np.float32(factor) - middle, self.colours)


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges at the rim: points, unit directions into the hole, colours left and right of these."""

    points: Float
    directions: Float
    left: Float
    right: Float


def across(levels: list[Level]) -> list[Line]:
    """Return the lines across the hole, at the scale of the first and finest of `levels`."""
    small = (number for number, level in enumerate(levels) if min(level.hole.shape) <= DETECTED)
    number = next(small, len(levels))
    lines = find(levels[number]) if number < len(levels) else []
    for level in reversed(levels[:number]):
        lines = [_placed(line.scaled(2.0), level) for line in lines]
    return lines


def find(level: Level) -> list[Line]:
    """Return the lines across the hole of a level, the surest first; no two of them cross."""
    edges = _edges(level)
    lines: list[Line] = []
    used: set[int] = set()
    for i, j, turns in _pairs(edges):
        if i in used or j in used or len(lines) == MOST:
            continue
        line = Line(
            _way(edges.points[[i, j]], turns),
            np.stack([[edges.left[i], edges.right[i]], [edges.right[j], edges.left[j]]]),
        )
        if _spans(level.hole, line.points) and not any(_cross(line, other) for other in lines):
            lines.append(line)
            used |= {i, j}
    return lines


def _placed(line: Line, level: Level) -> Line:
    """Return a line of a coarser level, moved to where its two edges are in a finer one."""
    ways = np.stack([line.points[1] - line.points[0], line.points[-1] - line.points[-2]])
    ways /= np.maximum(np.hypot(ways[:, :1], ways[:, 1:]), 1e-6)
    left = np.stack([-ways[:, 1], ways[:, 0]], axis=1)
    steps = line.colours[:, 0, :3] - line.colours[:, 1, :3]
    moves = [
        _offset(level, line.points[end], outward, left[end], steps[end]) * left[end]
        for end, outward in ((0, -ways[0]), (-1, ways[1]))
    ]
    along = np.linspace(0.0, 1.0, len(line.points), dtype=np.float32)[:, None]
    moved = line.points + (1.0 - along) * moves[0] + along * moves[1]
    return Line(np.asarray(moved, np.float32), line.colours)


def _offset(level: Level, end: Float, outward: Float, left: Float, step: Float) -> float:
    """Return how far to the left of a line's end the edge of that step is, in pixels of the level."""
    height, width = level.hole.shape
    reach = np.arange(-ASTRAY - 1.0, ASTRAY + 1.25, 0.25, dtype=np.float32)
    behind = np.arange(0.0, 7.0, dtype=np.float32)[:, None, None]
    places = end + behind * outward + reach[:, None] * left
    places = np.clip(places, 0.0, [height - 1, width - 1]).astype(np.float32)
    colours = cv2.remap(level.work, places[..., 1], places[..., 0], cv2.INTER_LINEAR)[..., :3]
    profile = (colours.astype(np.float32).mean(axis=0) * step).sum(axis=1)
    rise = profile[8:] - profile[:-8]  # over two pixels
    return float(reach[4 + int(np.argmax(rise))])


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
    wanted = (apart >= BAND[0]) & (apart <= BAND[1])
    wanted &= (np.abs(inward) > HEADING) & (straight > STRAIGHT) & (strength > 0.5 * STEEP)
    ridge = np.where(wanted, strength, np.float32(0.0))
    points = np.argwhere((ridge > 0.0) & (ridge >= cv2.dilate(ridge, np.ones((5, 5), np.uint8))))
    points = points[np.argsort(-ridge[points[:, 0], points[:, 1]], kind="stable")[:MOST_EDGES]]
    toward = direction[points[:, 0], points[:, 1]]
    before = points - BEFORE * toward
    keep = ((before >= 0.0) & (before <= [height - 1, width - 1])).all(axis=1)
    keep &= _at(strength, before) > 0.5 * _at(strength, points)
    keep &= np.abs((_at(direction, before) * toward).sum(axis=1)) > UNBENT
    places, toward = points[keep].astype(np.float32), toward[keep]
    aside = np.stack([-toward[:, 1], toward[:, 0]], axis=1) * np.float32(SIDE)
    behind = [places - np.float32(back) * toward for back in BEHIND]
    left = np.stack([_at(smooth, at + aside) for at in behind])
    right = np.stack([_at(smooth, at - aside) for at in behind])
    step = (left - right).mean(axis=0)
    lasts = (((left - right) * step).sum(axis=2) >= LASTING * (step * step).sum(axis=1)).all(axis=0)
    return _Edges(places[lasts], toward[lasts], left.mean(axis=0)[lasts], right.mean(axis=0)[lasts])


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


def _pairs(edges: _Edges) -> list[tuple[int, int, Float]]:
    """Return the pairs of edges that may be one line, the surest first, and the turns of each; see `_way`."""
    turns = _turns(edges)
    sharpest = np.abs(turns).max(axis=2)
    sure = _likeness(edges) * np.cos(sharpest)
    possible = (sure > 0.0) & (sharpest <= MOST_TURN) & (np.abs(turns[..., 0] - turns[..., 1]) <= UNEVEN)
    i, j = np.nonzero(np.tril(possible, -1))
    order = np.argsort(-sure[i, j], kind="stable")
    turns = np.sign(turns) * np.maximum(np.abs(turns) - LEAST_TURN, 0.0)
    return [(int(a), int(b), turns[a, b]) for a, b in zip(i[order], j[order], strict=True)]


def _likeness(edges: _Edges) -> Float:
    """Return for each two edges how alike the colours are that they part, at most 1; 0 is too little."""
    steps = edges.left - edges.right
    sizes = np.linalg.norm(steps, axis=1)
    same = -(steps @ steps.T) >= SAME * sizes[:, None] * sizes  # each has its own left
    differ = np.linalg.norm(edges.left[:, None] - edges.right, axis=2)
    smaller = np.minimum(sizes[:, None], sizes)
    likeness = 1.0 - np.maximum(differ, differ.T) / (ALIKE * np.maximum(smaller, STEEP))
    return np.asarray(np.where(same & (smaller >= STEEP), np.maximum(likeness, 0.0), 0.0), np.float32)


def _turns(edges: _Edges) -> Float:
    """Return by how much a way from one edge to another one turns at its beginning and its end, in radians.

    Clockwise on the screen, (N, N, 2); pi, which is too much, where they are too near each other.
    """
    ways = edges.points - edges.points[:, None]
    heading = np.arctan2(edges.directions[:, 0], edges.directions[:, 1])
    angle = np.arctan2(ways[..., 0], ways[..., 1])
    turns = np.stack([angle - heading[:, None], heading + np.pi - angle], axis=2)
    turns = (turns + np.pi) % (2.0 * np.pi) - np.pi
    turns[np.hypot(ways[..., 0], ways[..., 1]) < SHORTEST] = np.pi
    return np.asarray(turns, np.float32)


def _way(ends: Float, turns: Float) -> Float:
    """Return points from one end to the other: the cubic of Hermite that turns so much at either end."""
    chord = ends[1] - ends[0]
    length = float(np.hypot(*chord))
    t = np.linspace(0.0, 1.0, math.ceil(length) + 1)[:, None]
    left = np.array([-chord[1], chord[0]])
    speed = 2.0 / (1.0 + math.cos(float(np.abs(turns).mean())))  # as long as the arc of a circle
    out = speed * (math.cos(turns[0]) * chord + math.sin(turns[0]) * left)
    into = speed * (math.cos(turns[1]) * chord - math.sin(turns[1]) * left)
    bend = t * (1.0 - t) * ((1.0 - t) * (out - chord) - t * (into - chord))
    return np.asarray(ends[0] + t * chord + bend, np.float32)


def _spans(hole: Bool, way: Float) -> bool:
    """Tell whether all between the ends of a way is hole but for what is near them."""
    inside = _at(hole, way)
    margin = math.ceil(1.5 * BAND[1])
    return bool(inside.any() and inside[margin:-margin].all())


def _cross(a: Line, b: Line) -> bool:
    """Tell whether two lines meet."""
    apart = np.abs(a.points[:, None] - b.points[None]).max(axis=2)
    return bool(apart.min() < 1.0)


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
