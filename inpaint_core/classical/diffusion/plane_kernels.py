# ruff: noqa: PLR0917 - Numba wants arguments by place
"""What is done at every unknown of a plane: the kernels of `planes`.

A plane is padded by `PAD` places around, and holds several channels side by side in each pixel, its `lanes`.
The unknowns are runs: row, first column and that after the last, row by row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Float
from inpaint_core.jit import inline, kernel

PAD = 2
"""Places around a plane: as far as a stencil reaches."""

Doubles = NDArray[np.float64]

Runs = NDArray[np.int32]
"""(N, 3): row, first column and that after the last, in a padded plane."""


@kernel("int64(uint8[:,::1])")
def count_runs(marked: NDArray[np.uint8]) -> int:
    """Return how many runs of marked pixels the rows have."""
    count = 0
    for y in range(marked.shape[0]):
        for x in range(1, marked.shape[1]):
            count += marked[y, x] > marked[y, x - 1]
    return count


@kernel("void(uint8[:,::1], int32[:,::1])")
def list_runs(marked: NDArray[np.uint8], runs: Runs) -> None:
    """Write the runs of marked pixels, row by row; none begins in the first column or ends in the last."""
    count = 0
    for y in range(marked.shape[0]):
        for x in range(1, marked.shape[1]):
            if marked[y, x] > marked[y, x - 1]:
                runs[count, 0], runs[count, 1] = y, x
            elif marked[y, x] < marked[y, x - 1]:
                runs[count, 2] = x
                count += 1


@inline
def _apply(stencil: Any, plane: Any, lanes: Any, y: Any, first: Any, line: Any) -> None:
    """Write what the operator makes of a plane, in a row from place `first` on."""
    own, straight, oblique, far = stencil[0], stencil[1], stencil[2], stencil[3]
    skew, corner = stencil[4], stencil[5]
    begin, end = first - 2 * lanes, first + len(line) + 2 * lanes
    a, b, c = plane[y - 2, begin:end], plane[y - 1, begin:end], plane[y, begin:end]
    d, e = plane[y + 1, begin:end], plane[y + 2, begin:end]
    one, two, three, four = np.uint64(lanes), np.uint64(2 * lanes), np.uint64(3 * lanes), np.uint64(4 * lanes)
    if corner == 0.0:
        for i in range(np.uint64(len(line))):
            near = (b[i + two] + d[i + two]) + (c[i + one] + c[i + three])
            wide = (a[i + two] + e[i + two]) + (c[i] + c[i + four])
            round_corners = (b[i + one] + b[i + three]) + (d[i + one] + d[i + three])
            line[i] = (own * c[i + two] + straight * near) + (oblique * round_corners + far * wide)
    else:
        for i in range(np.uint64(len(line))):
            near = (b[i + two] + d[i + two]) + (c[i + one] + c[i + three])
            wide = (a[i + two] + e[i + two]) + (c[i] + c[i + four])
            round_corners = (b[i + one] + b[i + three]) + (d[i + one] + d[i + three])
            upper = (a[i + one] + a[i + three]) + (b[i] + b[i + four])
            lower = (e[i + one] + e[i + three]) + (d[i] + d[i + four])
            corners = (a[i] + a[i + four]) + (e[i] + e[i + four])
            inner = (own * c[i + two] + straight * near) + (oblique * round_corners + far * wide)
            line[i] = inner + (skew * (upper + lower) + corner * corners)


@inline
def _apply_doubled(stencil: Any, plane: Any, lanes: Any, y: Any, first: Any, line: Any) -> None:
    """Write what a pixel's operator makes of a plane of single precision, in double precision."""
    own, straight, oblique, far = stencil[0], stencil[1], stencil[2], stencil[3]
    begin, end = first - 2 * lanes, first + len(line) + 2 * lanes
    a, b, c = plane[y - 2, begin:end], plane[y - 1, begin:end], plane[y, begin:end]
    d, e = plane[y + 1, begin:end], plane[y + 2, begin:end]
    one, two, three, four = np.uint64(lanes), np.uint64(2 * lanes), np.uint64(3 * lanes), np.uint64(4 * lanes)
    real = np.float64
    for i in range(np.uint64(len(line))):
        near = (real(b[i + two]) + real(d[i + two])) + (real(c[i + one]) + real(c[i + three]))
        wide = (real(a[i + two]) + real(e[i + two])) + (real(c[i]) + real(c[i + four]))
        upper, lower = real(b[i + one]) + real(b[i + three]), real(d[i + one]) + real(d[i + three])
        line[i] = (own * real(c[i + two]) + straight * near) + (oblique * (upper + lower) + far * wide)


@inline
def _dot(a: Any, b: Any) -> Any:
    """Return an inner product, as four sums that need not wait for each other."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = len(a) // 4 * 4
    for i in range(0, whole, 4):
        one += a[i] * b[i]
        two += a[i + 1] * b[i + 1]
        three += a[i + 2] * b[i + 2]
        four += a[i + 3] * b[i + 3]
    for i in range(whole, len(a)):
        one += a[i] * b[i]
    return (one + two) + (three + four)


@inline
def _most(a: Any) -> Any:
    """Return the largest magnitude."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = len(a) // 4 * 4
    for i in range(0, whole, 4):
        one = max(one, abs(a[i]))
        two = max(two, abs(a[i + 1]))
        three = max(three, abs(a[i + 2]))
        four = max(four, abs(a[i + 3]))
    for i in range(whole, len(a)):
        one = max(one, abs(a[i]))
    return max(one, two, three, four)


@kernel("void(int32[:,::1], int64, float32, float32[:,::1], float32[:,::1], float32[:,::1])")
def start_step(runs: Runs, lanes: int, size: float, b: Float, d: Float, x: Float) -> None:
    """Set x to the first Chebyshev step from zero."""
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        given, step, here = b[y, first:end], d[y, first:end], x[y, first:end]
        for i in range(len(here)):
            step[i] = size * given[i]
            here[i] = size * given[i]


@kernel(
    "void(int32[:,::1], int64, float32[::1], float32, float32, float32[:,::1], float32[:,::1],"
    " float32[:,::1])"
)
def take_step(
    runs: Runs, lanes: int, stencil: Float, keep: float, size: float, b: Float, d: Float, x: Float
) -> None:
    """Set d to `keep` · d + `size` · (b - A x), and add it to x."""
    buffer = np.empty(x.shape[1], np.float32)
    late = 0  # a row is changed when the rows that look at it are done
    for k in range(len(runs) + 1):
        row = runs[k, 0] if k < len(runs) else x.shape[0] + PAD
        while late < k and runs[late, 0] < row - PAD:
            y, first, end = runs[late, 0], runs[late, 1] * lanes, runs[late, 2] * lanes
            here, step = x[y, first:end], d[y, first:end]
            for i in range(len(here)):
                here[i] += step[i]
            late += 1
        if k == len(runs):
            break
        first, end = runs[k, 1] * lanes, runs[k, 2] * lanes
        line, given, step = buffer[: end - first], b[row, first:end], d[row, first:end]
        _apply(stencil, x, lanes, row, first, line)
        for i in range(len(line)):
            step[i] = keep * step[i] + size * (given[i] - line[i])


@kernel("void(int32[:,::1], int64, float32[::1], float32[:,::1], float32[:,::1], float32[:,::1])")
def write_residual(runs: Runs, lanes: int, stencil: Float, x: Float, b: Float, out: Float) -> None:
    """Write b - A x."""
    buffer = np.empty(x.shape[1], np.float32)
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        line, given, left = buffer[: end - first], b[y, first:end], out[y, first:end]
        _apply(stencil, x, lanes, y, first, line)
        for i in range(len(line)):
            left[i] = given[i] - line[i]


@kernel("void(int32[:,::1], int64, float32[:,::1], float32[:,::1])")
def restrict(runs: Runs, lanes: int, fine: Float, coarse: Float) -> None:
    """Write Pᵀ times the finer values, at the coarse unknowns."""
    three, part = np.float32(3.0), np.float32(1.0 / 16.0)
    buffer = np.empty(fine.shape[1], np.float32)
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1], runs[k, 2]
        top, left = 2 * (y - PAD) - 1 + PAD, (2 * (first - PAD) - 1 + PAD) * lanes
        right = left + (2 * (end - first) + 2) * lanes
        a, b, c, d = (
            fine[top, left:right],
            fine[top + 1, left:right],
            fine[top + 2, left:right],
            fine[top + 3, left:right],
        )
        line, out = buffer[: right - left], coarse[y, first * lanes : end * lanes]
        for i in range(len(line)):
            line[i] = (a[i] + d[i]) + three * (b[i] + c[i])
        for i in range(end - first):
            for j in range(lanes):
                at = 2 * i * lanes + j
                outer, inner = line[at] + line[at + 3 * lanes], line[at + lanes] + line[at + 2 * lanes]
                out[i * lanes + j] = part * (outer + three * inner)


@kernel("void(int32[:,::1], int64, float32[:,::1], float32[:,::1])")
def prolong(runs: Runs, lanes: int, coarse: Float, fine: Float) -> None:
    """Add P times the coarse values, at the finer unknowns."""
    three, part = np.float32(3.0), np.float32(1.0 / 16.0)
    buffer, doubled = np.empty(coarse.shape[1], np.float32), np.empty(2 * coarse.shape[1], np.float32)
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1], runs[k, 2]
        row = (y - PAD) // 2 + PAD
        beside = row - 1 if y % 2 == PAD % 2 else row + 1
        start, stop = (first - PAD) // 2 + PAD, (end - 1 - PAD) // 2 + PAD + 1
        begin, count = (start - 1) * lanes, (stop - start + 2) * lanes
        own, other = coarse[row, begin : begin + count], coarse[beside, begin : begin + count]
        line, out = buffer[:count], fine[y, first * lanes : end * lanes]
        for i in range(count):
            line[i] = part * (three * own[i] + other[i])
        before, at, after = line[: count - 2 * lanes], line[lanes : count - lanes], line[2 * lanes :]
        if lanes == 1:
            for i in range(len(at)):
                doubled[2 * i] = three * at[i] + before[i]
                doubled[2 * i + 1] = three * at[i] + after[i]
        else:
            for i in range(stop - start):
                for j in range(lanes):
                    n, m = i * lanes + j, 2 * i * lanes + j
                    doubled[m] = three * at[n] + before[n]
                    doubled[m + lanes] = three * at[n] + after[n]
        wide = doubled[(first - PAD) % 2 * lanes :]
        for i in range(len(out)):
            out[i] += wide[i]


@kernel("float64(int32[:,::1], int64, float64[::1], float64[:,::1], float64[:,::1], float32[:,::1])")
def write_defect(runs: Runs, lanes: int, stencil: Doubles, x: Doubles, r: Doubles, b: Float) -> float:
    """Write -A x twice, and return its largest magnitude."""
    most = 0.0
    buffer = np.empty(x.shape[1], np.float64)
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        line, exact, rounded = buffer[: end - first], r[y, first:end], b[y, first:end]
        _apply(stencil, x, lanes, y, first, line)
        for i in range(len(line)):
            exact[i] = -line[i]
            rounded[i] = -line[i]
        most = max(most, _most(line))
    return most


@kernel("UniTuple(float64, 2)(int32[:,::1], int64, float64[:,::1], float32[:,::1])")
def measure(runs: Runs, lanes: int, r: Doubles, z: Float) -> tuple[float, float]:
    """Return r · z, and the largest magnitude of z."""
    slope, most = 0.0, 0.0
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        slope += _dot(r[y, first:end], z[y, first:end])
        most = max(most, _most(z[y, first:end]))
    return slope, most


@kernel("void(int32[:,::1], int64, float32[:,::1], float32, float32[:,::1])")
def turn(runs: Runs, lanes: int, z: Float, keep: float, p: Float) -> None:
    """Set p to z + `keep` · p."""
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        towards, direction = z[y, first:end], p[y, first:end]
        for i in range(len(direction)):
            direction[i] = towards[i] + keep * direction[i]


@kernel("float64(int32[:,::1], int64, float64[::1], float32[:,::1])")
def curvature(runs: Runs, lanes: int, stencil: Doubles, p: Float) -> float:
    """Return p · A p, in double precision."""
    total = 0.0
    buffer = np.empty(p.shape[1], np.float64)
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        line = buffer[: end - first]
        _apply_doubled(stencil, p, lanes, y, first, line)
        total += _dot(p[y, first:end], line)
    return total


@kernel(
    "float64(int32[:,::1], int64, float64[::1], float32[:,::1], float64, float64[:,::1], float64[:,::1],"
    " float32[:,::1])"
)
def advance(
    runs: Runs, lanes: int, stencil: Doubles, p: Float, step: float, x: Doubles, r: Doubles, b: Float
) -> float:
    """Walk `step` along p: change x and its residual r, round that to b, and return its largest magnitude."""
    most = 0.0
    buffer = np.empty(p.shape[1], np.float64)
    for k in range(len(runs)):
        y, first, end = runs[k, 0], runs[k, 1] * lanes, runs[k, 2] * lanes
        line, direction = buffer[: end - first], p[y, first:end]
        here, exact, rounded = x[y, first:end], r[y, first:end], b[y, first:end]
        _apply_doubled(stencil, p, lanes, y, first, line)
        for i in range(len(line)):
            here[i] += step * direction[i]
            exact[i] -= step * line[i]
            rounded[i] = exact[i]
        most = max(most, _most(exact))
    return most
