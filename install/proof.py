"""The proof that it works: a sample is filled through the very worker that GIMP will start."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from install.console import InstallError, run


@dataclass(frozen=True, slots=True)
class Proof:
    """What the proof took, in seconds, and its before/after picture."""

    compile_seconds: float
    fill_seconds: float
    picture: Path


def prove(plugin: Path, picture: Path) -> Proof:
    """Compile the kernels and fill a sample with the engine of an assembled plug-in.

    It runs in a process of its own, as the plug-in does in GIMP, with the plug-in's own modules.

    Raises
    ------
    InstallError
        When no filled picture came, or a wrong one.
    """
    sample = Path(__file__).with_name("sample.py")
    done = run([sys.executable, "-I", "-B", sample, plugin, picture], timeout=600)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"error": done.stderr.strip()[-300:] or "nothing was answered"}
    if "error" in answer:
        raise InstallError(f"The engine does not fill the sample: {answer['error']}")
    return Proof(float(answer["compile_seconds"]), float(answer["fill_seconds"]), picture)
