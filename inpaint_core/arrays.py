"""The array contract: what a picture and a mask may be, and how they become what methods work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.errors import InputError

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

DTYPES = ("uint8", "uint16", "float16", "float32", "float64")
"""Picture dtypes. Integers span 0…maximum; floats are nominally 0…1 and may lie beyond."""


def check_image(image: ArrayLike) -> NDArray[Any]:
    """Return `image` as an array of the contract: (H, W) or (H, W, C), C = 1…4, dtype in `DTYPES`.

    Raises
    ------
    InputError
        For another shape or dtype, or a picture without pixels.
    """
    array = _as_array(image, "picture")
    if array.dtype.name not in DTYPES:
        raise InputError(
            f"A picture is of dtype {', '.join(DTYPES)}; this one is {array.dtype}. Convert it, for instance "
            "with .astype(numpy.uint8) where its values are 0 to 255."
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and not 1 <= array.shape[2] <= 4):
        raise InputError(
            f"A picture has the shape (H, W) or (H, W, C) with 1 to 4 channels; this one has {array.shape}."
        )
    if array.shape[0] == 0 or array.shape[1] == 0:
        raise InputError(f"The picture has no pixels: its shape is {array.shape}.")
    return array


def _as_array(values: ArrayLike, name: str) -> NDArray[Any]:
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(
            f"The {name} is a masked array, and it is not known what its mask means here: pass its data, and "
            "mark in the mask of the fill what is to be filled."
        )
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(f"The {name} is not an array: its rows differ in length ({error}).") from None


def check_mask(mask: ArrayLike, shape: tuple[int, ...], name: str = "mask") -> Bool:
    """Return `mask` as (H, W) bool, non-zero = marked; one that is so already is not copied.

    Parameters
    ----------
    mask
        Bool or numeric, of the picture's height and width.
    shape
        The picture's shape.
    name
        What to call it in a message.

    Raises
    ------
    InputError
        For another size, a dtype that is no number, or a NaN.
    """
    array = _as_array(mask, name)
    if array.dtype.kind not in "biuf":
        raise InputError(f"The {name} holds numbers or booleans; this one is {array.dtype}.")
    if array.ndim != 2 or array.shape != shape[:2]:
        raise InputError(
            f"The {name} has the shape {array.shape}; the picture needs {(shape[0], shape[1])}, "
            "its height and width."
        )
    if array.dtype.kind == "f" and bool(np.isnan(array).any()):
        raise InputError(f"The {name} contains NaN: it must say of every pixel whether it is marked.")
    if array.dtype == np.bool_ and array.flags.c_contiguous and _is_sound(array):
        return array
    marked: Bool = np.not_equal(array, 0, order="C")
    return marked


def _is_sound(marked: Bool) -> bool:
    """Tell whether every byte is 0 or 1, which those of a buffer that is only called bool need not be."""
    return not marked.size or bool(marked.view(np.uint8).max() <= 1)


def has_alpha(image: NDArray[Any]) -> bool:
    """Tell whether the last channel is alpha: grey+alpha or RGBA."""
    return image.ndim == 3 and image.shape[2] in (2, 4)


def full_scale(dtype: np.dtype[Any]) -> float:
    """Return the value that means 1.0: the maximum of an integer dtype, 1 for a float."""
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0


@dataclass(frozen=True, slots=True)
class Working:
    """A picture as methods see it, and what is needed to write their answer back.

    `pixels` is (H, W, C) float32, zero inside the hole; where `alpha` is ``"varies"`` the last channel is
    alpha and colours are multiplied by it. A constant alpha is left out of the work and kept as its value.
    """

    pixels: Float
    alpha: float | str | None


def to_working(image: NDArray[Any], hole: Bool) -> Working:
    """Convert a checked picture to what methods work on.

    Parameters
    ----------
    image
        As `check_image` returns it.
    hole : (H, W) bool
        Its pixels become zero, whatever they were.

    Raises
    ------
    InputError
        When a pixel outside the hole is NaN or infinite.
    """
    pixels = np.atleast_3d(image).astype(np.float32, order="C")
    pixels *= np.float32(1.0 / full_scale(image.dtype))
    pixels[hole] = 0.0
    if image.dtype.kind == "f":
        _check_finite(pixels)
    if not has_alpha(image):
        return Working(pixels, None)
    alpha = pixels[..., -1]
    known = alpha[~hole]
    if known.size and bool((known == known[0]).all()):
        return Working(np.ascontiguousarray(pixels[..., :-1]), float(known[0]))
    pixels[..., :-1] *= alpha[..., None]
    return Working(pixels, "varies")


def check_guide(guide: ArrayLike, image: NDArray[Any]) -> NDArray[Any]:
    """Return `guide` as an array of the contract, of the shape of `image`; its dtype may be another one.

    Raises
    ------
    InputError
        For another shape, or a dtype that no picture has.
    """
    array = _as_array(guide, "guide")
    if array.dtype.name not in DTYPES or array.shape != image.shape:
        raise InputError(
            f"The guide is a picture of dtype {', '.join(DTYPES)} and of the shape of the picture to fill, "
            f"{image.shape}; this one is {array.dtype} of the shape {array.shape}."
        )
    return array


def check_preview(preview: ArrayLike, image: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Return a preview, enlarged to the size of `image`, and how many times smaller it was.

    Raises
    ------
    InputError
        When it is larger, has other channels, or a dtype that no picture has.
    """
    array = _as_array(preview, "preview")
    if (
        array.dtype.name not in DTYPES
        or array.ndim != image.ndim
        or array.shape[2:] != image.shape[2:]
        or not 0 < array.shape[0] <= image.shape[0]
        or not 0 < array.shape[1] <= image.shape[1]
    ):
        raise InputError(
            f"The preview is a picture of dtype {', '.join(DTYPES)}, no larger than the picture to fill and "
            f"with the same channels, {image.shape}; this one is {array.dtype} of the shape {array.shape}."
        )
    height, width = image.shape[:2]
    detail = max(height / array.shape[0], width / array.shape[1])
    native = np.float32 if array.dtype == np.float16 else array.dtype.newbyteorder("=")
    array = array.astype(native, copy=False)
    enlarged = cv2.resize(array, (width, height), interpolation=cv2.INTER_CUBIC)
    return enlarged.reshape(image.shape), detail


def guide_to_working(guide: NDArray[Any], hole: Bool, working: Working) -> Float:
    """Convert a checked guide to what methods work on: equal to `working` but in the hole.

    Alpha is treated as in `working`: left out where the picture's is constant, else filled like a channel and
    colours multiplied by it.

    Raises
    ------
    InputError
        When a pixel inside the hole is NaN or infinite.
    """
    inside = np.atleast_3d(guide)[hole].astype(np.float32)
    inside *= np.float32(1.0 / full_scale(guide.dtype))
    if not np.isfinite(inside).all():
        raise InputError(
            "The guide or preview has pixels inside the mask that are NaN, infinite or beyond 32-bit floats."
        )
    if working.alpha == "varies":
        inside[:, :-1] *= inside[:, -1:]
    pixels = working.pixels.copy()
    pixels[hole] = inside[:, : pixels.shape[2]]
    return pixels


def _check_finite(pixels: Float) -> None:
    bad = ~np.isfinite(pixels).all(axis=2)
    if bad.any():
        y, x = np.argwhere(bad)[0]
        raise InputError(
            f"The picture has {int(bad.sum())} pixels outside the mask that are NaN, infinite or beyond "
            f"32-bit floats, the first at x={x}, y={y}; mark them in the mask too, or mend them first."
        )


def from_working(filled: Float, working: Working, like: NDArray[Any]) -> NDArray[Any]:
    """Convert a list of filled pixels back to the picture's channels and dtype.

    Parameters
    ----------
    filled : (N, C) float32
        Pixels with the channels of `working`.
    working
        What the method was given.
    like
        The picture whose dtype and channels the answer takes.

    Returns
    -------
    (N, channels of `like`), dtype of `like`
        Integers rounded and clipped to their range, floats as they are.
    """
    if working.alpha == "varies":
        alpha = filled[:, -1:]
        colour = np.divide(filled[:, :-1], alpha, out=np.zeros_like(filled[:, :-1]), where=alpha > 1e-6)
        filled = np.concatenate([colour, np.clip(alpha, 0.0, 1.0)], axis=1)
    elif isinstance(working.alpha, float):
        filled = np.concatenate([filled, np.full((len(filled), 1), working.alpha, np.float32)], axis=1)
    if like.dtype.kind == "u":
        scale = full_scale(like.dtype)
        filled = np.rint(np.clip(filled, 0.0, 1.0) * np.float32(scale))
    answer: NDArray[Any] = filled.astype(like.dtype)
    return answer
