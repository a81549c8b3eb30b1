"""The total-variation fill: areas of one colour that meet along short, sharp lines."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.domain import unknown_domain, working_box
from inpaint_core.classical.diffusion.multigrid import LANES
from inpaint_core.classical.diffusion.options import TotalVariationOptions
from inpaint_core.classical.diffusion.primal_dual import Colours, Grid, build_grid, minimise
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

GAP = 3e-4
"""The primal-dual gap that remains, for each unknown pixel, as a part of the range of the rim's colours: the
total variation is above its minimum by no more than that."""


def fill_tv(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: TotalVariationOptions,  # noqa: ARG001 - the contract of `Fill`
    seed: int,  # noqa: ARG001
    progress: Progress,
) -> Float:
    """Fill the hole with the picture of least total variation, min Σ ‖∇u‖.

    ∇u are the differences to the pixels right and below, and ‖·‖ is the Euclidean norm over both and over all
    channels, so that the edges of the channels coincide. The sum is over the pixels whose differences
    involve an unknown one. Solved from coarse to fine by a primal-dual method, within the range of the rim's
    colours. Where several pictures share the minimum, the same one of them is found each time.

    Parameters
    ----------
    image : (H, W, C) float32, C = 1…4
        Any finite values.
    hole, source : (H, W) bool
        Disjoint.
    options, seed
        Without influence.
    progress
        Called every few steps.

    Returns
    -------
    (H, W, C) float32
        Its total variation is above the minimum by at most `GAP` times the number of unknown pixels times
        the range of the channel that varies most along the rim, before rounding to float32.

    Raises
    ------
    NoSourceError
        When no pixel is a source.

    References
    ----------
    L. Rudin, S. Osher, E. Fatemi, "Nonlinear total variation based noise removal algorithms", Physica D 60,
    1992.
    T. Chan, J. Shen, "Mathematical models for local nontexture inpaintings", SIAM J. Applied Mathematics 62
    (3), 2002; without its term for noise.
    X. Bresson, T. Chan, "Fast dual minimization of the vectorial total variation norm and applications to
    color image processing", Inverse Problems and Imaging 2 (4), 2008: the norm over the channels.
    """
    unknown = unknown_domain(hole, source, reach=2)  # ∇u of a known pixel may look past a corner
    box = working_box(unknown)
    inside = np.ascontiguousarray(unknown[box.slices])
    filled = image.copy()
    window = filled[box.slices]
    rim = window[_grown(inside) & ~inside].astype(np.float64)
    low, high = rim.min(axis=0), rim.max(axis=0)
    span = float((high - low).max())
    values = np.broadcast_to(low, (int(inside.sum()), len(low)))
    if span > 0.0:
        scaled = np.zeros((*inside.shape, LANES), np.float32)
        scaled[..., : len(low)] = np.clip((window - low) / span, 0.0, 1.0)
        top = np.zeros(LANES, np.float32)
        top[: len(low)] = (high - low) / span
        grid = _solve(scaled, inside, top, progress)
        values = low + span * grid.values[:-1][grid.free, : len(low)].astype(np.float64)
    window[inside] = np.clip(values, low, high)
    warn_if_not_kept()
    return filled


def _solve(picture: Colours, unknown: Bool, high: Colours, progress: Progress) -> Grid:
    """Return the solved grid; its first guess is the solution at half the size."""
    coarse_unknown, coarse_picture = _halved(picture, unknown)
    coarser = _solve(coarse_picture, coarse_unknown, high, progress) if coarse_unknown.any() else None
    height, width = unknown.shape
    if coarser:
        coarse_picture[coarse_unknown] = coarser.values[:-1][coarser.free]
    guess = coarse_picture.repeat(2, axis=0)[:height].repeat(2, axis=1)[:, :width]
    picture = np.where(unknown[..., None], guess, picture)
    grid = build_grid(picture, unknown)
    if coarser:
        _inherit(grid, coarser)
    gap = GAP * float(np.count_nonzero(unknown))
    minimise(grid, high, gap, _falling(gap, progress))
    return grid


def _halved(picture: Colours, unknown: Bool) -> tuple[Bool, Colours]:
    """Return which 2 by 2 blocks are wholly unknown, and the mean of each one's known pixels."""
    height, width = unknown.shape
    odd = (0, height % 2), (0, width % 2)
    known = np.pad(~unknown, odd, constant_values=False).astype(np.float32)
    size = (known.shape[1] // 2, known.shape[0] // 2)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(np.pad(picture, (*odd, (0, 0))) * known[..., None], size, interpolation=cv2.INTER_AREA)
    mean = np.asarray(total, np.float32).reshape(size[1], size[0], LANES)
    mean /= np.maximum(weight, np.float32(0.25))[..., None]
    return np.asarray(weight == 0.0), mean


def _inherit(grid: Grid, coarser: Grid) -> None:
    """Start the dual variable where the coarser one ended."""
    y, x = np.nonzero(grid.index >= 0)
    parents = coarser.index[y // 2, x // 2]
    grid.dual[:-1] = coarser.dual[parents]
    grid.dual[:-1, :LANES][grid.ahead[:, 0] == np.arange(len(parents))] = 0.0
    grid.dual[:-1, LANES:][grid.ahead[:, 1] == np.arange(len(parents))] = 0.0


def _falling(gap: float, progress: Progress) -> Callable[[float], None]:
    """Return a report of gaps: the fraction done by how far the logarithm of the gap has come."""
    start = gap

    def report(now: float) -> None:
        nonlocal start
        start = max(start, now)
        done = 1.0 - math.log(max(now, gap) / gap) / math.log(start / gap) if start > gap else 1.0
        progress("Joining areas", min(max(done, 0.0), 1.0))

    return report


def _grown(marked: Bool) -> Bool:
    return np.asarray(cv2.dilate(marked.view(np.uint8), np.ones((3, 3), np.uint8)), np.uint8).view(np.bool_)
