"""Putting filled pixels into the picture; the known ones stay bit-identical."""

from __future__ import annotations

import threading
from typing import Any

from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float, Working, from_working


class Result:
    """A picture that is filled: the caller's own array, and a copy from when the first hole is filled.

    Any thread may ask for it.
    """

    def __init__(self, picture: NDArray[Any]) -> None:
        self._pixels = picture
        self._is_copy = False
        self._lock = threading.Lock()

    @property
    def pixels(self) -> NDArray[Any]:
        """The picture, with what is filled so far; to be read."""
        return self._pixels

    def copy(self) -> NDArray[Any]:
        """Return the copy, which may be written into."""
        with self._lock:
            if not self._is_copy:
                self._pixels = self._pixels.copy()
                self._is_copy = True
            return self._pixels


def paste(picture: NDArray[Any], hole: Bool, filled: Float, working: Working) -> None:
    """Write `filled` into `picture` where `hole` is set, in place.

    Parameters
    ----------
    picture : (H, W) or (H, W, C)
        The picture, or a view of the part that was worked on.
    hole : (H, W) bool
        The pixels to write.
    filled : (H, W, channels of `working`) float32
        The method's answer.
    working
        What the method was given.
    """
    pixels = from_working(filled[hole], working, picture)
    picture[hole] = pixels.reshape(-1, *picture.shape[2:])
