# ruff: noqa: PLR0917 - Numba wants arguments by place
"""A smooth correction of copied pieces, so that neither they nor the rim show an edge (Pérez et al., 2003).

Where two pieces meet, or a piece meets the rim, the pixel beyond is compared with the one that the piece
itself would have there. Small differences, as of the light across a sky, are spread over the piece by
Poisson's equation; large ones are structure and stay as they are. At the picture's border nothing changes:
in a hole that is open to it, the steps between shaded pieces would else add up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.domain import working_box
from inpaint_core.classical.diffusion.multigrid import (
    LANES,
    Level,
    Singles,
    Task,
    blank,
    build_levels,
    v_cycle,
)
from inpaint_core.classical.patch.crew import CHUNK, Crew
from inpaint_core.classical.patch.pyramid import Places
from inpaint_core.jit import inline, kernel

LIMIT = 0.22
"""Differences far beyond this part of the picture's range are structure, and stay."""

SETTLED = 2e-3
"""The solution has settled when a cycle changes it by less than this part of the picture's range.

A cycle leaves about a tenth of the error, so what is left is far below a step of eight bits."""

NONE: Singles = np.empty((0, LANES), np.float32)
"""No correction at all."""


def correction(
    image: Float,
    hole: Bool,
    source: Bool,
    origins: Places,
    *,
    span: float,
    cycles: int,
    crew: Crew,
    report: Callable[[float], None],
) -> Singles:
    """Return what to add to the copied pixels, with no rows when there is nothing to mend.

    Parameters
    ----------
    image : (H, W, C) float32
        Read at source pixels only.
    hole, source : (H, W) bool
        What was filled, and what may be looked at.
    origins : (N,) int32
        For each hole pixel, row by row, the pixel ``y * W + x`` that it was copied from.
    span
        The range of the picture's values.
    cycles
        Most cycles of the solver, at least 1; most holes need three.
    crew
        Shares the work.
    report
        Called with the fraction done.

    Returns
    -------
    (N + 1, 4) float32
        Its first C columns belong to the channels.
    """
    box = working_box(hole)
    unknown = np.pad(hole[box.slices], 1)  # beyond the picture's border the change is given: none
    levels = crew.run(lambda: build_levels(unknown, dtype=np.float32))
    finest = levels[0]
    target, pixels = finest.b, np.flatnonzero(hole).astype(np.int32)
    colours, known = image.reshape(-1, image.shape[2]), source.reshape(-1)

    def compare(start: int, end: int) -> None:
        _compare(
            colours,
            known,
            hole.shape[1],
            pixels,
            origins,
            finest.neighbours,
            LIMIT * span,
            target,
            start,
            end,
        )

    crew.share(finest.count, compare, 0.0)
    if not target.any():
        return NONE
    return _solve(levels, SETTLED * span, cycles, crew, report)


def _solve(
    levels: list[Level], settled: float, cycles: int, crew: Crew, report: Callable[[float], None]
) -> Singles:
    """Solve the Laplacian for the finest level's right-hand side, which becomes the residual.

    By steepest descent, preconditioned by multigrid cycles.
    """
    finest = levels[0]
    descent, residual, count = finest.x, finest.b, finest.count
    x: Singles = blank(count, np.float32)
    product = blank(count, np.float32)
    sums = np.empty((-(-count // CHUNK), 3, LANES))

    def share(count: int, task: Task) -> None:
        crew.share(count, task, 0.0, chunk=1)

    for cycle in range(cycles):
        report(cycle / cycles)
        v_cycle(levels, share)

        def measure(start: int, end: int) -> None:
            _measure(finest.neighbours, descent, residual, product, sums[start // CHUNK], start, end)

        crew.share(count, measure, 0.0)
        gain, length, _ = sums.sum(axis=0)
        steps = np.divide(gain, length, out=np.zeros_like(gain), where=length > 0.0).astype(np.float32)

        def advance(start: int, end: int, step: Singles = steps) -> None:
            _advance(descent, product, step, x, residual, start, end)

        crew.share(count, advance, 0.0)
        if sums[:, 2].max() < settled:
            break
    return x


@inline
def _within(place: Any, direction: Any, width: Any, count: Any) -> Any:
    """Tell whether a pixel has a neighbour above, left, right or below of it (0…3) in the picture."""
    if direction == 0:
        return place >= width
    if direction == 1:
        return place % width > 0
    if direction == 2:
        return place % width < width - 1
    return place < count - width


@inline
def _add(target: Any, i: Any, weight: Any, colours: Any, wanted: Any, given: Any, limit: Any) -> Any:
    """Add a weighted difference of two pixels, softened: it fades where it is structure, in all channels."""
    size = 0.0
    for c in range(colours.shape[1]):
        size = max(size, abs(colours[wanted, c] - colours[given, c]))
    size /= limit
    weight /= 1.0 + size * size * size * size
    for c in range(colours.shape[1]):
        target[i, c] += weight * (colours[wanted, c] - colours[given, c])


@kernel(
    "void(float32[:,::1], boolean[::1], int64, int32[::1], int32[::1], int32[:,::1], float64, float32[:,::1],"
    " int64, int64)"
)
def _compare(
    colours: Float,
    source: Bool,
    width: int,
    pixels: Places,
    origins: Places,
    neighbours: Places,
    limit: float,
    target: Singles,
    start: int,
    end: int,
) -> None:
    """Write the right-hand side that the seams ask for, at hole pixels ``start <= i < end``."""
    count = len(source)
    for i in range(start, end):
        pixel, origin = np.int64(pixels[i]), np.int64(origins[i])
        for direction in range(4):
            hop = -width if direction == 0 else direction * 2 - 3 if direction < 3 else width
            beside = np.int64(neighbours[i, direction])
            if not _within(pixel, direction, width, count):
                continue
            beyond = origin + hop
            usable = _within(origin, direction, width, count) and source[beyond]
            if beside == len(neighbours):
                if usable and source[pixel + hop]:
                    _add(target, i, 1.0, colours, pixel + hop, beyond, limit)
                continue
            there = np.int64(origins[beside])
            if there == beyond:
                continue
            if usable:
                _add(target, i, 0.5, colours, there, beyond, limit)
            if _within(there, 3 - direction, width, count) and source[there - hop]:
                _add(target, i, 0.5, colours, there - hop, origin, limit)


@kernel("void(int32[:,::1], float32[:,::1], float32[:,::1], float32[:,::1], float64[:,::1], int64, int64)")
def _measure(
    neighbours: Places,
    descent: Singles,
    residual: Singles,
    product: Singles,
    sums: NDArray[np.float64],
    start: int,
    end: int,
) -> None:
    """Write A descent, the residual's and its inner products with the descent, and the largest descent."""
    sums[:] = 0.0
    four = np.float32(4.0)
    for i in range(start, end):
        above, left = neighbours[i, 0], neighbours[i, 1]
        right, below = neighbours[i, 2], neighbours[i, 3]
        for c in range(descent.shape[1]):
            own = descent[i, c]
            others = (descent[above, c] + descent[below, c]) + (descent[left, c] + descent[right, c])
            product[i, c] = four * own - others
            sums[0, c] += own * residual[i, c]
            sums[1, c] += own * product[i, c]
            sums[2, c] = max(sums[2, c], abs(own))


@kernel("void(float32[:,::1], float32[:,::1], float32[::1], float32[:,::1], float32[:,::1], int64, int64)")
def _advance(
    descent: Singles, product: Singles, step: Singles, x: Singles, residual: Singles, start: int, end: int
) -> None:
    """Take a step along the descent."""
    for i in range(start, end):
        for c in range(descent.shape[1]):
            x[i, c] += step[c] * descent[i, c]
            residual[i, c] -= step[c] * product[i, c]
