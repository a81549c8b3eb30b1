"""From a picture to what a network is fed, and back: the one place that acts on a card's contract.

Inside the engine a picture is (H, W, 3) float32, RGB, display-encoded, 0…1, and a hole is (H, W) bool. What a
network wants beside that (padding, polarity, ranges, order of colours and axes) is known here alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.deep.cards import Contract, Size
from inpaint_core.errors import FillError, InputError


def fitting(size: Size, height: int, width: int) -> tuple[int, int]:
    """Return the smallest (height, width) that the network takes and that holds the picture.

    Raises
    ------
    InputError
        When the network takes one size alone and the picture is larger.
    """
    if not size.is_fixed:
        return _rounded_up(height, size), _rounded_up(width, size)
    if height > size.fixed[0] or width > size.fixed[1]:
        raise InputError(
            f"The network takes pictures of {size.fixed[1]} by {size.fixed[0]} pixels; this one is of "
            f"{width} by {height}. Reduce it, or cut a part out."
        )
    return size.fixed


def _rounded_up(side: int, size: Size) -> int:
    return -(-max(side, size.minimum) // size.multiple) * size.multiple


def prepare(
    contract: Contract, image: NDArray[np.float32], hole: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Return what the network is fed, by the names of its inputs.

    Parameters
    ----------
    contract
        The card's.
    image : (H, W, 3) float32
        RGB, display-encoded; clipped to 0…1, the range that networks know.
    hole : (H, W) bool
        What is to be filled. It is grown by the contract's `dilate`.

    Returns
    -------
    dict of arrays
        Of the size that `fitting` tells: at the right and at the bottom, picture and hole are mirrored.

    Raises
    ------
    InputError
        When the picture is larger than the one size that the network takes.
    """
    height, width = fitting(contract.size, *hole.shape)
    missing = (0, height - hole.shape[0], 0, width - hole.shape[1])
    own = np.asarray(cv2.copyMakeBorder(image, *missing, cv2.BORDER_REFLECT), np.float32)
    if any(missing):
        hole = _marked(cv2.copyMakeBorder(hole.view(np.uint8), *missing, cv2.BORDER_REFLECT))
    hole = _grown(hole, contract.dilate)
    pixels, mask = _encoded_image(contract, own, hole), _encoded_mask(contract, hole)
    if contract.packed:
        parts = (mask, pixels) if contract.packed == "mask-image" else (pixels, mask)
        return {contract.image.input: _laid_out(contract, *parts)}
    return {contract.image.input: _laid_out(contract, pixels), contract.mask.input: _laid_out(contract, mask)}


def interpret(
    contract: Contract, outputs: Mapping[str, NDArray[Any]], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the network's answer as a picture.

    Parameters
    ----------
    contract
        The card's.
    outputs
        What the network gave, by the names of its outputs.
    shape
        (H, W) of the picture that `prepare` was given.

    Returns
    -------
    (H, W, 3) float32
        RGB, 0…1 (what the network gives beyond is clipped; NaN stays NaN). Nothing is composited.

    Raises
    ------
    FillError
        When the output that the card names is missing or of another shape.
    """
    name = contract.output.name
    if name not in outputs:
        raise FillError(f"The card names the output {name}; the network has {', '.join(outputs)}.")
    answer = outputs[name]
    expected = _laid_out_shape(contract, *fitting(contract.size, *shape))
    if answer.shape != expected:
        raise FillError(
            f"The network's output {name} has the shape {answer.shape}; by its card it has {expected}."
        )
    pixels = answer[0] if contract.batch else answer
    if contract.layout == "nchw":
        pixels = pixels.transpose(1, 2, 0)
    if contract.colours == "bgr":
        pixels = pixels[..., ::-1]
    shown = pixels[: shape[0], : shape[1]].astype(np.float32, order="C")
    black, white = np.float32(contract.output.black), np.float32(contract.output.white)
    if black:
        shown -= black
    shown /= white - black
    return np.clip(shown, 0.0, 1.0, out=shown)


def _grown(hole: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    if pixels == 0:
        return hole
    square = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return _marked(cv2.dilate(hole.view(np.uint8), square))


def _marked(plane: Any) -> NDArray[np.bool_]:
    """Return a plane of 0 and 1 as a mask."""
    return np.asarray(plane, np.uint8).view(np.bool_)


def _encoded_image(contract: Contract, image: NDArray[np.float32], hole: NDArray[np.bool_]) -> NDArray[Any]:
    """Return (H, W, 3) in the values and the order of colours that the network wants; `image` is used up."""
    wanted = contract.image
    black, white = np.float32(wanted.black), np.float32(wanted.white)
    values = np.clip(image, 0.0, 1.0, out=image)
    values *= white - black
    values += black
    if wanted.hole is not None:
        values[hole] = wanted.hole
    if wanted.dtype == "uint8":
        values = np.rint(values)
    ordered = values[..., ::-1] if contract.colours == "bgr" else values
    return ordered.astype(wanted.dtype, copy=False)


def _encoded_mask(contract: Contract, hole: NDArray[np.bool_]) -> NDArray[Any]:
    """Return (H, W, 1) in the values that the network wants."""
    wanted = contract.mask
    dtype = np.dtype(wanted.dtype).type
    values: NDArray[Any] = np.where(hole, dtype(wanted.hole), dtype(wanted.known))
    return values[..., None]


def _laid_out(contract: Contract, *parts: NDArray[Any]) -> NDArray[Any]:
    """Return parts, each (H, W, C), as one array in the network's order of axes."""
    (height, width, _), channels = parts[0].shape, sum(part.shape[2] for part in parts)
    planes = contract.layout == "nchw"
    values = np.empty((channels, height, width) if planes else (height, width, channels), parts[0].dtype)
    np.concatenate(parts, axis=2, out=values.transpose(1, 2, 0) if planes else values)
    return values[None] if contract.batch else values


def _laid_out_shape(contract: Contract, height: int, width: int) -> tuple[int, ...]:
    shape = (3, height, width) if contract.layout == "nchw" else (height, width, 3)
    return (1, *shape) if contract.batch else shape
