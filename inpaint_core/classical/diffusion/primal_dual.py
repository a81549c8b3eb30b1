"""Total variation on any set of pixels: lists of them, and the primal-dual method over them.

Every pixel within a hole's reach is a row; ∇u at a row are the differences to the pixels right and below,
kept where one of the three is unknown, and 0 elsewhere. Only rows are stored, so that work and memory follow
the hole and not the picture.

References
----------
A. Chambolle, T. Pock, "A first-order primal-dual algorithm for convex problems with applications to imaging",
J. Math. Imaging and Vision 40, 2011: algorithm 1 with θ = 1.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool
from inpaint_core.classical.diffusion.multigrid import LANES, Indices, number_unknowns
from inpaint_core.errors import FillError
from inpaint_core.jit import inline, kernel

PRIMAL_STEP = 0.04
DUAL_STEP = 1.0 / (8.0 * PRIMAL_STEP)
"""Their product is 1 over the squared norm of the gradient, 8, as convergence needs. A short primal step
suits colours that start near the answer."""

MAX_STEPS = 50_000

_STEPS_BETWEEN_CHECKS = 25
_SHARED_FROM = 40_000
"""Fewer rows are not worth a second thread."""

Colours = NDArray[np.float32]
"""(N + 1, LANES): one row for each pixel; the last row stands for all that is no row, and stays zero."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The pixels that a hole's total variation depends on.

    Attributes
    ----------
    index : (H, W) int32
        Each pixel's row, -1 for pixels without one.
    ahead, behind : (N, 2) int32
        The rows right and below, and left and above; in `ahead` the row itself where ∇u is 0 by definition,
        in `behind` N where there is none.
    free : (N,) bool
        Which rows are unknown.
    values : (N + 1, LANES) float32
        u, between 0 and 1.
    dual : (N + 1, 2 LANES) float32
        The dual variable of ∇u: right, then below; no row is longer than 1.
    """

    index: Indices
    ahead: Indices
    behind: Indices
    free: Bool
    values: Colours
    dual: Colours


def build_grid(picture: Colours, unknown: Bool) -> Grid:
    """Return the rows of a picture's unknown pixels and of those around them.

    Parameters
    ----------
    picture : (H, W, LANES) float32
        Within 0…1; in the hole, the first guess.
    unknown : (H, W) bool
        At least one is set. Crop the picture only where the pixels at the crop's edge are known.
    """
    listed = cv2.dilate(unknown.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    index: Indices = np.empty(unknown.shape, np.int32)
    count = number_unknowns(listed, index)
    ahead, behind = np.empty((count, 2), np.int32), np.empty((count, 2), np.int32)
    free = np.ascontiguousarray(unknown[listed])
    link_differences(index, free, ahead, behind)
    values, dual = np.zeros((count + 1, LANES), np.float32), np.zeros((count + 1, 2 * LANES), np.float32)
    values[:-1] = picture[listed]
    return Grid(index, ahead, behind, free, values, dual)


def minimise(grid: Grid, high: Colours, gap: float, report: Callable[[float], None]) -> None:
    """Improve u and the dual variable until the total variation is within `gap` of its minimum.

    The minimum is that over 0 ≤ u ≤ high. For a dual variable p with ‖p‖ ≤ 1 it is at least
    min over such u of Σ p·∇u; the difference to Σ ‖∇u‖ is the primal-dual gap.

    Parameters
    ----------
    high : (LANES,) float32
        Not negative.
    gap
        Above 0.
    report
        Called with the gap, now and then.

    Raises
    ------
    FillError
        When that was not reached within `MAX_STEPS`.
    """
    count = len(grid.free)
    ahead_of = grid.values.copy()
    with ThreadPoolExecutor(_threads()) as pool:
        parts = _parts(count)
        for step in range(MAX_STEPS):
            if step % _STEPS_BETWEEN_CHECKS == 0:
                now = duality_gap(grid.ahead, grid.behind, grid.free, grid.values, grid.dual, high)
                report(now)
                if now <= gap:
                    return
            _each(pool, parts, lambda a, b: ascend(grid.ahead, ahead_of, grid.dual, DUAL_STEP, a, b))
            _each(
                pool,
                parts,
                lambda a, b: descend(
                    grid.behind, grid.free, grid.dual, grid.values, ahead_of, high, PRIMAL_STEP, a, b
                ),
            )
    raise FillError("The total variation did not settle; please report this with the picture and the mask.")


def _threads() -> int:
    return os.cpu_count() or 1


def _parts(count: int) -> list[tuple[int, int]]:
    pieces = _threads() if count >= _SHARED_FROM else 1
    ends = [count * piece // pieces for piece in range(pieces + 1)]
    return list(pairwise(ends))


def _each(pool: ThreadPoolExecutor, parts: list[tuple[int, int]], task: Callable[[int, int], None]) -> None:
    """Run a task on every part; a row's result depends on no other row's, so the parts do not show."""
    if len(parts) == 1:
        task(*parts[0])
    else:
        list(pool.map(lambda part: task(*part), parts))


@kernel("void(int32[:,::1], boolean[::1], int32[:,::1], int32[:,::1])")
def link_differences(index: Indices, free: Bool, ahead: Indices, behind: Indices) -> None:
    """Fill `ahead` and `behind` of a `Grid`."""
    height, width = index.shape
    for y in range(height):
        for x in range(width):
            i = index[y, x]
            if i < 0:
                continue
            right = index[y, x + 1] if x < width - 1 else i
            below = index[y + 1, x] if y < height - 1 else i
            counts = free[i] or (right >= 0 and free[right]) or (below >= 0 and free[below])
            ahead[i, 0] = right if counts and right >= 0 else i
            ahead[i, 1] = below if counts and below >= 0 else i
            behind[i, 0] = index[y, x - 1] if x > 0 and index[y, x - 1] >= 0 else len(ahead)
            behind[i, 1] = index[y - 1, x] if y > 0 and index[y - 1, x] >= 0 else len(ahead)


@kernel("void(int32[:,::1], float32[:,::1], float32[:,::1], float64, int64, int64)")
def ascend(  # noqa: PLR0917 - compiled functions take no keywords
    ahead: Indices, values: Colours, dual: Colours, step: float, start: int, end: int
) -> None:
    """Walk the dual variable along ∇u and cut it to length 1, for the rows from `start` to `end`."""
    size = np.float32(step)
    one = np.float32(1.0)
    for i in range(start, end):
        right, below = ahead[i, 0], ahead[i, 1]
        square = np.float32(0.0)
        for c in range(LANES):
            across = dual[i, c] + size * (values[right, c] - values[i, c])
            down = dual[i, c + LANES] + size * (values[below, c] - values[i, c])
            square += across * across + down * down
            dual[i, c], dual[i, c + LANES] = across, down
        if square > one:
            shrink = one / np.sqrt(square)
            for c in range(2 * LANES):
                dual[i, c] *= shrink


@inline
def _slope(dual: Colours, i: int, left: int, above: int, c: int) -> float:
    """Return the transposed gradient of the dual variable, minus its divergence, at row i."""
    slope: float = (dual[left, c] - dual[i, c]) + (dual[above, c + LANES] - dual[i, c + LANES])
    return slope


@kernel(
    "void(int32[:,::1], boolean[::1], float32[:,::1], float32[:,::1], float32[:,::1], float32[::1], float64,"
    " int64, int64)"
)
def descend(  # noqa: PLR0917
    behind: Indices,
    free: Bool,
    dual: Colours,
    values: Colours,
    ahead_of: Colours,
    high: Colours,
    step: float,
    start: int,
    end: int,
) -> None:
    """Walk u along the divergence of the dual variable, within its range, and write 2 u - its last value."""
    size, zero = np.float32(step), np.float32(0.0)
    for i in range(start, end):
        if not free[i]:
            continue
        left, above = behind[i, 0], behind[i, 1]
        for c in range(LANES):
            slope = _slope(dual, i, left, above, c)
            before = values[i, c]
            now = min(max(before - size * slope, zero), high[c])
            values[i, c] = now
            ahead_of[i, c] = now + now - before


@kernel("float64(int32[:,::1], int32[:,::1], boolean[::1], float32[:,::1], float32[:,::1], float32[::1])")
def duality_gap(  # noqa: PLR0917
    ahead: Indices, behind: Indices, free: Bool, values: Colours, dual: Colours, high: Colours
) -> float:
    """Return Σ ‖∇u‖ less the least Σ p·∇v over 0 ≤ v ≤ high."""
    variation, bound = 0.0, 0.0
    for i in range(len(free)):
        right, below = ahead[i, 0], ahead[i, 1]
        left, above = behind[i, 0], behind[i, 1]
        square = 0.0
        for c in range(LANES):
            across = float(values[right, c] - values[i, c])
            down = float(values[below, c] - values[i, c])
            square += across * across + down * down
            slope = float(_slope(dual, i, left, above, c))
            bound += min(slope * high[c], 0.0) if free[i] else slope * values[i, c]
        variation += np.sqrt(square)
    return variation - bound
