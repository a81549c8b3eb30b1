# ruff: noqa: ARG001, PLR0917 - Numba wants arguments by place
"""Places near by that are most alike the known pixels of a patch."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.jit import inline, kernel

SIMILAR = 96
"""So many places are looked for."""

NEARNESS = 0.7
"""A known pixel counts by NEARNESS ** (its distance to the nearest missing one)."""

LEAST = 0.25
"""Known pixels that count less than this are not compared."""

FAR = np.float32(40.0)
"""Pixels further away all count the same: next to nothing."""

BRIGHTNESS = 0.9
"""This part of what differs in brightness alone is forgiven."""

BLOCK = 48
"""Places side by side that are compared at once; `grey` has so many columns more than the picture."""

_LANES = 16

_NEVER = np.int32(0x7F800000)
"""The bits of an infinite cost."""

Indices = NDArray[np.int32]

Offsets = NDArray[np.int64]


def weigh(known: Bool) -> Float:
    """Return how much each pixel of an (H, W) mask of known ones counts: 0…1, and 0 for the missing."""
    away = np.minimum(cv2.distanceTransform(known.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5), FAR)
    return np.asarray(cv2.exp(away * np.float32(math.log(NEARNESS))), np.float32) * known


def _pointer(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    """Return the address of a float of an array, at a linear place."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [place])


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    """Return a vector that has the value in each of its lanes."""
    number = ir.IntType(32)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(number, 0))
    zeros = ir.Constant(ir.VectorType(number, vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _type_compare(
    typing: Any, grey: Any, place: Any, offsets: Any, values: Any, count: Any, even: Any, costs: Any, at: Any
) -> Any:
    """Write the costs of the `BLOCK` places from `place` on: Σ d² - even · (Σ √w d)², where d = √w (x - y).

    `values` holds √w and √w y of each compared pixel; `offsets`, how far it is from the upper left one.
    """
    vector = ir.VectorType(ir.FloatType(), _LANES)
    whole = ir.IntType(64)
    fused = ("contract",)

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        grey, place, offsets, values, count, even, costs, at = arguments
        kinds = signature.args
        helpers: Any = cgutils
        blocks = range(0, BLOCK, _LANES)
        zero = ir.Constant(vector, [0.0] * _LANES)
        squares, sums = ([helpers.alloca_once(builder, vector) for _ in blocks] for _ in range(2))
        for total in squares + sums:
            builder.store(zero, total)
        with helpers.for_range(builder, count, intp=whole) as loop:
            offset = builder.load(_pointer(context, builder, kinds[2], offsets, loop.index))
            pair = _pointer(
                context, builder, kinds[3], values, builder.mul(loop.index, ir.Constant(whole, 2))
            )
            root = _splat(builder, builder.load(pair), vector)
            own = _splat(builder, builder.load(builder.gep(pair, [ir.Constant(whole, 1)])), vector)
            start = _pointer(context, builder, kinds[0], grey, builder.add(place, offset))
            for number, first in enumerate(blocks):
                address = builder.gep(start, [ir.Constant(whole, first)])
                there = builder.load(builder.bitcast(address, vector.as_pointer()))
                there.align = 4
                apart = builder.fsub(builder.fmul(root, there, flags=fused), own, flags=fused)
                square, total = builder.load(squares[number]), builder.load(sums[number])
                more = builder.fmul(apart, apart, flags=fused)
                builder.store(builder.fadd(square, more, flags=fused), squares[number])
                more = builder.fmul(root, apart, flags=fused)
                builder.store(builder.fadd(total, more, flags=fused), sums[number])
        forgiven = _splat(builder, even, vector)
        for number, first in enumerate(blocks):
            total = builder.load(sums[number])
            less = builder.fmul(builder.fmul(total, total), forgiven)
            cost = builder.fsub(builder.load(squares[number]), less)
            cost = builder.select(builder.fcmp_ordered(">", cost, zero), cost, zero)
            address = _pointer(context, builder, kinds[6], costs, builder.add(at, ir.Constant(whole, first)))
            builder.store(cost, builder.bitcast(address, vector.as_pointer())).align = 4
        return context.get_dummy_value()

    arguments = (grey, types.int64, offsets, values, types.int64, types.float32, costs, types.int64)
    return types.void(*arguments), emit


def _type_count(typing: Any, numbers: Any, limit: Any) -> Any:
    """Return how many of the numbers, a multiple of `_LANES`, are below a limit."""
    number, whole = ir.IntType(32), ir.IntType(64)
    vector = ir.VectorType(number, _LANES)

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        helpers: Any = cgutils
        numbers, limit = arguments
        array = context.make_array(signature.args[0])(context, builder, numbers)
        total = helpers.alloca_once(builder, vector)
        builder.store(ir.Constant(vector, [0] * _LANES), total)
        limits = _splat(builder, limit, vector)
        size = builder.extract_value(array.shape, 0)
        with helpers.for_range(builder, builder.sdiv(size, ir.Constant(whole, _LANES)), intp=whole) as loop:
            place = builder.mul(loop.index, ir.Constant(whole, _LANES))
            address = builder.gep(array.data, [place])
            some = builder.load(builder.bitcast(address, vector.as_pointer()))
            some.align = 4
            below = builder.sext(builder.icmp_signed("<", some, limits), vector)
            builder.store(builder.sub(builder.load(total), below), total)
        function = helpers.get_or_insert_function(
            builder.module, ir.FunctionType(number, [vector]), f"llvm.vector.reduce.add.v{_LANES}i32"
        )
        return builder.call(function, [builder.load(total)])

    return types.int32(numbers, types.int32), emit


_compare_block: Any = intrinsic(_type_compare)
_count_below: Any = intrinsic(_type_count)


@inline
def _list(
    grey: Float, weights: Float, top: int, left: int, side: int, offsets: Offsets, values: Float
) -> tuple[int, np.float32]:
    """List the pixels of a square that are compared; return how many they are and what they weigh."""
    count, total = 0, np.float32(0.0)
    for v in range(side):
        for u in range(side):
            weight = weights[top + v, left + u]
            if weight >= LEAST:
                root = np.float32(math.sqrt(weight))
                offsets[count] = v * grey.shape[1] + u
                values[count, 0], values[count, 1] = root, root * grey[top + v, left + u]
                total += weight
                count += 1
    return count, total


@inline
def _choose(costs: Indices, columns: int, chosen: Indices) -> int:
    """List the places of least cost, row by row, and return how many they are.

    Of those that cost the same as the last one, the first ones. The costs are the bits of floats, not
    negative, so that they are in order as numbers too.
    """
    low, high = np.int32(0), _NEVER  # as many are wanted as lie below a limit between the two
    below = 0
    if _count_below(costs, high) > SIMILAR:
        while high - low > 1:
            middle = np.int32(low + (high - low) // 2)
            count = _count_below(costs, middle)
            if count > SIMILAR:
                high = middle
            else:
                low, below = middle, count
                if count == SIMILAR:
                    break
    else:
        low, below = high, SIMILAR
    found, room = 0, SIMILAR - below
    for place in range(len(costs)):
        if costs[place] <= low and costs[place] != _NEVER:
            if costs[place] == low:
                room -= 1
                if room < 0:
                    continue
            chosen[found, 0], chosen[found, 1] = place // columns, place % columns
            found += 1
    return found


@kernel(
    "void(float32[:,::1], float32[:,::1], boolean[:,::1], int32[:,::1], int64, int64, int32[:,:,::1],"
    " int32[::1], int64, int64)"
)
def find_similar(
    grey: Float,
    weights: Float,
    whole: Bool,
    corners: Indices,
    side: int,
    radius: int,
    places: Indices,
    counts: Indices,
    start: int,
    end: int,
) -> None:
    """Find the places most alike the patches from `start` to `end`.

    Parameters
    ----------
    grey : (H, W + BLOCK) float32
        What is compared.
    weights : (H, W) float32
        Of `weigh`.
    whole : (H - side + 1, W - side + 1) bool
        Whether the patch with this upper left pixel is known wholly: only such are found.
    corners : (N, 2) int32
        Row and column of each patch's upper left pixel.
    side
        Pixels along a patch.
    radius
        How far is looked, along rows and columns.
    places : (N, SIMILAR, 2) int32
        Row and column of the upper left pixels of what was found, row by row.
    counts : (N,) int32
        How many were.
    """
    offsets, values = np.empty(side * side, np.int64), np.empty((side * side, 2), np.float32)
    span = 2 * radius + 1
    columns = -(-span // BLOCK) * BLOCK
    costs = np.empty((span, columns), np.float32)
    bits = costs.view(np.int32)
    for n in range(start, end):
        counts[n] = 0
        count, total = _list(grey, weights, corners[n, 0], corners[n, 1], side, offsets, values)
        if count == 0:
            continue
        even = np.float32(BRIGHTNESS) / total
        first, first_row = max(0, corners[n, 1] - radius), max(0, corners[n, 0] - radius)
        rows = min(len(whole), corners[n, 0] + radius + 1) - first_row
        width = min(whole.shape[1], corners[n, 1] + radius + 1) - first
        for y in range(rows):
            for x in range(0, width, BLOCK):
                place = (first_row + y) * grey.shape[1] + first + x
                _compare_block(grey, place, offsets, values, count, even, costs, y * columns + x)
            line, allowed = bits[y], whole[first_row + y, first:]
            for x in range(width):
                line[x] = line[x] if allowed[x] else _NEVER
            line[width:] = _NEVER
        found = _choose(bits[:rows].reshape(-1), columns, places[n])
        for j in range(found):
            places[n, j, 0] += first_row
            places[n, j, 1] += first
        counts[n] = found
