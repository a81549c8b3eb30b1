"""Carrying out a choice: its holes are divided into tasks, and these shared out among the cores.

Each task sees the picture as it was before the choice, so the result depends neither on the order of the
tasks nor on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.agreement import agree
from inpaint_core.arrays import Bool, guide_to_working, to_working
from inpaint_core.auto import CROSSINGS, THIN, Choice
from inpaint_core.composite import Result, paste
from inpaint_core.cores import share, share_one_by_one, within
from inpaint_core.errors import FillError, NoSourceError
from inpaint_core.explanation import Reason, Step
from inpaint_core.geometry import Box
from inpaint_core.holes import Part, bounding_box, depths, parts, pieces
from inpaint_core.methods import GuidedFill, Method, NetworkFill
from inpaint_core.options import parse
from inpaint_core.progress import Progress
from inpaint_core.source import Source

RIM = 64
"""Pixels around a hole that are enough for a method that is `local`."""

PIECE = 512
"""Side in pixels of the pieces in which such a method fills a thin hole: what lies `RIM` pixels further along
it counts for less than a hundred-thousandth."""

LARGE = 1 << 20
"""Pixels of a window beyond which a task has all cores to itself: there is enough to share within it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all choices of one fill.

    Attributes
    ----------
    result
        The picture, filled choice by choice.
    hole : (H, W) bool
        All that is to be filled.
    source
        What content may be taken from.
    guide
        A rough idea of the result, or None.
    seed : int
    device
        What networks run on.
    detail
        How many times smaller the guide was, if it is a preview of this very fill; else 0.
    """

    result: Result
    hole: Bool
    source: Source
    guide: NDArray[Any] | None
    seed: int
    device: str
    detail: float = 0.0


def fill_holes(job: Job, choice: Choice, pending: Bool, progress: Progress) -> tuple[Step, ...]:
    """Fill the holes of a choice in ``job.result``, and return what was done.

    Parameters
    ----------
    job
        The fill.
    choice
        Which holes, and how.
    pending : (H, W) bool
        What is not filled yet, the holes of `choice` included.
    progress
        Called from the calling thread.
    """
    choice.method.load()
    fallen: list[Bool] = []
    tasks = [
        _Task(job, choice, pending, part, box, fallen)
        for part in parts(choice.hole, partial(_first_window, job, choice.method))
        for box in _boxes(job, choice, part)
    ]
    alone = [task for task in tasks if task.size > LARGE]
    together = [task for task in tasks if task.size <= LARGE]
    split = sum(task.size for task in alone) / sum(task.size for task in tasks)
    for some, run, report in (
        (alone, share_one_by_one, within(progress, 0.0, split)),
        (together, share, within(progress, split, 1.0)),
    ):
        if some:
            run([task.run for task in some], [task.size for task in some], report)
    return _steps(choice, fallen)


def _first_window(job: Job, method: Method, box: Box) -> Box:
    return next(job.source.windows(box)) if not method.local else box.grow(RIM) & job.source.extent.box


def _is_free(job: Job, window: Box) -> bool:
    """Tell whether all but the hole may be a source."""
    return bool((job.source.allowed(window) | job.hole[window.slices]).all())


def _boxes(job: Job, choice: Choice, part: Part) -> list[Box]:
    """Return the boxes in which a part is filled: one, or the pieces of a long and narrow hole."""
    if not choice.method.local or max(part.box.width, part.box.height) <= PIECE:
        return [part.box]
    if not _is_thin(choice, part):
        return [part.box]
    found = []
    for piece in pieces(part.box, PIECE):
        box = bounding_box(part.own(choice.hole, piece)).shift(piece.x0, piece.y0)
        if box:
            found.append(box)
    is_free = all(_is_free(job, _first_window(job, choice.method, box)) for box in found)
    return found if is_free else [part.box]


def _is_thin(choice: Choice, part: Part) -> bool:
    """Tell whether a part is thin, but for a few crossings."""
    if choice.reason is Reason.THIN:
        return True
    own = np.pad(part.own(choice.hole, part.box), 1)
    deep = int(np.count_nonzero(2.0 * depths(own) > THIN))
    return deep <= CROSSINGS * int(np.count_nonzero(own))


@dataclass(frozen=True, slots=True)
class _Task:
    """The pixels of a part within a box, to be filled at once."""

    job: Job
    choice: Choice
    pending: Bool
    part: Part
    box: Box
    fallen: list[Bool]

    @property
    def size(self) -> int:
        """How many pixels are looked at."""
        window = _first_window(self.job, self.choice.method, self.box)
        return window.width * window.height

    def run(self, progress: Progress) -> None:
        """Fill them by the chosen method or, where this finds nothing to copy, by its substitute."""
        choice = self.choice
        try:
            self._fill(choice.method, choice.options, progress)
        except NoSourceError:
            if choice.fallback is None:
                raise
            self._fill(choice.fallback, parse(choice.fallback.options, {}, choice.fallback.id), progress)
            self.fallen.append(self.part.own(choice.hole, self.box))

    def _fill(self, method: Method, options: Any, progress: Progress) -> None:
        *earlier, last = self._windows(method)
        for window in earlier:
            with suppress(NoSourceError):
                self._fill_window(method, options, window, progress)
                return
        self._fill_window(method, options, last, progress)

    def _windows(self, method: Method) -> Iterator[Box]:
        """Yield what is looked at, and wider parts in case that is not enough."""
        if method.local:
            near = _first_window(self.job, method, self.box)
            if _is_free(self.job, near):
                yield near
        yield from self.job.source.windows(self.box)

    def _fill_window(self, method: Method, options: Any, window: Box, progress: Progress) -> None:
        job = self.job
        hole = np.ascontiguousarray(self.choice.hole[window.slices])
        working = to_working(job.result.pixels[window.slices], self.pending[window.slices])
        fill = method.load()
        guide = None
        if job.guide is not None and method.guided:
            guide = guide_to_working(job.guide[window.slices], hole, working)
            fill = partial(cast("GuidedFill", fill), guide=guide)
        if method.networked:
            fill = partial(cast("NetworkFill", fill), device=job.device)
        filled = fill(
            working.pixels,
            hole,
            job.source.within(window, hole),
            options=options,
            seed=job.seed,
            progress=progress,
        )
        if guide is not None and job.detail:
            filled = agree(filled, guide, hole, job.detail)
        ours = filled[self.box.shift(-window.x0, -window.y0).slices]
        if not np.isfinite(ours).all():
            raise FillError(f"The method {method.id} gave values that are no numbers; please report this.")
        own = self.part.own(self.choice.hole, self.box)
        paste(job.result.copy()[self.box.slices], own, ours, working)


def _steps(choice: Choice, fallen: list[Bool]) -> tuple[Step, ...]:
    """Return what was done, with what the substitute did as a step of its own."""
    step = Step(
        choice.method.id,
        choice.method.title,
        choice.reason,
        choice.count,
        int(np.count_nonzero(choice.hole)),
        choice.width,
    )
    if not fallen or choice.fallback is None:
        return (step,)
    substitute = Step(
        choice.fallback.id,
        choice.fallback.title,
        Reason.NO_PATCH,
        sum(cv2.connectedComponents(hole.view(np.uint8), connectivity=8)[0] - 1 for hole in fallen),
        sum(int(np.count_nonzero(hole)) for hole in fallen),
    )
    left = replace(step, holes=step.holes - substitute.holes, pixels=step.pixels - substitute.pixels)
    return (left, substitute) if left.pixels else (substitute,)
