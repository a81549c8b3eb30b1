"""A fill agrees with its preview: what is as coarse as the preview's pixels is drawn towards it.

Patches that follow a preview at the coarse levels go their own way at the finer ones. What they then show,
made as small as the preview, is drawn some way back to it; what is finer than that is theirs alone. At the
rim, where the fill goes on from the picture, nothing changes.
"""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.geometry import Size
from inpaint_core.holes import bounding_box

GAIN = 0.65
"""How much of the way. More would show the edges of both, where they are not at the same place."""

RAMP = 2.0
"""So many of the preview's pixels from the rim, all of it is gone."""


def agree(filled: Float, preview: Float, hole: Bool, detail: float) -> Float:
    """Return a fill drawn towards its preview, within the range of both.

    Parameters
    ----------
    filled : (H, W, C) float32
        Read inside the hole only.
    preview : (H, W, C) float32
        Enlarged to the size of the picture and, outside the hole, equal to it.
    hole : (H, W) bool
    detail
        How many times smaller the preview was, at least 1.

    Returns
    -------
    (H, W, C) float32
        Meaningful inside the hole only.
    """
    if detail <= 1.0 or not hole.any():
        return filled
    box = bounding_box(hole).grow(1) & Size(hole.shape[1], hole.shape[0]).box
    area = box.slices
    inside = hole[area]
    size = (max(round(box.width / detail), 1), max(round(box.height / detail), 1))
    share = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    depth = cv2.distanceTransform(inside.view(np.uint8), cv2.DIST_L2, 3)[inside]
    gain = np.float32(GAIN) * np.minimum(depth / np.float32(RAMP * detail), np.float32(1.0))
    result = filled.copy()
    for channel in range(filled.shape[2]):
        ours = filled[area][..., channel]
        apart = np.where(inside, preview[area][..., channel] - ours, np.float32(0.0))
        coarse = cv2.resize(apart, size, interpolation=cv2.INTER_AREA)
        np.divide(coarse, share, out=coarse, where=share > 0.0)
        change = cv2.resize(coarse, (box.width, box.height), interpolation=cv2.INTER_CUBIC)[inside]
        own, around = ours[inside], preview[..., channel]
        low, high = min(own.min(), around.min()), max(own.max(), around.max())
        result[area][..., channel][inside] = np.clip(own + gain * change, low, high)
    return result
