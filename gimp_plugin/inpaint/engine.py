"""The engine as seen from GIMP: a child process that fills what it is sent.

Standard library only. The engine's Python stands in ``engine.json`` beside this file, and is looked for
nowhere else.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

from wire import Frame, RawArray, WireError, read_frame, write_frame

FOLDER = Path(__file__).resolve().parent

START_SECONDS = 180.0
"""A first start may have to read every library from a cold disk, past a virus scanner."""
SILENCE_SECONDS = 30.0
"""A working engine says ten times a second that it is alive."""
LEAVE_SECONDS = 2.0

AGAIN = "Run “python3 install” (“py install” on Windows) in the folder GIMP Inpaint was downloaded to."
LOG = "“inpaint doctor” tells where its log is."

FOREIGN = ("PYTHON", "__PYVENV_LAUNCHER__", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_", "GI_TYPELIB_PATH")
"""Beginnings of variables that an AppImage or a bundle sets for GIMP, and that mislead another Python."""


class EngineError(Exception):
    """Why there is no result, as a sentence; `kind` is the name of the engine's own error, if it had one."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Request:
    """One fill: pixels of (H, W) or (H, W, C), a mask of (H, W), and how.

    `arrays` may hold the masks ``source`` and ``exclude``, (H, W), a ``reference`` like `image`, and a
    ``guide`` of the channels of `image` and of any size. With `area` the result tells the source.
    """

    image: RawArray
    mask: RawArray
    method: str
    seed: int
    options: Mapping[str, bool | int | float | str]
    source: str | float = "auto"
    arrays: Mapping[str, RawArray] = field(default_factory=dict)
    area: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A request that was sent to the engine."""

    id: int
    request: Request


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done in words, and the fraction done, 0…1."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Result:
    """The filled picture, what was done in a few words, and what the person should know.

    `area` is (H, W): where content may come from, if that was asked for.
    """

    image: RawArray
    label: str
    notices: tuple[str, ...]
    area: RawArray | None = None


def find_python(folder: Path = FOLDER) -> tuple[str, str]:
    """Return the engine's Python and version, as the installer wrote them down.

    Raises
    ------
    EngineError
        When they are not written down, or that Python is gone.
    """
    pointer = folder / "engine.json"
    try:
        engine = json.loads(pointer.read_text(encoding="utf-8"))
        python, version = str(engine["python"]), str(engine["version"])
    except FileNotFoundError:
        raise EngineError(
            f"GIMP Inpaint is not completely installed: {pointer} is missing. {AGAIN}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{pointer} cannot be read ({error}). {AGAIN}") from None
    if not Path(python).is_file():
        raise EngineError(f"The engine of GIMP Inpaint is gone: there is no {python}. {AGAIN}")
    return python, version


class Engine:
    """A running engine. Use it in a ``with`` block: leaving it ends the process, whatever it is doing."""

    def __init__(self, python: str, version: str) -> None:
        self._python = python
        self._version = version
        self._runs = 0
        self._launch()

    def _launch(self) -> None:
        self._answers: queue.SimpleQueue[Frame | Exception | None] = queue.SimpleQueue()
        self._last_words = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as this
        try:
            self._process = subprocess.Popen(
                [self._python, "-I", "-m", "inpaint_core.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._last_words,
                cwd=tempfile.gettempdir(),
                env=clean_environment(os.environ),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._last_words.close()
            raise EngineError(
                f"The engine {self._python} does not start: {error.strerror}. {AGAIN}"
            ) from error
        self._over = False
        self._patience = START_SECONDS
        self._heard = time.monotonic()
        self._requests: queue.Queue[Frame | None] = queue.Queue()
        self._sender = threading.Thread(target=self._send, name="requests", daemon=True)
        self._sender.start()
        self._reader = threading.Thread(target=self._read, name="answers", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, folder: Path = FOLDER) -> Engine:
        """Start the engine that belongs to the plug-in in `folder`."""
        return cls(*find_python(folder))

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
        run = self.submit(request)
        while True:
            news = self.news(run, wait=True)
            if isinstance(news, Result):
                return news
            if news is not None:
                report(news.stage, news.fraction)

    def submit(self, request: Request) -> Run:
        """Send a request; `news` tells what becomes of it. An engine that has ended is started anew."""
        if self._over:
            self.close()
            self._launch()
        self._runs += 1
        run = Run(self._runs, request)
        header = {
            "type": "fill",
            "id": run.id,
            "engine": self._version,
            "method": request.method,
            "seed": request.seed,
            "options": dict(request.options),
            "source": request.source,
            "area": request.area,
        }
        self._requests.put(Frame(header, {"image": request.image, "mask": request.mask, **request.arrays}))
        self._heard = time.monotonic()
        return run

    def cancel(self, run: Run) -> None:
        """Give a run up; nothing is heard of it any more."""
        self._requests.put(Frame({"type": "cancel", "id": run.id}))

    def news(self, run: Run, *, wait: bool = False) -> Progress | Result | None:
        """Return the next piece of news of a run; None when there is none, or none yet.

        Raises
        ------
        EngineError
            When the fill failed, or the engine crashed, fell silent, or is of another version.
        """
        while (frame := self._next(wait)) is not None:
            header = frame.header
            if header.get("id") not in (run.id, None):
                continue
            match header.get("type"):
                case "progress":
                    return Progress(str(header.get("stage", "")), float(header.get("fraction", 0.0)))
                case "result":
                    return _parse_result(header, frame.arrays, run.request)
                case "failure":
                    raise EngineError(str(header.get("message")), str(header.get("kind")))
        return None

    def close(self) -> None:
        """End the process, whatever it is doing, and wait until it is gone.

        The engine leaves as soon as its input ends; that also happens when GIMP kills the plug-in.
        """
        if self._requests.unfinished_tasks:
            self._process.kill()  # it does not take its request in, so it would not see its end either
        self._requests.put(None)
        self._sender.join()
        with contextlib.suppress(OSError):
            cast("BinaryIO", self._process.stdin).close()
        self._await_end()
        self._reader.join()
        cast("BinaryIO", self._process.stdout).close()
        self._last_words.close()

    def _await_end(self) -> int:
        try:
            return self._process.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _send(self) -> None:
        while (frame := self._requests.get()) is not None:
            try:
                write_frame(cast("BufferedIOBase", self._process.stdin), frame)
            except WireError as error:
                self._answers.put(error)
            except OSError:
                pass  # the engine has ended; the reader notices and says why
            self._requests.task_done()

    def _read(self) -> None:
        try:
            while (frame := read_frame(cast("BufferedIOBase", self._process.stdout))) is not None:
                self._answers.put(frame)
            self._answers.put(None)
        except (WireError, MemoryError) as error:
            self._answers.put(error)

    def _next(self, wait: bool) -> Frame | None:
        """Return the next frame; None when there is none yet and nobody waits."""
        left = self._heard + self._patience - time.monotonic()
        try:
            answer = self._answers.get(block=wait, timeout=max(left, 0.0))
        except queue.Empty:
            if left > 0 and not wait:
                return None
            self._process.kill()
            self._over = True
            raise EngineError(
                f"The engine has said nothing for {self._patience:.0f} seconds and was ended; nothing was "
                f"changed. Try again, or select less. {LOG}"
            ) from None
        if isinstance(answer, Frame):
            self._heard, self._patience = time.monotonic(), SILENCE_SECONDS
            return answer
        self._over = True
        if isinstance(answer, MemoryError):
            raise EngineError("There is not enough memory to take the result in. Select less.")
        raise EngineError(self._obituary(answer))

    def _obituary(self, cause: Exception | None) -> str:
        """Say why the process ended or cannot be understood."""
        status = self._await_end()
        if isinstance(cause, WireError) and "cut short" not in str(cause):
            return f"The engine cannot be understood. {cause}"
        if -status == getattr(signal, "SIGKILL", None):
            return (
                "The engine was killed before it was done, perhaps because memory ran out; nothing was "
                f"changed. Select less, or close other programs. {LOG}"
            )
        self._last_words.seek(0)
        words = self._last_words.read()[-4096:].decode(errors="replace").strip().splitlines()
        if words:
            return f"The engine does not run: {words[-1].rstrip('.')}. {AGAIN}"
        return f"The engine crashed before it was done (status {status}); nothing was changed. {LOG}"


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what GIMP's own packaging set for its own libraries."""
    return {name: value for name, value in environment.items() if not name.startswith(FOREIGN)}


def _parse_result(header: Mapping[str, Any], arrays: Mapping[str, RawArray], request: Request) -> Result:
    image = arrays.get("image")
    if image is None or (image.dtype, image.shape) != (request.image.dtype, request.image.shape):
        raise EngineError(f"The engine's answer is not the picture that was asked for. {AGAIN}")
    notices = header.get("notices", [])
    area = arrays.get("area")
    if area is not None and (area.dtype, area.shape) != ("bool", request.mask.shape):
        raise EngineError(f"The engine's answer is not the picture that was asked for. {AGAIN}")
    told = tuple(str(notice) for notice in notices)
    return Result(image, str(header.get("label", request.method)), told, area)
