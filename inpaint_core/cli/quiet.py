"""What libraries written in C print, kept off the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_complaints_unsaid() -> Iterator[None]:
    """Throw away what is written to file descriptor 2, around libtiff's and libpng's own complaints.

    What is wrong with a file reaches the caller as an exception and is said once, by us.
    """
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error to keep clean
        yield
        return
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(nothing)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
