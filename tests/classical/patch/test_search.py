"""Searching: patches that differ in their light alone are alike, within limits."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import inpaint
from inpaint_core.classical.patch import search
from inpaint_core.classical.patch.search import PADDING, SHIFT_GAIN, SHIFT_STEPS

SIZE = 7
TARGET, SOURCE = 40, 3
"""Columns of two patches in a strip that is one patch high."""


def strip(shifts, seed=0):
    """Return a work image in which the patch at `TARGET` is the one at `SOURCE`, shifted."""
    work = np.random.default_rng(seed).integers(60, 190, (SIZE, 60 + PADDING, 4)).astype(np.uint8)
    work[..., 3] = 0
    work[:, TARGET : TARGET + SIZE] = work[:, SOURCE : SOURCE + SIZE]
    work[:, TARGET : TARGET + SIZE, :3] += np.array(shifts).astype(np.uint8)
    work[0, SOURCE, 3] |= 1
    return work


def look(work, limit):
    """Return the match that is found for the target, its distance, and its shifts."""
    index = np.full(work.shape[0] * work.shape[1], -1, np.int32)
    index[TARGET] = 0
    targets, anchors = np.array([TARGET], np.int32), np.array([SOURCE], np.int32)
    matches, costs = np.array([-1], np.int32), np.zeros(1, np.int32)
    shifts = np.zeros((1, 3), np.int16)
    hops = np.zeros(0, np.int32)
    search.improve(
        work,
        SIZE,
        index,
        targets,
        0,
        1,
        matches,
        costs,
        matches.copy(),
        anchors,
        hops,
        100,
        2,
        0,
        0,
        limit,
        0,
    )
    search.adapt(work, SIZE, targets, 0, 1, matches, limit, shifts)
    return matches[0], costs[0], shifts[0] / SHIFT_STEPS


@pytest.mark.parametrize("shifts", [(9, 9, 9), (-12, 5, 0), (0, 0, 0)])
def test_a_shift_within_limits_is_made_good(shifts):
    match, cost, found = look(strip(shifts), 15.0)
    assert match == SOURCE
    np.testing.assert_array_equal(found, shifts)
    assert cost == pytest.approx((1 - SHIFT_GAIN) * SIZE**2 * np.square(shifts).sum(), abs=1)


def test_a_shift_beyond_the_limit_is_cut():
    _, cost, found = look(strip((40, 0, 0)), 15.0)
    np.testing.assert_array_equal(found, (15, 0, 0))
    assert cost == pytest.approx(SIZE**2 * (40**2 - SHIFT_GAIN * (40**2 - 25**2)), abs=1)


def test_without_adapting_a_distance_is_that_of_the_colours():
    _, cost, found = look(strip((9, -9, 3)), 0.0)
    assert not found.any()
    assert cost == SIZE**2 * (81 + 81 + 9)


def test_the_light_of_a_vignette_is_continued():
    y, x = np.mgrid[:120, :120] / 120 - 0.5
    light = 0.9 - 1.1 * (x**2 + y**2)
    rng = np.random.default_rng(3)
    picture = (light[..., None] * [0.8, 0.9, 1.0] + rng.normal(0, 0.01, (120, 120, 1))).astype(np.float32)
    hole = np.zeros((120, 120), bool)
    hole[30:78, 42:90] = True
    blank = np.where(hole[..., None], np.float32(0.0), picture)

    def error(**options):
        wrong = (inpaint(blank, hole, "patch", **options) - picture)[hole].reshape(8, 6, 8, 6, 3)
        return np.sqrt(np.square(wrong.mean(axis=(1, 3))).mean())

    assert error() < 0.02
    assert error() < 0.4 * error(adapt_brightness=False)
