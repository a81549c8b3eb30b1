"""Thin holes: the Laplacian and its square on lists of unknowns, for no time goes to what lies between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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

    By conjugate gradients, preconditioned by as many multigrid cycles of A.

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
    solve = _solve_first if order == 1 else _solve_second
    return solve(known, unknown, np.full(LANES, tolerance), np.full(LANES, error), report)


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
    rows: NDArray[np.intp]
    channels: int

    @classmethod
    def of(cls, known: Callable[[Bool], Values], unknown: Bool, listed: Bool) -> _Surrounded:
        """List the pixels of a mask that holds the unknowns."""
        neighbours = build_levels(listed, depth=1)[0].neighbours
        rows = np.flatnonzero(unknown[listed])
        given, x = known(listed), blank(len(neighbours))
        x[:-1, : given.shape[1]] = given
        x[rows] = 0.0
        return cls(neighbours, x, rows, given.shape[1])


def _grown(marked: Bool) -> Bool:
    """Return the marked pixels and their four neighbours."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(marked.view(np.uint8), cross), np.uint8).view(np.bool_)
