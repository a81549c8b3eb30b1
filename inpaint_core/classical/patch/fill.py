"""The exemplar-based fill: coarse to fine, search and vote in turn, then copy.

The energy and its alternating minimisation are those of Wexler, Shechtman and Irani (2007), the search is
PatchMatch (Barnes et al., 2009), and the order of things follows Newson et al. (2014).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch import candidates, lines, offsets, painting, seams, solving, trend, voting
from inpaint_core.classical.patch.canvas import enlarge
from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.effort import EFFORTS, TRIES, Effort, plan
from inpaint_core.classical.patch.guide import Guide, Steering
from inpaint_core.classical.patch.lines import Line
from inpaint_core.classical.patch.offsets import Offsets
from inpaint_core.classical.patch.options import PatchOptions
from inpaint_core.classical.patch.pyramid import Level, Places, build, inherit
from inpaint_core.classical.patch.trend import Trend
from inpaint_core.cores import Task, share
from inpaint_core.errors import NoSourceError
from inpaint_core.jit import warn_if_not_kept
from inpaint_core.progress import Progress

SEAMS_START = 0.75
"""The part of the time that is over when the seams are evened out."""

SCANNED = 1 << 18
"""Pixels that are looked at at once for their range."""


def fill_patch(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: PatchOptions,
    seed: int,
    progress: Progress,
    guide: Float | None = None,
    guessed: bool = False,
) -> Float:
    """Fill `hole` with pieces of the picture itself; see `methods.Fill`.

    A `guide`, (H, W, C) float32 like `image`, shows in the hole roughly what belongs there. It steers the
    coarse levels; what is copied is the picture's own. A `guessed` one shows less of what it is less sure of,
    as networks do that were trained for the least error; so lines that cross the hole are followed, too.
    """
    warn_if_not_kept()
    effort = EFFORTS[options.quality]
    if options.adapt == "none":
        return _fill(image, hole, source, options, effort, seed, progress, guide, guessed)
    canvas = enlarge(image, hole, source, options.adapt)
    steering = None if guide is None else canvas.spread(guide)
    effort = replace(effort, spot=TRIES)  # what is near on a canvas is not so in the picture
    filled = _fill(
        canvas.image, canvas.hole, canvas.source, options, effort, seed, progress, steering, guessed
    )
    return np.ascontiguousarray(filled[canvas.place])


def _fill(  # noqa: PLR0917 - one call's, all of them
    image: Float,
    hole: Bool,
    source: Bool,
    options: PatchOptions,
    effort: Effort,
    seed: int,
    progress: Progress,
    guide: Float | None,
    guessed: bool,
) -> Float:
    """Fill a picture or a canvas; see `fill_patch`."""
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
        across = lines.across(levels) if guide is None or guessed else []
        repeats = offsets.dominant(levels) if guide is None else offsets.NONE
        if len(repeats.ways):
            del levels[repeats.number + 1 :]  # they decide more than what the small shows
        steered = None if guide is None else Guide.of(guide, hole, levels, guessed=guessed)
        solver = _Solver(effort, options.adapt_brightness, steered, across, repeats, crew, report, seed)
        level = solver.solve_best(levels)
        report.begin("Copying pixels")
        origins = _copy(level, crew)
        hole, source, span = level.hole, level.source, level.span
        del level, levels, solver, steered  # their memory is needed
        report.begin("Evening out seams")
        cycles = effort.cycles if options.adapt_brightness else 0
        filled = _finish(
            image, hole, source, origins, span=span, cycles=cycles, crew=crew, report=report.even
        )
        report.even(1.0)
    return filled


class _Report:
    """Tells the caller how much is done, in proportion to the patch distances there are to compute."""

    def __init__(self, progress: Progress, searching: float = SEAMS_START) -> None:
        self._progress, self._searching = progress, searching
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

    def part(self, work: float) -> Progress:
        """Return a progress whose 0…1 is as much further work."""
        start = self._done

        def tell(stage: str, fraction: float) -> None:
            self._stage, self._done = stage, start + work * fraction
            self._tell()

        return tell

    def even(self, fraction: float) -> None:
        self._evened = fraction
        self._tell()

    def _tell(self) -> None:
        searched = min(self._done / self._total, 1.0)
        self._progress(self._stage, self._searching * searched + (1.0 - self._searching) * self._evened)


@dataclass(frozen=True, slots=True)
class _Solver:
    """Goes from the coarsest level to the finest."""

    effort: Effort
    adapts: bool
    guide: Guide | None
    lines: list[Line]
    offsets: Offsets
    crew: Crew
    report: _Report
    seed: int

    def solve_best(self, levels: list[Level]) -> Level:
        """Return the finest level solved, by way of the best candidate where the effort has several."""
        first = self._decided(levels)
        fine, coarse = (sum(works) for works in self._works(levels, first))
        self.report.expect(fine + coarse * self.effort.candidates)
        if first == len(levels):
            return self._solve(levels)
        levels[first:] = [self._choose(levels[first:], first, coarse)]
        return self._solve(levels, begun=True)

    def _decided(self, levels: list[Level]) -> int:
        """Return the number of the level at which candidates are compared; that of all levels for none."""
        if self.effort.candidates == 1:
            return len(levels)
        first = candidates.decided(levels)
        return first if first or self.effort.thorough else len(levels)

    def _choose(self, levels: list[Level], first: int, work: float) -> Level:
        """Return the first of `levels`, whose number is `first`, as the best candidate solved it.

        Each candidate is about as much `work`, too small to be shared among the cores; so each has its own.
        """
        count = self.effort.candidates
        solved: dict[int, tuple[Level, float]] = {}

        def solve(number: int) -> Task:
            candidate = candidates.CANDIDATES[number]

            def task(progress: Progress) -> None:
                report = _Report(progress, 1.0)
                report.expect(work)
                with Crew(report.advance) as crew:
                    anew = candidates.prepare(candidate, levels, crew)
                    if anew:
                        name = f"Candidate {number + 1} of {count}: searching patches"
                        alone = replace(self, crew=crew, report=report)
                        level = alone._solve(
                            anew, first, near=candidate.near, usual=candidate.usual, name=name
                        )
                        solved[number] = level, candidates.score(level, crew, self.seed)

            return task

        share([solve(number) for number in range(count)], [work] * count, self.report.part(count * work))
        fits, scores = zip(*(solved[number] for number in sorted(solved)), strict=True)
        return candidates.choose(list(fits), list(scores))

    def _solve(
        self,
        levels: list[Level],
        first: int = 0,
        *,
        begun: bool = False,
        near: bool = True,
        usual: bool = True,
        name: str = "Searching patches",
    ) -> Level:
        """Solve levels, the coarsest first, and return the finest; the list is emptied.

        Parameters
        ----------
        levels
            The finest first.
        first
            The number of the first one.
        begun
            Whether the coarsest one is solved already.
        near
            Whether nearer sources are preferred.
        usual
            As in `Candidate`.
        name
            What the report calls it.
        """
        count = len(levels)
        for number in reversed(range(count - begun)):
            level = levels[number]
            coarsest = number == count - 1
            level.hops = self.offsets.hops(level, first + number)
            self.report.begin(f"{name}, level {count - number} of {count}")
            guided, lined = self._expect(level, first + number, coarsest=coarsest, usual=usual)
            work = plan(self.effort, level, first + number, coarsest=coarsest, near=near, adapts=self.adapts)
            if coarsest:
                solving.peel(level, guided or lined, work, self.crew, self.seed)
            else:
                inherit(level, levels.pop(), self.crew)
                solving.vote(level, work, self.crew, 0)
            expected = [each for each in (guided, lined) if each]
            solving.refine(level, expected, work, self.crew, (self.seed << 5) + first + number)
        return levels.pop()

    def _expect(
        self, level: Level, number: int, *, coarsest: bool, usual: bool
    ) -> tuple[Steering | None, Trend | None]:
        """Return what the guide and the lines tell of the level of this number, where they do."""
        guided = self.guide.steer(level, number) if self.guide else None
        across = [line.scaled(0.5**number) for line in self.lines]
        begins = coarsest and self.guide is None and trend.leads_out(level.hole) == usual
        return guided, trend.expect(level, across, coarsest=coarsest, begins=begins)

    def _works(self, levels: list[Level], first: int) -> tuple[list[float], list[float]]:
        """Return the patch distances to compute on each level: below number `first`, and from there on."""
        works = []
        for number, level in enumerate(levels):
            coarsest = number == len(levels) - 1
            planned = plan(self.effort, level, number, coarsest=coarsest)
            works.append(solving.work(level, planned, coarsest=coarsest))
        return works[:first], works[first:]


def _copy(level: Level, crew: Crew) -> Places:
    """Return for each hole pixel the pixel ``y * W + x`` that it is copied from."""
    height, width = level.hole.shape
    origins = np.empty(len(level.pixels), np.int32)
    weights = solving.vote_weights(level, 1)

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

    crew.share(len(level.pixels), elect, solving.vote_work(level))
    y, x = np.divmod(origins, level.stride)
    return y * np.int32(width) + x


def _finish(
    image: Float,
    hole: Bool,
    source: Bool,
    origins: Places,
    *,
    span: float,
    cycles: int,
    crew: Crew,
    report: Callable[[float], None],
) -> Float:
    """Copy at the picture's own precision, and even out the seams within the source's range."""
    width, channels = image.shape[1:]
    colours, usable = image.reshape(-1, channels), source.reshape(-1)
    low, high = _limits(colours, usable, crew)
    change = seams.NONE
    if cycles:
        change = seams.correction(
            image, hole, source, origins, span=span, cycles=cycles, crew=crew, report=report
        )
    pixels = np.flatnonzero(hole).astype(np.int32)
    filled = np.zeros(colours.shape, np.float32)  # memory for the pixels that are written, and no others

    def paint(start: int, end: int) -> None:
        painting.paint(colours, usable, width, pixels, origins, change, low, high, start, end, filled)

    crew.share(len(pixels), paint, 0.0)
    return filled.reshape(image.shape)


def _limits(colours: Float, source: Bool, crew: Crew) -> tuple[Float, Float]:
    """Return each channel's least and greatest value among the source pixels."""
    ends = np.empty((-(-len(source) // SCANNED), 2, colours.shape[1]), np.float32)

    def scan(start: int, end: int) -> None:
        painting.limits(colours, source, start, end, ends[start // SCANNED])

    crew.share(len(source), scan, 0.0, chunk=SCANNED)
    return ends[:, 0].min(axis=0), ends[:, 1].max(axis=0)
