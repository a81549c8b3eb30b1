"""Running a model file with ONNX Runtime; no other file imports it.

A session uses one device. Its optimised graph is kept in the cache folder, so that the next process starts
quicker; whoever wants to keep the session itself holds on to it.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from inpaint_core.deep.devices import AUTOMATIC, PROVIDERS
from inpaint_core.deep.signature import Tensor
from inpaint_core.errors import FillError, InputError
from inpaint_core.places import cache_folder

# What goes wrong is raised and told in a sentence; nothing is printed, and nothing is reported to anybody.
# The variables (one for each generation of releases) have to be there first: on Linux and macOS a release may
# else keep a number for this device, and report that it was started.
os.environ |= {"ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1"}
import onnxruntime as ort

ort.set_default_logger_severity(4)
ort.disable_telemetry_events()

Result = TypeVar("Result")

MAX_THREADS = 16
"""More threads than this make a convolution hardly quicker."""

KEPT_GRAPHS = 6
"""Optimised graphs that stay in the cache folder, those used last."""

TICK_SECONDS = 0.03
"""How often a caller that waits is asked whether to go on."""

NVIDIA = ("cuda", "tensorrt")

_DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}
_OUT_OF_MEMORY = ("bad_alloc", "allocate", "out of memory", "alloc failed")


def devices() -> tuple[str, ...]:
    """Return the devices that the installed ONNX Runtime offers, the one that `auto` takes first."""
    offered = set(ort.get_available_providers())
    names = [*AUTOMATIC, *(name for name in PROVIDERS if name not in AUTOMATIC)]
    return tuple(name for name in names if PROVIDERS[name] in offered)


def choose_device(device: str) -> str:
    """Return the device that a request for `device` (one of `DEVICES`) means here.

    Raises
    ------
    InputError
        When the installed ONNX Runtime does not offer it.
    """
    offered = devices()
    if device == "auto":
        return offered[0]
    if device in offered:
        return device
    raise InputError(
        f"The ONNX Runtime of this engine cannot use the device {device}; it offers {', '.join(offered)}. "
        f"Run the installer again with --device {device} on a machine that has one, or choose auto."
    )


def version() -> str:
    """Return ONNX Runtime's version."""
    return str(ort.__version__)


def threads() -> int:
    """Return how many threads a network gets: from four cores on, one stays free for the person."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores - (cores >= 4), MAX_THREADS)


class Session:
    """A model file, ready to run on one device.

    Parameters
    ----------
    path
        The model; checked before by `onnx_file.check`, for ONNX Runtime believes what it reads.
    device
        One of `devices()`.
    tick
        Called now and then from the calling thread while the file is opened; what it raises reaches the
        caller.
    sha256
        Of the file: under it the optimised graph is kept. Empty: none is kept.

    Raises
    ------
    FillError
        When ONNX Runtime cannot open the model on this device.
    """

    def __init__(
        self, path: Path, device: str = "cpu", tick: Callable[[], None] | None = None, *, sha256: str = ""
    ) -> None:
        self.device = device
        self._name = path.stem
        self._session = _aside(lambda: self._open(path, sha256), tick or _nothing)
        self.inputs = tuple(_tensor(item) for item in self._session.get_inputs())
        self.outputs = tuple(_tensor(item) for item in self._session.get_outputs())

    def _open(self, path: Path, sha256: str) -> ort.InferenceSession:
        kept = _graph_file(path, sha256, self.device) if sha256 else None
        if kept is not None and kept.exists():
            with suppress(Exception):  # damaged: made anew below
                session = self._create(kept, is_optimised=True)
                os.utime(kept)
                return session
        if kept is not None:
            with suppress(Exception), _beside(kept) as target:
                session = self._create(path, optimised=target)
                target.replace(kept)
                _tidy(kept.parent)
                return session
        try:
            return self._create(path)
        except Exception as error:
            raise FillError(_explain(error, self._name, self.device)) from error

    def _create(
        self, path: Path, *, optimised: Path | None = None, is_optimised: bool = False
    ) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads()
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_mem_pattern = False  # it doubles the memory, and saves no time
        options.log_severity_level = 4
        if optimised is not None:
            options.optimized_model_filepath = str(optimised)
        if is_optimised:
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        if self.device in NVIDIA:
            _load_libraries()
        wanted = PROVIDERS[self.device]
        providers = list(dict.fromkeys([wanted, PROVIDERS["cpu"]]))
        session = ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
        if wanted not in session.get_providers():  # its libraries are missing
            raise FillError(f"The device {self.device} could not be started.")
        return session

    def run(
        self,
        feeds: Mapping[str, NDArray[Any]],
        tick: Callable[[], None] | None = None,
        *,
        release: bool = False,
    ) -> dict[str, NDArray[Any]]:
        """Run the network once.

        Parameters
        ----------
        feeds
            An array for each input, by name.
        tick
            Called now and then from the calling thread; what it raises stops the network and reaches the
            caller.
        release
            Give back the memory that the run needed, instead of keeping it for the next run.

        Returns
        -------
        dict of arrays
            By the names of the outputs.

        Raises
        ------
        FillError
            When the network does not run on these arrays, or there is not enough memory.
        """
        options = ort.RunOptions()
        options.log_severity_level = 4
        if release:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        names = [output.name for output in self.outputs]

        def stop() -> None:
            options.terminate = True

        try:
            values = _aside(
                lambda: _attempt(lambda: self._session.run(names, dict(feeds), options)),
                tick or _nothing,
                stop,
            )
        except _RuntimeFailure as failure:
            raise FillError(_explain(failure.error, self._name, self.device)) from failure.error
        return dict(zip(names, values, strict=True))


def _load_libraries() -> None:
    """Load NVIDIA's libraries from their Python packages, where the installer puts them."""
    load = getattr(ort, "preload_dlls", None)  # since 1.21
    if load is not None:
        with suppress(Exception), redirect_stdout(io.StringIO()):  # it prints what it does not find
            load()


class _RuntimeFailure(Exception):  # noqa: N818 - told apart from what a caller's tick raises
    """What ONNX Runtime raised."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _attempt(task: Callable[[], Result]) -> Result:
    try:
        return task()
    except Exception as error:
        raise _RuntimeFailure(error) from error


def _nothing() -> None:
    """Do nothing."""


def _aside(
    task: Callable[[], Result], tick: Callable[[], None], stop: Callable[[], None] = _nothing
) -> Result:
    """Return what ``task()`` returns; meanwhile this thread ticks, and stops the task if that raises."""
    with ThreadPoolExecutor(1, thread_name_prefix="inpaint-network") as pool:
        running = pool.submit(task)
        try:
            while not wait({running}, TICK_SECONDS).done:
                tick()
        except BaseException:
            stop()
            raise
        return running.result()


def _tensor(item: Any) -> Tensor:
    shape = tuple(side if isinstance(side, int) else None for side in item.shape or ())
    return Tensor(item.name, _DTYPES.get(item.type, item.type), shape)


def _graph_file(path: Path, sha256: str, device: str) -> Path | None:
    """Return where the optimised graph of this very file is kept; None where nothing can be.

    Size and time tell a file that was exchanged without its card: to read all of it would take longer than
    to optimise it.
    """
    folder = cache_folder() / "graphs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        facts = path.stat()
    except OSError:
        return None
    identity = f"{sha256} {facts.st_size} {facts.st_mtime_ns} {version()} {device} {_processor()}"
    return folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.onnx"


@cache
def _processor() -> str:
    """Describe the processor, for which graphs are laid out; a home may be shared by several machines."""
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        return next((line for line in file if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()} {platform.processor()}"


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a name for a file that is not finished, in the folder of the finished one; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix=".making-", dir=path.parent) as folder:
        yield Path(folder) / path.name


def _tidy(folder: Path) -> None:
    files = sorted(folder.glob("*.onnx"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[KEPT_GRAPHS:]:
        file.unlink()


def _explain(error: Exception, name: str, device: str) -> str:
    """Return a sentence for what ONNX Runtime raised."""
    words = str(error)
    lower = words.lower()
    if isinstance(error, MemoryError) or any(sign in lower for sign in _OUT_OF_MEMORY):
        return (
            f"There is not enough memory for the model {name} on the device {device}. Close other programs, "
            "fill a smaller part, or choose a smaller model or the device cpu."
        )
    if "opset" in lower:
        return (
            f"The model {name} uses a newer version of ONNX than this engine's ONNX Runtime {version()} "
            "knows. Export it with an older opset (17 is known everywhere), or update the engine."
        )
    if "rank" in lower or "dimensions" in lower:
        return (
            f"The model {name} takes arrays of another shape than its card says ({_first_line(words)}). "
            "Correct the card's layout, batch and size, or add the model anew."
        )
    if "protobuf" in lower or "invalid model" in lower:
        return f"The file of the model {name} is damaged: get it once more."
    return f"The model {name} does not run on the device {device} ({_first_line(words)})."


def _first_line(words: str) -> str:
    line = words.strip().splitlines()[0] if words.strip() else "no reason was given"
    return line.rsplit(" : ", 1)[-1].strip().rstrip(".")[:200]
