"""Sizes and boxes, and how much of the picture around a hole a fill looks at.

Standard library only: `install` places a copy beside the GIMP plug-in, so that the plug-in reads exactly
the region that the engine will use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MIN_CONTEXT = 128
"""Pixels of surroundings that even the smallest hole gets on each side."""


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def box(self) -> Box:
        """The box of this size at the origin."""
        return Box(0, 0, self.width, self.height)


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A half-open rectangle of pixels: ``x0 <= x < x1`` and ``y0 <= y < y1``."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Pixels from left to right, 0 when the box is empty."""
        return max(self.x1 - self.x0, 0)

    @property
    def height(self) -> int:
        """Pixels from top to bottom, 0 when the box is empty."""
        return max(self.y1 - self.y0, 0)

    @property
    def size(self) -> Size:
        """Width and height as one value."""
        return Size(self.width, self.height)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index an (H, W, …) array with."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def __bool__(self) -> bool:
        return self.x0 < self.x1 and self.y0 < self.y1

    def __and__(self, other: Box) -> Box:
        """Return the pixels in both boxes."""
        return Box(
            max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1)
        )

    def __or__(self, other: Box) -> Box:
        """Return the smallest box around both; an empty one adds nothing."""
        if not self:
            return other
        if not other:
            return self
        return Box(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def __contains__(self, other: Box) -> bool:
        return (self & other) == other or not other

    def grow(self, margin: int) -> Box:
        """Move every side outwards by `margin` pixels."""
        return Box(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)

    def shift(self, dx: int, dy: int) -> Box:
        """Move the box by whole pixels."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)


def context_box(hole: Box, extent: Size) -> Box:
    """Return the part of a picture that a fill of `hole` looks at.

    The hole's box grown by its short side, by a quarter of its long side, or by `MIN_CONTEXT`, whichever is
    most, and cut at the picture's borders. It is monotone: a box inside `hole` never gets a context outside
    the context of `hole`. So a caller that hands over this part alone gets the very pixels that the whole
    picture would have given.
    """
    short, long = sorted((hole.width, hole.height))
    return hole.grow(max(short, long // 4, MIN_CONTEXT)) & extent.box


def surroundings(hole: Box, extent: Size, source: str | float = "auto") -> Box:
    """Return the part of a picture that a fill of `hole` looks at with a `source` setting.

    Parameters
    ----------
    hole
        The box of what is to be filled.
    extent
        The picture's size.
    source
        ``"auto"``: `context_box`. ``"whole"``: the picture. A number: `context_box`, and all that is no
        farther than so many pixels from the hole.
    """
    if source == "whole":
        return extent.box
    context = context_box(hole, extent)
    return context if isinstance(source, str) else context | (hole.grow(math.ceil(source)) & extent.box)
