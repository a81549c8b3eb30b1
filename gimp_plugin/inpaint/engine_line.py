"""The ways to an engine: a process of this plug-in's own, or a visit to the resident engine.

Standard library only. Frames go in at `requests` and come out at `answers`; the engine leaves when its
requests end, also when GIMP kills the plug-in.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from io import BufferedIOBase
from typing import BinaryIO, Protocol, cast

from engine_place import AGAIN, LOG, launch
from translation import _

KILLED = (
    _("perhaps because memory ran out; nothing was changed. Select less, or close other programs.")
    + f" {LOG}"
)


class Line(Protocol):
    """A way to an engine."""

    requests: BufferedIOBase
    answers: BufferedIOBase

    def hang_up(self) -> None:
        """End the requests."""

    def kill(self) -> None:
        """End the engine at once, whatever it is doing."""

    def wait(self, seconds: float | None) -> bool:
        """Wait until the engine is gone, and tell whether it is."""

    def obituary(self) -> str:
        """Say why the engine, which is gone, ended before it was done."""

    def close(self) -> None:
        """Give back what is left when the engine is gone."""


class OwnProcess:
    """An engine that this plug-in started, and that nobody else uses."""

    def __init__(self, python: str) -> None:
        self._last_words = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as this
        try:
            self.process = launch(
                python,
                ["-m", "inpaint_core.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._last_words,
            )
        except BaseException:
            self._last_words.close()
            raise
        self.requests = cast("BufferedIOBase", self.process.stdin)
        self.answers = cast("BufferedIOBase", self.process.stdout)

    def hang_up(self) -> None:
        """End the requests."""
        with suppress(OSError):
            self.requests.close()

    def kill(self) -> None:
        """End the engine at once, whatever it is doing."""
        self.process.kill()

    def wait(self, seconds: float | None) -> bool:
        """Wait until the engine is gone, and tell whether it is."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def obituary(self) -> str:
        """Say why the engine, which is gone, ended before it was done."""
        status = self.process.returncode
        if -status == getattr(signal, "SIGKILL", None):
            return _("The engine was killed before it was done, {why}").format(why=KILLED)
        self._last_words.seek(0)
        words = self._last_words.read()[-4096:].decode(errors="replace").strip().splitlines()
        if words:
            return _("The engine does not run: {words}.").format(words=words[-1].rstrip(".")) + f" {AGAIN}"
        return (
            _("The engine crashed before it was done (status {status}); nothing was changed.").format(
                status=status
            )
            + f" {LOG}"
        )

    def close(self) -> None:
        """Give back what is left when the engine is gone."""
        self.answers.close()
        self._last_words.close()


class Visit:
    """A process of the resident engine that serves this plug-in alone.

    Parameters
    ----------
    connection
        The way to it.
    process
        Its number.

    Raises
    ------
    OSError
        When it is gone.
    """

    def __init__(self, connection: socket.socket, process: int) -> None:
        self._connection = connection
        self._process = os.pidfd_open(process)
        self.requests = cast("BufferedIOBase", connection.makefile("wb"))
        self.answers = cast("BufferedIOBase", connection.makefile("rb"))

    def hang_up(self) -> None:
        """End the requests."""
        with suppress(OSError):
            self.requests.close()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """End the engine at once, whatever it is doing."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self, seconds: float | None) -> bool:
        """Wait until the engine is gone, and tell whether it is."""
        return bool(select.select([self._process], [], [], seconds)[0])

    def obituary(self) -> str:
        """Say why the engine, which is gone, ended before it was done."""
        return _("The engine ended before it was done, {why}").format(why=KILLED)

    def close(self) -> None:
        """Give back what is left when the engine is gone."""
        self.answers.close()
        self._connection.close()
        os.close(self._process)
