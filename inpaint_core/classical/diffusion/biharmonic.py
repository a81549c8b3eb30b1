"""The biharmonic fill: a surface that continues slopes, not only colours, across the hole."""

from __future__ import annotations

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.domain import source_range, unknown_domain
from inpaint_core.classical.diffusion.equation import Equation, solve_unknowns
from inpaint_core.classical.diffusion.options import BiharmonicOptions
from inpaint_core.classical.diffusion.planes import Scheme, Smoothing
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

TOLERANCE = 1e-6
"""The largest residual that remains, as a part of the range of the source's colours."""

ERROR = 2e-6
"""The largest error that is estimated to remain, likewise. A small residual alone tells little of a large
hole: an error as wide as the hole leaves a residual smaller than it by the fourth power of that width."""

PLATE = Equation(2, Scheme(Smoothing(5, 60.0), Smoothing(3, 30.0)), TOLERANCE, ERROR, "Continuing slopes")


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

    Solved by conjugate gradients, preconditioned by a multigrid cycle of the fourth order.

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
    filled = image.copy()
    solve_unknowns(PLATE, filled, unknown, source_range(image, source), progress)
    warn_if_not_kept()
    return filled
