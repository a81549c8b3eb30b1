"""One training sample: a piece of a photograph, varied, and a hole in it.

A sample depends on the seed and its number alone, so that a run that is resumed, or spread over several
processes, sees the same samples as one that is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool
from inpaint_core.errors import InputError
from inpaint_core.evaluation.masks import KINDS, WIDTHS
from inpaint_core.training.configuration import DataSettings, MaskSettings
from inpaint_core.training.photographs import Photographs

Pixels = NDArray[np.uint8]

DRAW: dict[str, Callable[[Pixels, int], Bool]] = {**WIDTHS, **KINDS}
VALIDATION_MASKS = ("medium", "thick")

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_TURNED = 0.3
"""The share of samples that are rotated: resampling costs sharpness."""


def training_sample(
    photographs: Photographs, data: DataSettings, masks: MaskSettings, seed: int, index: int
) -> tuple[Pixels, Bool]:
    """Return sample number `index`.

    Returns
    -------
    picture : (size, size, 3) uint8
    hole : (size, size) bool
        At most half of it is set.
    """
    rng = np.random.default_rng((seed, index))
    picture = _cut(photographs[int(rng.integers(len(photographs)))], data, rng)
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    picture = _recolour(picture, data.colour, rng)
    return np.ascontiguousarray(picture), _hole(picture, masks, rng)


def validation_sample(photographs: Photographs, data: DataSettings, index: int) -> tuple[Pixels, Bool]:
    """Return sample number `index` for validation: unvaried, medium and thick holes in turn."""
    rng = np.random.default_rng((1, index))
    photograph = photographs[int(rng.integers(len(photographs)))]
    side = min(photograph.shape[:2])
    y, x = (int(rng.integers(extent - side + 1)) for extent in photograph.shape[:2])
    picture = _resized(photograph[y : y + side, x : x + side], data.size)
    kind = VALIDATION_MASKS[index % len(VALIDATION_MASKS)]
    return picture, DRAW[kind](picture, int(rng.integers(2**31)))


def _cut(photograph: Pixels, data: DataSettings, rng: np.random.Generator) -> Pixels:
    """Cut out a square, now and then a turned one, and bring it to the size of a sample."""
    height, width = photograph.shape[:2]
    side = min(round(data.size * rng.uniform(1.0, max(data.zoom, 1.0))), height, width)
    if data.turn and rng.random() < _TURNED:
        angle = np.deg2rad(rng.uniform(-data.turn, data.turn))
        # The turned square has to lie within the photograph.
        side = min(side, int(min(height, width) / (abs(np.cos(angle)) + abs(np.sin(angle)))))
        return _resized(_turned(photograph, side, float(angle), rng), data.size)
    y, x = (int(rng.integers(extent - side + 1)) for extent in (height, width))
    return _resized(photograph[y : y + side, x : x + side], data.size)


def _turned(photograph: Pixels, side: int, angle: float, rng: np.random.Generator) -> Pixels:
    height, width = photograph.shape[:2]
    reach = side * (abs(np.cos(angle)) + abs(np.sin(angle))) / 2
    cx, cy = (
        rng.uniform(min(reach, extent / 2), max(extent - reach, extent / 2)) for extent in (width, height)
    )
    cos, sin, half = np.cos(angle), np.sin(angle), (side - 1) / 2
    to_photograph = np.array(
        [[cos, -sin, cx - cos * half + sin * half], [sin, cos, cy - sin * half - cos * half]]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(photograph, to_photograph, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(cut, np.uint8)


def _resized(picture: Pixels, size: int) -> Pixels:
    shrinks = picture.shape[0] > size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (size, size), interpolation=how), np.uint8)


def _recolour(picture: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Vary brightness, contrast and saturation a little."""
    gain, contrast, saturation = 1.0 + strength * rng.uniform(-1, 1, 3).astype(np.float32)
    colours = picture.astype(np.float32) * gain
    grey = (colours @ _LUMA)[..., None]
    colours = grey + saturation * (colours - grey)
    colours = np.mean(grey) + contrast * (colours - np.mean(grey))
    varied: Pixels = np.clip(np.rint(colours), 0, 255).astype(np.uint8)
    return varied


def _hole(picture: Pixels, masks: MaskSettings, rng: np.random.Generator) -> Bool:
    kinds = [item.name for item in fields(masks)]
    weights = np.array([getattr(masks, kind) for kind in kinds])
    if not weights.sum() > 0:
        raise InputError("Every kind of mask has the weight zero: nothing would be learned.")
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    return DRAW[kind](picture, int(rng.integers(2**31)))
