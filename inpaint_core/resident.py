"""An engine that waits, everything loaded, so that a run in GIMP need not wait for it: Linux only.

Run as ``python -m inpaint_core.resident SOCKET POINTER GIMP`` by the plug-in, after a run. It listens on a
socket file in a folder that its owner alone may enter. For each visitor it forks a process that serves the
visitor as `worker` serves its standard input: that process ends with the connection, its memory with it, and
runs neither wait for nor harm each other. The waiting process itself never fills, so it stays small and has
no threads of Python's when it forks.

It leaves when all GIMPs that it has served are gone, when nobody came for some minutes, and when the file
POINTER, with which a plug-in finds its engine, is not what it was: another engine has been installed.
"""

from __future__ import annotations

import fcntl
import logging
import os
import selectors
import socket
import stat
import struct
import sys
import time
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from inpaint_core import __version__
from inpaint_core.answering import prepare
from inpaint_core.garbage import spare_what_is_loaded
from inpaint_core.wire import Frame, write_frame
from inpaint_core.worker import converse, leave, print_to_log

IDLE_SECONDS = 600.0
LOOK_SECONDS = 5.0
"""So often it looks whether it is still wanted."""

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other side (``SO_PEERCRED``)."""

log = logging.getLogger("inpaint_core.resident")


def main(path: Path, pointer: Path, gimp: int) -> None:
    """Serve visitors until nobody wants this engine any more."""
    with suppress(ProcessLookupError):  # that GIMP is gone already
        print_to_log()
        resident = Resident(pointer, gimp)
        lock = _claim(path.parent)
        if lock is None:
            return  # another one waits there
        prepare(everything=True)
        spare_what_is_loaded()
        with _listen(path) as listener:
            log.info("engine %s waits", __version__)
            resident.serve(listener)
        with suppress(OSError):
            path.unlink()
            path.parent.rmdir()
        log.info("engine %s leaves", __version__)


class Resident:
    """Who came, who is being served, and since when nobody was."""

    def __init__(self, pointer: Path, gimp: int) -> None:
        self._pointer = pointer
        self._stamp = _stamp(pointer)
        self._gimps: dict[int, int] = {}
        self._runs: dict[int, int] = {}
        self._idle_since = time.monotonic()
        self._watch_gimp(gimp)

    def serve(self, listener: socket.socket) -> None:
        """Give each visitor a process of its own, as long as there is a reason to stay."""
        while self._is_wanted():
            for descriptor in self._wait(listener):
                if descriptor == listener.fileno():
                    self._receive(listener)
                elif descriptor in self._runs:
                    self._end_run(descriptor)
                else:
                    os.close(descriptor)
                    del self._gimps[descriptor]

    def _is_wanted(self) -> bool:
        if self._runs:
            return True
        recent = time.monotonic() - self._idle_since < IDLE_SECONDS
        return bool(self._gimps) and recent and _stamp(self._pointer) == self._stamp

    def _wait(self, listener: socket.socket) -> list[int]:
        with selectors.PollSelector() as selector:
            for descriptor in (listener.fileno(), *self._runs, *self._gimps):
                selector.register(descriptor, selectors.EVENT_READ)
            return [key.fd for key, _ in selector.select(LOOK_SECONDS)]

    def _receive(self, listener: socket.socket) -> None:
        """Let a visitor in whose GIMP can be watched; whoever is refused starts an engine of its own."""
        try:
            visitor, _ = listener.accept()
        except OSError:
            return  # whoever came has left
        with visitor:
            process, user, _ = _CREDENTIALS.unpack(
                visitor.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
            if user != os.geteuid():
                log.error("refused user %d", user)
                return
            try:
                self._watch_gimp(_parent(process))
                run = os.fork()
            except OSError as error:
                log.error("refused process %d: %s", process, error)
                return
            if run == 0:
                listener.close()
                _attend(visitor)
            self._runs[os.pidfd_open(run)] = run

    def _end_run(self, descriptor: int) -> None:
        os.close(descriptor)
        run = self._runs.pop(descriptor)
        _, status = os.waitpid(run, 0)
        if status:
            log.error("process %d ended with %d", run, os.waitstatus_to_exitcode(status))
        self._idle_since = time.monotonic()

    def _watch_gimp(self, process: int) -> None:
        if process not in self._gimps.values():
            self._gimps[os.pidfd_open(process)] = process


def _attend(visitor: socket.socket) -> None:
    """Serve one visitor, in the forked process."""
    try:
        answers = cast("BufferedIOBase", visitor.makefile("wb"))
        write_frame(answers, Frame({"type": "ready", "engine": __version__, "process": os.getpid()}))
        converse(cast("BufferedIOBase", visitor.makefile("rb")), answers)
    finally:
        leave(1)


def _claim(folder: Path) -> int | None:
    """Make the folder and lock it for this process; None where another one holds it.

    Raises
    ------
    PermissionError
        When others may enter it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"Others may enter {folder}, so no engine waits there.")
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _listen(path: Path) -> socket.socket:
    """Return a socket that takes the place of what a killed process left there."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen()
    listener.setblocking(False)
    return listener


def _parent(process: int) -> int:
    """Return the parent of a plug-in's process, which is GIMP."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[1])


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes whenever the file is written anew; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
