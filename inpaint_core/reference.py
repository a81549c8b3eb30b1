"""Content from another picture: the two are laid one above the other, and patches go from one to the other.

The rim of the hole is matched as it is in the picture, so that the fill goes on from it; what is copied comes
from the other picture alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.arrays import Bool, check_image, has_alpha
from inpaint_core.auto import Choice
from inpaint_core.composite import Result
from inpaint_core.errors import InputError
from inpaint_core.explanation import Reason
from inpaint_core.methods import Method, find
from inpaint_core.passes import Job
from inpaint_core.source import Source, find_source

METHODS = ("auto", "patch")
"""Those that copy; what others make comes from the rim."""

GAP = 32
"""Rows between the pictures, so that neither is the surroundings of the other."""


def check_reference(reference: ArrayLike, picture: NDArray[Any], method: Method) -> NDArray[Any]:
    """Return `reference` as a picture of the same place as `picture`.

    Raises
    ------
    InputError
        When its shape or dtype is another one, or the method copies nothing.
    """
    if method.id not in METHODS:
        raise InputError(
            f"The method {method.id} takes content from the rim of the hole, not from another picture; those "
            f"that can are {', '.join(METHODS)}."
        )
    array = check_image(reference)
    if (array.shape, array.dtype) != (picture.shape, picture.dtype):
        raise InputError(
            f"The reference is a picture of the shape and dtype of the one to fill, {picture.shape} and "
            f"{picture.dtype}; this one has {array.shape} and {array.dtype}."
        )
    return array


def find_allowed(
    setting: ArrayLike | str | None,
    exclude: ArrayLike | None,
    picture: NDArray[Any],
    hole: Bool,
    reference: NDArray[Any] | None,
) -> Source:
    """Return what may be taken from the picture, or from the reference where there is one."""
    if reference is None:
        return find_source(setting, picture, hole, exclude)
    return find_source(setting, reference, np.zeros_like(hole), exclude)


def choose_patches(hole: Bool, options: Any) -> tuple[Choice, ...]:
    """Return the choice of patches for every hole."""
    count, _ = cv2.connectedComponents(hole.view(np.uint8), connectivity=8)
    return (Choice(find("patch"), options, Reason.REFERENCE, hole, count - 1),)


def lay_below(job: Job, reference: NDArray[Any]) -> Job:
    """Return the same fill in a picture that has the reference below it.

    Where the picture is fully transparent, the reference is its surroundings too.

    Parameters
    ----------
    job
        The fill of a picture of height H; its source is a part of the reference.
    reference : shape and dtype of the picture
        Where content is taken from.

    Returns
    -------
    Job
        Its first H rows are those of the picture.
    """
    picture, allowed = job.result.pixels, job.source.area(job.hole)
    if has_alpha(picture):
        unseen = (picture[..., -1:] == 0) & ~job.hole[..., None]
        picture = np.where(unseen, reference, picture)
    return replace(
        job,
        result=Result(_stack(picture, reference)),
        hole=_stack_masks(job.hole, np.zeros_like(allowed)),
        source=Source((~_stack_masks(np.zeros_like(allowed), allowed),), "whole"),
        guide=None if job.guide is None else _stack(job.guide, np.zeros_like(job.guide)),
    )


def _stack(upper: NDArray[Any], lower: NDArray[Any]) -> NDArray[Any]:
    around = [(0, GAP), *[(0, 0)] * (upper.ndim - 1)]
    return np.concatenate([np.pad(upper, around, mode="symmetric"), lower])


def _stack_masks(upper: Bool, lower: Bool) -> Bool:
    return np.concatenate([np.pad(upper, ((0, GAP), (0, 0))), lower])
