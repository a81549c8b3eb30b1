"""The non-local Bayes fill: thin holes estimated from what similar places near by have in common."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.bayes.estimate import (
    LANES,
    PIXELS,
    SIDE,
    estimate,
    gather,
    prepare,
    prior_covariance,
)
from inpaint_core.classical.bayes.options import BayesOptions
from inpaint_core.classical.bayes.similar import BLOCK, SIMILAR, Indices, find_similar, weigh
from inpaint_core.classical.diffusion.biharmonic import PLATE
from inpaint_core.classical.diffusion.domain import source_range, unknown_domain
from inpaint_core.classical.diffusion.equation import solve_unknowns
from inpaint_core.cores import threads, within
from inpaint_core.errors import NoSourceError
from inpaint_core.geometry import Size
from inpaint_core.holes import bounding_box
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

STEP = 3
"""Patches lie so many pixels apart."""

_BATCH = 4096
_LUMA = np.array([0.299, 0.587, 0.114, 0.0])


def fill_bayes(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: BayesOptions,
    seed: int,  # noqa: ARG001 - every method has it
    progress: Progress,
) -> Float:
    """Fill thin parts of the hole with the most probable values, given the rim and similar places.

    What a patch of `SIDE` pixels cannot reach (the inside of a thick hole, a place with no whole patch of
    source near by) is then filled as by `fill_biharmonic`, from all that is known by now. Filled
    values lie within the range of the source's, channel by channel. The model and its references are those
    of `estimate`.

    Parameters
    ----------
    image : (H, W, C) float32, C = 1…4
        Any finite values.
    hole, source : (H, W) bool
        Disjoint.
    options
        How far similar places are looked for.
    seed
        Without influence.
    progress
        Called now and then.

    Returns
    -------
    (H, W, C) float32
        The same whatever the number of threads.

    Raises
    ------
    NoSourceError
        When no pixel is a source.
    """
    if not source.any():
        raise NoSourceError("Nothing is left to take colours from: allow more of the picture as a source.")
    low, high = source_range(image, source)
    filled = image.copy()
    left = hole.copy()
    extent = Size(hole.shape[1], hole.shape[0])
    box = bounding_box(hole).grow(options.radius + SIDE) & extent.box
    if min(box.width, box.height) >= SIDE and (high > low).any():
        window, inside, known = filled[box.slices], hole[box.slices], source[box.slices]
        report = within(progress, 0.0, 0.9)
        reached = _reach(window, inside, known, (low, high), options.radius, report)
        left[box.slices] &= ~reached
    if left.any():
        filled[left] = 0.0
        unknown = unknown_domain(left, source | (hole & ~left), reach=2)
        solve_unknowns(PLATE, filled, unknown, (low, high), within(progress, 0.9, 1.0))
    warn_if_not_kept()
    return filled


def _reach(  # noqa: PLR0917 - one call's, all of them
    window: Float, hole: Bool, known: Bool, ends: tuple[Float, Float], radius: int, progress: Progress
) -> Bool:
    """Fill what patches reach of a window, in place, and return which pixels these are."""
    low, high = (end.astype(np.float64) for end in ends)
    span = float((high - low).max())
    luma = _LUMA[: len(low)] if len(low) >= 3 else np.eye(1, len(low))[0]
    picture = np.zeros((*hole.shape, LANES), np.float32)
    grey = np.zeros((len(hole), hole.shape[1] + BLOCK), np.float32)
    prepare(window, known, low, span, luma, picture, grey)
    sums = _estimates(picture, grey, hole, np.ascontiguousarray(known), radius, progress)
    done = sums[:, -1] > 0.0
    reached = np.zeros_like(hole)
    reached[hole] = done
    values = low + span * (sums[done, : len(low)] / sums[done, -1:]).astype(np.float64)
    window[reached] = np.clip(values, low, high)
    return reached


def _estimates(  # noqa: PLR0917
    picture: Float, grey: Float, hole: Bool, known: Bool, radius: int, progress: Progress
) -> Float:
    """Return, for each pixel of the hole, the weighted sum of its estimates and of their weights."""
    corners = _corners(hole)
    index: Indices = np.full(hole.shape, -1, np.int32)
    index[hole] = np.arange(np.count_nonzero(hole))
    sums = np.zeros((int(index.max()) + 1, LANES + 1), np.float32)
    whole, weights, prior = _whole(known), weigh(known), prior_covariance()
    size = min(_BATCH, len(corners))
    places, found = np.zeros((size, SIMILAR, 2), np.int32), np.zeros(size, np.int32)
    out = np.zeros((size, PIXELS, LANES + 1), np.float32)
    with ThreadPoolExecutor(threads(), thread_name_prefix="inpaint-bayes") as pool:
        for start in range(0, len(corners), _BATCH):
            progress("Reading similar places", start / len(corners))
            batch = np.ascontiguousarray(corners[start : start + _BATCH])

            def task(begin: int, end: int, batch: Indices = batch) -> None:
                find_similar(grey, weights, whole, batch, SIDE, radius, places, found, begin, end)
                estimate(picture, grey, weights, batch, places, found, prior, out, begin, end)

            _each(pool, len(batch), task)
            gather(batch, index, out, sums, len(batch))
    return sums


def _each(pool: ThreadPoolExecutor, count: int, task: Callable[[int, int], None]) -> None:
    """Run a task on ranges of the patches; none looks at another's estimate."""
    if threads() == 1:  # as in a window beside others, for which waking a thread is not worth while
        task(0, count)
        return
    size = max(-(-count // (4 * threads())), 1)
    starts = range(0, count, size)
    list(pool.map(lambda start: task(start, min(start + size, count)), starts))


def _corners(hole: Bool) -> Indices:
    """Return the upper left pixels of the patches: on a grid, with a hole's pixel close to their middle."""
    rows, columns = (_grid(length) for length in hole.shape)
    wanted = np.zeros((len(rows), len(columns)), bool)
    y, x = np.nonzero(hole)
    for down in _nearest(y, len(rows)):
        for right in _nearest(x, len(columns)):
            wanted[down, right] = True
    at = np.nonzero(wanted)
    return np.stack([rows[at[0]], columns[at[1]]], axis=1).astype(np.int32)


def _grid(length: int) -> NDArray[np.int64]:
    """Return where patches begin along one axis; the last one ends at the picture's end."""
    return np.append(np.arange(0, length - SIDE, STEP), length - SIDE)


def _nearest(place: NDArray[np.intp], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the patches whose middles are next to each place, before and behind it."""
    offset = place - SIDE // 2
    return np.clip(offset // STEP, 0, count - 1), np.clip(-(-offset // STEP), 0, count - 1)


def _whole(known: Bool) -> Bool:
    """Return, for each upper left pixel, whether the patch there is known wholly."""
    unknown = cv2.integral((~known).view(np.uint8))
    inside = unknown[SIDE:, SIDE:] - unknown[:-SIDE, SIDE:] - unknown[SIDE:, :-SIDE] + unknown[:-SIDE, :-SIDE]
    return np.ascontiguousarray(inside == 0)
