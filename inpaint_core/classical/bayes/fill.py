"""The non-local Bayes fill: thin holes estimated from what similar places near by have in common."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.bayes.estimate import (
    PIXELS,
    SIDE,
    Indices,
    estimate,
    gather,
    nearness,
    prior_covariance,
)
from inpaint_core.classical.bayes.options import BayesOptions
from inpaint_core.classical.diffusion.biharmonic import fill_biharmonic
from inpaint_core.classical.diffusion.options import BiharmonicOptions
from inpaint_core.cores import threads, within
from inpaint_core.geometry import Size
from inpaint_core.holes import bounding_box
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

STEP = 2
"""Patches lie so many pixels apart."""

_BATCH = 4096
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def fill_bayes(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: BayesOptions,
    seed: int,
    progress: Progress,
) -> Float:
    """Fill thin parts of the hole with the most probable values, given the rim and similar places.

    What a patch of `SIDE` pixels cannot reach (the inside of a thick hole, a place with no whole patch of
    source near by) is filled by `fill_biharmonic`. Filled values lie within the range of the source's values,
    channel by channel. Model and sources are those of `estimate`.

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
    filled = fill_biharmonic(
        image, hole, source, options=BiharmonicOptions(), seed=seed, progress=within(progress, 0.0, 0.3)
    )
    extent = Size(hole.shape[1], hole.shape[0])
    box = bounding_box(hole).grow(options.radius + SIDE) & extent.box
    if min(box.width, box.height) < SIDE:
        return filled
    inside = np.ascontiguousarray(hole[box.slices])
    known = np.ascontiguousarray(source[box.slices])
    low, high = image[source].min(axis=0), image[source].max(axis=0)
    span = float((high.astype(np.float64) - low).max())
    if span > 0.0:
        picture = ((filled[box.slices] - low.astype(np.float64)) / span).astype(np.float32)
        sums = _estimates(picture, inside, known, options.radius, within(progress, 0.3, 1.0))
        reached = sums[:, -1] > 0.0
        values = filled[box.slices][inside].astype(np.float64)
        values[reached] = low + span * (sums[reached, :-1] / sums[reached, -1:]).astype(np.float64)
        filled[box.slices][inside] = np.clip(values, low, high)
    warn_if_not_kept()
    return filled


def _estimates(picture: Float, hole: Bool, known: Bool, radius: int, progress: Progress) -> Float:
    """Return, for each pixel of the hole, the weighted sum of its estimates and of their weights."""
    channels = picture.shape[2]
    corners = _corners(hole)
    index: Indices = np.full(hole.shape, -1, np.int32)
    index[hole] = np.arange(np.count_nonzero(hole))
    sums = np.zeros((int(index.max()) + 1, channels + 1), np.float32)
    grey, whole = _grey(picture), _whole(known)
    prior, counts = prior_covariance(), nearness()
    out = np.zeros((min(_BATCH, len(corners)), PIXELS, channels + 1), np.float32)
    with ThreadPoolExecutor(threads(), thread_name_prefix="inpaint-bayes") as pool:
        for start in range(0, len(corners), _BATCH):
            progress("Reading similar places", start / len(corners))
            batch = np.ascontiguousarray(corners[start : start + _BATCH])

            def task(begin: int, end: int, batch: Indices = batch) -> None:
                estimate(picture, grey, known, whole, batch, radius, prior, counts, out, begin, end)

            _each(pool, len(batch), task)
            gather(batch, index, out, sums, len(batch))
    return sums


def _each(pool: ThreadPoolExecutor, count: int, task: Callable[[int, int], None]) -> None:
    """Run a task on ranges of the patches; none looks at another's estimate."""
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


def _grey(picture: Float) -> Float:
    """Return what patches are compared in: the luma, or the first channel."""
    if picture.shape[2] < 3:
        return np.ascontiguousarray(picture[..., 0])
    return np.ascontiguousarray(picture[..., :3] @ _LUMA)


def _whole(known: Bool) -> Bool:
    """Return, for each upper left pixel, whether the patch there is known wholly."""
    unknown = np.zeros((known.shape[0] + 1, known.shape[1] + 1), np.int32)
    unknown[:] = cv2.integral((~known).view(np.uint8))
    inside = unknown[SIDE:, SIDE:] - unknown[:-SIDE, SIDE:] - unknown[SIDE:, :-SIDE] + unknown[:-SIDE, :-SIDE]
    return np.ascontiguousarray(inside == 0)
