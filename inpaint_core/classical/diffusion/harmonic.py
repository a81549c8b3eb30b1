"""The Laplace fill: the smoothest surface through the colours of the hole's rim."""

from __future__ import annotations

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.conjugate import conjugate_gradients
from inpaint_core.classical.diffusion.domain import unknown_domain, working_box
from inpaint_core.classical.diffusion.multigrid import (
    LANES,
    Level,
    Values,
    apply_laplacian,
    blank,
    build_levels,
    v_cycle,
)
from inpaint_core.classical.diffusion.options import HarmonicOptions
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

TOLERANCE = 1e-6
"""The largest residual that remains, as a part of the range of the colours around the hole."""

ERROR = 5e-6
"""The largest error that is estimated to remain, likewise: a third of a 16-bit level."""


def fill_harmonic(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: HarmonicOptions,  # noqa: ARG001 - the contract of `Fill`
    seed: int,  # noqa: ARG001
    progress: Progress,
) -> Float:
    """Fill the hole with the solution of Laplace's equation.

    Each unknown pixel becomes the mean of its (two to four) neighbours within the picture; source pixels
    keep their values. Pixels that are neither hole nor source are solved for as well. Time and memory grow
    with the number of unknowns, by multigrid-preconditioned conjugate gradients.

    Parameters
    ----------
    image : (H, W, C) float32, C = 1…4
        Any finite values.
    hole, source : (H, W) bool
        Disjoint.
    options, seed
        Without influence: the solution is unique.
    progress
        Called once an iteration.

    Returns
    -------
    (H, W, C) float32
        In the hole |Σ (u - uₙ)| ≤ `TOLERANCE` times the range of the rim's values in that channel, before
        rounding to float32, and within that range.

    Raises
    ------
    NoSourceError
        When no pixel is a source.

    References
    ----------
    P. Pérez, M. Gangnet, A. Blake, "Poisson image editing", SIGGRAPH 2003, equations 1 and 2 (the membrane).
    """
    unknown = unknown_domain(hole, source)
    box = working_box(unknown)
    inside = np.ascontiguousarray(unknown[box.slices])
    filled = image.copy()
    window = filled[box.slices]
    levels = build_levels(inside)
    rim, given = _rim_values(window, inside)
    low, high = given.min(axis=0), given.max(axis=0)
    values = _solve(levels, rim, low, high, progress)
    window[inside] = np.clip(values[:-1, : image.shape[2]], low, high)
    warn_if_not_kept()
    return filled


def _rim_values(window: Float, inside: Bool) -> tuple[Values, Values]:
    """Return each unknown's sum of given neighbours with their number, and all given neighbours.

    The sum is (N, C + 1) float64: the number stands in its last column.
    """
    channels = window.shape[2]
    total = np.zeros((int(inside.sum()), channels + 1))
    index = np.cumsum(inside.ravel()).reshape(inside.shape) - 1
    given = []
    for here, there in _neighbour_views():
        pairs = inside[here] & ~inside[there]
        values = window[there][pairs].astype(np.float64)
        rows = index[here][pairs]
        total[rows, :-1] += values
        total[rows, -1] += 1.0
        given.append(values)
    return total, np.concatenate(given)


def _neighbour_views() -> tuple[tuple[tuple[slice, slice], tuple[slice, slice]], ...]:
    """Return, for the four directions, the pixels that have a neighbour there, and these neighbours."""
    every, head, tail = slice(None), slice(None, -1), slice(1, None)
    return (
        ((tail, every), (head, every)),
        ((head, every), (tail, every)),
        ((every, tail), (every, head)),
        ((every, head), (every, tail)),
    )


def _solve(levels: list[Level], rim: Values, low: Values, high: Values, progress: Progress) -> Values:
    """Return (N + 1, LANES) values, computed as deviations from the middle of the rim's range."""
    finest = levels[0]
    channels = len(low)
    middle = low + 0.5 * (high - low)
    b = blank(finest.count)
    b[:-1, :channels] = rim[:, :-1] - rim[:, -1:] * middle
    tolerance = np.zeros(LANES)
    tolerance[:channels] = TOLERANCE * (high - low)

    def apply(x: Values, out: Values) -> None:
        apply_laplacian(finest.neighbours, x, out)

    def precondition(residual: Values) -> Values:
        finest.b[:] = residual
        v_cycle(levels)
        return finest.x

    x = blank(finest.count)
    conjugate_gradients(
        apply,
        precondition,
        x,
        b,
        tolerance,
        error=ERROR / TOLERANCE * tolerance,
        report=lambda done: progress("Blending colours", done),
    )
    x[:-1, :channels] += middle
    return x
