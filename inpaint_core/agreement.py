"""A fill agrees with its preview: what is as coarse as the preview's pixels is drawn towards it.

Patches that follow a preview at the coarse levels go their own way at the finer ones. What they then show,
made as small as the preview, is drawn some way back to it; what is finer than that is theirs alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.holes import bounding_box

GAIN = 0.5
"""How much of the way. More would show the edges of both, where they are not at the same place."""


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
    box = bounding_box(hole)
    area = box.slices
    inside = hole[area]
    size = (max(round(box.width / detail), 1), max(round(box.height / detail), 1))
    share = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    result = filled.copy()
    for channel in range(filled.shape[2]):
        ours = filled[area][..., channel]
        apart = np.where(inside, preview[area][..., channel] - ours, np.float32(0.0))
        coarse = cv2.resize(apart, size, interpolation=cv2.INTER_AREA)
        np.divide(coarse, share, out=coarse, where=share > 0.0)
        change = cv2.resize(coarse, (box.width, box.height), interpolation=cv2.INTER_CUBIC)[inside]
        own, around = ours[inside], preview[..., channel]
        low, high = min(own.min(), around.min()), max(own.max(), around.max())
        result[area][..., channel][inside] = np.clip(own + np.float32(GAIN) * change, low, high)
    return result
