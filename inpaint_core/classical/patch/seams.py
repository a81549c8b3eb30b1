"""A smooth correction of copied pieces, so that neither they nor the rim show an edge (Pérez et al., 2003).

Where two pieces meet, or a piece meets the rim, the pixel beyond is compared with the one that the piece
itself would have there. Small differences, as of the light across a sky, are spread over the piece by
Poisson's equation; large ones are structure and stay as they are.
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
    Values,
    apply_laplacian,
    blank,
    build_levels,
    v_cycle,
)
from inpaint_core.classical.patch.pyramid import Places

LIMIT = 0.18
"""Differences far beyond this part of the picture's range are structure, and stay."""

SETTLED = 1e-3
"""The solution has settled when a cycle changes it by less than this part of the picture's range."""

CYCLES = 12
"""Enough cycles for the strangest hole; most take three."""


def correction(
    image: Float, hole: Bool, source: Bool, origins: Places, *, span: float, report: Callable[[float], None]
) -> Float | None:
    """Return what to add to the copied pixels, or None when there is nothing to mend.

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
    report
        Called with the fraction done.

    Returns
    -------
    (N, C) float32
    """
    target = np.zeros((len(origins) + 1, LANES))
    for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        _add_seams(target, image, hole, source, origins=origins, step=step, limit=LIMIT * span)
    if not target.any():
        return None
    return _solve(hole, target, SETTLED * span, report)[:, : image.shape[2]].astype(np.float32)


def _add_seams(
    target: Values,
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    origins: Places,
    step: tuple[int, int],
    limit: float,
) -> None:
    """Add to the right-hand side what the seams between pixels and their neighbours at `step` ask for."""
    width = hole.shape[1]
    pixels = np.flatnonzero(hole)
    hop = step[0] * width + step[1]
    here = np.flatnonzero(
        _has_neighbour(pixels, step, hole.shape) & _has_neighbour(origins, step, hole.shape)
    )
    beyond = origins[here] + hop
    usable = source.reshape(-1)[beyond]
    here, beyond = here[usable], beyond[usable]
    beside = pixels[here] + hop

    rim = source.reshape(-1)[beside]
    at = here[rim]
    colours = image.reshape(-1, image.shape[2])
    target[at, : image.shape[2]] += _soften(colours[beside[rim]] - colours[beyond[rim]], limit)

    inner = np.flatnonzero(hole.reshape(-1)[beside])
    there = np.searchsorted(pixels, beside[inner])
    seam = origins[there] != beyond[inner]
    inner, there = inner[seam], there[seam]
    half = 0.5 * _soften(colours[origins[there]] - colours[beyond[inner]], limit)
    target[here[inner], : image.shape[2]] += half
    target[there, : image.shape[2]] -= half


def _has_neighbour(places: NDArray[Any], step: tuple[int, int], shape: tuple[int, ...]) -> Bool:
    y, x = np.divmod(places, shape[1])
    y, x = y + step[0], x + step[1]
    inside: Bool = (y >= 0) & (y < shape[0]) & (x >= 0) & (x < shape[1])
    return inside


def _soften(difference: Float, limit: float) -> Float:
    """Keep small differences and drop those that are structure, all channels alike."""
    size = np.abs(difference).max(axis=1, keepdims=True) / np.float32(limit)
    kept: Float = difference / (1.0 + size**4)
    return kept


def _solve(hole: Bool, b: Values, settled: float, report: Callable[[float], None]) -> Values:
    """Solve the Laplacian for `b` by steepest descent, preconditioned by multigrid cycles."""
    box = working_box(hole)
    levels = build_levels(np.ascontiguousarray(hole[box.slices]))
    finest = levels[0]
    x, product, residual = blank(finest.count), blank(finest.count), b
    for cycle in range(CYCLES):
        report(cycle / CYCLES)
        finest.b[:] = residual
        v_cycle(levels)
        descent = finest.x
        apply_laplacian(finest.neighbours, descent, product)
        gain = np.einsum("ij,ij->j", descent, residual)
        length = np.einsum("ij,ij->j", descent[:-1], product[:-1])
        step = np.divide(gain, length, out=np.zeros_like(gain), where=length > 0.0)
        x += step * descent
        residual[:-1] -= step * product[:-1]
        if max(descent.max(), -descent.min()) < settled:
            break
    return x[:-1]
