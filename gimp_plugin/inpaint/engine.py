"""The engine as seen from GIMP: it fills what it is sent.

Standard library only.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine_line import Line, OwnProcess
from engine_place import AGAIN, FOLDER, LOG, EngineError, find_python
from engine_resident import leave_waiting, visit
from translation import _, told
from wire import Frame, RawArray, WireError, read_frame, write_frame

START_SECONDS = 180.0
"""A first start may have to read every library from a cold disk, past a virus scanner."""
SILENCE_SECONDS = 30.0
"""A working engine says ten times a second that it is alive."""
LEAVE_SECONDS = 2.0
MODELS_RUN = 0
"""The id of a question for models; those of runs are higher."""
NOT_ASKED_FOR = _("The engine's answer is not what was asked for.") + f" {AGAIN}"


@dataclass(frozen=True, slots=True)
class Request:
    """One fill: pixels of (H, W) or (H, W, C), a mask of (H, W), and how.

    `arrays` may hold the masks ``source`` and ``exclude``, (H, W), a ``reference`` like `image`, and a
    ``preview`` of the channels of `image` and no larger. With `area` the result tells the source. `also` are
    seeds to fill with at the same time, as far as there are cores for them.
    """

    image: RawArray
    mask: RawArray
    method: str
    seed: int
    options: Mapping[str, bool | int | float | str]
    source: str | float = "auto"
    arrays: Mapping[str, RawArray] = field(default_factory=dict)
    area: bool = False
    also: tuple[int, ...] = ()

    @property
    def header(self) -> dict[str, Any]:
        """What the engine is told, besides arrays."""
        return {
            "type": "fill",
            "method": self.method,
            "seed": self.seed,
            "options": dict(self.options),
            "source": self.source,
            "area": self.area,
            "also": list(self.also),
        }

    def parse(self, header: Mapping[str, Any], arrays: Mapping[str, RawArray]) -> Result:
        """Return what the engine answered."""
        image, area = self._picture(arrays, "image"), arrays.get("area")
        if area is not None and (area.dtype, area.shape) != ("bool", self.mask.shape):
            raise EngineError(NOT_ASKED_FOR)
        notices = tuple(told(str(notice)) for notice in header.get("notices", []))
        filled = [seed for seed in self.also if seed in header.get("also", [])]
        also = {seed: self._picture(arrays, f"image-{seed}") for seed in filled}
        return Result(image, str(header.get("label", self.method)), notices, area, also)

    def _picture(self, arrays: Mapping[str, RawArray], name: str) -> RawArray:
        """Return one of the pictures that were answered, if it is like the one that was sent."""
        picture = arrays.get(name)
        if picture is None or (picture.dtype, picture.shape) != (self.image.dtype, self.image.shape):
            raise EngineError(NOT_ASKED_FOR)
        return picture


@dataclass(frozen=True, slots=True)
class Search:
    """A search for dust and scratches: pixels, a mask of (H, W) that says where to look, and what counts."""

    image: RawArray
    mask: RawArray
    options: Mapping[str, bool | int | float | str]
    arrays: Mapping[str, RawArray] = field(default_factory=dict)

    @property
    def header(self) -> dict[str, Any]:
        """What the engine is told, besides arrays."""
        return {"type": "spots", "options": dict(self.options)}

    def parse(self, header: Mapping[str, Any], arrays: Mapping[str, RawArray]) -> Found:
        """Return what the engine answered."""
        mask = arrays.get("mask")
        if mask is None or (mask.dtype, mask.shape) != ("bool", self.mask.shape):
            raise EngineError(NOT_ASKED_FOR)
        return Found(mask, int(header.get("count", 0)))


@dataclass(frozen=True, slots=True)
class Run:
    """A request that was sent to the engine."""

    id: int
    request: Request | Search


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done in words, and the fraction done, 0…1."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Result:
    """The filled picture, what was done in a few words, and what the person should know.

    `area` is (H, W): where content may come from, if that was asked for. `also` has the pictures of further
    seeds, if there were cores for them.
    """

    image: RawArray
    label: str
    notices: tuple[str, ...]
    area: RawArray | None = None
    also: Mapping[int, RawArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Where spots are, (H, W), and how many."""

    mask: RawArray
    count: int


@dataclass(frozen=True, slots=True)
class Models:
    """The networks that can be used, their titles by their ids; and the one used when none is named."""

    titles: Mapping[str, str]
    usual: str


class Engine:
    """The running engine of the plug-in in `folder`.

    Use it in a ``with`` block: leaving it ends the engine, whatever it is doing.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._python, self._version = find_python(folder)
        self._runs = 0
        self._tell_models: Callable[[Models], None] = lambda _models: None
        self._launch()

    def _launch(self) -> None:
        self._line: Line = visit(self._folder, self._version) or OwnProcess(self._python)
        self._answers: queue.SimpleQueue[Frame | Exception | None] = queue.SimpleQueue()
        self._over = self._awake = False
        self._heard = time.monotonic()
        self._requests: queue.Queue[Frame | None] = queue.Queue()
        self._sender = threading.Thread(target=self._send, name="requests", daemon=True)
        self._sender.start()
        self._reader = threading.Thread(target=self._read, name="answers", daemon=True)
        self._reader.start()

    def __enter__(self) -> Engine:  # noqa: PYI034 - typing.Self needs a newer Python than some GIMPs have
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fill(self, request: Request, report: Callable[[str, float], None]) -> Result:
        """Send a request and wait for its result.

        Parameters
        ----------
        request
            What to fill.
        report
            Told, from this thread, what is being done in words and the fraction done, 0…1.

        Raises
        ------
        EngineError
            When the fill failed, or the engine crashed, fell silent, or is of another version.
        """
        news = self._await(self.submit(request), report)
        if not isinstance(news, Result):
            raise EngineError(NOT_ASKED_FOR)
        return news

    def search(self, search: Search, report: Callable[[str, float], None]) -> Found:
        """Look for spots as `fill` fills."""
        news = self._await(self.submit(search), report)
        if not isinstance(news, Found):
            raise EngineError(NOT_ASKED_FOR)
        return news

    def _await(self, run: Run, report: Callable[[str, float], None]) -> Result | Found:
        while not isinstance(news := self.news(run, wait=True), Result | Found):
            if news is not None:
                report(news.stage, news.fraction)
        return news

    def submit(self, request: Request | Search) -> Run:
        """Send a request; `news` tells what becomes of it. An engine that has ended is started anew."""
        if self._over or not self._reader.is_alive():
            self.close()
            self._launch()
        self._runs += 1
        run = Run(self._runs, request)
        header = {**request.header, "id": run.id, "engine": self._version}
        self._requests.put(Frame(header, {"image": request.image, "mask": request.mask, **request.arrays}))
        self._heard = time.monotonic()
        return run

    def ask_models(self, tell: Callable[[Models], None]) -> None:
        """Have `tell` told of the networks there are, during `news` of a run that is submitted afterwards."""
        self._tell_models = tell
        self._requests.put(Frame({"type": "models", "id": MODELS_RUN, "engine": self._version}))

    def cancel(self, run: Run) -> None:
        """Give a run up; nothing is heard of it any more."""
        self._requests.put(Frame({"type": "cancel", "id": run.id}))

    def news(self, run: Run, *, wait: bool = False) -> Progress | Result | Found | None:
        """Return the next piece of news of a run; None when there is none, or none yet.

        Raises
        ------
        EngineError
            When the fill failed, or the engine crashed, fell silent, or is of another version.
        """
        while (frame := self._next(wait)) is not None:
            header = frame.header
            if header.get("type") == "models":
                self._tell_models(Models(dict(header.get("models", {})), str(header.get("default", ""))))
            if header.get("id") not in (run.id, None):
                continue
            match header.get("type"):
                case "progress":
                    return Progress(str(header.get("stage", "")), float(header.get("fraction", 0.0)))
                case "result":
                    return run.request.parse(header, frame.arrays)
                case "failure":
                    raise EngineError(told(str(header.get("message"))), str(header.get("kind")))
        return None

    def close(self) -> None:
        """End the engine, whatever it is doing, and wait until it is gone."""
        if self._requests.unfinished_tasks or not self._awake:
            self._line.kill()  # it does not take its requests in, so it would not see their end either
        self._requests.put(None)
        self._sender.join()
        self._line.hang_up()
        self._await_end()
        self._reader.join()
        self._line.close()

    def leave_one_waiting(self) -> None:
        """Have the next run find an engine that waits; without one it starts its own, as this one did."""
        if isinstance(self._line, OwnProcess):
            with suppress(EngineError):
                leave_waiting(self._folder)

    def _await_end(self) -> None:
        if not self._line.wait(LEAVE_SECONDS):
            self._line.kill()
            self._line.wait(None)

    def _send(self) -> None:
        while (frame := self._requests.get()) is not None:
            try:
                write_frame(self._line.requests, frame)
            except WireError as error:
                self._answers.put(error)
            except OSError:
                pass  # the engine has ended; the reader notices and says why
            self._requests.task_done()

    def _read(self) -> None:
        try:
            while (frame := read_frame(self._line.answers)) is not None:
                self._answers.put(frame)
            self._answers.put(None)
        except (WireError, MemoryError) as error:
            self._answers.put(error)

    def _next(self, wait: bool) -> Frame | None:
        """Return the next frame; None when there is none yet and nobody waits."""
        patience = SILENCE_SECONDS if self._awake else START_SECONDS
        left = self._heard + patience - time.monotonic()
        try:
            answer = self._answers.get(block=wait, timeout=max(left, 0.0))
        except queue.Empty:
            if left > 0 and not wait:
                return None
            self._line.kill()
            self._over = True
            raise EngineError(
                _(
                    "The engine has said nothing for {patience:.0f} seconds and was ended; nothing was "
                    "changed. Try again, or select less."
                ).format(patience=patience)
                + f" {LOG}"
            ) from None
        if isinstance(answer, Frame):
            self._heard, self._awake = time.monotonic(), True
            return answer
        self._over = True
        if isinstance(answer, MemoryError):
            raise EngineError(_("There is not enough memory to take the result in. Select less."))
        raise EngineError(self._obituary(answer))

    def _obituary(self, cause: Exception | None) -> str:
        """Say why the engine ended or cannot be understood."""
        self._await_end()
        if isinstance(cause, WireError) and "cut short" not in str(cause):
            return _("The engine cannot be understood. {cause}").format(cause=cause)
        return self._line.obituary()
