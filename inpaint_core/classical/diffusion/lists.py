"""Thin holes: the Laplacian and its square on lists of unknowns, for no time goes to what lies between."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool
from inpaint_core.classical.diffusion.conjugate import conjugate_gradients
from inpaint_core.classical.diffusion.multigrid import (
    LANES,
    Indices,
    Values,
    apply_laplacian,
    blank,
    build_levels,
    v_cycle,
)
from inpaint_core.jit import inline, kernel

FEW = 150
"""Unknowns that are solved for by elimination."""

Report = Callable[[float], None]


def solve_lists(
    known: Callable[[Bool], Values],
    unknown: Bool,
    order: int,
    *,
    tolerance: float,
    error: float,
    report: Report,
) -> Values:
    """Return the unknowns' values for which A u = 0 (`order` 1) or A A u = 0 (2), A being the Laplacian.

    By conjugate gradients, preconditioned by as many multigrid cycles of A; few of them by elimination.

    Parameters
    ----------
    known
        Returns the values, (M, C) float64, C <= LANES, of an (H, W) mask's pixels; those of unknowns are not
        looked at.
    unknown : (H, W) bool
        At least `order` pixels from edges beyond which the picture goes on.
    order
        1 or 2.
    tolerance, error
        The largest residual, and the largest estimated error, that may remain.
    report
        Called with the fraction done.

    Returns
    -------
    (N, C) float64
        Row by row.
    """
    if np.count_nonzero(unknown) <= FEW:
        report(0.0)
        return _solve_few(known, unknown, order)
    solve = _solve_first if order == 1 else _solve_second
    return solve(known, unknown, np.full(LANES, tolerance), np.full(LANES, error), report)


def _solve_few(known: Callable[[Bool], Values], unknown: Bool, order: int) -> Values:
    """Solve by elimination: A, or A A, as a matrix."""
    near = _grown(unknown)
    listed = _grown(near) if order == 2 else near
    around = _Surrounded.of(known, unknown, listed)
    passing = near[listed] if order == 2 else np.zeros(0, bool)
    eliminate(around.neighbours, around.rows, passing, around.x)
    values: Values = around.x[around.rows, : around.channels]
    return values


def _solve_first(
    known: Callable[[Bool], Values], unknown: Bool, tolerance: Values, error: Values, report: Report
) -> Values:
    """Solve A u = 0; known values are only needed for the first residual."""
    around = _Surrounded.of(known, unknown, _grown(unknown))
    levels = build_levels(unknown)
    finest = levels[0]
    x, residual = blank(finest.count), blank(finest.count)
    first = blank(len(around.neighbours))
    apply_laplacian(around.neighbours, around.x, first)
    residual[:-1] = -first[around.rows]

    def apply(x: Values, out: Values) -> None:
        apply_laplacian(finest.neighbours, x, out)

    def precondition(residual: Values) -> Values:
        finest.b[:] = residual
        v_cycle(levels)
        return finest.x

    conjugate_gradients(apply, precondition, x, residual, tolerance, error=error, report=report)
    return x[:-1, : around.channels]


def _solve_second(
    known: Callable[[Bool], Values], unknown: Bool, tolerance: Values, error: Values, report: Report
) -> Values:
    """Solve A A u = 0; A u is needed on the first ring of known pixels, and looks at the second."""
    near = _grown(unknown)
    listed = _grown(near)
    around = _Surrounded.of(known, unknown, listed)
    levels = build_levels(unknown)
    finest, x, rows, count = levels[0], around.x, around.rows, len(around.neighbours)
    free, defined = (np.append(some[listed], False)[:, None].astype(np.float64) for some in (unknown, near))
    residual, inner, guess = blank(count), blank(count), blank(count)

    def apply(x: Values, out: Values) -> None:
        apply_laplacian(around.neighbours, x, inner)
        np.multiply(inner, defined, out=inner)
        apply_laplacian(around.neighbours, inner, out)
        np.multiply(out, free, out=out)

    def precondition(residual: Values) -> Values:
        finest.b[:-1] = residual[rows]
        v_cycle(levels)
        finest.b[:] = finest.x
        v_cycle(levels)
        guess[rows] = finest.x[:-1]
        return guess

    apply(x, residual)
    np.negative(residual, out=residual)
    conjugate_gradients(apply, precondition, x, residual, tolerance, error=error, report=report)
    values: Values = x[rows, : around.channels]
    return values


@dataclass(frozen=True, slots=True)
class _Surrounded:
    """Unknowns, listed with known pixels around them.

    Attributes
    ----------
    neighbours
        As of a `Level`.
    x : (M + 1, LANES) float64
        The known values, 0 for the unknown.
    rows : (N,)
        Where the unknowns stand.
    channels
        How many of the lanes are used.
    """

    neighbours: Indices
    x: Values
    rows: NDArray[np.int64]
    channels: int

    @classmethod
    def of(cls, known: Callable[[Bool], Values], unknown: Bool, listed: Bool) -> _Surrounded:
        """List the pixels of a mask that holds the unknowns."""
        neighbours = build_levels(listed, depth=1)[0].neighbours
        rows = np.flatnonzero(unknown[listed]).astype(np.int64)
        given, x = known(listed), blank(len(neighbours))
        x[:-1, : given.shape[1]] = given
        x[rows] = 0.0
        return cls(neighbours, x, rows, given.shape[1])


def _grown(marked: Bool) -> Bool:
    """Return the marked pixels and their four neighbours."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(marked.view(np.uint8), cross), np.uint8).view(np.bool_)


@inline
def _add_row(neighbours: Indices, i: Any, weight: Any, line: Values) -> None:
    """Add an unknown's equation, A u = 0, times a weight."""
    line[i] += 4.0 * weight
    for k in range(4):
        line[neighbours[i, k]] -= weight


@inline
def _assemble(  # noqa: PLR0917
    neighbours: Indices, rows: NDArray[np.int64], passing: Bool, x: Values, system: Values, right: Values
) -> None:
    """Write the matrix of `eliminate` and its right-hand side."""
    listed = len(neighbours)
    line, place = np.empty(listed + 1), np.full(listed, -1)
    place[rows] = np.arange(len(rows))
    for r in range(len(rows)):
        line[:] = 0.0
        if len(passing) == 0:
            _add_row(neighbours, rows[r], 1.0, line)
        else:
            _add_row(neighbours, rows[r], 4.0, line)
            for k in range(4):
                beside = neighbours[rows[r], k]
                if beside < listed and passing[beside]:
                    _add_row(neighbours, beside, -1.0, line)
        for j in range(listed):
            if line[j] != 0.0 and place[j] >= 0:
                system[r, place[j]] = line[j]
            elif line[j] != 0.0:
                right[r] -= line[j] * x[j]


@inline
def _factorise(system: Values) -> None:
    """Write Cholesky's factor into the lower half."""
    for r in range(len(system)):
        for s in range(r + 1):
            rest = system[r, s]
            for k in range(s):
                rest -= system[r, k] * system[s, k]
            system[r, s] = math.sqrt(rest) if r == s else rest / system[s, s]


@kernel("void(int32[:,::1], int64[::1], boolean[::1], float64[:,::1])")
def eliminate(neighbours: Indices, rows: NDArray[np.int64], passing: Bool, x: Values) -> None:
    """Solve A u = 0, or A A u = 0, by Cholesky's factors.

    Parameters
    ----------
    neighbours, rows, x
        Of `_Surrounded`; written at the unknowns.
    passing : (M,) bool
        Where A u is looked at; empty for A u = 0.
    """
    system, right = np.zeros((len(rows), len(rows))), np.zeros((len(rows), x.shape[1]))
    _assemble(neighbours, rows, passing, x, system, right)
    _factorise(system)
    for r in range(len(rows)):
        for s in range(r):
            right[r] -= system[r, s] * right[s]
        right[r] /= system[r, r]
    for r in range(len(rows) - 1, -1, -1):
        for s in range(r + 1, len(rows)):
            right[r] -= system[s, r] * right[s]
        right[r] /= system[r, r]
        x[rows[r]] = right[r]
