"""The fill at the resolution of the dialog, made by the engine while the dialog stays alive."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine import Engine, Found, Result, Run, Search
from engine_place import EngineError
from fill import NO_SOURCE, request, windows
from geometry import Box
from gi.repository import GLib
from job import Job
from refusal import Refusal
from region import Region, read_region
from seeking import Seeking
from settings import Choices
from target import Target
from widening import widen
from wire import RawArray

PIXELS = 80_000
"""A sketch is no larger, so that it comes at once."""
POLL_MILLISECONDS = 5
QUIET_SECONDS = 0.25
"""A sketch that comes sooner shows no progress: painting that takes time from the sketch itself."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A small fill: what was chosen for it, the part of the layer it shows, and the answer.

    `count` is how many spots are filled, where they were looked for.
    """

    chosen: Choices
    target: Target
    window: Box
    region: Region
    result: Result
    count: int | None = None

    @property
    def previews(self) -> dict[Box, RawArray]:
        """What parts of the layer shall look like; none when this sketch is of full size itself."""
        return {} if self.region.box == self.window else {self.window: self.result.image}


class Seeker:
    """Has the engine find what is to be filled, and remembers what it found in a place."""

    def __init__(self, job: Job, seeking: Seeking) -> None:
        self._job, self._seeking = job, seeking
        self._place: Target | None = None
        self._found: Target | None = None
        self.count: int | None = None

    def known(self, place: Target) -> Target | None:
        """Return what was found in this very place, if that is known."""
        return self._found if place is self._place else None

    def ask(self, place: Target) -> Search:
        """Return what the engine is to be asked."""
        self._place, self._found = place, None
        return self._seeking.ask(place, self._job)

    def take(self, answer: Found) -> Target:
        """Return what was found in the place that was asked for last."""
        if self._place is None:
            raise RuntimeError("nothing was looked for")
        self.count = answer.count
        self._found = self._seeking.take(self._place, answer)
        return self._found


class Sketcher:
    """Makes a sketch whenever it is asked; a new one takes the place of the one under way.

    Parameters
    ----------
    engine
        Who fills.
    begun, done, failed, busy
        Told of what is to be filled, of each sketch (and of those of further seeds that were made with it),
        of why there is none, and of how far it is (0…1).
    seeker
        What finds it first, if it has to be found.
    unfilled
        Told of the place where it is looked for and, with True, that there is nothing to be filled.
    """

    def __init__(
        self,
        engine: Engine,
        begun: Callable[[Region], None],
        done: Callable[[list[Sketch]], None],
        failed: Callable[[str], None],
        busy: Callable[[float], None],
        *,
        seeker: Seeker | None = None,
        unfilled: Callable[[Region, bool], None] = lambda _region, _nothing: None,
    ) -> None:
        self._engine = engine
        self._begun, self._done, self._failed, self._busy = begun, done, failed, busy
        self._seeker, self._unfilled = seeker, unfilled
        self._run: Run | None = None
        self._timer = 0
        self._read: tuple[Target, tuple[int, float]] | None = None

    def ask(self, target: Target, chosen: Choices, also: tuple[int, ...] = ()) -> None:
        """Begin a sketch of `target`, which lies as it was selected, and of further seeds as cores allow."""
        self.stop()
        self._place, self._chosen, self._also = target, chosen, also
        self._asked = time.monotonic()
        # one change often brings others at once, such as a method that of how far to grow
        self._timer = GLib.idle_add(self._start, priority=GLib.PRIORITY_HIGH_IDLE)

    def stop(self) -> None:
        """Give up the sketch under way."""
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0
        if self._run is not None:
            self._engine.cancel(self._run)
            self._run = None

    def _start(self) -> bool:
        """Send what was asked for last."""
        self._timer = GLib.timeout_add(POLL_MILLISECONDS, self._poll)
        try:
            known = self._place if self._seeker is None else self._seeker.known(self._place)
            if known is not None:
                self._prepare(known)
            elif self._seeker is not None:
                self._unfilled(_read_small(self._place, self._place.hole), False)
                self._run = self._engine.submit(self._seeker.ask(self._place))
        except (EngineError, Refusal) as error:
            self.stop()
            self._failed(str(error))
        return bool(GLib.SOURCE_REMOVE)

    def _prepare(self, target: Target) -> None:
        """Begin the sketch of what is known to be filled; what was read of it already is not read anew."""
        widening = (self._chosen.grow, self._chosen.feather)
        if self._read is not None and self._read[0] is target and self._read[1] == widening:
            self._submit()
            return
        self._read = None
        self._target = widen(target, *widening)
        self._windows = list(windows(self._target))
        self._begin()
        self._read = (target, widening)

    def _begin(self) -> None:
        self._window = self._windows.pop(0)
        self._region = _read_small(self._target, self._window)
        self._submit()

    def _submit(self) -> None:
        self._begun(self._region)
        whole = self._region.box == self._window
        chosen = self._chosen if whole else _as_at_full_size(self._chosen)
        self._run = self._engine.submit(request(self._region, chosen, area=True, also=self._also))

    def _poll(self) -> bool:
        try:
            while self._run is not None and (news := self._engine.news(self._run)) is not None:
                if isinstance(news, Result):
                    self._end()
                    self._done(self._take(news))
                elif isinstance(news, Found):
                    self._go_on(news)
                elif time.monotonic() - self._asked > QUIET_SECONDS:
                    self._busy(news.fraction)
        except EngineError as error:
            if error.kind == NO_SOURCE and self._windows:
                self._begin()
            else:
                self._end()
                self._failed(str(error))
        return self._run is not None

    def _go_on(self, answer: Found) -> None:
        """Have what was found filled, or tell that nothing was."""
        try:
            if self._seeker is not None:
                self._prepare(self._seeker.take(answer))
        except Refusal as refusal:
            self._end()
            self._unfilled(_read_small(self._place, self._place.hole), True)
            self._failed(str(refusal))

    def _take(self, answer: Result) -> list[Sketch]:
        """Return the sketch that was asked for, and those of further seeds that came with it."""
        count = None if self._seeker is None else self._seeker.count
        return [
            Sketch(
                replace(self._chosen, seed=seed),
                self._target,
                self._window,
                self._region,
                replace(answer, image=image, also={}),
                count,
            )
            for seed, image in ((self._chosen.seed, answer.image), *answer.also.items())
        ]

    def _end(self) -> None:
        self._run, self._timer = None, 0


def _read_small(target: Target, window: Box) -> Region:
    """Return a part of the layer, no larger than a sketch is."""
    scale = min(1.0, math.sqrt(PIXELS / (window.width * window.height)))
    return read_region(target, window, scale, replace(target.encoding, component="u8"))


def _as_at_full_size(chosen: Choices) -> Choices:
    """Return what to ask of a picture that was made small: patches finish a network's answer to it, too."""
    if chosen.options.get("refine") != "auto":
        return chosen
    return replace(chosen, options={**chosen.options, "refine": "patch"})
