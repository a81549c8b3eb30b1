"""A linear equation for the unknown pixels of a picture: its parts and channels, shared among the cores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.lists import solve_lists
from inpaint_core.classical.diffusion.plane_kernels import PAD, Doubles
from inpaint_core.classical.diffusion.planes import (
    BILAPLACIAN,
    LAPLACIAN,
    Scheme,
    build_levels,
    solve_planes,
)
from inpaint_core.cores import share
from inpaint_core.geometry import Box, Size
from inpaint_core.holes import parts
from inpaint_core.progress import Progress

THICK = 16
"""Unknowns in a run, on average, from which planes are quicker than lists."""

LARGE = 1 << 16
"""Unknowns of a thick part beyond which its channels are solved for one by one: that is less memory, and more
tasks to share. Of fewer, they are solved for side by side, since short rows are slow."""

MARGIN = 3
"""Known pixels around a part that its equations may look at, and one more."""


@dataclass(frozen=True, slots=True)
class Equation:
    """A u = 0, or A A u = 0, for the Laplacian A.

    Attributes
    ----------
    order
        1 or 2: how often A is applied.
    scheme
        How the multigrid cycles smooth.
    tolerance, error
        The largest residual, and the largest estimated error, that may remain of values from -½ to ½.
    stage
        What is being done, in words.
    """

    order: int
    scheme: Scheme
    tolerance: float
    error: float
    stage: str

    @property
    def stencil(self) -> Doubles:
        """What is applied to u."""
        return LAPLACIAN if self.order == 1 else BILAPLACIAN


def solve_unknowns(
    equation: Equation, image: Float, unknown: Bool, ends: tuple[Float, Float], progress: Progress
) -> None:
    """Solve for the unknown pixels of an image, in place.

    Parts that lie far apart are solved in boxes of their own, so that memory follows the holes.

    Parameters
    ----------
    equation
        What holds at each unknown pixel.
    image : (H, W, C) float32
        Any finite values where known.
    unknown : (H, W) bool
        Each part of it must be tied to a known pixel.
    ends
        The least and the largest value of each channel, (C,) float32: the scale of the residual, and what
        the result is cut to.
    progress
        Called from the calling thread.
    """
    picture = Size(image.shape[1], image.shape[0]).box
    tasks, weights = [], []
    for part in parts(unknown, lambda box: box.grow(MARGIN) & picture):
        box = part.box.grow(MARGIN) & picture
        mine = np.zeros((box.height, box.width), bool)
        mine[part.box.shift(-box.x0, -box.y0).slices] = part.own(unknown, part.box)
        count = int(np.count_nonzero(mine))
        is_thick = count >= THICK * _runs(mine)
        every = list(range(image.shape[2]))
        for channels in [[c] for c in every] if is_thick and count > LARGE else [every]:
            tasks.append(partial(_solve_part, is_thick, equation, image, mine, box, channels, ends))
            weights.append(count * len(channels))
    share(tasks, weights, progress)


def _runs(marked: Bool) -> int:
    """Return how many runs of marked pixels the rows have, but for those that begin at the left edge."""
    return int(np.count_nonzero(marked[:, 1:] & ~marked[:, :-1]))


def _solve_part(  # noqa: PLR0917 - one task's, all of them
    is_thick: bool,
    equation: Equation,
    image: Float,
    mine: Bool,
    box: Box,
    channels: list[int],
    ends: tuple[Float, Float],
    progress: Progress,
) -> None:
    """Solve for some channels of the unknown pixels within a box, as deviations from their middle."""
    low, high = (end[channels].astype(np.float64) for end in ends)
    middle, scale = low + 0.5 * (high - low), np.where(high > low, high - low, 1.0)
    window = image[box.slices]
    if is_thick:
        height, width = image.shape[:2]
        sides = (box.y0 == 0, box.x0 == 0, box.y1 == height, box.x1 == width)
        levels = build_levels(mine, sides, equation.stencil)
        x = levels[0].plane(len(channels), np.float64)
        pixels = x.reshape(len(x), -1, len(channels))[PAD:-PAD, PAD:-PAD]
        for lane, c in enumerate(channels):
            pixels[..., lane] = window[..., c]
        pixels -= middle
        pixels /= scale
        pixels[mine] = 0.0
        solve_planes(
            levels,
            equation.stencil,
            equation.scheme,
            x,
            len(channels),
            tolerance=equation.tolerance,
            error=equation.error,
            report=partial(progress, equation.stage),
        )
        values = pixels[mine]
    else:
        values = solve_lists(
            lambda marked: (window[marked][:, channels] - middle) / scale,
            mine,
            equation.order,
            tolerance=equation.tolerance,
            error=equation.error,
            report=partial(progress, equation.stage),
        )
    for lane, c in enumerate(channels):
        window[mine, c] = np.clip(middle[lane] + scale[lane] * values[:, lane], low[lane], high[lane])
