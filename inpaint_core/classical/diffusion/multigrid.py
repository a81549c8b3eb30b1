# ruff: noqa: PLR0917 - Numba wants arguments by place
"""Laplace's equation on any set of pixels: lists of unknowns, and a multigrid cycle over them.

The five-point Laplacian on the unknown pixels, with values given outside of them and no flux through the
picture's border. Only unknown pixels are stored, so that work and memory follow the hole and not the
picture. The coarse unknowns are the pixels of even row and column whose bilinear hat function lies wholly
within the finer unknowns; near the boundary the finer levels do the work.

References
----------
R. Kornhuber, H. Yserentant, "Multilevel methods for elliptic problems on domains not resolved by the coarse
grid", Contemporary Mathematics 180, 1994.
U. Trottenberg, C. Oosterlee, A. Schüller, "Multigrid", 2001.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool
from inpaint_core.jit import kernel

LANES = 4
"""Channels solved side by side; fewer are padded, for four doubles are one vector of the processor."""

SWEEPS = 1
"""Gauss-Seidel sweeps before and after the coarse correction."""

SHARED = 1 << 17
"""Unknowns beyond which a level is worked on in blocks."""

BLOCKS = 16
"""So many, at most."""

Values = NDArray[np.float64]
"""(N + 1, LANES): one row for each unknown; the last row is zero, for all that is no unknown."""

Singles = NDArray[np.float32]
"""The same in single precision."""

Indices = NDArray[np.int32]

Task = Callable[[int, int], None]
"""Works on the unknowns ``start <= i < end``."""

Share = Callable[[int, Task], None]
"""Runs a task on all ranges that it may be divided into, in any order, or at the same time."""


@dataclass(frozen=True, slots=True)
class Level:
    """The unknowns of one grid.

    Attributes
    ----------
    neighbours : (N, 4) int32
        Above, left, right, below: an unknown, N where the value is given, itself beyond the border.
    parents : (N, 4) int32
        The unknowns of the next coarser grid of which each is the mean; their number where there is none.
    x, b : (N + 1, 4) float64 or float32
        Solution and right-hand side while a cycle runs.
    blocks
        Ranges of unknowns. Of those with even numbers none touches another, nor of those with odd ones.
    """

    neighbours: Indices
    parents: Indices
    x: NDArray[Any]
    b: NDArray[Any]
    blocks: list[tuple[int, int]]

    @property
    def count(self) -> int:
        """The number of unknowns."""
        return len(self.neighbours)


def blank(count: int, dtype: type = np.float64) -> NDArray[Any]:
    """Return zeros for `count` unknowns and the row that stays zero."""
    return np.zeros((count + 1, LANES), dtype)


def build_levels(unknown: Bool, depth: int = 32, dtype: type = np.float64) -> list[Level]:
    """Return the grids from the pixels up, the last one with few unknowns or thin ones.

    Parameters
    ----------
    unknown : (H, W) bool
        At least one is set. Beyond its edges no value is known: crop it only where the pixels at the crop's
        edge are given. Every connected part of it must touch a given pixel, unless `depth` is 1.
    depth : int
        At most so many grids.
    dtype
        Single or double precision.
    """
    index: Indices = np.empty(unknown.shape, np.int32)
    count = number_unknowns(unknown, index)
    levels = []
    while True:
        coarse: Indices = np.empty(((index.shape[0] + 1) // 2, (index.shape[1] + 1) // 2), np.int32)
        coarser = number_coarse(index, coarse)
        neighbours = np.empty((count, 4), np.int32)
        parents = np.empty((count, 4), np.int32)
        link(index, coarse, coarser, neighbours, parents)
        blocks = _blocks(count, index.shape[1])
        levels.append(Level(neighbours, parents, blank(count, dtype), blank(count, dtype), blocks))
        if coarser in {0, count} or len(levels) == depth:  # a single pixel would stay one for ever
            return levels
        index, count = coarse, coarser


def _blocks(count: int, width: int) -> list[tuple[int, int]]:
    """Divide unknowns, listed row by row of a grid, so that those of one row and the next three meet."""
    number = min(count // (4 * width), BLOCKS) if count >= SHARED else 1
    ends = [count * k // number for k in range(number + 1)]
    return list(pairwise(ends))


def one_by_one(count: int, task: Task) -> None:
    """Run a task on all there is: the `Share` of those who are alone."""
    task(0, count)


def _run(blocks: list[tuple[int, int]], task: Task, first: int, last: int) -> None:
    for start, end in blocks[first:last]:
        task(start, end)


def v_cycle(levels: list[Level], share: Share = one_by_one) -> None:
    """Set ``levels[0].x`` to about A⁻¹ ``levels[0].b``, by a symmetric operator.

    Symmetric, since the sweeps after the coarse correction mirror those before it: it preconditions
    conjugate gradients. The work is shared out by blocks, to the same bytes however this is done.
    """
    fine, coarser = levels[0], levels[1:]
    neighbours, x, b = fine.neighbours, fine.x, fine.b

    def each(phase: list[tuple[int, int]], task: Task) -> None:
        if len(phase) == 1:
            task(*phase[0])
        elif phase:
            share(len(phase), partial(_run, phase, task))

    def forward(start: int, end: int) -> None:
        sweep(neighbours, b, x, False, start, end)

    def backward(start: int, end: int) -> None:
        sweep(neighbours, b, x, True, start, end)

    def restrict(start: int, end: int) -> None:
        restrict_residual(neighbours, fine.parents, b, x, coarser[0].b, start, end)

    def correct(start: int, end: int) -> None:
        add_correction(fine.parents, coarser[0].x, x, start, end)

    even, odd = fine.blocks[::2], fine.blocks[1::2]
    x[:] = 0.0
    sweeps = SWEEPS if coarser else 4 * SWEEPS
    for phase in (even, odd) * sweeps:
        each(phase, forward)
    if coarser:
        coarser[0].b[:] = 0.0
        for phase in (even, odd):
            each(phase, restrict)
        coarser[0].b[-1] = 0.0
        v_cycle(coarser, share)
        each(fine.blocks, correct)
    for phase in (odd, even) * sweeps:
        each(phase, backward)


@kernel("int64(boolean[:,:], int32[:,::1])")
def number_unknowns(unknown: Bool, index: Indices) -> int:
    """Write each unknown's number, -1 elsewhere, and return how many there are."""
    count = 0
    for y in range(unknown.shape[0]):
        for x in range(unknown.shape[1]):
            index[y, x] = -1
            if unknown[y, x]:
                index[y, x] = count
                count += 1
    return count


@kernel("int64(int32[:,::1], int32[:,::1])")
def number_coarse(index: Indices, coarse: Indices) -> int:
    """Enumerate the coarse pixels whose hat, three fine pixels wide, lies on unknowns."""
    count = 0
    height, width = index.shape
    for y in range(coarse.shape[0]):
        for x in range(coarse.shape[1]):
            inside = True
            for v in range(max(2 * y - 1, 0), min(2 * y + 2, height)):
                for u in range(max(2 * x - 1, 0), min(2 * x + 2, width)):
                    inside = inside and index[v, u] >= 0
                if not inside:
                    break
            coarse[y, x] = -1
            if inside:
                coarse[y, x] = count
                count += 1
    return count


@kernel("void(int32[:,::1], int32[:,::1], int64, int32[:,::1], int32[:,::1])")
def link(index: Indices, coarse: Indices, coarser: int, neighbours: Indices, parents: Indices) -> None:
    """Fill the neighbours and parents of a `Level`."""
    height, width = index.shape
    given = len(neighbours)
    for y in range(height):
        for x in range(width):
            i = index[y, x]
            if i < 0:
                continue
            neighbours[i, 0] = index[y - 1, x] if y > 0 else i
            neighbours[i, 1] = index[y, x - 1] if x > 0 else i
            neighbours[i, 2] = index[y, x + 1] if x < width - 1 else i
            neighbours[i, 3] = index[y + 1, x] if y < height - 1 else i
            top, bottom = y // 2, min((y + 1) // 2, coarse.shape[0] - 1)
            left, right = x // 2, min((x + 1) // 2, coarse.shape[1] - 1)
            parents[i, 0] = coarse[top, left]
            parents[i, 1] = coarse[top, right]
            parents[i, 2] = coarse[bottom, left]
            parents[i, 3] = coarse[bottom, right]
            for k in range(4):
                if neighbours[i, k] < 0:
                    neighbours[i, k] = given
                if parents[i, k] < 0:
                    parents[i, k] = coarser


@kernel("void(int32[:,::1], float64[:,::1], float64[:,::1])")
def apply_laplacian(neighbours: Indices, x: Values, out: Values) -> None:
    """Write A x, the sum of each unknown's differences to its neighbours."""
    for i in range(len(neighbours)):
        above, left = neighbours[i, 0], neighbours[i, 1]
        right, below = neighbours[i, 2], neighbours[i, 3]
        for c in range(LANES):
            out[i, c] = 4.0 * x[i, c] - ((x[above, c] + x[below, c]) + (x[left, c] + x[right, c]))


@kernel(
    "void(int32[:,::1], float64[:,::1], float64[:,::1], boolean, int64, int64)",
    "void(int32[:,::1], float32[:,::1], float32[:,::1], boolean, int64, int64)",
)
def sweep(neighbours: Indices, b: Any, x: Any, backward: bool, start: int, end: int) -> None:
    """Solve the equations of unknowns ``start <= i < end`` in turn (Gauss-Seidel), in place."""
    quarter = np.float32(0.25)
    for step in range(end - start):
        i = end - 1 - step if backward else start + step
        above, left = neighbours[i, 0], neighbours[i, 1]
        right, below = neighbours[i, 2], neighbours[i, 3]
        beyond = int(above == i) + int(left == i) + int(right == i) + int(below == i)
        if beyond == 0:
            for c in range(LANES):
                x[i, c] = quarter * (b[i, c] + ((x[above, c] + x[below, c]) + (x[right, c] + x[left, c])))
        elif beyond < 4:
            weight = 1.0 / (4 - beyond)
            for c in range(LANES):
                others = x[above, c] + x[below, c] + x[right, c] + x[left, c] - beyond * x[i, c]
                x[i, c] = weight * (b[i, c] + others)


@kernel(
    "void(int32[:,::1], int32[:,::1], float64[:,::1], float64[:,::1], float64[:,::1], int64, int64)",
    "void(int32[:,::1], int32[:,::1], float32[:,::1], float32[:,::1], float32[:,::1], int64, int64)",
)
def restrict_residual(
    neighbours: Indices, parents: Indices, b: Any, x: Any, coarse: Any, start: int, end: int
) -> None:
    """Add the residual of A x = b at unknowns ``start <= i < end``, weighted by the coarse hats."""
    weight, four = np.float32(0.25), np.float32(4.0)
    for i in range(start, end):
        above, left = neighbours[i, 0], neighbours[i, 1]
        right, below = neighbours[i, 2], neighbours[i, 3]
        p, q, r, s = parents[i, 0], parents[i, 1], parents[i, 2], parents[i, 3]
        for c in range(LANES):
            others = (x[above, c] + x[below, c]) + (x[left, c] + x[right, c])
            quarter = weight * (b[i, c] + others - four * x[i, c])
            coarse[p, c] += quarter
            coarse[q, c] += quarter
            coarse[r, c] += quarter
            coarse[s, c] += quarter


@kernel(
    "void(int32[:,::1], float64[:,::1], float64[:,::1], int64, int64)",
    "void(int32[:,::1], float32[:,::1], float32[:,::1], int64, int64)",
)
def add_correction(parents: Indices, coarse: Any, x: Any, start: int, end: int) -> None:
    """Add the coarse solution, bilinearly interpolated, to unknowns ``start <= i < end``."""
    quarter = np.float32(0.25)
    for i in range(start, end):
        p, q, r, s = parents[i, 0], parents[i, 1], parents[i, 2], parents[i, 3]
        for c in range(LANES):
            x[i, c] += quarter * ((coarse[p, c] + coarse[q, c]) + (coarse[r, c] + coarse[s, c]))
