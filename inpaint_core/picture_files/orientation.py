"""EXIF's eight orientations: how the rows and columns of a file lie when it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

Turn = Callable[[NDArray[Any]], NDArray[Any]]

_SHOW: dict[int, Turn] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored.swapaxes(0, 1)[::-1],
}
_INVERSE = {6: 8, 8: 6}


def as_shown(stored: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return a view of (H, W, …) as a viewer shows it, given the orientation it is stored in."""
    return _SHOW[orientation](stored)


def as_stored(shown: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return a view of (H, W, …) as a file of that orientation stores it; the inverse of `as_shown`."""
    return _SHOW[_INVERSE.get(orientation, orientation)](shown)
