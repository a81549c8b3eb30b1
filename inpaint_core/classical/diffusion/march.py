"""The fills of OpenCV, which march from the rim inwards, at float precision and on any values."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.diffusion.domain import unknown_domain
from inpaint_core.classical.diffusion.options import MarchOptions
from inpaint_core.geometry import Size
from inpaint_core.holes import bounding_box
from inpaint_core.progress import Progress

_TELEA_SPAN = 2.0**22
"""OpenCV adds a direction of length one to each Telea value, whatever the values' scale: 1.4 of 255 levels a
pixel, which piles up. On this span it is smaller than float32 can tell."""

_NAVIER_STOKES_SPAN = 255.0
"""OpenCV's smallest weights are chosen for 8-bit values."""


def fill_telea(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: MarchOptions,
    seed: int,  # noqa: ARG001 - the contract of `Fill`
    progress: Progress,
) -> Float:
    """Fill from the rim inwards with weighted means of what is known nearby.

    Arguments, answer and errors are those of `inpaint_core.methods.Fill`; pixels that are neither hole nor
    source are filled as well, so that their content never shows. Filled values lie within the range of the
    source's values, channel by channel.

    References
    ----------
    A. Telea, "An image inpainting technique based on the fast marching method", J. Graphics Tools 9 (1),
    2004.
    """
    return _march(image, hole, source, options, progress, flag=cv2.INPAINT_TELEA, span=_TELEA_SPAN)


def fill_navier_stokes(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: MarchOptions,
    seed: int,  # noqa: ARG001 - the contract of `Fill`
    progress: Progress,
) -> Float:
    """Fill from the rim inwards along the lines of equal brightness.

    As `fill_telea` otherwise.

    References
    ----------
    M. Bertalmio, A. L. Bertozzi, G. Sapiro, "Navier-Stokes, fluid dynamics, and image and video inpainting",
    CVPR 2001; in the form that OpenCV gave it.
    """
    return _march(image, hole, source, options, progress, flag=cv2.INPAINT_NS, span=_NAVIER_STOKES_SPAN)


def _march(
    image: Float,
    hole: Bool,
    source: Bool,
    options: MarchOptions,
    progress: Progress,
    *,
    flag: int,
    span: float,
) -> Float:
    unknown_domain(hole, source)  # for its error
    extent = Size(hole.shape[1], hole.shape[0])
    box = bounding_box(~source).grow(int(options.radius) + 2) & extent.box
    mask = (~source[box.slices]).astype(np.uint8)
    known = source[box.slices]
    filled = image.copy()
    for channel in range(image.shape[2]):
        progress("Filling from the rim", channel / image.shape[2])
        window = image[..., channel][box.slices]
        low, high = float(window[known].min()), float(window[known].max())
        scaled = (window.astype(np.float64) - low) * (span / (high - low) if high > low else 0.0)
        scaled[~known] = 0.0
        answer = _inpaint(scaled.astype(np.float32), mask, options.radius, flag)
        values = low + np.clip(answer, 0.0, span).astype(np.float64) * ((high - low) / span)
        filled[..., channel][box.slices] = np.where(known, window, values.astype(np.float32))
    return filled


def _inpaint(window: Float, mask: NDArray[np.uint8], radius: float, flag: int) -> Float:
    """Let OpenCV fill; below three rows or columns it reads beyond its arrays, so those are repeated."""
    height, width = mask.shape
    more = (0, max(3 - height, 0)), (0, max(3 - width, 0))
    answer = cv2.inpaint(np.pad(window, more, "edge"), np.pad(mask, more, "edge"), radius, flag)
    return answer[:height, :width].astype(np.float32, copy=False)
