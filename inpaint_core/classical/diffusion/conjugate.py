"""Preconditioned conjugate gradients for several channels side by side."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from inpaint_core.classical.diffusion.multigrid import Values
from inpaint_core.errors import FillError
from inpaint_core.jit import kernel

MAX_STEPS = 2000


def conjugate_gradients(
    apply: Callable[[Values, Values], None],
    precondition: Callable[[Values], Values],
    x: Values,
    residual: Values,
    tolerance: Values,
    *,
    error: Values,
    report: Callable[[float], None],
) -> None:
    """Improve `x` in place until each channel's residual and estimated error are small enough.

    Parameters
    ----------
    apply
        Writes A of its first argument into its second; A is symmetric and positive definite.
    precondition
        Returns about A⁻¹ of its argument, by a symmetric operator; the array may be its own.
    x : (N + 1, LANES) float64
        The first guess, and then the solution.
    residual : (N + 1, LANES) float64
        b - A x of that guess; overwritten.
    tolerance : (LANES,) float64
        The largest residual that may remain, not negative.
    error : (LANES,) float64
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
    direction, product = np.zeros_like(x), np.zeros_like(x)
    slope = np.zeros(x.shape[1])
    start = 0.0
    for _ in range(MAX_STEPS):
        preconditioned = precondition(residual)
        excess = max(_excess(largest(residual), tolerance), _excess(largest(preconditioned), error))
        if excess <= 1.0:
            return
        start = max(start, excess)
        report(min(max(1.0 - math.log(excess) / math.log(start), 0.0), 1.0))
        before, slope = slope, dot(residual, preconditioned)
        turn(direction, preconditioned, _ratio(slope, before))
        apply(direction, product)
        advance(x, residual, direction, product, _ratio(slope, dot(direction, product)))
    raise FillError("The diffusion did not settle; please report this with the picture and the mask.")


def _excess(worst: Values, tolerance: Values) -> float:
    """Return by what factor the worst channel is above its tolerance."""
    over = worst > tolerance
    return float(np.max(worst[over] / np.maximum(tolerance[over], np.finfo(float).tiny), initial=1.0))


def _ratio(above: Values, below: Values) -> Values:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)


@kernel("float64[::1](float64[:,::1])")
def largest(values: Values) -> Values:
    """Return each channel's largest magnitude."""
    worst = np.zeros(values.shape[1])
    for i in range(len(values)):
        for c in range(values.shape[1]):
            worst[c] = max(worst[c], abs(values[i, c]))
    return worst


@kernel("float64[::1](float64[:,::1], float64[:,::1])")
def dot(a: Values, b: Values) -> Values:
    """Return each channel's inner product."""
    total = np.zeros(a.shape[1])
    for i in range(len(a)):
        for c in range(a.shape[1]):
            total[c] += a[i, c] * b[i, c]
    return total


@kernel("void(float64[:,::1], float64[:,::1], float64[::1])")
def turn(direction: Values, towards: Values, keep: Values) -> None:
    """Set the direction to `towards` + keep · direction."""
    for i in range(len(direction)):
        for c in range(direction.shape[1]):
            direction[i, c] = towards[i, c] + keep[c] * direction[i, c]


@kernel("void(float64[:,::1], float64[:,::1], float64[:,::1], float64[:,::1], float64[::1])")
def advance(x: Values, residual: Values, direction: Values, product: Values, step: Values) -> None:
    """Walk `step` along the direction and update the residual with it."""
    for i in range(len(x)):
        for c in range(x.shape[1]):
            x[i, c] += step[c] * direction[i, c]
            residual[i, c] -= step[c] * product[i, c]
