"""Thick holes by planes, thin ones by lists: both solve the same equation, in little memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inpaint_core.classical.diffusion import equation as module
from inpaint_core.classical.diffusion.biharmonic import PLATE
from inpaint_core.classical.diffusion.equation import solve_unknowns
from inpaint_core.classical.diffusion.harmonic import LAPLACE
from inpaint_core.classical.diffusion.planes import (
    PAD,
    Work,
    build_levels,
    v_cycle,
)

EQUATIONS = [LAPLACE, PLATE]


def ignore(stage, fraction):
    pass


def solved(equation, image, unknown, thick, progress=ignore):
    """Return the image with its unknown pixels solved for, by planes or by lists."""
    filled = np.where(unknown[..., None], 0, image).astype(np.float32)
    ends = np.full(image.shape[2], -9, np.float32), np.full(image.shape[2], 9, np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "THICK", 0 if thick else 10**9)
        solve_unknowns(equation, filled, unknown, ends, progress)
    return filled


@pytest.mark.parametrize("equation", EQUATIONS)
@settings(deadline=None, max_examples=25)
@given(
    unknown=hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14)),
    channels=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_planes_and_lists_agree_on_any_hole(equation, unknown, channels, seed):
    unknown.flat[0] = False
    image = np.random.default_rng(seed).random((*unknown.shape, channels), np.float32)
    if unknown.any():
        by_planes, by_lists = (solved(equation, image, unknown, thick) for thick in (True, False))
        np.testing.assert_allclose(by_planes, by_lists, atol=5e-4)


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize("kind", ["disc", "above and left", "below and right", "all but a pixel"])
def test_planes_and_lists_agree_on_thick_holes(equation, kind):
    y, x = np.mgrid[0:73, 0:66]
    unknown = {
        "disc": (y - 36) ** 2 + (x - 33) ** 2 < 28**2,
        "above and left": (y < 50) & (x < 50),
        "below and right": (y > 20) & (x > 15),
        "all but a pixel": (y != 40) | (x != 20),
    }[kind]
    image = np.random.default_rng(0).random((73, 66, 3), np.float32)
    by_planes, by_lists = (solved(equation, image, unknown, thick) for thick in (True, False))
    np.testing.assert_allclose(by_planes, by_lists, atol=5e-4)


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize("sides", [(False,) * 4, (True, True, False, False), (False, True, True, True)])
def test_a_cycle_is_symmetric_and_positive(equation, sides):
    """As conjugate gradients ask of what preconditions them."""
    rng = np.random.default_rng(1)
    unknown = np.zeros((45, 52), bool)
    above, left, below, right = sides
    unknown[0 if above else 3 : 45 if below else -3, 0 if left else 3 : 52 if right else -3] = True
    unknown[20:24, 30:33] = False
    levels = build_levels(unknown, sides, equation.stencil)
    assert len(levels) > 2
    works = [Work.of(level, 1) for level in levels]
    inside = np.pad(unknown, PAD)
    pairs = []
    for _ in range(2):
        works[0].b[inside] = rng.standard_normal(np.count_nonzero(unknown))
        v_cycle(levels, works, equation.scheme)
        pairs.append((works[0].b[inside].astype(float), works[0].x[inside].astype(float)))
    (b, x), (c, y) = pairs
    np.testing.assert_allclose(x @ c, y @ b, rtol=1e-3)
    assert x @ b > 0.0
    assert y @ c > 0.0


@pytest.mark.parametrize("equation", EQUATIONS)
def test_the_number_of_steps_hardly_grows(equation):
    steps = []
    for radius in (20, 80):
        y, x = np.mgrid[0 : 2 * radius + 20, 0 : 2 * radius + 20]
        unknown = (y - radius - 10) ** 2 + (x - radius - 10) ** 2 < radius**2
        image = np.random.default_rng(2).random((*unknown.shape, 1), np.float32)
        heard = []
        solved(equation, image, unknown, True, lambda _, done, heard=heard: heard.append(done))
        steps.append(len(heard))
    assert steps[1] < 1.6 * steps[0]


def test_holes_far_apart_are_solved_in_boxes_of_their_own():
    unknown = np.zeros((1500, 1500), bool)
    unknown[10:60, 10:60] = unknown[1400:1450, 1420:1470] = True
    image = np.zeros((1500, 1500, 1), np.float32)
    ends = np.zeros(1, np.float32), np.ones(1, np.float32)
    solve_unknowns(PLATE, image, unknown, ends, ignore)
    tracemalloc.start()
    solve_unknowns(PLATE, image, unknown, ends, ignore)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * unknown.size


@pytest.mark.parametrize(("equation", "bytes_each"), [(LAPLACE, 120), (PLATE, 120)])
def test_memory_follows_the_hole(equation, bytes_each):
    y, x = np.mgrid[0:420, 0:420]
    unknown = (y - 210) ** 2 + (x - 210) ** 2 < 190**2
    image = np.random.default_rng(3).random((420, 420, 1), np.float32)
    image[unknown] = 0.5
    ends = np.zeros(1, np.float32), np.ones(1, np.float32)
    tracemalloc.start()
    solve_unknowns(equation, image, unknown, ends, ignore)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < bytes_each * np.count_nonzero(unknown)
