"""A line on the terminal that says what is being done and how far it is."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO

SECONDS_BETWEEN = 0.1


class Meter:
    """Shows progress on a terminal, and nothing when the stream is none; the line is wiped at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0
        self._next = 0.0
        self._terminal = stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._write("")

    def __call__(self, stage: str, fraction: float) -> None:
        """Show a stage in words and the fraction done, 0…1."""
        now = time.monotonic()
        if self._terminal and now >= self._next:
            self._next = now + SECONDS_BETWEEN
            self._write(f"{stage}: {fraction:.0%}")

    def _write(self, line: str) -> None:
        self._stream.write(f"\r{line.ljust(self._shown)}\r{line}")
        self._stream.flush()
        self._shown = len(line)
