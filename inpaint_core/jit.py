"""Compiled kernels: kept on disk where a place can be written, else compiled anew by each process.

The only place that decides how Numba is used: without the GIL, on threads of our own, no threading layer.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

import numba

from inpaint_core.errors import InpaintWarning

Function = TypeVar("Function", bound=Callable[..., Any])


class _Disk:
    """Whether kernels can be kept, and what it cost that they could not."""

    def __init__(self) -> None:
        self.refuses = False
        self.seconds = 0.0

    @cached_property
    def has_place(self) -> bool:
        """Ask Numba for a writable place: it raises while it decorates where there is none."""
        try:
            numba.njit(cache=True)(_probe)
        except RuntimeError:
            return False
        return True


_disk = _Disk()


def _probe() -> None:
    """Be decorated, never run."""


def kernel(*signatures: str) -> Callable[[Function], Function]:
    """Compile a function for its signatures when its module is imported, or load what was compiled before.

    Where the disk refuses (no writable place, or full), the function is compiled in memory. A kernel calls
    only functions of its own file: what Numba keeps is thrown away when that file changes, and only then.

    Parameters
    ----------
    signatures
        Numba's types, such as ``"void(float32[::1], int64)"``.
    """

    def compile_function(function: Function) -> Function:
        if _disk.has_place and not _disk.refuses:
            try:
                return _compile(function, signatures, keep=True)
            except Exception:
                _disk.refuses = True  # a fault of the code, not of the disk, comes up again below
        begin = time.perf_counter()
        compiled = _compile(function, signatures, keep=False)
        _disk.seconds += time.perf_counter() - begin
        return compiled

    return compile_function


def inline(function: Function) -> Function:
    """Make a function callable from the kernels of its own file; it is compiled into each of them."""
    return cast("Function", numba.njit(nogil=True)(function))


def warn_if_not_kept() -> None:
    """Say once per process that kernels had to be compiled in memory, if they had to."""
    seconds, _disk.seconds = _disk.seconds, 0.0
    if seconds > 0.0:
        warnings.warn(
            "The compiled kernels could not be kept on disk (no place is writable, or the disk is full), so "
            f"each start compiles them anew (about {max(round(seconds), 1)} s). Set NUMBA_CACHE_DIR to a "
            "folder that can be written.",
            InpaintWarning,
            stacklevel=2,
        )


def _compile(function: Function, signatures: tuple[str, ...], *, keep: bool) -> Function:
    return cast("Function", numba.njit(list(signatures), nogil=True, cache=keep)(function))
