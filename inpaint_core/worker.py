"""The door that the GIMP plug-in uses: frames on standard input and output (see `wire`).

Run as ``python -m inpaint_core.worker``. It serves one fill after the other until its standard input ends;
then it exits at once, also in the middle of a fill, for that is how it learns that GIMP killed the plug-in.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BufferedIOBase
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core import __version__
from inpaint_core.arrays import check_mask
from inpaint_core.errors import Cancelled, InpaintError, InpaintWarning, InputError
from inpaint_core.explanation import Explanation
from inpaint_core.fill import inpaint
from inpaint_core.methods import find, understand
from inpaint_core.places import log_file
from inpaint_core.reference import find_allowed
from inpaint_core.wire import Frame, RawArray, WireError, read_frame, write_frame

HEARTBEAT_SECONDS = 0.05
MAX_LOG_BYTES = 1 << 20

log = logging.getLogger("inpaint_core.worker")


def main() -> NoReturn:
    """Serve standard input until it ends."""
    requests, answers = _claim_streams()
    outbox = Outbox(answers)
    inbox = Inbox(requests, outbox)
    threading.Thread(target=inbox.read, name="requests", daemon=True).start()
    threading.Thread(target=outbox.beat, name="heartbeat", daemon=True).start()
    with contextlib.suppress(Exception):  # the fill that needs it will say what is wrong
        find("auto").load()  # while the plug-in still reads pixels
    while True:
        serve(inbox.jobs.get(), inbox, outbox)


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
                    self._cancelled.add(_run_id(frame))
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


def serve(frame: Frame, inbox: Inbox, outbox: Outbox) -> None:
    """Answer one request with a result or a failure."""
    run = _run_id(frame)
    outbox.begin(run)
    try:
        answer = _fill(frame, run, inbox, outbox)
    except InpaintError as error:
        answer = failure(run, type(error).__name__, str(error))
    except MemoryError:
        answer = failure(
            run,
            "FillError",
            "There is not enough memory for this fill. Select less, or close other programs.",
        )
    except Exception as error:
        log.exception("a fill failed")
        words = (
            f"The fill failed unexpectedly ({type(error).__name__}: {error}). Details are in {log_file()}."
        )
        answer = failure(run, "FillError", words)
    outbox.end()
    outbox.send(answer)


def failure(run: object, kind: str, message: str) -> Frame:
    """Return the frame that tells why there is no result."""
    return Frame({"type": "failure", "id": run, "kind": kind, "message": message})


@dataclass(frozen=True, slots=True)
class _Request:
    image: NDArray[Any]
    mask: NDArray[Any]
    source: NDArray[Any] | str | float | None
    exclude: NDArray[Any] | None
    reference: NDArray[Any] | None
    guide: NDArray[Any] | None
    method: str
    seed: int
    device: str
    options: Mapping[str, Any]
    area: bool


def _fill(frame: Frame, run: object, inbox: Inbox, outbox: Outbox) -> Frame:
    progress = _Progress(run, inbox, outbox)
    explanations: list[Explanation] = []
    progress("Starting", 0.0)  # it may have been cancelled while another run was under way
    request = _parse(frame)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InpaintWarning)
        result = inpaint(
            request.image,
            request.mask,
            request.method,
            source=request.source,
            exclude=request.exclude,
            reference=request.reference,
            guide=request.guide,
            seed=request.seed,
            device=request.device,
            progress=progress,
            explain=explanations.append,
            **request.options,
        )
    notices = [str(item.message) for item in caught if issubclass(item.category, InpaintWarning)]
    for item in caught:
        log.warning("%s: %s", item.category.__name__, item.message)
    explanation = explanations[0]
    header = {
        "type": "result",
        "id": run,
        "method": explanation.method,
        "label": explanation.label,
        "explanation": str(explanation),
        "steps": explanation.document(),
        "notices": list(dict.fromkeys(notices)),
    }
    arrays = {"image": _to_raw(result)}
    if request.area:
        arrays["area"] = _to_raw(_area(request))
    return Frame(header, arrays)


def _area(request: _Request) -> NDArray[np.bool_]:
    """Return the (H, W) pixels that content may come from: of the reference, if there is one."""
    hole = check_mask(request.mask, request.image.shape)
    return find_allowed(request.source, request.exclude, request.image, hole, request.reference).area(hole)


class _Progress:
    """Sends the stage and the fraction on, not oftener than a person can see."""

    def __init__(self, run: object, inbox: Inbox, outbox: Outbox) -> None:
        self._run = run
        self._inbox = inbox
        self._outbox = outbox
        self._last: tuple[str, float] = ("", -1.0)

    def __call__(self, stage: str, fraction: float) -> None:
        if self._inbox.is_cancelled(self._run):
            raise Cancelled("The fill was cancelled.")
        if stage == self._last[0] and fraction - self._last[1] < 0.002:
            return
        self._last = (stage, fraction)
        self._outbox.send(
            Frame({"type": "progress", "id": self._run, "stage": stage, "fraction": round(fraction, 4)})
        )


def _run_id(frame: Frame) -> int | None:
    run = frame.header.get("id")
    return run if type(run) is int else None


def _parse(frame: Frame) -> _Request:
    header = frame.header
    kind = header.get("type")
    if kind != "fill":
        raise InputError(f"This engine knows no request {kind!r}. Run the installer again.")
    if header.get("engine", __version__) != __version__:
        raise InputError(
            f"The plug-in is of version {header['engine']}, its engine of version {__version__}. "
            "Run the installer again."
        )
    if not {"image", "mask"} <= frame.arrays.keys():
        raise InputError("The request lacks the picture or its mask.")
    method, seed, options = header.get("method", "auto"), header.get("seed", 0), header.get("options", {})
    if not isinstance(method, str) or not isinstance(seed, int) or not isinstance(options, dict):
        raise InputError("The request's method is a text, its seed a whole number, its options an object.")
    device = header.get("device", "auto")
    if not isinstance(device, str):
        raise InputError("The request's device is a text.")
    source = header.get("source")
    if not isinstance(source, str | int | float | None):
        raise InputError('The request\'s source is "auto", "whole", a radius in pixels, or an array.')
    arrays = {name: _to_numpy(raw) for name, raw in frame.arrays.items()}
    image = arrays["image"]
    return _Request(
        image=image,
        mask=arrays["mask"],
        source=arrays.get("source", source),
        exclude=arrays.get("exclude"),
        reference=arrays.get("reference"),
        guide=_scale(arrays["guide"], image) if "guide" in arrays else None,
        method=method,
        seed=seed,
        device=device,
        options=asdict(understand(method, options)[1]),
        area=header.get("area") is True,
    )


def _to_numpy(raw: RawArray) -> NDArray[Any]:
    little = np.dtype(raw.dtype).newbyteorder("<")
    array = np.frombuffer(raw.data, little).reshape(raw.shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _scale(guide: NDArray[Any], image: NDArray[Any]) -> NDArray[Any]:
    """Enlarge a guide, which a dialog makes small, to the size of the picture."""
    if guide.shape == image.shape or guide.shape[2:] != image.shape[2:] or not guide.size:
        return guide
    height, width = image.shape[:2]
    return cv2.resize(guide, (width, height), interpolation=cv2.INTER_CUBIC).reshape(image.shape)


def _to_raw(array: NDArray[Any]) -> RawArray:
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return RawArray(array.dtype.name, array.shape, little.data.cast("B"))


def _claim_streams() -> tuple[BufferedIOBase, BufferedIOBase]:
    """Take standard input and output for frames; whatever else is printed goes to the log from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    requests = os.fdopen(os.dup(0), "rb")
    printed = _open_log()
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdout = sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace", buffering=1)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    log.info("engine %s started", __version__)
    return requests, answers


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
