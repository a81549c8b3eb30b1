"""Where content may be taken from: what a caller says, and the pixels that this means."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.arrays import Bool, check_mask, has_alpha
from inpaint_core.errors import InputError, NoSourceError
from inpaint_core.geometry import Box, Size, surroundings
from inpaint_core.holes import bounding_box

WORDS = ("auto", "whole")
BAND = 256
"""Rows that are looked at at once."""

MAX_RADIUS = 524_288
"""As far as the longest side that a picture may have."""


@dataclass(frozen=True, slots=True)
class Source:
    """What content may be taken from.

    Attributes
    ----------
    never : one or more (H, W) bool
        Nothing is taken from what one of these marks: the hole, and what the caller excludes.
    reach
        ``"auto"``, ``"whole"`` or a radius around the hole in pixels.
    only : (H, W) bool, optional
        Where the caller says that content may come from.
    alpha : (H, W), optional
        Nothing is taken from where it is 0.
    """

    never: tuple[Bool, ...]
    reach: str | float
    only: Bool | None = None
    alpha: NDArray[Any] | None = None
    box: Box | None = field(init=False)
    """The smallest one around `only`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "box", None if self.only is None else bounding_box(self.only))

    @property
    def extent(self) -> Size:
        """The picture's size."""
        height, width = self.never[0].shape
        return Size(width, height)

    def allowed(self, window: Box) -> Bool:
        """Return the pixels of a window that content may be taken from, if they are within reach."""
        allowed: Bool = np.logical_not(self.never[0][window.slices], order="C")
        for mask in self.never[1:]:
            allowed &= ~mask[window.slices]
        if self.only is not None:
            allowed &= self.only[window.slices]
        if self.alpha is not None:
            allowed &= self.alpha[window.slices] > 0
        return allowed

    def is_empty(self) -> bool:
        """Tell whether nowhere in the picture content may be taken from."""
        height, width = self.never[0].shape
        rows = range(0, height, BAND)
        return not any(self.allowed(Box(0, y, width, min(y + BAND, height))).any() for y in rows)

    def windows(self, hole: Box) -> Iterator[Box]:
        """Yield the part of the picture that a fill of a hole within this box looks at.

        Where the context was to be found, the whole picture comes next, in case the first part holds nothing
        of use.
        """
        near = surroundings(hole, self.extent, self.reach)
        yield near if self.box is None else near | self.box
        if self.reach == "auto" and self.box is None and near != self.extent.box:
            yield self.extent.box

    def within(self, window: Box, hole: Bool) -> Bool:
        """Return the source within `window`, where `hole` is to be filled.

        Raises
        ------
        NoSourceError
            When there is none.
        """
        allowed = _near(self.allowed(window), hole, self.reach)
        if not allowed.any():
            raise NoSourceError(
                "Around a hole nothing is left to take content from: what is near it is to be filled too, "
                "transparent or excluded as a source. Allow more of the picture as a source."
            )
        return allowed

    def area(self, hole: Bool) -> Bool:
        """Return all of the picture that content may come from, where `hole`, (H, W), is to be filled."""
        return _near(self.allowed(self.extent.box), hole, self.reach)


def _near(allowed: Bool, hole: Bool, reach: str | float) -> Bool:
    """Return what is allowed without what lies beyond the reach of a hole."""
    if isinstance(reach, str):
        return allowed
    apart = cv2.distanceTransform((~hole).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near: Bool = allowed & (apart <= reach)
    return near


def find_source(
    setting: ArrayLike | str | None,
    picture: NDArray[Any],
    hole: Bool,
    exclude: ArrayLike | None = None,
) -> Source:
    """Return what `setting` means.

    Parameters
    ----------
    setting
        None or ``"auto"``: the surroundings of each hole. ``"whole"``: the whole picture. A number: what is
        at most so many pixels from a hole, 1 or more. Else an (H, W) mask, non-zero = may be taken from.
    picture
        As `check_image` returns it; what is fully transparent is never a source.
    hole : (H, W) bool
        Is never a source.
    exclude : (H, W), optional
        Non-zero = is never a source either, whatever `setting` says.

    Raises
    ------
    InputError
        When the setting is none of these.
    NoSourceError
        When nothing is left.
    """
    reach: str | float = "auto"
    only = None
    if isinstance(setting, str):
        reach = _check_word(setting)
    elif isinstance(setting, int | float | np.number):
        reach = _check_radius(setting)
    elif setting is not None:
        only = check_mask(setting, picture.shape, "source")
    never = (hole,) if exclude is None else (hole, check_mask(exclude, picture.shape, "exclusion"))
    source = Source(never, reach, only, picture[..., -1] if has_alpha(picture) else None)
    if hole.all():
        raise NoSourceError(
            "The mask marks the whole picture, so nothing is left to take content from. Mark less of it."
        )
    if source.is_empty():
        raise NoSourceError(
            "Nothing is left to take content from: whatever is not to be filled is transparent or excluded "
            "as a source. Fill less, or allow more of the picture as a source."
        )
    return source


def _check_word(word: str) -> str:
    if word not in WORDS:
        raise InputError(
            f"The source is {' or '.join(WORDS)}, a radius in pixels, or a mask; not the word {word!r}."
        )
    return word


def _check_radius(radius: Any) -> float:
    try:
        value = float(radius)
    except OverflowError:
        value = math.inf
    shown = radius if isinstance(radius, bool) else f"{value:g}"
    if isinstance(radius, bool) or not 1 <= value <= MAX_RADIUS:
        raise InputError(f"The source's radius is a number of pixels from 1 to {MAX_RADIUS}, not {shown}.")
    return value
