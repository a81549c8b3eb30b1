"""Picture files that say which pixels to fill, or where content may be taken from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool
from inpaint_core.errors import InputError
from inpaint_core.picture_files.picture import Picture
from inpaint_core.picture_files.reading import read_picture

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Of red, green and blue, as ITU-R BT.709 weighs them."""


def read_mask(path: Path, picture: Picture, name: str) -> Bool:
    """Return the pixels that a mask file marks: at or above half of its range.

    Colour counts by its luminance, and transparency as black; but where everything visible is of one colour,
    as if painted on an empty layer, what is visible is marked.

    Parameters
    ----------
    path
        A picture file as large as `picture` is shown.
    picture
        The picture it belongs to.
    name
        What to call it in a message.

    Returns
    -------
    (H, W) bool

    Raises
    ------
    InputError
        When the file cannot be read or is of another size.
    """
    mask = read_picture(path)
    height, width = mask.pixels.shape[:2]
    wanted_height, wanted_width = picture.pixels.shape[:2]
    if (height, width) != (wanted_height, wanted_width):
        raise InputError(
            f"The {name} {path} has {width}x{height} pixels and the picture {wanted_width}x{wanted_height}; "
            "they must be of one size."
        )
    marked: Bool = _strength(mask) >= 0.5
    return marked


def _strength(mask: Picture) -> NDArray[np.float32]:
    scaled = np.atleast_3d(mask.pixels).astype(np.float32) / np.float32(mask.opaque)
    if not mask.has_alpha:
        return _luminance(scaled)
    alpha = scaled[..., -1]
    visible = scaled[alpha > 0, :-1]
    if alpha.min() < alpha.max() and (visible == visible[0]).all():
        return np.asarray(alpha)
    return _luminance(scaled[..., :-1]) * alpha


def _luminance(colours: NDArray[Any]) -> NDArray[np.float32]:
    if colours.shape[2] == 1:
        return np.asarray(colours[..., 0])
    return np.asarray(colours @ LUMINANCE)


def transparent(picture: Picture, path: Path) -> Bool:
    """Return the (H, W) pixels that are not fully opaque, for ``--mask alpha``."""
    if not picture.has_alpha:
        raise InputError(f"{path} has no transparency that could be filled; name a mask file.")
    see_through: Bool = picture.pixels[..., -1] < picture.opaque
    if not see_through.any():
        raise InputError(f"{path} is opaque everywhere: it has no transparency that could be filled.")
    return see_through
