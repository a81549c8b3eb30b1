"""Picture files beside the one to fill: a guide to the result, and a reference to take content from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import full_scale
from inpaint_core.errors import InputError
from inpaint_core.picture_files.picture import Picture
from inpaint_core.picture_files.reading import read_picture


def read_reference(path: Path, picture: Picture) -> NDArray[Any]:
    """Return the pixels of a reference file with the channels and the dtype of `picture`.

    Raises
    ------
    InputError
        As `read_guide` does.
    """
    pixels, dtype = read_guide(path, picture, "reference"), picture.pixels.dtype
    if pixels.dtype == dtype:
        return pixels
    scaled = pixels.astype(np.float32) * np.float32(full_scale(dtype) / full_scale(pixels.dtype))
    return (np.rint(scaled) if dtype.kind == "u" else scaled).astype(dtype)


def read_guide(path: Path, picture: Picture, name: str = "guide") -> NDArray[Any]:
    """Return the pixels of a guide file with the channels of `picture`.

    Grey becomes RGB where the picture has colours; alpha that the picture has not is left out, and one that
    only the picture has is opaque.

    Raises
    ------
    InputError
        When the file cannot be read, is of another size, or has colours and the picture has none.
    """
    guide = read_picture(path)
    height, width = guide.pixels.shape[:2]
    wanted_height, wanted_width = picture.pixels.shape[:2]
    if (height, width) != (wanted_height, wanted_width):
        raise InputError(
            f"The {name} {path} has {width}x{height} pixels and the picture {wanted_width}x{wanted_height}; "
            "they must be of one size."
        )
    colours = np.atleast_3d(guide.pixels)[..., : -1 if guide.has_alpha else None]
    wanted = np.atleast_3d(picture.pixels).shape[2] - picture.has_alpha
    if colours.shape[2] > wanted:
        raise InputError(f"The {name} {path} has colours and the picture is grey; make the {name} grey too.")
    colours = np.repeat(colours, wanted // colours.shape[2], axis=2)
    if not picture.has_alpha:
        return colours.reshape(picture.pixels.shape)
    alpha = np.full((height, width, 1), guide.opaque, colours.dtype)
    return np.concatenate([colours, guide.pixels[..., -1:] if guide.has_alpha else alpha], axis=2)
