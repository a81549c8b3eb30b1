"""The Laplace fill: the smoothest surface through the colours of the hole's rim."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.domain import unknown_domain, working_box
from inpaint_core.classical.diffusion.equation import Equation, solve_unknowns
from inpaint_core.classical.diffusion.options import HarmonicOptions
from inpaint_core.classical.diffusion.planes import Scheme, Smoothing
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

TOLERANCE = 1e-6
"""The largest residual that remains, as a part of the range of the colours around the hole."""

ERROR = 5e-6
"""The largest error that is estimated to remain, likewise: a third of a 16-bit level."""

LAPLACE = Equation(1, Scheme(Smoothing(2, 6.0), Smoothing(2, 16.0)), TOLERANCE, ERROR, "Blending colours")


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
    filled = membrane(image, hole, source, LAPLACE, progress)
    warn_if_not_kept()
    return filled


def membrane(image: Float, hole: Bool, source: Bool, equation: Equation, progress: Progress) -> Float:
    """Fill as `fill_harmonic` does, as exactly as an equation of Laplace's wants it."""
    unknown = unknown_domain(hole, source)
    box = working_box(unknown)
    inside = np.ascontiguousarray(unknown[box.slices])
    filled = image.copy()
    window = filled[box.slices]
    rim = window[_beside(inside)]
    solve_unknowns(equation, filled, unknown, (rim.min(axis=0), rim.max(axis=0)), progress)
    return filled


def _beside(inside: Bool) -> Bool:
    """Return the pixels that are no unknowns, but one of whose four neighbours is."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    grown = np.asarray(cv2.dilate(inside.view(np.uint8), cross), np.uint8).view(np.bool_)
    return np.asarray(grown & ~inside)
