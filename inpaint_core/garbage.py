"""Python's search for garbage in cycles, out of the way where a process starts and ends.

What is imported stays: to look through it again and again takes a tenth of a start, and to take it apart at
the end a quarter of a second.
"""

from __future__ import annotations

import gc

SELDOM = 100_000
"""Objects that are made between two searches."""


def collect_seldom() -> None:
    """Search less often from now on."""
    gc.set_threshold(SELDOM)


def spare_what_is_loaded() -> None:
    """Never search what there is now again: it stays until the process ends, shared with those it forks."""
    gc.freeze()
