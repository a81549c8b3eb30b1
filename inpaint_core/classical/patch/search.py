# ruff: noqa: ARG001, PLR0912, PLR0915, PLR0917 - Numba wants arguments by place and one straight loop
"""PatchMatch: for each target patch, the most similar source patch (Barnes et al., 2009).

Similar is what a limited shift of each colour makes similar: light changes across a wall or a sky.

The work image is (H, S, 4) uint8, row-padded so that a vector may be read past any patch: three colours and,
in the upper seven bits of the last byte, alpha or a texture feature. The lowest bit of that byte is set where
a whole source patch has its top left corner. Places are linear: ``y * S + x``, always of a top left corner.

Targets are worked on in chunks. A chunk sees its own matches as they improve and those of other chunks as
they were before the round, and its random numbers are a hash of place and round: so the bytes do not depend
on which thread works on which chunk, or when.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from inpaint_core.jit import inline, kernel

PADDING = 16
"""Columns to the right of the picture that a vector may touch."""

NO_MATCH = -1
FAR = 2**31 - 1
"""The distance of no match."""

SHIFT_GAIN = np.float32(0.75)
"""The part of a difference in brightness or colour that shifting a source patch makes good.

The rest still counts, so that of patches alike but for their light the one that needs no shift wins."""

HOPELESS = 20
"""A patch so many times as far as another one, but for shifts and ways, is farther with them, too: shifts
make good three quarters at most, and of what is left a hop counts a quarter."""

SHIFT_STEPS = 16
"""Steps in which a shift is told, for each of a byte's."""

_LANES = 32
_PIXELS = _LANES // 4
_SUMS: Any = types.UniTuple(types.int32, 4)  # type: ignore[no-untyped-call]
"""A sum of squared differences, and the sums of the differences of the three colours."""


def _differences(builder: Any, a: Any, b: Any, keep: Any) -> Any:
    """Return the differences of the bytes of `a` and `b` that `keep` selects, in 16 bits."""
    wide = ir.VectorType(ir.IntType(16), _LANES)
    return builder.sub(builder.zext(builder.and_(a, keep), wide), builder.zext(builder.and_(b, keep), wide))


def _squares(builder: Any, difference: Any) -> Any:
    """Return sums of two squared differences, in the one form that LLVM makes a single instruction of."""
    whole = ir.VectorType(ir.IntType(32), _LANES)
    widened = builder.sext(difference, whole)
    squares = builder.mul(widened, widened)
    pairs = [
        ir.Constant(
            ir.VectorType(ir.IntType(32), _LANES // 2),
            [ir.Constant(ir.IntType(32), k) for k in range(first, _LANES, 2)],
        )
        for first in (0, 1)
    ]
    nothing = ir.Constant(whole, ir.Undefined)
    return builder.add(*(builder.shuffle_vector(squares, nothing, lanes) for lanes in pairs))


def _emit_distance(
    context: Any, builder: Any, pointers: list[Any], rows: Any, row_bytes: Any, size: Any
) -> Any:
    """Emit the loop over the rows of two patches; a third pointer, if given, selects bytes; see `_SUMS`."""
    byte, count = ir.IntType(8), ir.IntType(64)
    vector = ir.VectorType(byte, _LANES)
    total = ir.VectorType(ir.IntType(32), _LANES // 2)
    wide = ir.VectorType(ir.IntType(16), _LANES)
    vector_pointer = vector.as_pointer()
    helpers: Any = cgutils
    sums = helpers.alloca_once(builder, total)
    builder.store(ir.Constant(total, [0] * (_LANES // 2)), sums)
    shifts = helpers.alloca_once(builder, wide)
    builder.store(ir.Constant(wide, [0] * _LANES), shifts)
    colours = ir.Constant(vector, [0xFF, 0xFF, 0xFF, 0xFE] * _PIXELS)

    def columns(skip: int) -> Any:
        """Return the bytes of the vector that lie inside the patch."""
        limit = builder.trunc(builder.mul(size, ir.Constant(count, 4)), byte)
        splat = builder.insert_element(
            ir.Constant(vector, ir.Undefined), limit, ir.Constant(ir.IntType(32), 0)
        )
        splat = builder.shuffle_vector(
            splat,
            ir.Constant(vector, ir.Undefined),
            ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES),
        )
        lanes = ir.Constant(vector, [skip + k for k in range(_LANES)])
        inside = builder.sext(builder.icmp_unsigned("<", lanes, splat), vector)
        return builder.and_(inside, colours)

    def loop(keeps: list[Any]) -> None:
        with helpers.for_range(builder, rows, intp=count) as row:
            offset = builder.mul(row.index, row_bytes)
            for number, inside in enumerate(keeps):
                place = builder.add(offset, ir.Constant(count, number * _LANES))
                loaded = []
                for pointer in pointers:
                    at = builder.bitcast(builder.gep(pointer, [place]), vector_pointer)
                    value = builder.load(at)
                    value.align = 1
                    loaded.append(value)
                keep = inside if len(loaded) == 2 else builder.and_(inside, loaded[2])
                difference = _differences(builder, loaded[0], loaded[1], keep)
                builder.store(builder.add(builder.load(sums), _squares(builder, difference)), sums)
                builder.store(builder.add(builder.load(shifts), difference), shifts)

    narrow = builder.icmp_signed("<=", size, ir.Constant(count, _PIXELS))
    with builder.if_else(narrow) as (then, otherwise):
        with then:
            loop([columns(0)])
        with otherwise:
            loop([columns(0), columns(_LANES)])
    function = helpers.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.IntType(32), [total]),
        f"llvm.vector.reduce.add.v{_LANES // 2}i32",
    )
    colours = _fold(builder, builder.load(shifts))
    return [
        builder.call(function, [builder.load(sums)]),
        *(builder.extract_element(colours, ir.Constant(ir.IntType(32), channel)) for channel in range(3)),
    ]


def _fold(builder: Any, vector: Any) -> Any:
    """Return the sums of the four channels' lanes in 32 bits."""

    def halves(vector: Any) -> list[Any]:
        count = vector.type.count // 2
        kind = ir.VectorType(ir.IntType(32), count)
        nothing = ir.Constant(vector.type, ir.Undefined)
        lanes = (ir.Constant(kind, [*range(first, first + count)]) for first in (0, count))
        return [builder.shuffle_vector(vector, nothing, some) for some in lanes]

    vector = builder.add(*halves(vector))
    vector = builder.add(*halves(vector))  # 16 bits hold four lanes of two vectors and 15 rows
    return builder.add(*(builder.sext(half, ir.VectorType(ir.IntType(32), 4)) for half in halves(vector)))


def _pointer(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    """Return the address of the pixel at a linear place."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(
        builder.bitcast(data, ir.IntType(8).as_pointer()),
        [builder.mul(place, ir.Constant(ir.IntType(64), 4))],
    )


def _type_distance(typing: Any, work: Any, stride: Any, size: Any, target: Any, source: Any) -> Any:
    """Return what tells two patches of the work image apart; see `_SUMS`."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, stride, size, *places = values
        pointers = [_pointer(context, builder, signature.args[0], array, place) for place in places]
        row_bytes = builder.mul(stride, ir.Constant(ir.IntType(64), 4))
        sums = _emit_distance(context, builder, pointers, size, row_bytes, size)
        return context.make_tuple(builder, signature.return_type, sums)

    return _SUMS(work, types.int64, types.int64, types.int64, types.int64), emit


def _type_masked_distance(
    typing: Any, work: Any, known: Any, stride: Any, size: Any, target: Any, source: Any
) -> Any:
    """Return what tells a source patch from what is known of the target patch; see `_SUMS`."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, known, stride, size, target, source = values
        pointers = [
            _pointer(context, builder, signature.args[0], array, target),
            _pointer(context, builder, signature.args[0], array, source),
            _pointer(context, builder, signature.args[1], known, target),
        ]
        row_bytes = builder.mul(stride, ir.Constant(ir.IntType(64), 4))
        sums = _emit_distance(context, builder, pointers, size, row_bytes, size)
        return context.make_tuple(builder, signature.return_type, sums)

    return _SUMS(work, known, types.int64, types.int64, types.int64, types.int64), emit


_distance: Any = intrinsic(_type_distance)
_masked_distance: Any = intrinsic(_type_masked_distance)


@inline
def _shift(difference: Any, count: Any, limit: Any) -> Any:
    """Return what suits a source patch to its target in one colour, given the sum of their differences."""
    return min(max(np.float32(difference) / count, -limit), limit)


@inline
def _adapted(sums: Any, count: Any, limit: Any) -> Any:
    """Return the distance of patches of `count` pixels, less what shifts of at most `limit` make good."""
    gain = np.float32(0.0)
    if limit > 0.0:
        for channel in range(3):
            shift = _shift(sums[1 + channel], count, limit)
            gain += shift * (np.float32(2 * sums[1 + channel]) - count * shift)
    return np.int64(sums[0]) - np.int64(SHIFT_GAIN * gain)


@inline
def _tell_shifts(sums: Any, count: Any, limit: Any, shifts: Any) -> None:
    """Write a source patch's shifts in steps."""
    for channel in range(3):
        steps = np.float32(SHIFT_STEPS) * _shift(sums[1 + channel], count, limit)
        shifts[channel] = np.int16(np.rint(steps))


@inline
def _hash(seed: Any, place: Any, draw: Any) -> Any:
    """Return 32 random bits for a place and a draw (the finaliser of SplitMix64)."""
    z = (
        np.uint64(seed)
        + np.uint64(place) * np.uint64(0x9E3779B97F4A7C15)
        + np.uint64(draw) * np.uint64(0xD1B54A32D192ED03)
    )
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((z ^ (z >> np.uint64(31))) >> np.uint64(32))


@inline
def _is_source(flat: Any, place: Any) -> Any:
    """Tell whether a whole source patch begins at a linear place, which may lie outside."""
    return 0 <= 4 * place < flat.shape[0] and flat[4 * place + 3] & 1 == 1


@inline
def _count_known(flat_known: Any, stride: Any, size: Any, target: Any) -> Any:
    """Return how many pixels of a patch are known; at least one is, where anything is told by them."""
    count = np.int64(0)
    for y in range(size):
        for x in range(size):
            count += flat_known[4 * (target + y * stride + x)] & 1
    return max(count, 1)


@inline
def _near(stride: Any, rows: Any, columns: Any, centre: Any, radius: Any, bits: Any) -> Any:
    """Return a random place at most `radius` from `centre` in each direction, inside the picture."""
    span = 2 * radius + 1
    y = centre // stride
    x = centre - y * stride
    y = min(max(y - radius + ((bits & 0xFFFF) * span >> 16), 0), rows - 1)
    x = min(max(x - radius + ((bits >> 16) * span >> 16), 0), columns - 1)
    return y * stride + x


@inline
def _with_way(cost: Any, target: Any, source: Any, terms: Any, hops: Any) -> Any:
    """Return a distance with what is added for the way from target to source, or a quarter for a hop."""
    stride, _, _, down, across = terms
    way = source - target
    for number in range(hops.shape[0]):
        if hops[number] == way:
            return cost >> 2
    if down == 0 and across == 0:
        return cost
    y, v = target // stride, source // stride
    way = abs(v - y) * down + abs((source - v * stride) - (target - y * stride)) * across
    return cost + (cost * way >> 16)


@inline
def _nearer(sums: Any, target: Any, source: Any, best: Any, cost: Any, terms: Any, hops: Any) -> Any:
    """Return the nearer of a source and the best so far, and its distance, by which patches are compared.

    `terms` are the row's length, the number of pixels compared, and `improve`'s `limit`, `down` and `across`.
    """
    if sums[0] > HOPELESS * cost:
        return best, cost
    _, count, limit, _, _ = terms
    new = _with_way(_adapted(sums, count, limit), target, source, terms, hops)
    return (source, new) if new < cost else (best, cost)


@kernel(
    "void(uint8[:,:,::1], int64, int32[::1], int32[::1], int64, int64, int32[::1], int32[::1], int32[::1],"
    " int32[::1], int32[::1], int64, int64, int64, int64, float32, int64)"
)
def improve(
    work: Any,
    size: int,
    index: Any,
    targets: Any,
    start: int,
    end: int,
    matches: Any,
    costs: Any,
    before: Any,
    anchors: Any,
    hops: Any,
    radius: int,
    rounds: int,
    down: int,
    across: int,
    limit: float,
    seed: int,
) -> None:
    """Improve the matches of targets ``start <= i < end``, in place.

    Candidates are the shifted matches of the neighbours, `rounds` places drawn around the match with a
    radius that shrinks from `radius` to 1, so that a match inherited from a coarser level finds its exact
    place, and as many from `anchors`, places all over the source, and from `hops`.

    Parameters
    ----------
    work : (H, S, 4) uint8
    size
        Width of a patch.
    index : (H * S,) int32
        Number of the target at a place, or -1.
    targets, matches, costs, before : (N,) int32
        Places of the targets, ascending; their matches, the matches' distances (written), and the matches
        before this round.
    anchors : (A,) int32
        Places of source patches all over, at least one. When `radius` is below the longer side, they are
        drawn only for a target without a match that has no source within `radius`.
    hops : (K,) int32
        Differences of places by which the picture repeats. A source that is one of them away from its
        target counts as four times as near, so that what repeats goes on repeating.
    down, across
        What is added to another distance for each row and each column between target and source, in parts of
        65536 of the distance. So of equals, and nearly so, the nearer source wins.
    limit
        How much brighter or darker a source may become in each colour, in steps of a byte: the bias of
        HaCohen et al. (2011) and Darabi et al. (2012), in closed form. Differences count that much less.
    seed
        Also decides the direction: even numbers scan from the top left, odd ones from the bottom right.
    """
    flat = work.reshape(-1)
    stride = work.shape[1]
    rows = work.shape[0] - size + 1
    columns = stride - PADDING - size + 1
    count = np.float32(size * size)
    terms = (stride, count, limit, down, across)
    far = radius >= max(rows, columns)
    narrower = 1
    while rounds > 1 and radius >> narrower * (rounds - 1) > 1:
        narrower += 1
    step = -1 if seed & 1 == 0 else 1
    for number in range(end - start):
        i = start + number if step < 0 else end - 1 - number
        target = np.int64(targets[i])
        best = np.int64(matches[i])
        cost = np.int64(FAR)
        if best >= 0:
            cost = _adapted(_distance(work, stride, size, target, best), count, limit)
            cost = _with_way(cost, target, best, terms, hops)
        for direction in range(2):
            hop = step if direction == 0 else step * stride
            neighbour = target + hop
            if 0 <= neighbour < index.shape[0] and index[neighbour] >= 0:
                j = index[neighbour]
                candidate = np.int64(matches[j] if start <= j < end else before[j])
                if candidate >= 0:
                    candidate -= hop
                    if candidate != best and _is_source(flat, candidate):
                        sums = _distance(work, stride, size, target, candidate)
                        best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
        reach = radius
        for draw in range(rounds):
            if cost == 0:
                break
            if hops.shape[0] > 0:
                candidate = target + hops[_hash(seed, ~target, draw) * hops.shape[0] >> 32]
                if candidate != best and _is_source(flat, candidate):
                    sums = _distance(work, stride, size, target, candidate)
                    best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
            if far or best < 0:
                candidate = _near(stride, rows, columns, target, radius, _hash(seed, target, ~draw))
                if far or not _is_source(flat, candidate):
                    candidate = np.int64(anchors[_hash(seed, target, 2 * draw) * anchors.shape[0] >> 32])
                sums = _distance(work, stride, size, target, candidate)
                best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
            candidate = _near(stride, rows, columns, best, reach, _hash(seed, target, 2 * draw + 1))
            if candidate != best and _is_source(flat, candidate):
                sums = _distance(work, stride, size, target, candidate)
                best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
            reach = max(reach >> narrower, 1)
        matches[i] = best
        costs[i] = cost


@kernel("void(uint8[:,:,::1], int64, int32[::1], int64, int64, int32[::1], float32, int16[:,::1])")
def adapt(
    work: Any, size: int, targets: Any, start: int, end: int, matches: Any, limit: float, shifts: Any
) -> None:
    """Find what is to be added to the matches of targets ``start <= i < end`` to suit brightness and colour.

    Parameters
    ----------
    work, size, targets, matches, limit
        As in `improve`.
    shifts : (N, 3) int16
        Written where there is a match: what each colour's mean lacks, at most `limit`, in parts of
        `SHIFT_STEPS` of a byte's step.
    """
    stride = work.shape[1]
    count = np.float32(size * size)
    for i in range(start, end):
        if matches[i] >= 0:
            sums = _distance(work, stride, size, np.int64(targets[i]), np.int64(matches[i]))
            _tell_shifts(sums, count, limit, shifts[i])


@kernel(
    "void(uint8[:,:,::1], uint8[:,:,::1], int64, int32[::1], int64, int64, int32[::1], int32[::1],"
    " int32[::1], int64, int64, int64, int64, float32, int64, int16[:,::1])"
)
def peel(
    work: Any,
    known: Any,
    size: int,
    pixels: Any,
    start: int,
    end: int,
    found: Any,
    anchors: Any,
    hops: Any,
    radius: int,
    tries: int,
    down: int,
    across: int,
    limit: float,
    seed: int,
    shifts: Any,
) -> None:
    """Find for hole pixels ``start <= i < end`` of one layer the patch that suits what is known around them.

    Parameters
    ----------
    work, size, anchors, hops, radius, down, across, limit, seed
        As in `improve`.
    known : (H, S, 4) uint8
        255 where the pixel is known or was filled with an earlier layer, else 0.
    pixels : (N,) int32
        Places of the layer's pixels.
    found : (H * S,) int32
        For each pixel the place that its colour comes from, or -1; those of the chunk are written.
    tries
        How many anchors are tried; all of them in their order when it is their number.
    shifts : (N, 3) int16
        For each pixel what is to be added to that colour, as in `adapt`; those of the chunk are written.
    """
    flat, flat_known = work.reshape(-1), known.reshape(-1)
    stride = work.shape[1]
    rows = work.shape[0] - size + 1
    columns = stride - PADDING - size + 1
    for i in range(start, end):
        pixel = np.int64(pixels[i])
        y = pixel // stride
        x = pixel - y * stride
        top = min(max(y - size // 2, 0), rows - 1)
        left = min(max(x - size // 2, 0), columns - 1)
        target = top * stride + left
        inner = pixel - target
        count = np.float32(_count_known(flat_known, stride, size, target))
        terms = (stride, count, limit, down, across)
        best = np.int64(NO_MATCH)
        cost = np.int64(FAR)
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                if 0 <= y + dy < work.shape[0] and 0 <= x + dx < stride:
                    hop = dy * stride + dx
                    beside = pixel + hop
                    if flat_known[4 * beside] == 0 and not pixels[start] <= beside < pixel:
                        continue  # another chunk may be writing it
                    candidate = np.int64(found[beside])
                    if candidate >= 0 and _is_source(flat, candidate - hop - inner):
                        candidate -= hop + inner
                        sums = _masked_distance(work, known, stride, size, target, candidate)
                        best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
        for k in range(hops.shape[0]):
            candidate = target + hops[k]
            if _is_source(flat, candidate):
                sums = _masked_distance(work, known, stride, size, target, candidate)
                best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
        far = radius >= max(rows, columns)
        reach = radius
        for draw in range(tries):
            if cost == 0:
                break
            if tries == anchors.shape[0]:
                candidate = np.int64(anchors[draw])
            elif far and draw & 1 == 0:
                candidate = np.int64(anchors[_hash(seed, pixel, draw) * anchors.shape[0] >> 32])
            else:
                centre = target if best < 0 or draw & 2 == 0 else best
                candidate = _near(stride, rows, columns, centre, reach, _hash(seed, pixel, draw))
                reach = reach >> 1 if reach > size else radius
                if not _is_source(flat, candidate):
                    if best >= 0:
                        continue
                    candidate = np.int64(anchors[_hash(seed, pixel, ~draw) * anchors.shape[0] >> 32])
            sums = _masked_distance(work, known, stride, size, target, candidate)
            best, cost = _nearer(sums, target, candidate, best, cost, terms, hops)
        found[pixel] = best + inner
        if limit > 0.0:
            sums = _masked_distance(work, known, stride, size, target, best)
            _tell_shifts(sums, count, limit, shifts[i])
