"""``inpaint doctor``: what the engine is made of, where its files are, and what is wrong."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from inpaint_core import InpaintWarning, __version__, inpaint
from inpaint_core.deep import store
from inpaint_core.places import log_file, models_folder

SUMMARY = "say what the engine is made of and what is wrong"
DESCRIPTION = """\
Say of which versions the engine is made and where its files are, fill a small picture, and say in words what
is wrong. Exit status 0 if all is well, else 1."""
PACKAGES = ("numpy", "numba", "opencv-python-headless", "pillow", "platformdirs", "pooch")
RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
"""Packages that all bring the module onnxruntime; the installer chooses one."""
SIDE = 96


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out.

    `kernel_cache` is the folder of the compiled kernels, None where none can be written; `fill_seconds` is
    None when the small fill failed. `devices` are those that networks can run on, the preferred one first;
    `models` are the ids of the networks that are installed.
    """

    engine: str
    python: str
    python_path: str
    system: str
    cores: int
    packages: dict[str, str | None]
    devices: list[str]
    models: list[str]
    default_model: str | None
    models_folder: str
    log: str
    kernel_cache: str | None
    kernels_cached: bool
    fill_seconds: float | None
    problems: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--json", action="store_true", help="for programs: JSON on standard output")


def run(parsed: argparse.Namespace) -> int:
    """Examine, and print what was found."""
    report = examine()
    if parsed.json:
        sys.stdout.write(json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_in_words(report))
    return 1 if report.problems else 0


def examine() -> Report:
    """Look at the engine's parts and let it work."""
    packages = {name: _version(name) for name in PACKAGES}
    problems = [
        f"The package {name} is missing. Run the installer again."
        for name, found in packages.items()
        if found is None
    ]
    packages |= {name: found for name in RUNTIMES if (found := _version(name))}
    devices, complaints = _devices()
    problems += complaints + _log_problems(log_file())
    models, broken = store.survey()
    default = store.default()
    problems += broken.values()
    seconds, faults = _try_fill()
    cache = None if faults else _kernel_cache()
    return Report(
        engine=__version__,
        python=platform.python_version(),
        python_path=sys.executable,
        system=platform.platform(),
        cores=_cores(),
        packages=packages,
        devices=devices,
        models=[model.card.id for model in models],
        default_model=None if default is None else default.card.id,
        models_folder=str(models_folder()),
        log=str(log_file()),
        kernel_cache=None if cache is None else str(cache),
        kernels_cached=cache is not None and any(cache.glob("*.nbi")),
        fill_seconds=seconds,
        problems=problems + faults,
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _devices() -> tuple[list[str], list[str]]:
    """Return the devices that ONNX Runtime offers, and what is wrong with it."""
    try:
        from inpaint_core.deep import session  # noqa: PLC0415 - a library that may be missing or broken
    except ImportError as error:
        return [], [f"ONNX Runtime does not work ({error}); networks cannot fill. Run the installer again."]
    return list(session.devices()), []


def _log_problems(log: Path) -> list[str]:
    place = log
    while not place.exists():
        place = place.parent
    if os.access(place, os.W_OK):
        return []
    return [f"The log {log} cannot be written: {place} gives no permission. The engine works without a log."]


def _try_fill() -> tuple[float | None, list[str]]:
    """Fill a small picture whose right answer is known; return the seconds, and what went wrong."""
    y, x = np.mgrid[:SIDE, :SIDE]
    truth = np.where((x // 4 + y // 4) % 2, 200, 60).astype(np.uint8)
    hole = np.zeros(truth.shape, bool)
    hole[40:56, 36:60] = True
    begun = time.perf_counter()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", InpaintWarning)
            filled = inpaint(np.where(hole, 0, truth).astype(np.uint8), hole, "patch")
    except Exception as error:  # whatever it is, the doctor says it
        return None, [f"A small fill failed ({type(error).__name__}: {error}). Run the installer again."]
    seconds = round(time.perf_counter() - begun, 3)
    faults = [str(item.message) for item in caught if issubclass(item.category, InpaintWarning)]
    if not np.array_equal(filled, truth):
        faults.append("A small fill did not continue a checkerboard. Run the installer again.")
    return seconds, faults


def _kernel_cache() -> Path | None:
    """Return the folder in which Numba keeps the compiled kernels of the patch engine."""
    from numba.extending import is_jitted  # noqa: PLC0415 - slow to import, and here it is loaded by now

    from inpaint_core.classical.patch import search  # noqa: PLC0415

    for value in vars(search).values():
        if is_jitted(value) and value.stats.cache_path:
            return Path(value.stats.cache_path)
    return None


def _models_in_words(report: Report) -> str:
    if not report.models:
        return f"none (see inpaint models --help), {report.models_folder}"
    marked = (f"{name} (default)" if name == report.default_model else name for name in report.models)
    return f"{', '.join(marked)}, {report.models_folder}"


def _in_words(report: Report) -> str:
    seconds = "failed" if report.fill_seconds is None else f"{report.fill_seconds:.2f} s"
    facts = {
        "engine": report.engine,
        "Python": f"{report.python}, {report.python_path}",
        "system": f"{report.system}, {report.cores} cores",
        **{name: found or "missing" for name, found in report.packages.items()},
        "networks run on": ", ".join(report.devices) or "nothing",
        "models": _models_in_words(report),
        "log": report.log,
        "compiled kernels": report.kernel_cache if report.kernels_cached else "not kept on disk",
        "a small fill": seconds,
    }
    width = max(map(len, facts))
    lines = [f"{name:<{width}}  {value}" for name, value in facts.items()]
    lines += ["", *(report.problems or ["All is well."])]
    return "\n".join(lines) + "\n"
