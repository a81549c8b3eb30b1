"""Thick holes: multigrid for the Laplacian and its square, on planes and the runs of unknowns in them.

A level is a box of pixels and, row by row, the runs of unknowns in it; its operator is one stencil of 5 by 5.
Outside of the unknowns a correction is zero; beyond the picture's border it is mirrored. The coarse functions
are biquadratic B-splines, smooth enough for the fourth order, and those whose support lies wholly within the
unknowns: their operator is then one stencil again, Pᵀ A P. Near the rim the finer levels do the work.

References
----------
R. Kornhuber, H. Yserentant, "Multilevel methods for elliptic problems on domains not resolved by the coarse
grid", Contemporary Mathematics 180, 1994: the coarse functions.
U. Trottenberg, C. Oosterlee, A. Schüller, "Multigrid", 2001: sections 2.4 and 5.4.
R. S. Varga, "Matrix iterative analysis", 1962: section 5.1, Chebyshev's polynomials.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.plane_kernels import (
    PAD,
    Doubles,
    Runs,
    advance,
    count_runs,
    curvature,
    list_runs,
    measure,
    prolong,
    restrict,
    start_step,
    take_step,
    turn,
    write_defect,
    write_residual,
)
from inpaint_core.errors import FillError

Sides = tuple[bool, bool, bool, bool]
"""Whether the box ends at the picture's border: above, left, below, right."""

LAPLACIAN: Doubles = np.array([4.0, -1.0, 0.0, 0.0, 0.0, 0.0])
"""A stencil: the weights at distances (0, 0), (0, 1), (1, 1), (0, 2), (1, 2) and (2, 2)."""

BILAPLACIAN: Doubles = np.array([20.0, -8.0, 2.0, 1.0, 0.0, 0.0])

_WHERE = np.array([[5, 4, 3, 4, 5], [4, 2, 1, 2, 4], [3, 1, 0, 1, 3], [4, 2, 1, 2, 4], [5, 4, 3, 4, 5]])
"""Where a stencil's weights are."""

_SPLINE = np.array([1.0, 3.0, 3.0, 1.0]) / 4.0
"""A coarse function along one axis, on finer ones."""


MAX_STEPS = 2000
"""Of conjugate gradients, before the solver gives up."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """Chebyshev steps that make errors smooth.

    Attributes
    ----------
    steps
        How many.
    span
        Errors are damped whose eigenvalues are at least the largest one divided by this.
    """

    steps: int
    span: float


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a cycle smooths: before and after a coarser level, and on the coarsest one."""

    each: Smoothing
    coarsest: Smoothing


@dataclass(frozen=True, slots=True)
class Level:
    """The unknowns of one grid.

    Attributes
    ----------
    shape
        Rows and columns of the box.
    sides
        Where the picture ends.
    runs
        The unknowns.
    count
        How many unknowns there are.
    stencil : (6,) float32
        The operator.
    largest
        The largest eigenvalue of the operator, at most.
    """

    shape: tuple[int, int]
    sides: Sides
    runs: Runs
    count: int
    stencil: Float
    largest: float

    def plane(self, lanes: int, dtype: type = np.float32) -> NDArray[Any]:
        """Return a padded plane of zeros, in which `lanes` channels stand side by side in each pixel."""
        return np.zeros((self.shape[0] + 2 * PAD, (self.shape[1] + 2 * PAD) * lanes), dtype)


@dataclass(frozen=True, slots=True)
class Work:
    """The planes of a level while a cycle runs: solution, right-hand side, and step or residual."""

    lanes: int
    x: Float
    b: Float
    d: Float

    @classmethod
    def of(cls, level: Level, lanes: int) -> Work:
        """Return zeros."""
        return cls(lanes, level.plane(lanes), level.plane(lanes), level.plane(lanes))


def build_levels(unknown: Bool, sides: Sides, stencil: Doubles) -> list[Level]:
    """Return the grids from the pixels up.

    Parameters
    ----------
    unknown : (H, W) bool
        At least one is set; none at edges of the box where the picture goes on.
    sides
        Where the picture ends.
    stencil : (6,) float64
        The operator on the pixels.
    """
    levels = []
    weights: tuple[float, ...] = tuple(stencil.tolist())
    while unknown.any():
        padded = np.pad(unknown.view(np.uint8), PAD)
        level = Level(
            unknown.shape,
            sides,
            _runs(padded),
            int(np.count_nonzero(unknown)),
            np.array(weights, np.float32),
            _largest(weights),
        )
        levels.append(level)
        unknown, weights = _coarser(unknown, sides), _galerkin(weights)
    return levels


def _coarser(unknown: Bool, sides: Sides) -> Bool:
    """Return which coarse functions lie on unknowns; beyond the picture's border all are."""
    rows, columns = -(-unknown.shape[0] // 2), -(-unknown.shape[1] // 2)
    margin = ((1, 2 * rows + 1 - unknown.shape[0]), (1, 2 * columns + 1 - unknown.shape[1]))
    above, left, below, right = sides
    padded = np.pad(unknown, margin)
    if above:
        padded[:1] = True
    if left:
        padded[:, :1] = True
    if below:
        padded[-margin[0][1] :] = True
    if right:
        padded[:, -margin[1][1] :] = True
    coarse = np.ones((rows, columns), bool)
    for down in range(4):
        for along in range(4):
            coarse &= padded[down : down + 2 * rows : 2, along : along + 2 * columns : 2]
    return coarse


@lru_cache
def _galerkin(stencil: tuple[float, ...]) -> tuple[float, ...]:
    """Return the stencil of Pᵀ A P."""
    function = np.zeros((20, 20))
    function[8:12, 8:12] = np.outer(_SPLINE, _SPLINE)
    full = np.array(stencil)[_WHERE]
    image = sum(full[v, u] * np.roll(function, (v - 2, u - 2), (0, 1)) for v in range(5) for u in range(5))
    return tuple(
        float((np.roll(function, (2 * v, 2 * u), (0, 1)) * image).sum())
        for v, u in ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
    )


@lru_cache
def _largest(stencil: tuple[float, ...]) -> float:
    """Return the largest eigenvalue of a stencil, by its Fourier transform."""
    plane = np.zeros((64, 64))
    plane[:5, :5] = np.array(stencil)[_WHERE]
    return float(np.abs(np.fft.fft2(plane)).max())


def _runs(marked: NDArray[np.uint8]) -> Runs:
    runs = np.empty((count_runs(marked), 3), np.int32)
    list_runs(marked, runs)
    return runs


def solve_planes(
    levels: list[Level],
    stencil: Doubles,
    scheme: Scheme,
    x: Doubles,
    lanes: int,
    *,
    tolerance: float,
    error: float,
    report: Callable[[float], None],
) -> None:
    """Change the unknowns of `x` until A x = 0 in each of them, but for a small residual and error.

    The cycles are of single precision, all else of double.

    Parameters
    ----------
    levels
        Of `build_levels`.
    stencil : (6,) float64
        A.
    scheme
        How the cycles smooth.
    x : padded plane, float64
        The known values, and a first guess of the unknown ones.
    lanes
        How many channels stand side by side in it; they are solved for as one.
    tolerance
        The largest residual that may remain, above 0.
    error
        The largest preconditioned residual that may remain; it is about as large as the error of `x`.
    report
        Called with the fraction done.

    Raises
    ------
    FillError
        When that was not reached within `MAX_STEPS`.

    References
    ----------
    Y. Saad, "Iterative methods for sparse linear systems", 2nd ed., algorithm 9.1.
    """
    finest, works = levels[0], [Work.of(level, lanes) for level in levels]
    runs, towards = finest.runs, works[0].x
    residual, direction = finest.plane(lanes, np.float64), finest.plane(lanes)
    mirror(finest, lanes, x)
    worst = write_defect(runs, lanes, stencil, x, residual, works[0].b)
    slope = start = 0.0
    for _ in range(MAX_STEPS):
        v_cycle(levels, works, scheme)
        before = slope
        slope, off = measure(runs, lanes, residual, towards)
        excess = max(worst / tolerance, off / error, 1.0)
        if excess <= 1.0:
            return
        start = max(start, excess)
        report(min(max(1.0 - math.log(excess) / math.log(start), 0.0), 1.0))
        turn(runs, lanes, towards, slope / before if before > 0.0 else 0.0, direction)
        mirror(finest, lanes, direction)
        bend = curvature(runs, lanes, stencil, direction)
        step = slope / bend if bend > 0.0 else 0.0
        worst = advance(runs, lanes, stencil, direction, step, x, residual, works[0].b)
    raise FillError("The diffusion did not settle; please report this with the picture and the mask.")


def v_cycle(levels: list[Level], works: list[Work], scheme: Scheme) -> None:
    """Set ``works[0].x`` to about A⁻¹ ``works[0].b``, by a symmetric operator.

    Symmetric, since what is done after the coarse correction mirrors what is done before it: it
    preconditions conjugate gradients.
    """
    level, work = levels[0], works[0]
    if len(levels) == 1:
        _smooth(level, work, scheme.coarsest, start=True)
        return
    _smooth(level, work, scheme.each, start=True)
    write_residual(level.runs, work.lanes, level.stencil, work.x, work.b, work.d)
    _mirror_residual(level, work)
    restrict(levels[1].runs, work.lanes, work.d, works[1].b)
    v_cycle(levels[1:], works[1:], scheme)
    prolong(level.runs, work.lanes, works[1].x, work.x)
    mirror(level, work.lanes, work.x)
    _smooth(level, work, scheme.each)


def _smooth(level: Level, work: Work, smoothing: Smoothing, *, start: bool = False) -> None:
    """Take Chebyshev steps, from zero or from where x is."""
    high, low = level.largest, level.largest / smoothing.span
    middle, half = 0.5 * (high + low), 0.5 * (high - low)
    keep, size, ratio = 0.0, 1.0 / middle, half / middle
    for number in range(smoothing.steps):
        if start and number == 0:
            start_step(level.runs, work.lanes, size, work.b, work.d, work.x)
        else:
            take_step(level.runs, work.lanes, level.stencil, keep, size, work.b, work.d, work.x)
        mirror(level, work.lanes, work.x)
        following = 1.0 / (2.0 * middle / half - ratio)
        keep, size, ratio = following * ratio, 2.0 * following / half, following


def mirror(level: Level, lanes: int, plane: NDArray[Any]) -> None:
    """Mirror a plane at the picture's borders."""
    if not any(level.sides):
        return
    rows, columns = level.shape
    above, left, below, right = level.sides
    pixels = plane.reshape(len(plane), -1, lanes)
    for k in range(PAD):
        if above:
            pixels[PAD - 1 - k] = pixels[PAD + min(k, rows - 1)]
        if below:
            pixels[PAD + rows + k] = pixels[PAD + max(rows - 1 - k, 0)]
    for k in range(PAD):
        if left:
            pixels[:, PAD - 1 - k] = pixels[:, PAD + min(k, columns - 1)]
        if right:
            pixels[:, PAD + columns + k] = pixels[:, PAD + max(columns - 1 - k, 0)]


def _mirror_residual(level: Level, work: Work) -> None:
    """Mirror the residual so that to restrict it is the transpose of to prolong.

    Where the coarser grid ends half a step beyond the border, nothing is there to mirror.
    """
    above, left, below, right = level.sides
    rows, columns = level.shape
    pixels = work.d.reshape(len(work.d), -1, work.lanes)
    if above:
        pixels[PAD - 1] = pixels[PAD]
    if below and rows % 2 == 0:
        pixels[PAD + rows] = pixels[PAD + rows - 1]
    if left:
        pixels[:, PAD - 1] = pixels[:, PAD]
    if right and columns % 2 == 0:
        pixels[:, PAD + columns] = pixels[:, PAD + columns - 1]
