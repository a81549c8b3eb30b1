"""Putting filled pixels into the picture; the known ones stay bit-identical."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float, Working, from_working


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
    picture[hole] = pixels.reshape(picture[hole].shape)
