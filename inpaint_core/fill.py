"""The road every fill takes: validate → crop to context → method → composite."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.arrays import (
    Bool,
    check_guide,
    check_image,
    check_mask,
    guide_to_working,
    to_working,
)
from inpaint_core.composite import paste
from inpaint_core.errors import FillError, InputError, NoSourceError
from inpaint_core.geometry import Box
from inpaint_core.holes import parts
from inpaint_core.methods import GuidedFill, Method, choose, find, methods
from inpaint_core.options import parse
from inpaint_core.progress import Progress
from inpaint_core.source import Source, find_source

MAX_SEED = 2**31 - 1
DEVICES = ("auto", "cpu")


def inpaint(
    image: ArrayLike,
    mask: ArrayLike,
    method: str = "auto",
    *,
    source: ArrayLike | str | None = None,
    guide: ArrayLike | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    **options: bool | float | str,
) -> NDArray[Any]:
    """Return a copy of the picture with the masked pixels filled.

    Parameters
    ----------
    image : (H, W) or (H, W, C), C = 1…4
        Grey, grey+alpha, RGB or RGBA, display-encoded; uint8 or uint16 over their whole range, or float16,
        float32, float64, nominally 0…1. It is not modified.
    mask : (H, W) bool or numeric
        Non-zero = fill.
    method
        An id of `methods()`; ``"auto"`` picks one.
    source
        Where content may be taken from: ``"auto"`` or None, the surroundings of each hole; ``"whole"``, the
        whole picture; a number, what is at most so many pixels from a hole; or an (H, W) mask, bool or
        numeric, non-zero = may be taken from. Pixels of the mask and fully transparent ones never are.
    guide : shape of `image`, optional
        A rough or blurred idea of the result, which steers the large structures of methods that are `guided`.
        Of any dtype that a picture may have; only what lies inside the mask is looked at. Its alpha counts
        as the picture's does, and not at all where the picture's is constant.
    seed : int
        0 ≤ seed < 2**31. Another seed gives another fill where the method has a choice; the same arguments
        give the same result on the same machine.
    device
        ``"auto"`` or ``"cpu"``.
    progress
        Called with the stage in words and the fraction done, 0…1, from the calling thread. It may raise
        `Cancelled` to stop the fill.
    **options
        The method's own options, by name; see `describe`.

    Returns
    -------
    Array of the shape and dtype of `image`
        Pixels outside the mask are bit-identical to the input. Where known alpha varies, alpha is filled
        like a channel.

    Raises
    ------
    InputError
        When picture, mask, source, guide or an option is not as described, or the mask is empty.
    NoSourceError
        When nothing is left outside the mask to take content from.
    FillError
        When the method failed.
    Cancelled
        When the progress callback raised it.
    """
    picture = check_image(image)
    hole = check_mask(mask, picture.shape)
    if not hole.any():
        raise InputError("The mask is empty: it marks no pixel to fill.")
    if device not in DEVICES:
        raise InputError(f"The device is one of {', '.join(DEVICES)}; not {device!r}.")
    job = _Job(
        picture=picture,
        hole=hole,
        method=choose(find(method)),
        options=parse(find(method).options, options, method),
        seed=_check_seed(seed),
        guide=_check_guide(guide, picture, find(method)),
        source=find_source(source, picture, hole),
    )
    return _fill_parts(job, progress or _ignore)


@dataclass(frozen=True, slots=True)
class _Job:
    picture: NDArray[Any]
    hole: Bool
    source: Source
    guide: NDArray[Any] | None
    method: Method
    options: Any
    seed: int


def _ignore(stage: str, fraction: float) -> None:
    """Report to nobody."""


def _check_seed(seed: Any) -> int:
    is_number = isinstance(seed, numbers.Real) and not isinstance(seed, bool)
    if not is_number or not 0 <= seed <= MAX_SEED or int(seed) != seed:
        raise InputError(f"The seed is a whole number from 0 to {MAX_SEED}, not {seed!r}.")
    return int(seed)


def _check_guide(guide: ArrayLike | None, picture: NDArray[Any], method: Method) -> NDArray[Any] | None:
    if guide is None:
        return None
    if not method.guided:
        guided = [other.id for other in methods() if other.guided]
        offered = f"; those that can be guided are {', '.join(guided)}" if guided else ""
        raise InputError(f"The method {method.id} cannot be guided{offered}.")
    return check_guide(guide, picture)


def _fill_parts(job: _Job, progress: Progress) -> NDArray[Any]:
    result = job.picture.copy()
    boxes = parts(job.hole)
    areas = np.array([box.width * box.height for box in boxes], float)
    ends = np.cumsum(areas) / areas.sum()
    start = 0.0
    for box, end in zip(boxes, ends.tolist(), strict=True):
        _fill_part(job, box, result, _within(progress, start, end))
        start = end
    return result


def _within(progress: Progress, start: float, end: float) -> Callable[[str, float], None]:
    def report(stage: str, fraction: float) -> None:
        progress(stage, start + (end - start) * fraction)

    return report


def _fill_part(job: _Job, part: Box, result: NDArray[Any], progress: Progress) -> None:
    *earlier, last = job.source.windows(part)
    for window in earlier:
        with suppress(NoSourceError):
            _fill_window(job, part, window, result, progress)
            return
    _fill_window(job, part, last, result, progress)


def _fill_window(job: _Job, part: Box, window: Box, result: NDArray[Any], progress: Progress) -> None:
    hole = np.ascontiguousarray(job.hole[window.slices])
    working = to_working(job.picture[window.slices], hole)
    fill = job.method.load()
    if job.guide is not None:
        guide = guide_to_working(job.guide[window.slices], hole, working)
        fill = partial(cast("GuidedFill", fill), guide=guide)
    filled = fill(
        working.pixels,
        hole,
        job.source.within(window, hole),
        options=job.options,
        seed=job.seed,
        progress=progress,
    )
    ours = part.shift(-window.x0, -window.y0)
    if not np.isfinite(filled[ours.slices]).all():
        raise FillError(f"The method {job.method.id} gave values that are no numbers; please report this.")
    paste(result[part.slices], hole[ours.slices], filled[ours.slices], working)
