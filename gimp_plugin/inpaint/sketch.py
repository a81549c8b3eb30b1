"""The fill at the resolution of the dialog, made by the engine while the dialog stays alive."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from document import Region, Target, read_region
from engine import Engine, EngineError, Result, Run
from fill import NO_SOURCE, request, windows
from geometry import Box
from gi.repository import GLib
from settings import Choices
from widening import widen
from wire import RawArray

PIXELS = 120_000
"""A sketch is no larger, so that it comes at once."""
POLL_MILLISECONDS = 10


@dataclass(frozen=True, slots=True)
class Sketch:
    """A small fill: what was chosen for it, the part of the layer it shows, and the answer."""

    chosen: Choices
    target: Target
    window: Box
    region: Region
    result: Result

    @property
    def guide(self) -> RawArray | None:
        """What a fill at full size shall look like; None when this one is of full size."""
        return None if self.region.box == self.window else self.result.image


class Sketcher:
    """Makes a sketch whenever it is asked; a new one takes the place of the one under way.

    Parameters
    ----------
    engine
        Who fills.
    begun, done, failed, busy
        Told of what is to be filled, of each sketch, of why there is none, and of how far it is (0…1).
    """

    def __init__(
        self,
        engine: Engine,
        begun: Callable[[Region], None],
        done: Callable[[Sketch], None],
        failed: Callable[[str], None],
        busy: Callable[[float], None],
    ) -> None:
        self._engine = engine
        self._begun, self._done, self._failed, self._busy = begun, done, failed, busy
        self._run: Run | None = None
        self._timer = 0

    def ask(self, target: Target, chosen: Choices) -> None:
        """Begin a sketch of `target`, which lies as it was selected."""
        self.stop()
        self._chosen = chosen
        self._target = widen(target, chosen.grow, chosen.feather)
        self._windows = list(windows(self._target))
        self._begin()
        self._timer = GLib.timeout_add(POLL_MILLISECONDS, self._poll)

    def stop(self) -> None:
        """Give up the sketch under way."""
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0
        if self._run is not None:
            self._engine.cancel(self._run)
            self._run = None

    def _begin(self) -> None:
        self._window = self._windows.pop(0)
        area = self._window.width * self._window.height
        scale = min(1.0, math.sqrt(PIXELS / area))
        small = replace(self._target.encoding, component="u8")
        self._region = read_region(self._target, self._window, scale, small)
        self._begun(self._region)
        self._run = self._engine.submit(request(self._region, self._chosen, area=True))

    def _poll(self) -> bool:
        try:
            while self._run is not None and (news := self._engine.news(self._run)) is not None:
                if isinstance(news, Result):
                    self._end()
                    self._done(Sketch(self._chosen, self._target, self._window, self._region, news))
                else:
                    self._busy(news.fraction)
        except EngineError as error:
            if error.kind == NO_SOURCE and self._windows:
                self._begin()
            else:
                self._end()
                self._failed(str(error))
        return self._run is not None

    def _end(self) -> None:
        self._run, self._timer = None, 0
