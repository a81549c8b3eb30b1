"""Where the engine is, and how a program of it is started.

Standard library only. The engine's Python stands in ``engine.json`` beside this file, and is looked for
nowhere else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from translation import _

FOLDER = Path(__file__).resolve().parent
NAME = "gimp-inpaint"
"""Of the engine's folders."""

AGAIN = _("Run “python3 install” (“py install” on Windows) in the folder GIMP Inpaint was downloaded to.")
LOG = _("Filters ▸ Inpaint ▸ Diagnose… shows its log.")

FOREIGN = ("PYTHON", "__PYVENV_LAUNCHER__", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_", "GI_TYPELIB_PATH")
"""Beginnings of variables that an AppImage or a bundle sets for GIMP, and that mislead another Python."""


class EngineError(Exception):
    """Why there is no result, as a sentence; `kind` is the name of the engine's own error, if it had one."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


def pointer(folder: Path = FOLDER) -> Path:
    """Return the file in which the installer wrote down where the engine is."""
    return folder / "engine.json"


def find_python(folder: Path = FOLDER) -> tuple[str, str]:
    """Return the engine's Python and version, as the installer wrote them down.

    Raises
    ------
    EngineError
        When they are not written down, or that Python is gone.
    """
    path = pointer(folder)
    try:
        engine = json.loads(path.read_text(encoding="utf-8"))
        python, version = str(engine["python"]), str(engine["version"])
    except FileNotFoundError:
        raise EngineError(
            _("GIMP Inpaint is not completely installed: {path} is missing.").format(path=path) + f" {AGAIN}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            _("{path} cannot be read ({error}).").format(path=path, error=error) + f" {AGAIN}"
        ) from None
    if not Path(python).is_file():
        raise EngineError(
            _("The engine of GIMP Inpaint is gone: there is no {python}.").format(python=python) + f" {AGAIN}"
        )
    return python, version


def log_file() -> Path:
    """Return the engine's log; a broken engine cannot be asked for it."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / NAME / "Logs"
    elif sys.platform == "darwin":
        folder = home / "Library" / "Logs" / NAME
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state") / NAME / "log"
    return folder / "worker.log"


def launch(python: str, words: Sequence[str], **settings: Any) -> subprocess.Popen[bytes]:
    """Start the engine's Python with `words` as its arguments; `settings` are those of `subprocess.Popen`.

    Raises
    ------
    EngineError
        When it does not start.
    """
    try:
        return subprocess.Popen(
            [python, "-I", *words],
            cwd=tempfile.gettempdir(),
            env=clean_environment(os.environ),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            **settings,
        )
    except OSError as error:
        raise EngineError(
            _("The engine {python} does not start: {reason}.").format(python=python, reason=error.strerror)
            + f" {AGAIN}"
        ) from error


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what GIMP's own packaging set for its own libraries."""
    return {name: value for name, value in environment.items() if not name.startswith(FOREIGN)}
