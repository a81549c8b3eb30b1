"""How the program ends when it is told to stop by Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130


def stopped() -> int:
    """Say that the program stopped, and return its exit status."""
    sys.stderr.write("inpaint: Stopped; nothing was written.\n")
    return INTERRUPTED


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """Have Ctrl-C end the process at once, for the time of imports: some libraries take it for a fault."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    status = stopped()
    sys.stderr.flush()
    os._exit(status)
