"""The road every fill takes: validate → crop to context → method → composite."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.arrays import Bool, check_image, check_mask, has_alpha, to_working
from inpaint_core.composite import paste
from inpaint_core.errors import FillError, InputError, NoSourceError
from inpaint_core.geometry import Box, Size, context_box
from inpaint_core.holes import bounding_box, parts
from inpaint_core.methods import Method, choose, find
from inpaint_core.options import parse
from inpaint_core.progress import Progress

MAX_SEED = 2**31 - 1
DEVICES = ("auto", "cpu")


def inpaint(
    image: ArrayLike,
    mask: ArrayLike,
    method: str = "auto",
    *,
    source: ArrayLike | None = None,
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
    source : (H, W) bool or numeric, optional
        Non-zero = content may be taken from here. Pixels of the mask and fully transparent ones never are
        a source. Without it, the surroundings of each hole are.
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
        When picture, mask, source or an option is not as described, or the mask is empty.
    NoSourceError
        When nothing is left outside the mask to take content from.
    FillError
        When the method failed.
    Cancelled
        When the progress callback raised it.
    """
    picture = check_image(image)
    hole = check_mask(mask, picture.shape)
    job = _Job(
        picture=picture,
        hole=hole,
        allowed=_allowed_source(picture, hole, source),
        source_box=None if source is None else bounding_box(check_mask(source, picture.shape, "source")),
        method=choose(find(method)),
        options=parse(find(method).options, options, method),
        seed=_check_seed(seed),
    )
    if device not in DEVICES:
        raise InputError(f"The device is one of {', '.join(DEVICES)}; not {device!r}.")
    if not hole.any():
        raise InputError("The mask is empty: it marks no pixel to fill.")
    if not job.allowed.any():
        raise NoSourceError(
            "Nothing is left to take content from: whatever is not to be filled is transparent or excluded "
            "as a source. Fill less, or allow more of the picture as a source."
        )
    return _fill_parts(job, progress or _ignore)


@dataclass(frozen=True, slots=True)
class _Job:
    picture: NDArray[Any]
    hole: Bool
    allowed: Bool
    source_box: Box | None
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


def _allowed_source(picture: NDArray[Any], hole: Bool, source: ArrayLike | None) -> Bool:
    allowed = ~hole
    if source is not None:
        allowed &= check_mask(source, picture.shape, "source")
    if has_alpha(picture):
        allowed &= picture[..., -1] > 0
    return allowed


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
    for window in _windows(job, part):
        try:
            _fill_window(job, part, window, result, progress)
        except NoSourceError:
            if window == _extent(job).box:
                raise
        else:
            return


def _windows(job: _Job, part: Box) -> Iterator[Box]:
    """Yield the part's surroundings and, should they hold no usable source, the whole picture."""
    extent = _extent(job)
    context = context_box(part, extent)
    if job.source_box is not None:
        context |= job.source_box
    if job.allowed[context.slices].any():
        yield context
    if context != extent.box:
        yield extent.box


def _extent(job: _Job) -> Size:
    return Size(job.picture.shape[1], job.picture.shape[0])


def _fill_window(job: _Job, part: Box, window: Box, result: NDArray[Any], progress: Progress) -> None:
    hole = np.ascontiguousarray(job.hole[window.slices])
    working = to_working(job.picture[window.slices], hole)
    filled = job.method.load()(
        working.pixels,
        hole,
        np.ascontiguousarray(job.allowed[window.slices]),
        options=job.options,
        seed=job.seed,
        progress=progress,
    )
    ours = part.shift(-window.x0, -window.y0)
    if not np.isfinite(filled[ours.slices]).all():
        raise FillError(f"The method {job.method.id} gave values that are no numbers; please report this.")
    paste(result[part.slices], hole[ours.slices], filled[ours.slices], working)
