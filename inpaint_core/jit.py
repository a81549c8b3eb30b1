"""Compiled kernels: kept on disk where a place can be written, else compiled anew by each process.

The only place that decides how Numba is used: without the GIL, on threads of our own, no threading layer.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numba

from inpaint_core.errors import InpaintWarning

Function = TypeVar("Function", bound=Callable[..., Any])

_spent = 0.0
"""Seconds this process has spent compiling kernels that could not be kept."""


def kernel(signature: str) -> Callable[[Function], Function]:
    """Compile a function for one signature when its module is imported, or load what was compiled before.

    Where the disk refuses (no writable place, or full), the function is compiled in memory. A kernel calls
    only functions of its own file: what Numba keeps is thrown away when that file changes, and only then.

    Parameters
    ----------
    signature
        Numba's types, such as ``"void(float32[::1], int64)"``.
    """

    def compile_function(function: Function) -> Function:
        if _can_keep():
            try:
                return _compile(function, signature, keep=True)
            except Exception:  # noqa: BLE001 - whatever ails the disk; a fault of the code comes up again below
                _can_keep.cache_clear()
        begin = time.perf_counter()
        compiled = _compile(function, signature, keep=False)
        _count(time.perf_counter() - begin)
        return compiled

    return compile_function


def inline(function: Function) -> Function:
    """Make a function callable from the kernels of its own file; it is compiled into each of them."""
    return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]


def warn_if_not_kept() -> None:
    """Say once per process that kernels had to be compiled in memory, if they had to."""
    global _spent  # noqa: PLW0603 - one notice for all kernels of the process
    if _spent > 0.0:
        seconds, _spent = _spent, 0.0
        warnings.warn(
            "The compiled kernels could not be kept on disk (no place is writable, or the disk is full), so "
            f"each start compiles them anew (about {max(round(seconds), 1)} s). Set NUMBA_CACHE_DIR to a folder "
            "that can be written.",
            InpaintWarning,
            stacklevel=2,
        )


def _compile(function: Function, signature: str, *, keep: bool) -> Function:
    return numba.njit(signature, nogil=True, cache=keep)(function)  # type: ignore[no-any-return]


def _count(seconds: float) -> None:
    global _spent  # noqa: PLW0603 - see warn_if_not_kept
    _spent += seconds


@cache
def _can_keep() -> bool:
    """Ask Numba whether it finds a writable place: it raises while it decorates where there is none."""
    try:
        numba.njit(cache=True)(_probe)
    except RuntimeError:
        return False
    return True


def _probe() -> None:
    """Be decorated, never run."""
