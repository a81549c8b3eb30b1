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
    if any(missing):
        hole = _marked(cv2.copyMakeBorder(hole.view(np.uint8), *missing, cv2.BORDER_REFLECT))
    hole = _grown(hole, contract.dilate)
    if contract.packed:
        both, channels = _blank(contract, 4, hole.shape, contract.image.dtype)
        first = contract.packed == "mask-image"
        _encode_mask(contract, hole, channels[..., :1] if first else channels[..., 3:])
        _encode_image(contract, image, hole, channels[..., 1:] if first else channels[..., :3])
        return {contract.image.input: both}
    pixels, colours = _blank(contract, 3, hole.shape, contract.image.dtype)
    mask, plane = _blank(contract, 1, hole.shape, contract.mask.dtype)
    _encode_image(contract, image, hole, colours)
    _encode_mask(contract, hole, plane)
    return {contract.image.input: pixels, contract.mask.input: mask}


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


def _blank(
    contract: Contract, channels: int, shape: tuple[int, ...], dtype: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return an array in the network's order of axes, and a view of it as (H, W, C), to be written to."""
    planes = contract.layout == "nchw"
    values: NDArray[Any] = np.empty((channels, *shape) if planes else (*shape, channels), dtype)
    return values[None] if contract.batch else values, values.transpose(1, 2, 0) if planes else values


def _encode_image(
    contract: Contract, image: NDArray[np.float32], hole: NDArray[np.bool_], out: NDArray[Any]
) -> None:
    """Write a picture to `out`, (H, W, 3), in the values and the order of colours that the network wants.

    Where `out` is larger, the picture is mirrored at the right and at the bottom.
    """
    wanted = contract.image
    black, white = np.float32(wanted.black), np.float32(wanted.white)
    if contract.colours == "bgr":
        out = out[..., ::-1]
    values = out if out.dtype == np.float32 else np.empty(out.shape, np.float32)
    height, width, _ = image.shape
    np.clip(image, 0.0, 1.0, out=values[:height, :width])
    _mirror(values[:, :width], height)
    _mirror(values.transpose(1, 0, 2), width)
    values *= white - black
    values += black
    if wanted.hole is not None:
        values[hole] = wanted.hole
    if values is not out:
        out[...] = np.rint(values) if wanted.dtype == "uint8" else values


def _mirror(rows: NDArray[Any], count: int) -> None:
    """Fill the rows behind the first `count` with their mirror image, over and over."""
    while count < len(rows):
        more = min(count, len(rows) - count)
        rows[count : count + more] = rows[count - more : count][::-1]
        count += more


def _encode_mask(contract: Contract, hole: NDArray[np.bool_], out: NDArray[Any]) -> None:
    """Write a hole to `out`, (H, W, 1), in the values that the network wants."""
    out[...] = contract.mask.known
    out[hole] = contract.mask.hole


def _laid_out_shape(contract: Contract, height: int, width: int) -> tuple[int, ...]:
    shape = (3, height, width) if contract.layout == "nchw" else (height, width, 3)
    return (1, *shape) if contract.batch else shape
