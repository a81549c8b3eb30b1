"""By which offsets the surroundings of a hole repeat in the picture: its dominant offsets.

He and Sun (2012) find them as the peaks of a histogram of offsets between similar patches. Here they are the
peaks of the correlation of gradients between the hole's surroundings and the picture, which fast Fourier
transforms tell for all offsets at once: of windows, tiles and beams the periods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.pyramid import Level, Places
from inpaint_core.holes import bounding_box

MOST_PIXELS = 1 << 16
"""Of the level at which offsets are looked for."""

LEAST = 6
"""Pixels of that level that an offset is long, at least."""

SIMILAR = 0.4
"""Correlation of the gradients, of at most 1, that makes an offset dominant."""

ALIKE, STEPS = 0.6, 16
"""Part of an offset's likeness above which it must not stay on all the way there, and places looked at."""

SHARE = 0.2
"""Part of the surroundings that must be seen, at least, when they are looked at through an offset."""

LEAST_COUNT, MOST = 8, 24
"""Offsets without which nothing repeats, and those that are kept."""

FAR = 0.25
"""What an offset as long as the picture's diagonal loses of its likeness: short ones serve more places."""

APART = 5
"""Pixels within which only the best offset counts."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """Dominant offsets.

    Attributes
    ----------
    ways : (K, 2) int32
        Rows and columns, best first.
    number
        The number of the level whose pixels they are told in.
    """

    ways: NDArray[np.int32]
    number: int

    def hops(self, level: Level, number: int) -> Places:
        """Return them as differences of a level's places; none where they are not told to the pixel."""
        if number < self.number:
            return np.zeros(0, np.int32)
        y, x = np.rint(self.ways * 0.5 ** (number - self.number)).astype(np.int32).T
        hops = y * np.int32(level.stride) + x
        return np.asarray(hops[hops != 0], np.int32)


NONE = Offsets(np.zeros((0, 2), np.int32), 0)
"""Of a picture that does not repeat."""


def dominant(levels: list[Level]) -> Offsets:
    """Return the dominant offsets of a hole's surroundings, none where they do not repeat.

    Parameters
    ----------
    levels
        Of the pyramid, unsolved, the finest first.
    """
    number = next((n for n, level in enumerate(levels) if level.hole.size <= MOST_PIXELS), len(levels) - 1)
    level = levels[number]
    if level.hole.size > 4 * MOST_PIXELS or levels[0].depth < levels[0].size:
        return NONE
    likeness = _correlation(_gradients(level), _surroundings(level), level.source)
    peaks = likeness == cv2.dilate(likeness, np.ones((APART, APART), np.uint8))
    y, x = np.nonzero(peaks & (likeness > SIMILAR))
    height, width = level.hole.shape
    ways = np.stack([y - height, x - width], axis=1).astype(np.int32)
    apart = _least_before(likeness, ways) < ALIKE * likeness[y, x]
    y, x, ways = y[apart], x[apart], ways[apart]
    worth = likeness[y, x] * (1.0 - FAR * np.hypot(*ways.T) / np.hypot(height, width))
    ways = ways[np.argsort(-worth, kind="stable")]
    ways = ways[np.abs(ways).max(axis=1, initial=0) >= LEAST][:MOST]
    return Offsets(ways, number) if len(ways) >= LEAST_COUNT else NONE


def _least_before(likeness: Float, ways: NDArray[np.int32]) -> Float:
    """Return the least likeness on the way to each offset: along a mere edge it stays high."""
    parts = np.linspace(0.0, 1.0, STEPS + 1)[1:-1]
    middle = np.array(likeness.shape) // 2
    y, x = np.moveaxis(np.rint(middle + parts[:, None, None] * ways).astype(np.intp), -1, 0)
    return np.asarray(likeness[y, x].min(axis=0))


def _gradients(level: Level) -> list[Float]:
    """Return the luma's gradient down and across, 0 where anything unknown counts."""
    luma = cv2.cvtColor(np.ascontiguousarray(level.work[:, : level.hole.shape[1], :3]), cv2.COLOR_RGB2GRAY)
    known = cv2.erode((~level.hole).view(np.uint8), np.ones((3, 3), np.uint8))
    return [
        cv2.Sobel(luma, cv2.CV_32F, dx, dy, borderType=cv2.BORDER_REPLICATE) * known
        for dx, dy in ((0, 1), (1, 0))
    ]


def _surroundings(level: Level) -> Bool:
    """Return what lies around the hole, as far from it as it is wide."""
    box = bounding_box(level.hole)
    margin = max(min(box.width, box.height), 2 * level.size)
    near = np.zeros_like(level.hole)
    near[max(box.y0 - margin, 0) : box.y1 + margin, max(box.x0 - margin, 0) : box.x1 + margin] = True
    return near & ~level.hole


def _correlation(gradients: list[Float], near: Bool, source: Bool) -> Float:
    """Return for offsets of -H…H, -W…W how alike gradients are in `near` and, offset, in `source`; 0…1."""
    height, width = near.shape
    shape = (cv2.getOptimalDFTSize(2 * height + 1), cv2.getOptimalDFTSize(2 * width + 1))

    def spectrum(plane: Float) -> Float:
        padded = np.zeros(shape, np.float32)
        padded[:height, :width] = plane
        cv2.dft(padded, padded)
        return padded

    def spectra(here: Float, there: Float) -> Float:
        product = spectrum(there)
        cv2.mulSpectrums(product, spectrum(here), 0, product, conjB=True)
        return product

    def correlate(here: Iterable[Float], there: Iterable[Float]) -> Float:
        total, *others = map(spectra, here, there)
        for other in others:
            total += other
        cv2.dft(total, total, cv2.DFT_INVERSE | cv2.DFT_SCALE)
        correlation = np.empty((2 * height + 1, 2 * width + 1), np.float32)
        correlation[:height, :width] = total[-height:, -width:]
        correlation[height:, :width] = total[: height + 1, -width:]
        correlation[:height, width:] = total[-height:, : width + 1]
        correlation[height:, width:] = total[: height + 1, : width + 1]
        return correlation

    energy = np.square(gradients[0]) + np.square(gradients[1])
    size = correlate([energy * near], [source.astype(np.float32)])
    unseen = size <= SHARE * float(energy[near].sum())
    size *= correlate([near.astype(np.float32)], [energy * source])
    np.sqrt(np.maximum(size, np.float32(1.0), out=size), out=size)
    size[unseen] = np.inf
    product = correlate((plane * near for plane in gradients), (plane * source for plane in gradients))
    product /= size
    return product
