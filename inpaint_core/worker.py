"""The door that the GIMP plug-in uses: frames on standard input and output (see `wire`).

Run as ``python -m inpaint_core.worker``. It serves one fill after the other until its standard input ends;
then it exits at once, also in the middle of a fill, for that is how it learns that GIMP killed the plug-in.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from queue import SimpleQueue
from typing import NoReturn

from inpaint_core import __version__
from inpaint_core.garbage import collect_seldom
from inpaint_core.places import log_file
from inpaint_core.wire import Frame, WireError, failure, read_frame, run_of, write_frame

HEARTBEAT_SECONDS = 0.05
MAX_LOG_BYTES = 1 << 20

log = logging.getLogger("inpaint_core.worker")


def main() -> NoReturn:
    """Serve standard input until it ends."""
    collect_seldom()
    requests, answers = _claim_streams()
    log.info("engine %s started", __version__)
    converse(requests, answers)


def converse(requests: BufferedIOBase, answers: BufferedIOBase) -> NoReturn:
    """Serve requests until they end, then end the process."""
    outbox = Outbox(answers)
    inbox = Inbox(requests, outbox)
    threading.Thread(target=inbox.read, name="requests", daemon=True).start()
    threading.Thread(target=outbox.beat, name="heartbeat", daemon=True).start()
    try:
        from inpaint_core import answering  # noqa: PLC0415 - it takes long, and the end is noticed already
    except Exception as error:
        log.exception("the engine does not run")
        words = f"The engine does not run: {type(error).__name__}: {error}. Run the installer again."
        outbox.send(failure(None, type(error).__name__, words))
        leave(1)
    answering.prepare()  # while the plug-in still reads pixels
    while True:
        frame = inbox.jobs.get()
        run = run_of(frame)
        outbox.begin(run)
        answer = answering.answer(frame, outbox.send, partial(inbox.is_cancelled, run))
        outbox.end()
        outbox.send(answer)


class Outbox:
    """Frames to the plug-in, one at a time; once the plug-in is gone there is nobody to work for."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._run: object = None

    def send(self, frame: Frame) -> None:
        """Write one frame, or end the process when nobody reads any more."""
        try:
            with self._lock:
                write_frame(self._stream, frame)
        except OSError:
            leave(0)

    def beat(self) -> NoReturn:
        """Say ``alive`` as long as a run is under way."""
        while True:
            self._busy.wait()
            self.send(Frame({"type": "alive", "id": self._run}))
            time.sleep(HEARTBEAT_SECONDS)

    def begin(self, run: object) -> None:
        """Start the heartbeat of a run."""
        self._run = run
        self._busy.set()

    def end(self) -> None:
        """Stop the heartbeat."""
        self._busy.clear()


class Inbox:
    """Frames from the plug-in, read in a thread of their own so that the end is noticed at once."""

    def __init__(self, stream: BufferedIOBase, outbox: Outbox) -> None:
        self.jobs: SimpleQueue[Frame] = SimpleQueue()
        self._stream = stream
        self._outbox = outbox
        self._cancelled: set[object] = set()

    def read(self) -> NoReturn:
        """Sort requests until the stream ends, then end the process."""
        try:
            while (frame := read_frame(self._stream)) is not None:
                if frame.header.get("type") == "cancel":
                    self._cancelled.add(run_of(frame))
                else:
                    self.jobs.put(frame)
        except WireError as error:
            log.error("refused a frame: %s", error)
            self._outbox.send(failure(None, "WireError", str(error)))
            leave(1)
        except MemoryError:
            self._outbox.send(
                failure(None, "FillError", "There is not enough memory to take the picture in.")
            )
            leave(1)
        leave(0)

    def is_cancelled(self, run: object) -> bool:
        """Tell whether the plug-in gave this run up."""
        return run in self._cancelled


def leave(status: int) -> NoReturn:
    """End the process without waiting for any thread."""
    logging.shutdown()
    os._exit(status)


def _claim_streams() -> tuple[BufferedIOBase, BufferedIOBase]:
    """Take standard input and output for frames."""
    answers = os.fdopen(os.dup(1), "wb")
    requests = os.fdopen(os.dup(0), "rb")
    print_to_log()
    return requests, answers


def print_to_log() -> None:
    """Have whatever is printed from now on in the log; nothing can be read from standard input."""
    printed = _open_log()
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(printed)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout = sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace", buffering=1)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(process)d %(message)s")


def _open_log() -> int:
    """Open the log for appending, its older half set aside; nowhere to write means no log."""
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _set_aside(path)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _set_aside(path: Path) -> None:
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))


if __name__ == "__main__":
    main()
