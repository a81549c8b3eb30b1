"""Grain and noise: measured where the photograph is flat, and added where a network's pixels lack it.

Noise is white noise filtered to the measured power spectrum, its colours mixed to the measured covariance: a
stationary Gaussian texture (Galerne, Gousseau and Morel, "Random phase textures", 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.holes import bounding_box

BLOCK = 16
"""Side in pixels of the blocks that are looked at."""

FLAT = 0.25
"""The part of the blocks, the calmest ones, that shows grain rather than texture."""

FEWEST = 8
"""Fewer blocks tell too little."""

MOST = 256
"""Blocks that are looked at."""

LOUDEST = 0.04
"""A standard deviation, in parts of the range, beyond which it is texture and not grain."""


@dataclass(frozen=True, slots=True)
class Grain:
    """The noise of an area: the (C, C) covariance of its channels, and a filter of unit energy."""

    covariance: NDArray[np.float64]
    filter: NDArray[np.float64]


def measure(image: Float, area: Bool) -> Grain | None:
    """Measure the noise of the calmest blocks that lie wholly within an area; None where there are few.

    Parameters
    ----------
    image : (H, W, C) float32
    area : (H, W) bool
    """
    blocks = _blocks(image, area)
    if len(blocks) < FEWEST:
        return None
    rest = _detrended(blocks)
    flat = rest.reshape(len(rest), -1)
    variances = np.vecdot(flat, flat) / flat.shape[1]
    calmest = np.argsort(variances, kind="stable")[: max(FEWEST, round(FLAT * len(rest)))]
    calm = rest[calmest].astype(np.float64)
    samples = calm.reshape(-1, image.shape[2])
    power = np.mean(np.abs(np.fft.rfft2(calm, axes=(1, 2))) ** 2, axis=(0, 3))
    kernel = np.fft.fftshift(np.fft.irfft2(np.sqrt(power)))[1:, 1:]
    energy = np.sqrt(np.sum(kernel**2))
    return Grain(samples.T @ samples / len(samples), kernel / energy if energy > 0.0 else kernel)


def added(image: Float, hole: Bool, source: Bool, filled: Float, seed: int) -> Float:
    """Give `filled`, in place, as much noise in the hole as it lacks beside the source; return it.

    Parameters
    ----------
    image, filled : (H, W, C) float32
        The photograph, and the picture with its hole filled. Alpha gets no noise.
    hole, source : (H, W) bool
    seed : int
        Of the noise.
    """
    wanted = measure(image, source)
    if wanted is None or np.sqrt(np.trace(wanted.covariance) / len(wanted.covariance)) > LOUDEST:
        return filled
    present = measure(filled, hole)
    covariance = wanted.covariance if present is None else wanted.covariance - present.covariance
    mixing = _root(covariance)
    if not mixing.any():
        return filled
    box = bounding_box(hole)
    part = filled[box.slices]
    rng = np.random.default_rng(seed)
    white = rng.standard_normal(part.shape, np.float32)
    coloured = cv2.filter2D(white, -1, wanted.filter.astype(np.float32), borderType=cv2.BORDER_REFLECT)
    noise = np.asarray(coloured, np.float32).reshape(part.shape) @ mixing.astype(np.float32)
    if image.shape[2] in (2, 4):
        noise[..., -1] = 0.0
        noise *= part[..., -1:]
    cv2.copyTo(part + noise, hole[box.slices].view(np.uint8), part)
    return filled


def _blocks(image: Float, area: Bool) -> Float:
    """Return (N, BLOCK, BLOCK, C) blocks on a grid that lie within an area."""
    down, across = (side // BLOCK for side in area.shape)
    height, width = down * BLOCK, across * BLOCK
    grid = area[:height, :width].reshape(down, BLOCK, across, BLOCK)
    rows, columns = np.nonzero(np.all(np.all(grid, axis=1), axis=2))
    step = max(1, -(-len(rows) // MOST))
    tiled = image[:height, :width].reshape(down, BLOCK, across, BLOCK, image.shape[2])
    return np.asarray(tiled[rows[::step], :, columns[::step]], np.float32)


def _detrended(blocks: Float) -> Float:
    """Take its best plane from each block: what is left of a calm one is grain."""
    ramp = np.arange(BLOCK) - (BLOCK - 1) / 2.0
    level, slope = np.ones(BLOCK), ramp / np.linalg.norm(ramp)
    planes = np.stack([np.outer(level, level / BLOCK), np.outer(slope, level), np.outer(level, slope)])
    planes[1:] /= np.sqrt(BLOCK)
    basis = planes.reshape(3, -1).astype(np.float32)
    pixels = blocks.reshape(len(blocks), BLOCK * BLOCK, -1)
    return (pixels - basis.T @ (basis @ pixels)).reshape(blocks.shape)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the symmetric root of the covariance's nearest that can be one."""
    values, vectors = np.linalg.eigh(covariance)
    root: NDArray[np.float64] = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
