"""What a request of the plug-in is answered with: a fill as a frame, or why there is none (see `wire`)."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core import __version__
from inpaint_core.arrays import check_mask
from inpaint_core.cores import Task, share, threads
from inpaint_core.errors import Cancelled, InpaintError, InpaintWarning, InputError
from inpaint_core.explanation import Explanation
from inpaint_core.fill import inpaint
from inpaint_core.methods import METHODS, understand
from inpaint_core.places import log_file
from inpaint_core.progress import Progress
from inpaint_core.reference import find_allowed
from inpaint_core.wire import Frame, RawArray, failure, run_of

Send = Callable[[Frame], None]

log = logging.getLogger("inpaint_core.answering")


def prepare(*, everything: bool = False) -> None:
    """Import what fills when nothing is chosen; or everything that fills without a network."""
    for method in METHODS if everything else METHODS[:1]:
        if not method.networked:
            with suppress(Exception):  # the fill that needs it will say what is wrong
                method.load()


def answer(frame: Frame, send: Send, is_cancelled: Callable[[], bool]) -> Frame:
    """Return the result of a request, or the failure.

    Parameters
    ----------
    frame
        The request.
    send
        Given frames that tell how far it is.
    is_cancelled
        Tells whether nobody wants the result any more.
    """
    run = run_of(frame)
    try:
        _check_version(frame)
        match frame.header.get("type"):
            case "models":
                return _models(frame)
            case "spots":
                return _search(frame, send, is_cancelled)
            case _:
                return _fill(frame, send, is_cancelled)
    except InpaintError as error:
        return failure(run, type(error).__name__, str(error))
    except MemoryError:
        words = "There is not enough memory for this fill. Select less, or close other programs."
    except Exception as error:
        log.exception("a fill failed")
        words = (
            f"The fill failed unexpectedly ({type(error).__name__}: {error}). Details are in {log_file()}."
        )
    return failure(run, "FillError", words)


@dataclass(frozen=True, slots=True)
class _Request:
    image: NDArray[Any]
    mask: NDArray[Any]
    source: NDArray[Any] | str | float | None
    exclude: NDArray[Any] | None
    reference: NDArray[Any] | None
    preview: NDArray[Any] | None
    method: str
    networked: bool
    seed: int
    also: tuple[int, ...]
    device: str
    options: Mapping[str, Any]
    area: bool


def _fill(frame: Frame, send: Send, is_cancelled: Callable[[], bool]) -> Frame:
    run = run_of(frame)
    progress = _Report(run, send, is_cancelled)
    explanations: list[Explanation] = []
    progress("Starting", 0.0)  # it may have been cancelled while another run was under way
    request = _parse(frame)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InpaintWarning)
        results = _inpaint(request, progress, explanations.append)
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
        "also": [seed for seed in results if seed != request.seed],
    }
    arrays = {"image": _to_raw(results.pop(request.seed))}
    arrays |= {f"image-{seed}": _to_raw(result) for seed, result in results.items()}
    if request.area:
        arrays["area"] = _to_raw(_area(request))
    return Frame(header, arrays)


def _inpaint(
    request: _Request, progress: Progress, explain: Callable[[Explanation], None]
) -> dict[int, NDArray[Any]]:
    """Return the fill of the request's seed and, one on each further core, of seeds that it also names.

    A network has every core busy as it is.
    """
    results: dict[int, NDArray[Any]] = {}

    def fill_with(seed: int) -> Task:
        def fill(progress: Progress) -> None:
            results[seed] = inpaint(
                request.image,
                request.mask,
                request.method,
                source=request.source,
                exclude=request.exclude,
                reference=request.reference,
                preview=request.preview,
                seed=seed,
                device=request.device,
                progress=progress,
                explain=explain,
                **request.options,
            )

        return fill

    cores = 1 if request.networked else threads()
    seeds = dict.fromkeys((request.seed, *request.also[: cores - 1]))
    share([fill_with(seed) for seed in seeds], [1.0] * len(seeds), progress)
    return {seed: results[seed] for seed in seeds}


def _area(request: _Request) -> NDArray[np.bool_]:
    """Return the (H, W) pixels that content may come from: of the reference, if there is one."""
    hole = check_mask(request.mask, request.image.shape)
    return find_allowed(request.source, request.exclude, request.image, hole, request.reference).area(hole)


def _search(frame: Frame, send: Send, is_cancelled: Callable[[], bool]) -> Frame:
    """Return where the picture has spots."""
    from inpaint_core.spots import find_spots  # noqa: PLC0415 - few need it

    options = frame.header.get("options", {})
    if not {"image", "mask"} <= frame.arrays.keys() or not isinstance(options, dict):
        raise InputError("The request lacks the picture, or where to look for spots.")
    image, within = (_to_numpy(frame.arrays[name]) for name in ("image", "mask"))
    progress = _Report(run_of(frame), send, is_cancelled)
    found = find_spots(image, within, progress=progress, **options)
    count, _ = cv2.connectedComponents(found.view(np.uint8), connectivity=8)
    return Frame({"type": "result", "id": run_of(frame), "count": count - 1}, {"mask": _to_raw(found)})


def _models(frame: Frame) -> Frame:
    """Return which networks can be used, by id and title, and which of them is used when none is named."""
    from inpaint_core.deep import store  # noqa: PLC0415 - few need it

    usual = store.default()
    return Frame(
        {
            "type": "models",
            "id": run_of(frame),
            "models": {model.card.id: model.card.title for model in store.installed()},
            "default": "" if usual is None else usual.card.id,
        }
    )


class _Report:
    """Sends the stage and the fraction on, not oftener than a person can see."""

    def __init__(self, run: int | None, send: Send, is_cancelled: Callable[[], bool]) -> None:
        self._run = run
        self._send = send
        self._is_cancelled = is_cancelled
        self._last: tuple[str, float] = ("", -1.0)

    def __call__(self, stage: str, fraction: float) -> None:
        if self._is_cancelled():
            raise Cancelled("The fill was cancelled.")
        if stage == self._last[0] and fraction - self._last[1] < 0.002:
            return
        self._last = (stage, fraction)
        self._send(
            Frame({"type": "progress", "id": self._run, "stage": stage, "fraction": round(fraction, 4)})
        )


def _check_version(frame: Frame) -> None:
    wanted = frame.header.get("engine", __version__)
    if wanted != __version__:
        raise InputError(
            f"The plug-in is of version {wanted}, its engine of version {__version__}. "
            "Run the installer again."
        )


def _parse(frame: Frame) -> _Request:
    header = frame.header
    kind = header.get("type")
    if kind != "fill":
        raise InputError(f"This engine knows no request {kind!r}. Run the installer again.")
    if not {"image", "mask"} <= frame.arrays.keys():
        raise InputError("The request lacks the picture or its mask.")
    method, seed, options = header.get("method", "auto"), header.get("seed", 0), header.get("options", {})
    if not isinstance(method, str) or not isinstance(seed, int) or not isinstance(options, dict):
        raise InputError("The request's method is a text, its seed a whole number, its options an object.")
    also = header.get("also", [])
    if not isinstance(also, list) or not all(isinstance(each, int) for each in also):
        raise InputError("The request's further seeds are a list of whole numbers.")
    device = header.get("device", "auto")
    if not isinstance(device, str):
        raise InputError("The request's device is a text.")
    source = header.get("source")
    if not isinstance(source, str | int | float | None):
        raise InputError('The request\'s source is "auto", "whole", a radius in pixels, or an array.')
    chosen, understood = understand(method, options)
    arrays = {name: _to_numpy(raw) for name, raw in frame.arrays.items()}
    image = arrays["image"]
    return _Request(
        image=image,
        mask=arrays["mask"],
        source=arrays.get("source", source),
        exclude=arrays.get("exclude"),
        reference=arrays.get("reference"),
        preview=arrays.get("preview"),
        method=method,
        networked=chosen.networked,
        seed=seed,
        also=tuple(also),
        device=device,
        options=asdict(understood),
        area=header.get("area") is True,
    )


def _to_numpy(raw: RawArray) -> NDArray[Any]:
    little = np.dtype(raw.dtype).newbyteorder("<")
    array = np.frombuffer(raw.data, little).reshape(raw.shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _to_raw(array: NDArray[Any]) -> RawArray:
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return RawArray(array.dtype.name, array.shape, little.data.cast("B"))
