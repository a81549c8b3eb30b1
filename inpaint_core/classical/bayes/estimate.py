# ruff: noqa: PLR0917 - Numba wants arguments by place
"""The most probable values of a patch's missing pixels, given its known ones and similar patches.

A patch is taken for a sample of a Gaussian. Its covariance is that of the most similar patches near by, and a
prior: neighbouring pixels are alike, by the stationary covariance exp(-(distance / LENGTH) ** SMOOTHNESS).
With the known pixels k and the missing ones m, and all taken less the mean of the known,

    x_m = C_mk C_kk⁻¹ x_k,        and the variance that remains is C_mm - C_mk C_kk⁻¹ C_km.

The estimates of overlapping patches are averaged, each weighted by the inverse of its variance. Where little
is alike near by, the prior leads and the answer is a smooth interpolation (kriging).

References
----------
M. Lebrun, A. Buades, J.-M. Morel, "A nonlocal Bayesian image denoising algorithm", SIAM J. Imaging Sciences 6
(3), 2013: similar patches, their Gaussian.
G. Yu, G. Sapiro, S. Mallat, "Solving inverse problems with piecewise linear estimators: from Gaussian mixture
models to structured sparsity", IEEE Trans. Image Processing 21 (5), 2012: equation 9, for missing pixels.
C. E. Rasmussen, C. K. I. Williams, "Gaussian processes for machine learning", 2006: equations 2.23 and 2.24.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.jit import inline, kernel

SIDE = 7
"""Pixels along a patch."""

PIXELS = SIDE * SIDE

SIMILAR = 96
"""So many of the most similar patches speak for the covariance."""

FEWEST = 8
"""With fewer patches than this there is no estimate."""

FEWEST_KNOWN = PIXELS // 4
"""With fewer known pixels than this neither."""

PRIOR = 3.0
"""The prior's weight, in patches for each patch that speaks: measured on photographs."""

LENGTH, SMOOTHNESS = 30.0, 1.2

NOISE = 0.002
"""The variance of noise, as a part of the prior's."""

NEARNESS = 0.7
"""A known pixel counts by NEARNESS ** (its distance to the nearest missing one)."""

LEAST = 0.1
"""Known pixels that count less than this are not compared."""

Indices = NDArray[np.int32]

Places = NDArray[np.int64]
"""(3, PIXELS): row, column and number in the patch of its pixels, the known ones first."""

Place = tuple[int, int, int]
"""A patch's upper left pixel, row and column, and how many of its pixels are known."""

Window = tuple[int, int, int, int]
"""The upper left pixels that are looked at: first and last row, first column, and number of columns."""


def prior_covariance() -> Float:
    """Return the (PIXELS, PIXELS) covariance of a patch's pixels before any patch is seen, variance 1."""
    y, x = np.divmod(np.arange(PIXELS), SIDE)
    distance = np.hypot(y[:, None] - y, x[:, None] - x)
    return np.asarray(np.exp(-((distance / LENGTH) ** SMOOTHNESS)), np.float32)


def nearness() -> Float:
    """Return how much a known pixel counts, by the square of its distance to the nearest missing one."""
    return (NEARNESS ** np.sqrt(np.arange(2 * PIXELS))).astype(np.float32)


@inline
def _arrange(known: Bool, top: int, left: int, order: Places) -> int:
    """List the patch's known pixels, then its missing ones, and return how many are known."""
    given = 0
    for v in range(SIDE):
        for u in range(SIDE):
            if known[top + v, left + u]:
                order[0, given], order[1, given], order[2, given] = v, u, v * SIDE + u
                given += 1
    last = given
    for v in range(SIDE):
        for u in range(SIDE):
            if not known[top + v, left + u]:
                order[0, last], order[1, last], order[2, last] = v, u, v * SIDE + u
                last += 1
    return given


@inline
def _weigh(order: Places, given: int, counts: Float, weights: Float) -> None:
    """Write how much each known pixel counts."""
    for a in range(given):
        nearest = 2 * PIXELS - 1
        for b in range(given, PIXELS):
            down, right = order[0, a] - order[0, b], order[1, a] - order[1, b]
            nearest = min(nearest, down * down + right * right)
        weights[a] = counts[nearest]


@inline
def _compare(grey: Float, order: Places, weights: Float, corner: Place, window: Window, costs: Float) -> None:
    """Write the cost of every patch around: its squared differences, less most of those in brightness."""
    top, left, given = corner
    first_row, last_row, first, width = window
    total = np.float32(0.0)
    for a in range(given):
        total += weights[a]
    across = np.empty(width, np.float32)
    for y in range(first_row, last_row + 1):
        line = costs[y - first_row]
        for x in range(width):
            line[x] = 0.0
            across[x] = 0.0
        for a in range(given):
            if weights[a] < LEAST:
                continue
            v, u = order[0, a], order[1, a]
            here, weight = grey[top + v, left + u], weights[a]
            there = grey[y + v, first + u : first + u + width]
            for x in range(width):
                difference = there[x] - here
                weighted = weight * difference
                across[x] += weighted
                line[x] += weighted * difference
        for x in range(width):
            line[x] -= np.float32(0.9) * across[x] * across[x] / total


@inline
def _take(
    grey: Float, whole: Bool, order: Places, window: Window, costs: Float, sorting: Float, samples: Float
) -> int:
    """Write the pixels of the most similar patches, in their order, and return how many they are."""
    first_row, last_row, first, width = window
    found = 0
    for y in range(first_row, last_row + 1):
        for x in range(width):
            if whole[y, first + x]:
                sorting[found] = costs[y - first_row, x]
                found += 1
    if found < FEWEST:
        return 0
    count = min(SIMILAR, found)
    worst = np.partition(sorting[:found], count - 1)[count - 1]
    taken = 0
    for y in range(first_row, last_row + 1):
        for x in range(width):
            if taken < count and whole[y, first + x] and costs[y - first_row, x] <= worst:
                for a in range(PIXELS):
                    samples[taken, a] = grey[y + order[0, a], first + x + order[1, a]]
                taken += 1
    return taken


@inline
def _covariance(
    samples: Float, order: Places, weights: Float, given: int, prior: Float, system: Float, variance: Float
) -> np.float32:
    """Write C_kk and C_km as rows, the upper half, and the diagonal of C_mm; return the prior's scale."""
    total, energy = np.float32(0.0), np.float32(0.0)
    for a in range(given):
        total += weights[a]
    for j in range(len(samples)):
        middle = np.float32(0.0)
        for a in range(given):
            middle += weights[a] * samples[j, a]
        middle /= total
        for a in range(PIXELS):
            samples[j, a] -= middle
            energy += samples[j, a] * samples[j, a]
    scale = np.float32(PRIOR) * (energy / np.float32(PIXELS) + np.float32(1e-7))
    for a in range(given):
        for b in range(a, PIXELS):
            system[a, b] = scale * prior[order[2, a], order[2, b]]
        system[a, a] += scale * np.float32(NOISE)
    for b in range(given, PIXELS):
        variance[b] = scale * np.float32(1.0 + NOISE)
    for j in range(len(samples)):
        for a in range(given):
            here, others, row = samples[j, a], samples[j, a:], system[a, a:PIXELS]
            for b in range(len(row)):
                row[b] += here * others[b]
        for b in range(given, PIXELS):
            variance[b] += samples[j, b] * samples[j, b]
    return scale


@inline
def _centre(picture: Float, order: Places, weights: Float, corner: Place, system: Float, mean: Float) -> None:
    """Write the known values less their weighted mean as further columns, and the mean."""
    top, left, given = corner
    for c in range(picture.shape[2]):
        above, below = np.float32(0.0), np.float32(0.0)
        for a in range(given):
            above += weights[a] * picture[top + order[0, a], left + order[1, a], c]
            below += weights[a]
        mean[c] = above / below
        for a in range(given):
            system[a, PIXELS + c] = picture[top + order[0, a], left + order[1, a], c] - mean[c]


@inline
def _eliminate(system: Float, given: int, least: np.float32) -> None:
    """Turn the rows into those of the Cholesky factor's transpose, L⁻¹ C_km and L⁻¹ x_k."""
    for t in range(given):
        pivots = system[t, t:]
        inverse = np.float32(1.0 / math.sqrt(max(pivots[0], least)))
        for b in range(len(pivots)):
            pivots[b] *= inverse
        for a in range(t + 1, given):
            factor, others, row = system[t, a], system[t, a:], system[a, a:]
            for b in range(len(row)):
                row[b] -= factor * others[b]


@kernel(
    "void(float32[:,:,::1], float32[:,::1], boolean[:,::1], boolean[:,::1], int32[:,::1], int64,"
    " float32[:,::1], float32[::1], float32[:,:,::1], int64, int64)"
)
def estimate(
    picture: Float,
    grey: Float,
    known: Bool,
    whole: Bool,
    corners: Indices,
    radius: int,
    prior: Float,
    counts: Float,
    out: Float,
    start: int,
    end: int,
) -> None:
    """Estimate the missing pixels of the patches from `start` to `end`.

    Parameters
    ----------
    picture : (H, W, C) float32
        About 0…1 where known.
    grey : (H, W) float32
        What patches are compared in, and what speaks for their covariance.
    known : (H, W) bool
    whole : (H - SIDE + 1, W - SIDE + 1) bool
        Whether the patch with this upper left pixel is known wholly.
    corners : (N, 2) int32
        Row and column of each patch's upper left pixel.
    radius
        How far similar patches are looked for, along rows and columns.
    prior, counts
        Of `prior_covariance` and `nearness`.
    out : (N, PIXELS, C + 1) float32
        For each missing pixel its values, and last 1 / variance; 0 where there is no estimate.
    """
    channels, span = picture.shape[2], 2 * radius + 1
    order, weights = np.empty((3, PIXELS), np.int64), np.empty(PIXELS, np.float32)
    costs, sorting = np.empty((span, span), np.float32), np.empty(span * span, np.float32)
    samples, system = (
        np.empty((SIMILAR, PIXELS), np.float32),
        np.empty((PIXELS, PIXELS + channels), np.float32),
    )
    variance, mean = np.empty(PIXELS, np.float32), np.empty(channels, np.float32)
    for n in range(start, end):
        out[n] = 0.0
        top, left = corners[n, 0], corners[n, 1]
        given = _arrange(known, top, left, order)
        if given == PIXELS or given < FEWEST_KNOWN:
            continue
        corner = (top, left, given)
        first = max(0, left - radius)
        width = min(whole.shape[1], left + radius + 1) - first
        window = (max(0, top - radius), min(len(whole) - 1, top + radius), first, width)
        _weigh(order, given, counts, weights)
        _compare(grey, order, weights, corner, window, costs)
        count = _take(grey, whole, order, window, costs, sorting, samples)
        if count == 0:
            continue
        scale = _covariance(samples[:count], order, weights, given, prior, system, variance)
        _centre(picture, order, weights, corner, system, mean)
        _eliminate(system, given, scale * np.float32(1e-5))
        for b in range(given, PIXELS):
            i = order[2, b]
            for c in range(channels):
                out[n, i, c] = mean[c]
            for t in range(given):
                part = system[t, b]
                variance[b] -= part * part
                for c in range(channels):
                    out[n, i, c] += part * system[t, PIXELS + c]
            out[n, i, channels] = scale / max(variance[b], scale * np.float32(NOISE))


@kernel("void(int32[:,::1], int32[:,::1], float32[:,:,::1], float32[:,::1], int64)")
def gather(corners: Indices, index: Indices, out: Float, sums: Float, count: int) -> None:
    """Add the estimates of the first `count` patches to their pixels' sums, each times its weight.

    Parameters
    ----------
    corners, out
        Of `estimate`.
    index : (H, W) int32
        Each pixel's row of the sums, -1 for a pixel without one.
    sums : (M, C + 1) float32
        The weighted values, and last the weights.
    """
    channels = sums.shape[1] - 1
    for n in range(count):
        for i in range(PIXELS):
            row = index[corners[n, 0] + i // SIDE, corners[n, 1] + i % SIDE]
            weight = out[n, i, channels]
            if row >= 0 and weight > 0.0:
                for c in range(channels):
                    sums[row, c] += weight * out[n, i, c]
                sums[row, channels] += weight
