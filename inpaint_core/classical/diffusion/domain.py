"""Which pixels a diffusion fill solves for, and from which ones its values come."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.errors import NoSourceError
from inpaint_core.geometry import Box, Size
from inpaint_core.holes import bounding_box


def unknown_domain(hole: Bool, source: Bool, reach: int = 1) -> Bool:
    """Return the pixels to solve for: the hole, and what else is no source and tied to the hole.

    A pixel that is neither hole nor source has no value that may be used, so it is an unknown as well.
    Every connected part of the domain meets the source, since the source is all that lies beside it.

    Parameters
    ----------
    hole, source : (H, W) bool
        Disjoint, as `Fill` has them.
    reach : int
        How many pixels apart two unknowns still share an equation: 1 for the Laplacian, 2 for its square.

    Returns
    -------
    (H, W) bool
        Disjoint from `source`; holds `hole`.

    Raises
    ------
    NoSourceError
        When no pixel is a source.
    """
    if not source.any():
        raise NoSourceError("Nothing is left to take colours from: allow more of the picture as a source.")
    unknown = ~source
    if (unknown == hole).all():
        return unknown
    tied = unknown.astype(np.uint8)
    if reach > 1:
        cv2.dilate(tied, np.ones((reach + 1, reach + 1), np.uint8), dst=tied)
    count, labels = cv2.connectedComponents(tied, connectivity=4 if reach == 1 else 8)
    wanted = np.zeros(count, bool)
    wanted[labels[hole]] = True
    domain: Bool = unknown & wanted[labels]
    return domain


def working_box(unknown: Bool, reach: int = 1) -> Box:
    """Return the smallest box that holds every equation of the domain: its bounds grown by `reach`."""
    extent = Size(unknown.shape[1], unknown.shape[0])
    return bounding_box(unknown).grow(reach) & extent.box


def source_range(image: Float, source: Bool) -> tuple[Float, Float]:
    """Return the least and the largest value of each channel of an (H, W, C) image over the source."""
    marks = np.ascontiguousarray(source).view(np.uint8)
    ends = [cv2.minMaxLoc(cv2.extractChannel(image, c), marks)[:2] for c in range(image.shape[2])]
    low, high = np.array(ends, np.float32).T
    return low, high
