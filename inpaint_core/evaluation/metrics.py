"""Measures of a fill against the truth; all look at the hole alone, within the composited picture.

Pictures are (H, W) or (H, W, C) float, display-encoded, nominally 0…1, of one shape; `hole` is (H, W) bool
with at least one pixel set. The result's known pixels should be the truth's: composite before measuring.

================== ============ ======= =====================================================
function           range        best    what it tells
================== ============ ======= =====================================================
psnr               dB           high    closeness pixel by pixel; blur scores well
ssim               -1…1         1       closeness of local structure
gradient_similarity 0…1         1       whether edges have the strength they should have
texture_distance   0…           0       whether grain and texture look real; 1 = as a flat fill
seam               -1…1         0       how far the rim stands out more than in the truth
================== ============ ======= =====================================================
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, Float
from inpaint_core.errors import InputError
from inpaint_core.geometry import Box, Size
from inpaint_core.holes import bounding_box

Picture = NDArray[np.floating[Any]]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

_SSIM_SIGMA, _SSIM_RADIUS = 1.5, 5
_SSIM_C1, _SSIM_C2 = 0.01**2, 0.03**2

_GRADIENT_C = 170.0 / 255.0**2
"""Xue et al. choose 170 for pictures of 0…255."""

PATCH = 7
"""Side of the patches that `texture_distance` compares."""

_SCALES = 3
_PROJECTIONS = 96
_MAX_PATCHES = 16_384
_FLAT = 0.5 / 255.0
"""Texture weaker than this is none: it keeps the distance of two flat areas at zero."""


def psnr(result: Picture, truth: Picture, hole: Bool) -> float:
    """Return the peak signal-to-noise ratio over the hole's pixels, in dB; infinite for equality.

    10 log₁₀(1 / mean squared error), the peak being 1.
    """
    ours, theirs = _checked(result, truth, hole)
    error = float(np.mean(np.square(ours[hole].astype(np.float64) - theirs[hole])))
    return math.inf if error == 0.0 else -10.0 * math.log10(error)


def ssim(result: Picture, truth: Picture, hole: Bool) -> float:
    """Return the structural similarity of the luma, averaged over the windows centred in the hole.

    References
    ----------
    Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Trans. Image Processing 13 (4), 2004: equation 13, a Gaussian window with a
    standard deviation of 1.5 pixels and 11 pixels wide, K₁ = 0.01, K₂ = 0.03.
    """
    crop, inside = _crop(hole, 2 * _SSIM_RADIUS)
    x, y = (_luma(picture[crop]).astype(np.float64) for picture in _checked(result, truth, hole))
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    var_x = _window_mean(x * x) - mean_x**2
    var_y = _window_mean(y * y) - mean_y**2
    covariance = _window_mean(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _SSIM_C1) * (2 * covariance + _SSIM_C2)
    likeness /= (mean_x**2 + mean_y**2 + _SSIM_C1) * (var_x + var_y + _SSIM_C2)
    return float(likeness[inside].mean())


def gradient_similarity(result: Picture, truth: Picture, hole: Bool) -> float:
    """Return how alike the gradient magnitudes of the luma are, averaged over the hole.

    References
    ----------
    W. Xue, L. Zhang, X. Mou, A. C. Bovik, "Gradient magnitude similarity deviation", IEEE Trans. Image
    Processing 23 (2), 2014: equation 4 with Prewitt filters and c = 170 (for 0…255), without their halving
    of the size, and the mean in place of the deviation.
    """
    crop, inside = _crop(hole, 2)
    ours, theirs = (_gradient_magnitude(_luma(picture[crop])) for picture in _checked(result, truth, hole))
    likeness = (2 * ours * theirs + _GRADIENT_C) / (ours**2 + theirs**2 + _GRADIENT_C)
    return float(likeness[inside].mean())


def texture_distance(result: Picture, truth: Picture, hole: Bool) -> float:
    """Return how far the fill's texture is from the truth's, wherever in the hole each piece lies.

    The sliced Wasserstein distance between two clouds: the 7 by 7 patches of the result that are centred in
    the hole and those of the truth, each patch less its mean colour. It is given in parts of the distance
    that a flat fill would have, so 1 means "as lifeless as plain colour", and averaged over the picture at
    full, half and quarter size. Patches: a seeded sample of at most 16384; projections: 96, seeded.

    References
    ----------
    J. Rabin, G. Peyré, J. Delon, M. Bernot, "Wasserstein barycenter and its application to texture mixing",
    SSVM 2011, equation 6.
    T. Karras, T. Aila, S. Laine, J. Lehtinen, "Progressive growing of GANs", ICLR 2018, section 5 (patches
    of several scales as a measure).
    """
    crop, inside = _crop(hole, 4 * PATCH)
    ours, theirs = (picture[crop] for picture in _checked(result, truth, hole))
    rng = np.random.default_rng(0)
    distances = []
    for scale in range(_SCALES):
        if scale:
            ours, theirs, inside = _half(ours), _half(theirs), _half(inside.astype(np.float32))[..., 0] > 0.25
        if inside.any():
            distances.append(_patch_cloud_distance(ours, theirs, inside, rng))
    return float(np.mean(distances))


def seam(result: Picture, truth: Picture, hole: Bool) -> float:
    """Return how much more the hole's rim stands out in the result than in the truth.

    For two neighbours p in the hole and q outside of it, and the next ones on the same line, p2 and q2, the
    rim stands out by max(0, |p - q| - max(|p - p2|, |q - q2|)): it is a step that neither side has. The mean
    of that (of the channels, of all such pairs) in the result, less the same in the truth. A visible seam is
    clearly above 0; below 0 the fill is calmer at its rim than the photograph was. 0 for a hole without
    such pairs.
    """
    ours, theirs = _checked(result, truth, hole)
    return _rim_excess(ours, hole) - _rim_excess(theirs, hole)


def _checked(result: Picture, truth: Picture, hole: Bool) -> tuple[Float, Float]:
    if result.shape != truth.shape or result.shape[:2] != hole.shape or result.ndim not in (2, 3):
        raise InputError(
            f"Result, truth and hole are of one size; these are {result.shape}, {truth.shape}, {hole.shape}."
        )
    if result.dtype.kind != "f" or truth.dtype.kind != "f":
        raise InputError(
            "The measures take floating point pictures of 0…1; divide integers by their maximum."
        )
    if not hole.any():
        raise InputError("The hole is empty: there is nothing to measure.")
    return np.atleast_3d(result).astype(np.float32), np.atleast_3d(truth).astype(np.float32)


def _crop(hole: Bool, margin: int) -> tuple[tuple[slice, slice], Bool]:
    """Return the hole's box with a margin, and the hole within it."""
    box: Box = bounding_box(hole).grow(margin) & Size(hole.shape[1], hole.shape[0]).box
    return box.slices, hole[box.slices]


def _luma(picture: Float) -> Float:
    if picture.shape[2] < 3:
        return np.ascontiguousarray(picture[..., 0])
    luma: Float = picture[..., :3] @ _LUMA
    return luma


def _window_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    width = 2 * _SSIM_RADIUS + 1
    mean = cv2.GaussianBlur(values, (width, width), _SSIM_SIGMA, borderType=cv2.BORDER_REFLECT)
    return np.asarray(mean, np.float64)


def _gradient_magnitude(luma: Float) -> Float:
    smooth, difference = np.full(3, 1 / 3), np.array([-1.0, 0.0, 1.0])
    across = cv2.sepFilter2D(luma, cv2.CV_32F, difference, smooth, borderType=cv2.BORDER_REFLECT)
    down = cv2.sepFilter2D(luma, cv2.CV_32F, smooth, difference, borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.hypot(across, down), np.float32)


def _half(picture: Float) -> Float:
    size = (max(picture.shape[1] // 2, 1), max(picture.shape[0] // 2, 1))
    smaller = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.atleast_3d(np.asarray(smaller, np.float32))


def _patch_cloud_distance(ours: Float, theirs: Float, inside: Bool, rng: np.random.Generator) -> float:
    centres = np.argwhere(inside)
    if len(centres) > _MAX_PATCHES:
        centres = centres[rng.choice(len(centres), _MAX_PATCHES, replace=False)]
    directions = rng.standard_normal((PATCH * PATCH * ours.shape[2], _PROJECTIONS)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    fill = np.sort(_patches(ours, centres) @ directions, axis=0)
    wanted = np.sort(_patches(theirs, centres) @ directions, axis=0)
    distance = float(np.abs(fill - wanted).mean())
    return distance / max(float(np.abs(wanted).mean()), _FLAT)


def _patches(picture: Float, centres: NDArray[np.intp]) -> Float:
    """Return the patches around the centres as rows, each less its mean colour."""
    radius = PATCH // 2
    padded = np.pad(picture, ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (PATCH, PATCH), axis=(0, 1))
    patches = windows[centres[:, 0], centres[:, 1]]
    rows: Float = (patches - patches.mean(axis=(2, 3), keepdims=True)).reshape(len(centres), -1)
    return rows


def _rim_excess(picture: Float, hole: Bool) -> float:
    """Return the mean step across the rim that neither side has."""
    total, count = 0.0, 0
    for pixels, inside in ((picture, hole), (picture.swapaxes(0, 1), hole.T)):
        step = np.abs(np.diff(pixels, axis=1)).mean(axis=2)
        beside = np.maximum(step[:, :-2], step[:, 2:])
        rim = inside[:, 1:-2] != inside[:, 2:-1]
        total += float(np.maximum(step[:, 1:-1] - beside, 0.0)[rim].sum(dtype=np.float64))
        count += int(rim.sum())
    return total / count if count else 0.0
