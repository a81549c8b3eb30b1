"""A model at work: its card's contract, a device, and a check that the device can be trusted.

Accelerators fail in ways that nobody is told of: some give black pictures, NaN, or wrong ones in half
precision. So the first answer of each model on each device is compared with that of the CPU; what fails, then
or later, is replaced by the CPU, with a notice.
"""

from __future__ import annotations

import hashlib
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.deep import onnx_file, session
from inpaint_core.deep.cards import Card
from inpaint_core.deep.contract import interpret, prepare
from inpaint_core.deep.session import choose_device, version
from inpaint_core.deep.signature import Tensor, check_signature
from inpaint_core.deep.store import Installed
from inpaint_core.errors import FillError, InpaintWarning
from inpaint_core.places import cache_folder

TOLERANCE = 0.02
"""The mean difference to the CPU's answer, in parts of the range, that half precision may make."""

KEPT = 2
"""Networks that stay open for the next fill, those used last."""

Tick = Callable[[], None]


class Session(Protocol):
    """What `session.Session` does."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    def run(
        self, feeds: Mapping[str, NDArray[Any]], tick: Tick | None = None, *, release: bool = False
    ) -> dict[str, NDArray[Any]]:
        """Run the network once."""
        ...


Opener = Callable[[Installed, str, Tick], Session]
"""Opens a model's file on a device."""


def open_session(model: Installed, device: str, tick: Tick) -> Session:
    """Open a model with ONNX Runtime, once its file has been looked at."""
    onnx_file.check(model.file)
    return session.Session(model.file, device, tick, sha256=model.card.weights.sha256)


class Network:
    """A model that answers pictures; any thread may ask, one is answered at a time.

    Parameters
    ----------
    model
        The installed model.
    device
        What `choose_device` returned.
    opener
        How its file is opened on a device.
    """

    def __init__(self, model: Installed, device: str, opener: Opener = open_session) -> None:
        self.card: Card = model.card
        self._model = model
        self._device = device
        self._opener = opener
        self._session: Session | None = None
        self._is_trusted = False
        self._lock = threading.Lock()

    @property
    def device(self) -> str:
        """Where it runs: what was asked for, or the CPU once that has failed."""
        return self._device

    def answer(self, image: Float, hole: Bool, tick: Tick, *, release: bool = False) -> Float:
        """Return the network's picture.

        Parameters
        ----------
        image : (H, W, 3) float32
            RGB, display-encoded, 0…1, of a size that the card allows or that fits into it.
        hole : (H, W) bool
            What the network is to make up.
        tick
            Called now and then; what it raises stops the network and reaches the caller.
        release
            Whether the memory of the run is given back.

        Returns
        -------
        (H, W, 3) float32
            0…1, finite; outside the hole whatever the network gave.

        Raises
        ------
        InputError
            When file and card do not agree.
        FillError
            When the network cannot be run.
        """
        with self._lock:
            if self._device == "cpu":
                answer = self._ask(self._opened(tick), image, hole, tick, release=release)
            else:
                answer = self._accelerated(image, hole, tick, release=release)
        if not np.isfinite(answer).all():
            raise FillError(
                f"The model {self.card.id} gave pixels that are no numbers. Choose another model, or have "
                f"this one checked by “inpaint models verify {self.card.id}”."
            )
        return answer

    def _opened(self, tick: Tick) -> Session:
        if self._session is None:
            opened = self._opener(self._model, self._device, tick)
            check_signature(self.card.contract, opened.inputs, opened.outputs)
            self._session = opened
        return self._session

    def _ask(self, session: Session, image: Float, hole: Bool, tick: Tick, *, release: bool) -> Float:
        contract = self.card.contract
        outputs = session.run(prepare(contract, image, hole), tick, release=release)
        return interpret(contract, outputs, (hole.shape[0], hole.shape[1]))

    def _accelerated(self, image: Float, hole: Bool, tick: Tick, *, release: bool) -> Float:
        """Ask the accelerator, and the CPU too if they were never compared; it takes over from what fails."""
        record = _record(self.card, self._device)
        problem = "" if self._is_trusted else _recorded(record)
        answer: Float | None = None
        if not problem:
            try:
                answer = self._ask(self._opened(tick), image, hole, tick, release=release)
            except FillError as error:
                problem = f"failed ({error})"
        if answer is not None and problem is None:
            reference = self._ask(self._opener(self._model, "cpu", tick), image, hole, tick, release=True)
            problem = disagreement(reference, answer)
            _write(record, problem)
        if answer is not None and not problem:
            self._is_trusted = True
            return answer
        warnings.warn(
            f"The device {self._device} {problem}, so the model {self.card.id} runs on the CPU.",
            InpaintWarning,
            stacklevel=2,
        )
        self._device, self._session = "cpu", None
        return self._ask(self._opened(tick), image, hole, tick, release=release)


def disagreement(reference: Float, candidate: Float) -> str:
    """Say in what a device's answer differs from that of the CPU; empty where it does not.

    Parameters
    ----------
    reference, candidate : (H, W, 3) float32
        The answers to the same question, 0…1.
    """
    if not np.isfinite(candidate).all():
        return "gave values that are no numbers"
    if float(candidate.max()) < 1.0 / 255.0 <= float(reference.mean()):
        return "gave a black picture"
    error = float(np.abs(reference - candidate).mean())
    if error > TOLERANCE:
        return f"gave another picture than the CPU ({255.0 * error:.0f} levels of 255 apart on average)"
    return ""


def _record(card: Card, device: str) -> Path:
    """Return the file that tells how a model did on a device of this machine."""
    identity = f"{card.weights.sha256} {version()} {device}"
    return cache_folder() / "devices" / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.txt"


def _recorded(record: Path) -> str | None:
    """Return what was found wrong, empty for nothing; None where it is not known."""
    with suppress(OSError, UnicodeDecodeError):
        return record.read_text(encoding="utf-8").strip()
    return None


def _write(record: Path, problem: str) -> None:
    with suppress(OSError):  # then it is found out once more
        record.parent.mkdir(parents=True, exist_ok=True)
        beside = record.with_suffix(f".{threading.get_ident()}")
        beside.write_text(problem, encoding="utf-8")
        beside.replace(record)


_open: OrderedDict[tuple[str, str, str], Network] = OrderedDict()
_opening = threading.Lock()


def open_network(model: Installed, device: str = "auto") -> Network:
    """Return the network of a model on a device, one that is open already where there is one.

    Raises
    ------
    InputError
        When this ONNX Runtime does not offer the device.
    """
    chosen = choose_device(device)
    key = (str(model.file), model.card.weights.sha256, chosen)
    with _opening:
        network = _open.pop(key, None) or Network(model, chosen)
        _open[key] = network
        while len(_open) > KEPT:
            _open.popitem(last=False)
    return network
