"""Time and peak memory of one call, and what machine it ran on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

Result = TypeVar("Result")

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Measured(Generic[Result]):
    """What a call gave, its seconds, and the megabytes it took above those before it (None: not known)."""

    result: Result
    seconds: float
    megabytes: float | None


def measure(call: Callable[[], Result]) -> Measured[Result]:
    """Run `call` once. Memory is that of this process, known on Linux alone."""
    before = _memory("VmRSS") if _reset_peak() else None
    begin = time.perf_counter()
    result = call()
    seconds = time.perf_counter() - begin
    peak = _memory("VmHWM")
    known = before is not None and peak is not None
    return Measured(result, seconds, max(peak - before, 0.0) if known else None)


def best_of(times: int, call: Callable[[], object]) -> float:
    """Return the seconds of the quickest of several calls: the machine's other work only ever adds."""
    return min(measure(call).seconds for _ in range(times))


def machine() -> str:
    """Describe the machine in general words."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}"


def _reset_peak() -> bool:
    try:
        _RESET.write_text("5")
    except OSError:
        return False
    return True


def _memory(name: str) -> float | None:
    if not _STATUS.exists():
        return None
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return float(line.split()[1]) / 1024
    return None
