# ruff: noqa: ARG001, PLR0917 - Numba wants arguments by place
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
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.bayes.similar import SIMILAR, Indices
from inpaint_core.jit import inline, kernel

Doubles = NDArray[np.float64]

SIDE = 7
"""Pixels along a patch."""

PIXELS = SIDE * SIDE

ROW = 8
"""A row of a patch in memory, one vector of the processor: its last place is void."""

CELLS = SIDE * ROW

LANES = 4
"""Channels, padded."""

COLUMNS = 64
"""Of a row of the linear system: the cells of a patch, the channels, and padding."""

FEWEST = 8
"""With fewer similar patches than this there is no estimate."""

FEWEST_KNOWN = PIXELS // 4
"""With fewer known pixels than this neither."""

PRIOR = 5.0
"""The prior's weight, in patches for each patch that speaks: measured on photographs."""

LENGTH, SMOOTHNESS = 30.0, 1.2

NOISE = 0.002
"""The variance of noise, as a part of the prior's."""

_LANES = 16


@cache
def prior_covariance() -> Float:
    """Return the (CELLS, COLUMNS) covariance of a patch's cells before any patch is seen, variance 1.

    0 in void cells and in all columns that are no cells.
    """
    v, u = np.divmod(np.arange(CELLS), ROW)
    distance = np.hypot(v[:, None] - v, u[:, None] - u)
    covariance = np.exp(-((distance / LENGTH) ** SMOOTHNESS)) + NOISE * np.eye(CELLS)
    covariance *= (u < SIDE) & (u[:, None] < SIDE)
    return np.pad(covariance, ((0, 0), (0, COLUMNS - CELLS))).astype(np.float32)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    """Return the address of a float of an array, at a linear place."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [place])


def _load(builder: Any, start: Any, place: int, vector: Any) -> Any:
    """Return the vector of floats that begins at a place behind `start`."""
    address = builder.gep(start, [ir.Constant(ir.IntType(64), place)])
    loaded = builder.load(builder.bitcast(address, vector.as_pointer()))
    loaded.align = 4
    return loaded


def _store(builder: Any, value: Any, start: Any, place: int) -> None:
    address = builder.gep(start, [ir.Constant(ir.IntType(64), place)])
    builder.store(value, builder.bitcast(address, value.type.as_pointer())).align = 4


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    """Return a vector that has the value in each of its lanes."""
    number = ir.IntType(32)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(number, 0))
    zeros = ir.Constant(ir.VectorType(number, vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _sum(builder: Any, value: Any) -> Any:
    """Return the sum of a vector's lanes, halves first."""
    count = value.type.count
    while count > 1:
        count //= 2
        kind = ir.VectorType(ir.IntType(32), count)
        low, high = (
            builder.shuffle_vector(value, value, ir.Constant(kind, list(range(first, first + count))))
            for first in (0, count)
        )
        value = builder.fadd(low, high)
    return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))


def _emit_sum(
    builder: Any, target: Any, count: Any, row_at: Any, factor_of: Any, *, squared: bool = False
) -> None:
    """Add rows to `target`, or their squares, each times a factor."""
    vector, whole, fused = ir.VectorType(ir.FloatType(), _LANES), ir.IntType(64), ("contract",)
    helpers: Any = cgutils
    totals = {first: helpers.alloca_once(builder, vector) for first in range(0, COLUMNS, _LANES)}
    for first, total in totals.items():
        builder.store(_load(builder, target, first, vector), total)
    with helpers.for_range(builder, count, intp=whole) as step:
        row = row_at(builder.mul(step.index, ir.Constant(whole, COLUMNS)))
        factor = factor_of(row)
        for first, total in totals.items():
            part = _load(builder, row, first, vector)
            times = builder.fmul(factor, part) if squared else factor
            more = builder.fmul(times, part, flags=fused)
            builder.store(builder.fadd(builder.load(total), more, flags=fused), total)
    for first, total in totals.items():
        _store(builder, builder.load(total), target, first)


def _type_add_rows(typing: Any, rows: Any, count: Any, column: Any, sign: Any, out: Any) -> Any:
    """Add to `out` the first rows, each times `sign` and times its value in a column."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows, count, column, sign, out = arguments
        vector = ir.VectorType(ir.FloatType(), _LANES)
        _emit_sum(
            builder,
            _pointer(context, builder, signature.args[4], out, ir.Constant(ir.IntType(64), 0)),
            count,
            lambda place: _pointer(context, builder, signature.args[0], rows, place),
            lambda row: _splat(builder, builder.fmul(sign, builder.load(builder.gep(row, [column]))), vector),
        )
        return context.get_dummy_value()

    return types.void(rows, types.int64, types.int64, types.float32, out), emit


def _type_add_squares(typing: Any, rows: Any, count: Any, sign: Any, out: Any) -> Any:
    """Add to `out` the squares of the first rows, times `sign`."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows, count, sign, out = arguments
        signs = _splat(builder, sign, ir.VectorType(ir.FloatType(), _LANES))
        _emit_sum(
            builder,
            _pointer(context, builder, signature.args[3], out, ir.Constant(ir.IntType(64), 0)),
            count,
            lambda place: _pointer(context, builder, signature.args[0], rows, place),
            lambda _: signs,
            squared=True,
        )
        return context.get_dummy_value()

    return types.void(rows, types.int64, types.float32, out), emit


def _type_take(typing: Any, grey: Any, place: Any, counts: Any, sample: Any) -> Any:
    """Write a patch less its weighted mean; return the sum of its squares."""
    vector, whole, fused = ir.VectorType(ir.FloatType(), ROW), ir.IntType(64), ("contract",)
    real = ir.Constant(vector, [1.0] * SIDE + [0.0] * (ROW - SIDE))

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        grey, place, counts, sample = arguments
        kinds = signature.args
        shape = context.make_array(kinds[0])(context, builder, grey).shape
        stride = builder.extract_value(shape, 1)
        weights = _pointer(context, builder, kinds[2], counts, ir.Constant(whole, 0))
        target = _pointer(context, builder, kinds[3], sample, ir.Constant(whole, 0))
        total, lines = ir.Constant(vector, [0.0] * ROW), []
        for v in range(SIDE):
            at = builder.add(place, builder.mul(stride, ir.Constant(whole, v)))
            line = _load(builder, _pointer(context, builder, kinds[0], grey, at), 0, vector)
            part = builder.fmul(line, _load(builder, weights, v * ROW, vector), flags=fused)
            total = builder.fadd(total, part, flags=fused)
            lines.append(line)
        mean = _splat(builder, _sum(builder, total), vector)
        energy = ir.Constant(vector, [0.0] * ROW)
        for v, line in enumerate(lines):
            centred = builder.fmul(builder.fsub(line, mean), real)
            _store(builder, centred, target, v * ROW)
            energy = builder.fadd(energy, builder.fmul(centred, centred, flags=fused), flags=fused)
        return _sum(builder, energy)

    return types.float32(grey, types.int64, counts, sample), emit


_add_rows: Any = intrinsic(_type_add_rows)
_add_squares: Any = intrinsic(_type_add_squares)
_take_patch: Any = intrinsic(_type_take)


@inline
def _arrange(weights: Float, top: int, left: int, counts: Float, given: Indices, missing: Indices) -> int:
    """Write what part of all each cell weighs, list the known and the missing, and count the known."""
    known, unknown, total = 0, 0, np.float32(0.0)
    for v in range(SIDE):
        for u in range(SIDE):
            weight = weights[top + v, left + u]
            counts[v * ROW + u] = weight
            total += weight
            if weight > 0.0:
                given[known] = v * ROW + u
                known += 1
            else:
                missing[unknown] = v * ROW + u
                unknown += 1
        counts[v * ROW + SIDE] = 0.0
    for i in range(CELLS):
        counts[i] /= max(total, np.float32(1e-30))
    return known


@inline
def _centre(
    picture: Float, top: int, left: int, counts: Float, given: Indices, system: Float, mean: Float
) -> None:
    """Write the known values less their weighted mean as further columns, and the mean."""
    for c in range(LANES):
        mean[c] = 0.0
    for t in range(len(given)):
        i = given[t]
        for c in range(LANES):
            value = picture[top + i // ROW, left + i % ROW, c]
            system[t, CELLS + c] = value
            mean[c] += counts[i] * value
    for t in range(len(given)):
        for c in range(LANES):
            system[t, CELLS + c] -= mean[c]


@inline
def _eliminate(system: Float, given: Indices, least: np.float32) -> None:
    """Turn the rows into L⁻¹ times themselves, where L is the Cholesky factor of their given columns."""
    for t in range(len(given)):
        row = system[t]
        _add_rows(system, t, given[t], np.float32(-1.0), row)
        inverse = np.float32(1.0 / math.sqrt(max(row[given[t]], least)))
        for b in range(COLUMNS):
            row[b] *= inverse


@kernel(
    "void(float32[:,:,::1], float32[:,::1], float32[:,::1], int32[:,::1], int32[:,:,::1], int32[::1],"
    " float32[:,::1], float32[:,:,::1], int64, int64)"
)
def estimate(
    picture: Float,
    grey: Float,
    weights: Float,
    corners: Indices,
    places: Indices,
    found: Indices,
    prior: Float,
    out: Float,
    start: int,
    end: int,
) -> None:
    """Estimate the missing pixels of the patches from `start` to `end`.

    Parameters
    ----------
    picture : (H, W, LANES) float32
        About 0…1 where known.
    grey, weights, corners
        Of `find_similar`: what speaks for the covariance, what the known pixels count, and the patches.
    places, found
        What it found.
    prior
        Of `prior_covariance`.
    out : (N, PIXELS, LANES + 1) float32
        For each missing pixel its values, and last 1 / variance; 0 where there is no estimate.
    """
    samples, system = np.zeros((SIMILAR, COLUMNS), np.float32), np.zeros((PIXELS, COLUMNS), np.float32)
    counts, mean = np.empty(CELLS, np.float32), np.empty(LANES, np.float32)
    given, missing = np.empty(PIXELS, np.int32), np.empty(PIXELS, np.int32)
    values, variance = np.empty((LANES, COLUMNS), np.float32), np.empty(COLUMNS, np.float32)
    for n in range(start, end):
        out[n] = 0.0
        top, left = corners[n, 0], corners[n, 1]
        known = _arrange(weights, top, left, counts, given, missing)
        if found[n] < FEWEST or known < FEWEST_KNOWN or known == PIXELS:
            continue
        energy = np.float32(0.0)
        for j in range(found[n]):
            place = places[n, j, 0] * grey.shape[1] + places[n, j, 1]
            energy += _take_patch(grey, place, counts, samples[j])
        scale = np.float32(PRIOR) * (energy / np.float32(PIXELS) + np.float32(1e-7))
        for t in range(known):
            row, before = system[t], prior[given[t]]
            for b in range(COLUMNS):
                row[b] = scale * before[b]
            _add_rows(samples, found[n], given[t], np.float32(1.0), row)
        _centre(picture, top, left, counts, given[:known], system, mean)
        _eliminate(system, given[:known], scale * np.float32(1e-5))
        variance[:] = scale * np.float32(1.0 + NOISE)
        _add_squares(samples, found[n], np.float32(1.0), variance)
        _add_squares(system, known, np.float32(-1.0), variance)
        for c in range(LANES):
            values[c] = mean[c]
            _add_rows(system, known, CELLS + c, np.float32(1.0), values[c])
        for m in range(PIXELS - known):
            b = missing[m]
            pixel = b // ROW * SIDE + b % ROW
            for c in range(LANES):
                out[n, pixel, c] = values[c, b]
            out[n, pixel, LANES] = scale / max(variance[b], scale * np.float32(NOISE))


@kernel("void(int32[:,::1], int32[:,::1], float32[:,:,::1], float32[:,::1], int64)")
def gather(corners: Indices, index: Indices, out: Float, sums: Float, count: int) -> None:
    """Add the estimates of the first `count` patches to their pixels' sums, each times its weight.

    Parameters
    ----------
    corners, out
        Of `estimate`.
    index : (H, W) int32
        Each pixel's row of the sums, -1 for a pixel without one.
    sums : (M, LANES + 1) float32
        The weighted values, and last the weights.
    """
    for n in range(count):
        for i in range(PIXELS):
            row = index[corners[n, 0] + i // SIDE, corners[n, 1] + i % SIDE]
            weight = out[n, i, LANES]
            if row >= 0 and weight > 0.0:
                for c in range(LANES):
                    sums[row, c] += weight * out[n, i, c]
                sums[row, LANES] += weight


@kernel(
    "void(float32[:,:,:], boolean[:,:], float64[::1], float64, float64[::1], float32[:,:,::1],"
    " float32[:,::1])"
)
def prepare(
    image: Float, known: Bool, low: Doubles, span: float, luma: Doubles, picture: Float, grey: Float
) -> None:
    """Write what is known of an image, less `low` and divided by `span`, and its luma.

    Parameters
    ----------
    image : (H, W, C) float32, C <= LANES
    known : (H, W) bool
    low, luma : (C,) float64
    span
        Above 0.
    picture : (H, W, LANES) float32
        Zeros, and so it stays where nothing is known.
    grey : (H, W + any) float32
        Likewise.
    """
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            if known[y, x]:
                total = 0.0
                for c in range(image.shape[2]):
                    value = (np.float64(image[y, x, c]) - low[c]) / span
                    picture[y, x, c] = value
                    total += luma[c] * value
                grey[y, x] = total
