"""The biharmonic fill: a surface that continues slopes, not only colours, across the hole."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.conjugate import conjugate_gradients
from inpaint_core.classical.diffusion.domain import source_range, unknown_domain, working_box
from inpaint_core.classical.diffusion.multigrid import (
    LANES,
    Values,
    apply_laplacian,
    blank,
    build_levels,
    v_cycle,
)
from inpaint_core.classical.diffusion.options import BiharmonicOptions
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

TOLERANCE = 1e-6
"""The largest residual that remains, as a part of the range of the source's colours."""

ERROR = 1e-5
"""The largest error that is estimated to remain, likewise. A small residual alone tells little of a large
hole: an error as wide as the hole leaves a residual smaller than it by the fourth power of that width."""


def fill_biharmonic(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: BiharmonicOptions,  # noqa: ARG001 - the contract of `Fill`
    seed: int,  # noqa: ARG001
    progress: Progress,
) -> Float:
    """Fill the hole with the solution of the biharmonic equation, A A u = 0.

    A is the Laplacian of `fill_harmonic`, so an unknown depends on known pixels up to two away. The
    solution is cut to the range of the source's values, channel by channel.

    Solved by conjugate gradients, preconditioned by two multigrid cycles of A. The number of steps grows
    slowly, with about the fourth root of the hole's area.

    Parameters
    ----------
    image : (H, W, C) float32, C = 1…4
        Any finite values.
    hole, source : (H, W) bool
        Disjoint.
    options, seed
        Without influence: the solution is unique.
    progress
        Called once a step.

    Returns
    -------
    (H, W, C) float32
        In the hole abs(A A u) ≤ `TOLERANCE` times the range, before the cut and rounding to float32.

    Raises
    ------
    NoSourceError
        When no pixel is a source.

    References
    ----------
    S. B. Damelin, N. S. Hoang, "On surface completion and image inpainting by biharmonic functions:
    numerical aspects", Int. J. Mathematics and Mathematical Sciences, 2018.
    """
    unknown = unknown_domain(hole, source, reach=2)
    box = working_box(unknown, reach=3)
    inside = np.ascontiguousarray(unknown[box.slices])
    filled = image.copy()
    low, high = source_range(image, source)
    values = _solve(filled[box.slices], inside, low.astype(float), high.astype(float), progress)
    filled[box.slices][inside] = np.clip(values, low, high)
    warn_if_not_kept()
    return filled


def _solve(window: Float, inside: Bool, low: Values, high: Values, progress: Progress) -> Values:
    """Return the unknowns' values, (N, C).

    The lists hold the unknowns and the two rings of known pixels around them: A u is needed on the first
    ring, and it looks at the second.
    """
    near = _grown(inside)
    listed = _grown(near)
    neighbours = build_levels(listed, depth=1)[0].neighbours
    levels = build_levels(inside)
    finest = levels[0]
    rows = np.flatnonzero(inside[listed])
    channels = window.shape[2]
    scale = np.where(high > low, high - low, 1.0)
    middle = low + 0.5 * (high - low)
    free = np.append(inside[listed], False)[:, None].astype(np.float64)
    defined = np.append(near[listed], False)[:, None].astype(np.float64)
    inner, guess = blank(len(neighbours)), blank(len(neighbours))

    def apply(x: Values, out: Values) -> None:
        apply_laplacian(neighbours, x, inner)
        np.multiply(inner, defined, out=inner)
        apply_laplacian(neighbours, inner, out)
        np.multiply(out, free, out=out)

    def precondition(residual: Values) -> Values:
        finest.b[:-1] = residual[rows]
        v_cycle(levels)
        finest.b[:] = finest.x
        v_cycle(levels)
        guess[rows] = finest.x[:-1]
        return guess

    x, residual = blank(len(neighbours)), blank(len(neighbours))
    x[:-1, :channels] = (window[listed] - middle) / scale
    x[rows] = 0.0
    apply(x, residual)
    np.negative(residual, out=residual)
    tolerance = np.full(LANES, TOLERANCE)
    conjugate_gradients(
        apply,
        precondition,
        x,
        residual,
        tolerance,
        error=np.full(LANES, ERROR),
        report=lambda done: progress("Continuing slopes", done),
    )
    values: Values = middle + scale * x[rows, :channels]
    return values


def _grown(marked: Bool) -> Bool:
    """Return the marked pixels and their four neighbours."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(marked.view(np.uint8), cross), np.uint8).view(np.bool_)
