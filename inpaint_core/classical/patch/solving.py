"""How one level is solved: a first guess, then search and vote in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch import search, voting
from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.effort import Plan
from inpaint_core.classical.patch.pyramid import Bytes, Level, Places, Shifts

LEAST_TRIES = 64
"""Patch distances that each pixel of the first guess gets at least."""

FAR_PIXELS = 1 << 18
"""A level of at most so many pixels is searched everywhere; a larger one near the matches it inherits."""

NEAR = 64
"""Pixels from a match, or from the patch that has none, within which a large level is searched."""

DOWN, ACROSS = 3.0, 2.0
"""How many times its distance is added to a patch that is the picture's longer side away.

What is near suits better, above all what is at the same height: grounds and skies lie in layers, and things
grow smaller with height."""

FLOOR = 2
"""Mean squared difference of two bytes below which patches count as equal when they vote."""


class Expectation(Protocol):
    """What belongs in the hole of one level, told by a guide or by the rim."""

    def begin(self, level: Level, known: Bytes) -> Bytes:
        """Return the work image with it as the hole's first content; what it tells is 255 in `known`."""

    def mix(self, level: Level) -> None:
        """Draw the hole's colours towards it."""


def search_work(plan: Plan) -> float:
    """Return the patch distances that one target costs in one round."""
    return 3.0 + plan.draws


def vote_work(level: Level) -> float:
    """Return what the vote for one pixel costs, in patch distances."""
    return level.size**2 / 8.0


def work(level: Level, plan: Plan, *, coarsest: bool) -> float:
    """Return what a level costs, in patch distances."""
    votes = vote_work(level) * len(level.pixels)
    rounds = plan.rounds * (search_work(plan) * len(level.targets) + votes)
    return rounds + (_tries(level, plan) * len(level.pixels) if coarsest else votes)


def peel(level: Level, begun: Expectation | None, plan: Plan, crew: Crew, seed: int) -> None:
    """Guess the hole: layer by layer from what is known (onion peel), or all at once where it has `begun`."""
    known = np.zeros_like(level.work)
    known[:, : level.hole.shape[1]] = np.where(level.hole, np.uint8(0), np.uint8(255))[..., None]
    flat, known_flat = level.work.reshape(-1, 4), known.reshape(-1, 4)
    layers, work, at_once = level.layers, level.work, False
    if begun:
        work = begun.begin(level, known)
        told = known_flat[level.pixels, 0] == 255
        at_once = bool(told.all())
        layers = np.ones_like(layers) if at_once else _layers_apart(level, told)
    found = np.full(level.index.shape, search.NO_MATCH, np.int32)
    tries, radius = _tries(level, plan), _radius(level)
    for layer in range(1, layers.max() + 1):
        pixels = level.pixels[layers == layer]

        shifts = np.zeros((len(pixels), 3), np.int16)

        def guess(start: int, end: int, pixels: Places = pixels, shifts: Shifts = shifts) -> None:
            search.peel(
                work,
                known,
                level.size,
                pixels,
                start,
                end,
                found,
                level.anchors,
                level.hops,
                radius,
                tries,
                *_way(level, plan),
                plan.shift,
                seed,
                shifts,
            )

        # where all counts as known, each pixel follows those before it
        crew.share(len(pixels), guess, tries, alone=at_once)
        flat[pixels] = flat[found[pixels]] & np.uint8(0xFE)
        flat[pixels, :3] = np.clip(np.rint(flat[pixels, :3] + shifts / search.SHIFT_STEPS), 0, 255)
        known_flat[pixels] = 255
    _match_guess(level, found)


def _layers_apart(level: Level, told: Bool) -> Places:
    """Return how far each pixel of the hole is from what is known or told; 0 is told."""
    y, x = np.divmod(level.pixels, level.stride)
    untold = level.hole.view(np.uint8).copy()
    untold[y[told], x[told]] = 0
    return cv2.distanceTransform(untold, cv2.DIST_C, 3)[y, x].astype(np.int32)


def refine(level: Level, expected: Sequence[Expectation], plan: Plan, crew: Crew, seed: int) -> None:
    """Search and vote in turn, drawn towards all that is expected."""
    for turn in range(plan.rounds):
        for each in expected:
            each.mix(level)
        improve(level, plan, crew, ((seed << 8) + turn << 1) + (turn & 1))
        vote(level, plan, crew, max(min(1 + turn * 3 // plan.rounds, 3), plan.sharpness))


def improve(level: Level, plan: Plan, crew: Crew, bits: int) -> None:
    """Search once for better matches; the lowest of the random `bits` is the direction."""
    before = level.matches.copy()

    def task(start: int, end: int) -> None:
        search.improve(
            level.work,
            level.size,
            level.index,
            level.targets,
            start,
            end,
            level.matches,
            level.costs,
            before,
            level.anchors,
            level.hops,
            _radius(level),
            plan.draws,
            *_way(level, plan),
            plan.shift,
            bits,
        )

    crew.share(len(level.targets), task, search_work(plan))


def vote(level: Level, plan: Plan, crew: Crew, sharpness: int) -> None:
    """Colour the hole with what its patches propose, suited to its light."""
    weights = vote_weights(level, sharpness)
    if plan.shift:
        _adapt(level, plan.shift, crew)

    def task(start: int, end: int) -> None:
        voting.vote(
            level.work,
            level.size,
            level.index,
            level.matches,
            weights,
            level.shifts,
            level.pixels,
            start,
            end,
        )

    crew.share(len(level.pixels), task, vote_work(level))


def _adapt(level: Level, limit: float, crew: Crew) -> None:
    """Find what suits each match to the light of its target."""
    if not len(level.shifts):
        level.shifts = np.zeros((len(level.targets), 3), np.int16)

    def task(start: int, end: int) -> None:
        search.adapt(level.work, level.size, level.targets, start, end, level.matches, limit, level.shifts)

    crew.share(len(level.targets), task, 0.0)


def vote_weights(level: Level, sharpness: int) -> Float:
    """Return what each vote counts: trust / (the patch's distance + a floor) to the power 2 ** sharpness."""
    floor = FLOOR * 3.0 * level.size**2
    weights = np.float32(16.0 * floor) / (level.costs.astype(np.float32) + np.float32(floor))
    for _ in range(sharpness):
        weights *= weights
    weights *= level.trust
    return weights


def _radius(level: Level) -> int:
    """Return how far from a match, or from its target, better ones are looked for."""
    return max(level.rows, level.columns) if level.hole.size <= FAR_PIXELS else NEAR


def _way(level: Level, plan: Plan) -> tuple[int, int]:
    """Return what a row and a column of the way to a source cost, where all of a level is searched."""
    if level.hole.size > FAR_PIXELS or not plan.near:
        return 0, 0
    side = max(level.rows, level.columns)
    return round(65536 * DOWN / side), round(65536 * ACROSS / side)


def _tries(level: Level, plan: Plan) -> int:
    most = LEAST_TRIES if len(level.hops) else plan.most  # hops tell where to look
    return min(max(plan.tries // len(level.pixels), LEAST_TRIES), most, len(level.anchors))


def _match_guess(level: Level, found: Places) -> None:
    """Give each target the match of its middle pixel, where that one was guessed."""
    middle = (level.size // 2) * (level.stride + 1)
    origins = found[level.targets + middle]
    places = np.where(origins >= 0, origins - middle, 0)
    valid = (origins >= 0) & (places >= 0)
    places[~valid] = 0
    valid &= level.work.reshape(-1, 4)[places, 3] & 1 == 1
    level.matches[:] = np.where(valid, places, search.NO_MATCH)
