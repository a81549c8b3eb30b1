"""What the installer says to the person who runs it, and how it runs other programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_FOREIGN = ("PYTHON", "__PYVENV_LAUNCHER__", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_", "GI_TYPELIB_PATH")
_MISPLACING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER")


class InstallError(Exception):
    """Why it cannot go on: a sentence, with what to do."""


def say(text: str = "") -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    sys.stdout.write(f"{doing} … ")
    sys.stdout.flush()
    begin = time.monotonic()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - begin:.0f} s")


def clean_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without what misleads another Python or makes pip install somewhere else."""
    given = os.environ if environment is None else environment
    kept = {key: value for key, value in given.items() if not key.startswith((*_FOREIGN, *_MISPLACING))}
    return kept | {"PIP_USER": "0"}


def run(
    argv: Sequence[str | Path], *, timeout: float | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end in a clean environment, without input, and return what it said.

    Raises
    ------
    InstallError
        When it cannot be started, or does not end in time.
    """
    try:
        return subprocess.run(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=clean_environment(),
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
    except OSError as error:
        raise InstallError(f"{argv[0]} cannot be started: {error.strerror or error}.") from error
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"{argv[0]} did not end within {timeout:.0f} seconds.") from error
