"""The engine that waits between runs, everything loaded (``inpaint_core.resident``): on Linux alone.

Elsewhere, and where nothing goes as it should, each run starts an engine of its own.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
import subprocess
import sys
import tempfile
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from engine_line import Visit
from engine_place import EngineError, find_python, launch, pointer
from wire import WireError, read_frame

ANSWER_SECONDS = 1.0
"""Forking takes some milliseconds; whoever waits longer is better served by an engine of its own."""

SETTINGS = ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "INPAINT_", "NUMBA_", "CUDA_")
"""Beginnings of variables that the engine reads: where one differs, another engine serves."""

_CREDENTIALS = struct.Struct("3i")


def visit(folder: Path, version: str) -> Visit | None:
    """Return a visit to the resident engine of the plug-in in `folder`; None where none can be had.

    `version` is the one that it must be of.
    """
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    try:
        path = _socket(folder)
        if not _is_private(path.parent):
            return None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(str(path))
        process = _welcome(connection, version)
        connection.settimeout(None)
        return Visit(connection, process)
    except (OSError, WireError, EngineError):
        connection.close()
        return None


def leave_waiting(folder: Path) -> subprocess.Popen[bytes] | None:
    """Start the resident engine of the plug-in in `folder`; one that waits already makes it leave again.

    Raises
    ------
    EngineError
        When it does not start.
    """
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    nothing = subprocess.DEVNULL
    words = ["-m", "inpaint_core.resident", str(_socket(folder)), str(pointer(folder)), str(os.getppid())]
    python, _ = find_python(folder)
    return launch(python, words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


def _socket(folder: Path) -> Path:
    """Return where the resident engine listens: in a folder of its own, named for all that makes it fit."""
    installed = pointer(folder)
    settings = sorted(item for item in os.environ.items() if item[0].startswith(SETTINGS))
    facts = (str(installed), installed.stat().st_mtime_ns, installed.read_bytes(), os.geteuid(), settings)
    name = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(runtime) / f"gimp-inpaint-{name}" / "engine"


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _welcome(connection: socket.socket, version: str) -> int:
    """Return the number of the process that serves this visit.

    Raises
    ------
    EngineError
        When it is another user's, or of another version.
    """
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    with cast("BufferedIOBase", connection.makefile("rb", buffering=0)) as answers:
        frame = read_frame(answers)
    header = {} if frame is None else frame.header
    process = header.get("process")
    if user != os.geteuid() or header.get("engine") != version or type(process) is not int:
        raise EngineError("What waits there is not the engine of this plug-in.")
    return process
