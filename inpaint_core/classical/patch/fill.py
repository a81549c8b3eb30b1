"""The exemplar-based fill: coarse to fine, search and vote in turn, then copy.

The energy and its alternating minimisation are those of Wexler, Shechtman and Irani (2007), the search is
PatchMatch (Barnes et al., 2009), and the order of things follows Newson et al. (2014).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch import painting, seams, search, voting
from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.guide import Steering, steer
from inpaint_core.classical.patch.options import PatchOptions
from inpaint_core.classical.patch.pyramid import Level, Places, build, inherit
from inpaint_core.errors import NoSourceError
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

PEEL_BUDGET = 6_000_000
"""Patch distances that the first guess at the coarsest level may cost."""

PEEL_TRIES = 64
"""Patch distances that each of its pixels gets at least."""

ROUNDS = (2, 2, 3, 4, 5)
"""Rounds of search and vote at the finest level, the next one, …; the coarsest gets the most."""

DRAWS = (3, 4, 6)
"""Random places tried per patch and round at the finest level, the next one, …"""

FAR_PIXELS = 1 << 18
"""A level of at most so many pixels is searched everywhere; a larger one near the matches it inherits."""

NEAR = 64
"""Pixels from a match, or from the patch that has none, within which a large level is searched."""

DOWN, ACROSS = 3.0, 2.0
"""How many times its distance is added to a patch that is the picture's longer side away.

What is near suits better, above all what is at the same height: grounds and skies lie in layers, and things
grow smaller with height."""

SEAMS_START = 0.75
"""The part of the time that is over when the seams are evened out."""

FLOOR = 2
"""Mean squared difference of two bytes below which patches count as equal when they vote."""


def fill_patch(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: PatchOptions,
    seed: int,
    progress: Progress,
    guide: Float | None = None,
) -> Float:
    """Fill `hole` with pieces of the picture itself; see `methods.Fill`.

    A `guide`, (H, W, C) float32 like `image`, shows in the hole roughly what belongs there. It steers the
    coarse levels; what is copied is the picture's own.
    """
    warn_if_not_kept()
    report = _Report(progress)
    with Crew(report.advance) as crew:
        report.begin("Looking at the surroundings")
        levels = build(image, hole, source, options.patch_size, crew)
        if not len(levels[0].anchors):
            raise NoSourceError(
                f"Nowhere is a whole patch of {options.patch_size} by {options.patch_size} pixels free to be "
                "copied: choose a smaller patch size, allow more of the picture as a source, or fill with "
                "the method harmonic."
            )
        count = len(levels)
        report.expect(sum(_work(level, number, count) for number, level in enumerate(levels)))
        for number in reversed(range(count)):
            level = levels[number]
            steering = None if guide is None else steer(guide, hole, level, number)
            report.begin(f"Searching patches, level {count - number} of {count}")
            if number == count - 1:
                _peel(level, steering, crew, seed)
            else:
                inherit(level, levels.pop(), crew)
                _vote(level, crew, 0)
            _refine(level, steering, _plan(level, number, count), crew, (seed << 5) + number)
        report.begin("Copying pixels")
        origins = _copy(levels[0], crew)
        report.begin("Evening out seams")
        hole, source, span = levels[0].hole, levels[0].source, levels[0].span
        del level, levels  # their memory is needed
        filled = _finish(image, hole, source, origins, span=span, crew=crew, report=report.even)
        report.even(1.0)
    return filled


class _Report:
    """Tells the caller how much is done, in proportion to the patch distances there are to compute."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage = ""
        self._done, self._total, self._evened = 0.0, 1.0, 0.0

    def expect(self, total: float) -> None:
        self._total = total

    def begin(self, stage: str) -> None:
        self._stage = stage
        self._tell()

    def advance(self, work: float) -> None:
        self._done += work
        self._tell()

    def even(self, fraction: float) -> None:
        self._evened = fraction
        self._tell()

    def _tell(self) -> None:
        searched = min(self._done / self._total, 1.0)
        self._progress(self._stage, SEAMS_START * searched + (1.0 - SEAMS_START) * self._evened)


def _work(level: Level, number: int, count: int) -> float:
    plan = _plan(level, number, count)
    votes = _vote_work(level) * len(level.pixels)
    work = plan.rounds * (_search_work(plan) * len(level.targets) + votes)
    if number == count - 1:
        work += _tries(level) * len(level.pixels)
    else:
        work += votes
    return work + (votes if number == 0 else 0.0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How hard a level is searched."""

    rounds: int
    draws: int
    radius: int
    sharpness: int


def _plan(level: Level, number: int, count: int) -> _Plan:
    most = ROUNDS[-1] if number == count - 1 else ROUNDS[min(number, len(ROUNDS) - 1)]
    return _Plan(
        rounds=min(most, 3 + level.depth),
        draws=DRAWS[min(number, len(DRAWS) - 1)],
        radius=_radius(level),
        sharpness=0 if number else 3,
    )


def _radius(level: Level) -> int:
    """Return how far from a match, or from its target, better ones are looked for."""
    return max(level.rows, level.columns) if level.hole.size <= FAR_PIXELS else NEAR


def _way(level: Level) -> tuple[int, int]:
    """Return what a row and a column of the way to a source cost, where all of a level is searched."""
    if level.hole.size > FAR_PIXELS:
        return 0, 0
    side = max(level.rows, level.columns)
    return round(65536 * DOWN / side), round(65536 * ACROSS / side)


def _search_work(plan: _Plan) -> float:
    return 3.0 + plan.draws


def _vote_work(level: Level) -> float:
    return level.size**2 / 8.0


def _tries(level: Level) -> int:
    return min(max(PEEL_BUDGET // len(level.pixels), PEEL_TRIES), len(level.anchors))


def _peel(level: Level, steering: Steering | None, crew: Crew, seed: int) -> None:
    """Guess the hole from its rim inwards, layer by layer (onion peel), or all at once from a guide."""
    known = np.zeros_like(level.work)
    known[:, : level.hole.shape[1]][~level.hole] = 255
    layers = level.layers
    if steering:
        steering.begin(level, known)
        layers = np.ones_like(layers)
    found = np.full(level.index.shape, search.NO_MATCH, np.int32)
    work, known_flat = level.work.reshape(-1, 4), known.reshape(-1, 4)
    tries, radius = _tries(level), _radius(level)
    for layer in range(1, layers.max() + 1):
        pixels = level.pixels[layers == layer]

        def guess(start: int, end: int, pixels: Places = pixels) -> None:
            search.peel(
                level.work,
                known,
                level.size,
                pixels,
                start,
                end,
                found,
                level.anchors,
                radius,
                tries,
                *_way(level),
                seed,
            )

        crew.share(len(pixels), guess, tries, alone=True)  # it continues what it found beside it
        work[pixels] = work[found[pixels]] & np.uint8(0xFE)
        known_flat[pixels] = 255
    _match_guess(level, found)


def _match_guess(level: Level, found: Places) -> None:
    """Give each target the match of its middle pixel, where that one was guessed."""
    middle = (level.size // 2) * (level.stride + 1)
    origins = found[level.targets + middle]
    places = np.where(origins >= 0, origins - middle, 0)
    valid = (origins >= 0) & (places >= 0)
    places[~valid] = 0
    valid &= level.work.reshape(-1, 4)[places, 3] & 1 == 1
    level.matches[:] = np.where(valid, places, search.NO_MATCH)


def _refine(level: Level, steering: Steering | None, plan: _Plan, crew: Crew, seed: int) -> None:
    """Search and vote in turn."""
    for turn in range(plan.rounds):
        if steering:
            steering.mix(level)
        before = level.matches.copy()
        bits = ((seed << 8) + turn << 1) + (turn & 1)

        def improve(start: int, end: int, before: Places = before, bits: int = bits) -> None:
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
                plan.radius,
                plan.draws,
                *_way(level),
                bits,
            )

        crew.share(len(level.targets), improve, _search_work(plan))
        _vote(level, crew, max(min(1 + turn * 3 // plan.rounds, 3), plan.sharpness))


def _vote(level: Level, crew: Crew, sharpness: int) -> None:
    weights = _weights(level, sharpness)

    def vote(start: int, end: int) -> None:
        voting.vote(level.work, level.size, level.index, level.matches, weights, level.pixels, start, end)

    crew.share(len(level.pixels), vote, _vote_work(level))


def _weights(level: Level, sharpness: int) -> Float:
    """Return what each vote counts: trust / (the patch's distance + a floor) to the power 2 ** sharpness."""
    floor = FLOOR * 3.0 * level.size**2
    weights = np.float32(16.0 * floor) / (level.costs.astype(np.float32) + np.float32(floor))
    for _ in range(sharpness):
        weights *= weights
    weights *= level.trust
    return weights


def _copy(level: Level, crew: Crew) -> Places:
    """Return for each hole pixel the pixel ``y * W + x`` that it is copied from."""
    height, width = level.hole.shape
    origins = np.empty(len(level.pixels), np.int32)
    weights = _weights(level, 1)

    def elect(start: int, end: int) -> None:
        voting.elect(
            level.size,
            height,
            width,
            level.stride,
            level.index,
            level.matches,
            weights,
            level.pixels,
            start,
            end,
            origins,
        )

    crew.share(len(level.pixels), elect, _vote_work(level))
    y, x = np.divmod(origins, level.stride)
    return y * np.int32(width) + x


def _finish(
    image: Float,
    hole: Bool,
    source: Bool,
    origins: Places,
    *,
    span: float,
    crew: Crew,
    report: Callable[[float], None],
) -> Float:
    """Copy at the picture's own precision, and even out the seams within the range of the source."""
    channels = image.shape[2]
    colours, low, high = (
        image.reshape(-1, channels),
        np.empty(channels, np.float32),
        np.empty(channels, np.float32),
    )
    crew.run(lambda: painting.limits(colours, source.reshape(-1), low, high))
    change = seams.correction(image, hole, source, origins, span=span, crew=crew, report=report)
    pixels = np.flatnonzero(hole).astype(np.int32)
    filled = np.zeros_like(colours)

    def paint(start: int, end: int) -> None:
        painting.paint(colours, pixels, origins, change, low, high, start, end, filled)

    crew.share(len(pixels), paint, 0.0)
    return filled.reshape(image.shape)
