"""Mirrored, turned and scaled sources: copies of the picture beside it, on a larger canvas.

The search then needs to know nothing of them. The copies stand on the side that is farthest from the
hole, and a line that is no source stands between them, so that no patch reaches from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.holes import bounding_box

SCALES = (0.8, 1.25)
"""How large scaled copies are."""

Array = TypeVar("Array", bound=NDArray[np.generic])


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture with its copies; arrays as in `methods.Fill`.

    Attributes
    ----------
    image : (H, W, C) float32
    hole, source : (H, W) bool
    place
        Rows and columns of the picture itself.
    """

    image: Float
    hole: Bool
    source: Bool
    place: tuple[slice, slice]

    def spread(self, picture: Float) -> Float:
        """Return another picture of the same size, such as a guide, in its place on a canvas of zeros."""
        whole = np.zeros((*self.hole.shape, picture.shape[2]), np.float32)
        whole[self.place] = picture
        return whole


def enlarge(image: Float, hole: Bool, source: Bool, adapt: str) -> Canvas:
    """Return the picture beside its copies.

    Parameters
    ----------
    image, hole, source
        As in `methods.Fill`.
    adapt : str
        ``"mirror"``, ``"rotate"``, ``"scale"``, or ``"all"``, mirrored and turned together included.
    """
    copies = list(_copies(image, source, adapt))
    if _side(hole) in {"left", "right"}:
        return _beside(image, hole, source, copies)
    lying = [(copy.swapaxes(0, 1), allowed.T) for copy, allowed in copies]
    canvas = _beside(image.swapaxes(0, 1), hole.T, source.T, lying)
    return Canvas(
        np.ascontiguousarray(canvas.image.swapaxes(0, 1)),
        np.ascontiguousarray(canvas.hole.T),
        np.ascontiguousarray(canvas.source.T),
        canvas.place[::-1],
    )


def _beside(image: Float, hole: Bool, source: Bool, copies: list[tuple[Float, Bool]]) -> Canvas:
    """Return the picture with its copies to the right or, where the hole is nearer to it, to the left."""
    height = max(len(image), *(len(copy) for copy, _ in copies))
    width = image.shape[1] + sum(copy.shape[1] + 1 for copy, _ in copies)
    box = bounding_box(hole)
    left = box.x0 > image.shape[1] - box.x1
    x = width - image.shape[1] if left else 0
    place = (slice(0, len(image)), slice(x, x + image.shape[1]))
    canvas = Canvas(
        np.empty((height, width, image.shape[2]), np.float32),
        np.zeros((height, width), bool),
        np.zeros((height, width), bool),
        place,
    )
    canvas.image[:] = image[source].mean(axis=0)
    canvas.image[place], canvas.hole[place], canvas.source[place] = image, hole, source
    x = 0 if left else image.shape[1] + 1
    for copy, allowed in copies:
        at = (slice(0, len(copy)), slice(x, x + copy.shape[1]))
        canvas.image[at], canvas.source[at] = copy, allowed
        x += copy.shape[1] + 1
    return canvas


def _side(hole: Bool) -> str:
    """Return the side of the picture that is farthest from the hole."""
    box = bounding_box(hole)
    ways = {"left": box.x0, "top": box.y0, "right": hole.shape[1] - box.x1, "bottom": hole.shape[0] - box.y1}
    return max(ways, key=lambda side: ways[side])


def _copies(image: Float, source: Bool, adapt: str) -> Iterator[tuple[Float, Bool]]:
    """Yield each copy and where it may be used."""
    for mirrored in (False, True) if adapt == "all" else (adapt == "mirror",):
        for quarter in range(4) if adapt in {"rotate", "all"} else (0,):
            if mirrored or quarter:
                yield _turn(image, mirrored, quarter), _turn(source, mirrored, quarter)
    for scale in SCALES if adapt in {"scale", "all"} else ():
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        if min(size):
            yield _scaled(image, size), _scaled(source.astype(np.float32), size)[..., 0] > 1.0 - 1e-3


def _turn(array: Array, mirrored: bool, quarter: int) -> Array:
    return cast("Array", np.rot90(array[:, ::-1] if mirrored else array, quarter))


def _scaled(picture: Float, size: tuple[int, int]) -> Float:
    smaller = size[0] < picture.shape[1]
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(scaled, np.float32).reshape(size[1], size[0], -1)
