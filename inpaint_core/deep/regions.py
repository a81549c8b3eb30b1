"""Pictures of any size for networks of few sizes.

Holes that lie close together form a group. A group is seen in a crop that is at least twice as wide as the
group; where that is more than the network takes, the crop is reduced. A group that is larger than the
network's picture may then be painted anew from coarse to fine, tile after tile, each tile seeing what is
around it of the tiles before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.deep.cards import Size as ModelSize
from inpaint_core.deep.network import Network
from inpaint_core.geometry import Box, Size
from inpaint_core.holes import bounding_box
from inpaint_core.progress import Progress

USUAL_SIDE = 512
"""Pixels that a network is shown whose card tells no preference."""

CONTEXT = 2.0
"""A crop is so many times as wide and high as the hole in it."""

SPREAD = 0.75
"""Holes share a crop where they lie within this part of it."""

OVERLAP = 4
"""Tiles overlap by one part in so many."""

RING = 24
"""Pixels of the network's picture around the hole in which its colours are compared with the known ones."""

GAINS = (0.8, 1.25)
"""How much contrast the network's picture may be given to match."""


@dataclass(frozen=True, slots=True)
class Group:
    """Holes that are seen together: the box around them, their pixels in it, and the crop."""

    box: Box
    hole: Bool
    crop: Box


@dataclass(frozen=True, slots=True)
class Plan:
    """How the holes of a picture are shown to a network.

    Attributes
    ----------
    size
        What the network takes.
    view
        The size at which it is best asked.
    groups
        The holes, from the top down.
    """

    size: ModelSize
    view: Size
    groups: tuple[Group, ...]

    @property
    def is_reduced(self) -> bool:
        """Whether a crop is made smaller for the network, so that fine texture is lost."""
        return any(_scale(self.size, self.view, group.crop) < 1.0 for group in self.groups)

    @property
    def window(self) -> Box:
        """The part of the picture that is looked at."""
        return reduce(or_, (group.crop for group in self.groups))

    def within(self, window: Box) -> Plan:
        """Return the plan for what a window cuts out of the picture."""
        dx, dy = -window.x0, -window.y0
        return replace(
            self,
            groups=tuple(
                Group(group.box.shift(dx, dy), group.hole, group.crop.shift(dx, dy)) for group in self.groups
            ),
        )


def plan(size: ModelSize, unknown: Bool, hole: Bool) -> Plan:
    """Return how the holes of a picture are shown to a network.

    Parameters
    ----------
    size
        What the network takes.
    unknown : (H, W) bool
        What must not be looked at, holes included.
    hole : (H, W) bool
        What is wanted.
    """
    view = best_view(size)
    return Plan(size, view, tuple(_groups(hole, bounding_box(hole | ~unknown), view)))


def predict(
    plan: Plan,
    network: Network,
    work: Float,
    unknown: Bool,
    *,
    match: bool,
    detail: bool,
    release: bool,
    progress: Progress,
) -> Float:
    """Let a network fill the holes of a picture.

    Parameters
    ----------
    plan
        What `plan` returned.
    network
        The network.
    work : (H, W, 3) float32
        RGB, 0…1. It is painted on and returned.
    unknown : (H, W) bool
        As in `plan`.
    match
        Whether contrast and brightness of the answer are matched to the known pixels around the hole, where
        the network repaints these.
    detail
        Whether holes larger than the network's picture are painted from coarse to fine; else they are as the
        enlarged coarse answer is.
    release
        Whether the memory that the network needs to run is given back at the end.
    progress
        Called while the network runs; what it raises stops the fill.

    Returns
    -------
    (H, W, 3) float32
        `work`, changed in the holes alone.
    """
    tiles = [_tiles(group, plan.view) if detail else [] for group in plan.groups]
    runs = len(plan.groups) + sum(map(len, tiles))
    asker = _Asker(plan, network, match=match, release=release, runs=runs, progress=progress)
    unknown = unknown.copy()
    for group, its_tiles in zip(plan.groups, tiles, strict=True):
        answer = asker.ask(work[group.crop.slices], unknown[group.crop.slices])
        inside = group.box.shift(-group.crop.x0, -group.crop.y0)
        cv2.copyTo(answer[inside.slices], group.hole.view(np.uint8), work[group.box.slices])
        unknown[group.box.slices][group.hole] = False
        for tile in its_tiles:
            _paint(asker, work, unknown, group, tile)
    return work


def best_view(size: ModelSize) -> Size:
    """Return the size at which a network is best asked."""
    if size.is_fixed:
        return Size(size.fixed[1], size.fixed[0])
    side = max(size.preferred or USUAL_SIDE, size.minimum)
    return Size(side, side)


def _groups(hole: Bool, bounds: Box, view: Size) -> list[Group]:
    """Return the holes in groups, seen within `bounds` by a network that looks at `view` pixels."""
    whole = bounding_box(hole)
    inside = np.ascontiguousarray(hole[whole.slices]).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    boxes: list[Box] = []
    members: list[list[int]] = []
    for number, (x, y, width, height, _) in enumerate(stats[1:].tolist(), 1):
        box = Box(x, y, x + width, y + height).shift(whole.x0, whole.y0)
        for index, other in enumerate(boxes):
            if _fit_together(box, other, view):
                boxes[index] |= box
                members[index].append(number)
                break
        else:
            boxes.append(box)
            members.append([number])
    groups = []
    for box, numbers in zip(boxes, members, strict=True):
        wanted = np.zeros(len(stats), bool)
        wanted[numbers] = True
        own = wanted[labels[box.shift(-whole.x0, -whole.y0).slices]]
        groups.append(Group(box, own, _crop(box, bounds, view)))
    return groups


def _fit_together(one: Box, other: Box, view: Size) -> bool:
    """Tell whether two boxes are seen in one crop: both fit into one view, or they lie close together."""
    both = one | other
    if both.width <= SPREAD * view.width and both.height <= SPREAD * view.height:
        return True
    near = max(max(box.width, box.height) for box in (one, other)) // 8
    return bool(one.grow(near) & other)


def _crop(box: Box, bounds: Box, view: Size) -> Box:
    """Return what is seen of the picture around a box, in the view's proportions where there is room."""
    times = max(1.0, CONTEXT * box.width / view.width, CONTEXT * box.height / view.height)
    return _around(box, Size(round(times * view.width), round(times * view.height)), bounds)


def _around(box: Box, size: Size, bounds: Box) -> Box:
    """Return a box of a size with `box` in its middle, moved and then cut to lie within `bounds`."""
    x0 = (box.x0 + box.x1 - size.width) // 2
    y0 = (box.y0 + box.y1 - size.height) // 2
    x0 = max(min(x0, bounds.x1 - size.width), bounds.x0)
    y0 = max(min(y0, bounds.y1 - size.height), bounds.y0)
    return Box(x0, y0, x0 + size.width, y0 + size.height) & bounds


@dataclass(frozen=True, slots=True)
class _Tile:
    """A part of a large hole that is painted anew.

    `core` is its box, `crop` what is seen around it, `overlap` how far it fades above, below, left and right.
    """

    core: Box
    crop: Box
    overlap: tuple[int, int, int, int]


def _tiles(group: Group, view: Size) -> list[_Tile]:
    """Return tiles from coarse to fine, of each scale those that see most known pixels first."""
    if group.box.width <= view.width and group.box.height <= view.height:
        return []
    times = max(group.crop.width / view.width, group.crop.height / view.height)
    tiles = []
    while times > 1.0:
        times = max(times / 2.0, 1.0)
        some = list(_tiles_of(group, Size(round(times * view.width), round(times * view.height))))
        tiles += sorted(some, key=lambda tile: _share(group, tile))
    return tiles


def _tiles_of(group: Group, view: Size) -> Iterator[_Tile]:
    core = Size(round(view.width / CONTEXT), round(view.height / CONTEXT))
    box = group.box
    for y0, y1, above, below in _spans(box.y0, box.y1, core.height):
        for x0, x1, left, right in _spans(box.x0, box.x1, core.width):
            part = Box(x0, y0, x1, y1)
            if group.hole[part.shift(-box.x0, -box.y0).slices].any():
                yield _Tile(part, _around(part, view, group.crop), (above, below, left, right))


def _spans(start: int, end: int, length: int) -> Iterator[tuple[int, int, int, int]]:
    """Cut a range into overlapping ones of a length at most; yield start, end, and overlaps on both sides."""
    overlap = length // OVERLAP
    count = max(1, math.ceil((end - start - overlap) / (length - overlap)))
    step = (end - start - overlap) / count
    for i in range(count):
        here = start + round(i * step)
        there = start + round((i + 1) * step) + overlap
        yield here, min(there, end), overlap if i else 0, overlap if i < count - 1 else 0


def _share(group: Group, tile: _Tile) -> float:
    """Return how much of what a tile sees is hole."""
    seen = tile.crop & group.box
    inside = group.hole[seen.shift(-group.box.x0, -group.box.y0).slices]
    return float(np.count_nonzero(inside)) / (tile.crop.width * tile.crop.height)


def _paint(asker: _Asker, work: Float, unknown: Bool, group: Group, tile: _Tile) -> None:
    """Paint a tile anew, in place, and let it fade into what is beside it."""
    core = tile.core
    hole = group.hole[core.shift(-group.box.x0, -group.box.y0).slices]
    inside = core.shift(-tile.crop.x0, -tile.crop.y0).slices
    hidden = unknown[tile.crop.slices].copy()
    hidden[inside] |= hole
    answer = asker.ask(work[tile.crop.slices], hidden)
    weight = _ramp(core.height, *tile.overlap[:2])[:, None] * _ramp(core.width, *tile.overlap[2:])
    weight = (weight * hole)[..., None]
    old = work[core.slices]
    work[core.slices] = old + weight * (answer[inside] - old)


def _ramp(length: int, before: int, behind: int) -> Float:
    """Return weights that rise to 1 and fall again over the overlaps."""
    weights = np.ones(length, np.float32)
    for overlap, part in ((before, slice(None, before)), (behind, slice(length - behind, None))):
        if overlap:
            rise = (np.arange(overlap, dtype=np.float32) + 1.0) / (overlap + 1.0)
            weights[part] *= rise if part.start is None else rise[::-1]
    return weights


class _Asker:
    """Asks a network about crops, in its size, and counts."""

    def __init__(
        self,
        plan: Plan,
        network: Network,
        *,
        match: bool,
        release: bool,
        runs: int,
        progress: Progress,
    ) -> None:
        self._plan = plan
        self._network = network
        self._match = match and not network.card.contract.composites
        self._release = release
        self._runs = runs
        self._done = 0
        self._progress = progress

    def ask(self, image: Float, unknown: Bool) -> Float:
        """Return the network's answer for a crop, at the crop's own size."""
        fraction = self._done / self._runs
        self._done += 1

        def tick() -> None:
            self._progress("Asking the network", fraction)

        tick()
        height, width = unknown.shape
        scale = _scale(self._plan.size, self._plan.view, Box(0, 0, width, height))
        given, hole = _resized(image, unknown, (max(round(height * scale), 1), max(round(width * scale), 1)))
        last = self._done == self._runs
        answer = self._network.answer(given, hole, tick, release=self._release and last)
        if self._match:
            answer = _levelled(answer, given, hole)
        return _scaled(answer, (height, width))


def _scale(size: ModelSize, view: Size, crop: Box) -> float:
    """Return how much a crop is enlarged for the network, below 1 reduced; what is missing is mirrored."""
    fitting = min(view.height / crop.height, view.width / crop.width)
    if size.is_fixed:
        return fitting
    return min(fitting, max(1.0, size.minimum / max(crop.height, crop.width)))


def _resized(image: Float, unknown: Bool, shape: tuple[int, int]) -> tuple[Float, Bool]:
    """Return picture and hole at another size; a pixel is known where half of what it stands for is.

    Only known pixels have a share in it. Where too little is known for that, less is enough.
    """
    if shape == unknown.shape:
        return image, unknown
    known = (~unknown).astype(np.float32)
    weighted = _scaled(image * known[..., None], shape)
    share = _scaled(known, shape)
    hole: Bool = share < 0.5 * min(float(share.max()), 1.0)
    weighted /= np.where(hole, np.float32(1.0), share)[..., None]
    weighted[hole] = 0.0
    return weighted, hole


def _scaled(plane: Float, shape: tuple[int, int]) -> Float:
    """Resize: means where it gets smaller, cubic curves where it gets larger."""
    if plane.shape[:2] == shape:
        return plane
    smaller = shape[0] < plane.shape[0] or shape[1] < plane.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(plane, shape[::-1], interpolation=way), np.float32)


def _levelled(answer: Float, image: Float, hole: Bool) -> Float:
    """Give each channel of the answer, in place, the contrast and brightness that repaint the rim best."""
    square = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    ring = np.asarray(cv2.dilate(hole.view(np.uint8), square), np.uint8).view(np.bool_) & ~hole
    if np.count_nonzero(ring) < RING:
        return answer
    lines = [_line(*pair) for pair in zip(answer[ring].T, image[ring].T, strict=True)]
    gains, biases = np.array(lines, np.float32).T
    rows = answer.reshape(len(answer), -1)  # long ones, which NumPy is quick with
    rows *= np.tile(gains, answer.shape[1])
    rows += np.tile(biases, answer.shape[1])
    np.clip(rows, 0.0, 1.0, out=rows)
    return answer


def _line(given: NDArray[np.float32], wanted: NDArray[np.float32]) -> tuple[float, float]:
    """Return gain and bias that take `given` to `wanted`, by least squares; a flat rim needs a bias alone."""
    mean, aim = float(given.mean()), float(wanted.mean())
    spread = float(np.mean((given - mean) ** 2))
    common = float(np.mean((given - mean) * (wanted - aim)))
    gain = min(max(common / spread, GAINS[0]), GAINS[1]) if spread > 1e-4 else 1.0
    return gain, aim - gain * mean
