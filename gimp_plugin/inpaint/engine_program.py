"""The engine's command line as seen from GIMP: ``python -m inpaint_core``, with ``--json``.

Standard library only.
"""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from engine_place import AGAIN, FOLDER, EngineError, find_python, launch
from translation import _, told

PROGRAM = ("-X", "utf8", "-m", "inpaint_core")
LEAVE_SECONDS = 2.0
ENDED = _("The engine ended without a word.")
DOCTOR_SECONDS = 300.0
"""The first fill after an installation may have to compile."""


class EngineProgram:
    """One command under way. Use it in a ``with`` block: leaving it ends the command."""

    def __init__(self, words: Sequence[str], folder: Path = FOLDER) -> None:
        python, _ = find_python(folder)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        try:
            self._process = launch(
                python,
                [*PROGRAM, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._said,
            )
        except BaseException:
            self._said.close()
            raise
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="lines", daemon=True)
        self._reader.start()

    def __enter__(self) -> EngineProgram:  # noqa: PYI034 - typing.Self needs a newer Python than some GIMPs have
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def news(self, *, wait: bool = False) -> dict[str, Any] | None:
        """Return the next object that the command printed; None when there is none yet.

        Raises
        ------
        EngineError
            When the command failed, or ended without a result.
        """
        try:
            line = self._lines.get(block=wait)
        except queue.Empty:
            return None
        try:
            said = {} if line is None else json.loads(line)
        except ValueError:
            said = {}
        if said.get("type") not in ("progress", "result"):
            raise EngineError(
                told(str(said.get("message", ""))) or self._last_words(), str(said.get("kind", ""))
            )
        return cast("dict[str, Any]", said)

    def result(self) -> dict[str, Any]:
        """Wait for the result."""
        while True:
            news = self.news(wait=True)
            if news is not None and news["type"] == "result":
                return news

    def close(self) -> None:
        """End the command, which leaves nothing half-done, and wait until it is gone."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join()
        cast("IO[bytes]", self._process.stdout).close()
        self._said.close()

    def _read(self) -> None:
        for line in cast("IO[bytes]", self._process.stdout):
            self._lines.put(line)
        self._lines.put(None)

    def _last_words(self) -> str:
        self._process.wait()
        self._said.seek(0)
        return _obituary(self._said.read())


def _obituary(said: bytes) -> str:
    """Say why the engine ended without a result; `said` is what it wrote on its way."""
    words = said[-4096:].decode(errors="replace").strip().splitlines()
    why = _("The engine does not run: {last}.").format(last=words[-1].rstrip(".")) if words else ENDED
    return f"{why} {AGAIN}"


def ask_doctor(folder: Path = FOLDER) -> dict[str, Any]:
    """Return what ``inpaint doctor --json`` finds.

    Raises
    ------
    EngineError
        When the engine is absent, or too broken to say anything.
    """
    python = find_python(folder)[0]
    piped = subprocess.PIPE
    words = [*PROGRAM, "doctor", "--json"]
    with launch(python, words, stdin=subprocess.DEVNULL, stdout=piped, stderr=piped) as doctor:
        try:
            found, said = doctor.communicate(timeout=DOCTOR_SECONDS)
            return cast("dict[str, Any]", json.loads(found))
        except ValueError:
            raise EngineError(_obituary(said)) from None
        except subprocess.TimeoutExpired as error:
            doctor.kill()
            raise EngineError(
                _("The engine does not run: {error}.").format(error=error) + f" {AGAIN}"
            ) from None
