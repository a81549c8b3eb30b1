"""The road every fill takes: validate → choose → carry out → explain."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.arrays import check_guide, check_image, check_mask, check_preview
from inpaint_core.auto import Choice, choose
from inpaint_core.composite import Result
from inpaint_core.cores import within
from inpaint_core.deep.devices import DEVICES
from inpaint_core.errors import InpaintWarning, InputError
from inpaint_core.explanation import Explanation, Step
from inpaint_core.methods import Method, methods, understand
from inpaint_core.passes import Job, fill_holes
from inpaint_core.progress import Progress
from inpaint_core.reference import check_reference, choose_patches, find_allowed, lay_below

MAX_SEED = 2**31 - 1


def inpaint(
    image: ArrayLike,
    mask: ArrayLike,
    method: str = "auto",
    *,
    source: ArrayLike | str | None = None,
    exclude: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    guide: ArrayLike | None = None,
    preview: ArrayLike | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    explain: Callable[[Explanation], None] | None = None,
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
        An id of `methods()`; ``"auto"`` picks one for each hole. ``"deep:ID"`` is ``"deep"`` with the option
        `model`.
    source
        Where content may be taken from: ``"auto"`` or None, the surroundings of each hole; ``"whole"``, the
        whole picture; a number, what is at most so many pixels from a hole; or an (H, W) mask, bool or
        numeric, non-zero = may be taken from. Pixels of the mask and fully transparent ones never are.
    exclude : (H, W) bool or numeric, optional
        Non-zero = content never comes from there, whatever `source` says.
    reference : shape and dtype of `image`, optional
        Another picture of the same place, from which content is taken instead: pieces of it that go on from
        the rim of the hole as it is in `image`. `source` and `exclude` speak of this picture then, and its
        fully transparent pixels are no source. Where `image` itself is fully transparent, it is also seen as
        the surroundings. For methods that copy, which are ``"patch"`` and ``"auto"``.
    guide : shape of `image`, optional
        A rough or blurred idea of the result, which steers the large structures of methods that are `guided`;
        of ``"deep"`` where patches finish it, in place of the network's own answer.
        Of any dtype that a picture may have; only what lies inside the mask is looked at. Its alpha counts
        as the picture's does, and not at all where the picture's is constant.
    preview : (h, w) or (h, w, C), optional
        In place of a guide, a fill of the same picture made smaller: it is the guide, and what is as coarse
        as its pixels agrees with it.
    seed : int
        0 ≤ seed < 2**31. Another seed gives another fill where the method has a choice; the same arguments
        give the same result on the same machine.
    device
        What networks run on: ``"cpu"``, ``"cuda"``, … (`DEVICES`), as far as the installed ONNX Runtime
        offers it; ``"auto"`` takes the quickest. The other methods run on the CPU, whatever is said.
    progress
        Called with the stage in words and the fraction done, 0…1, from the calling thread. It may raise
        `Cancelled` to stop the fill.
    explain
        Called once, when all is filled, with which method filled which holes, and why.
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
        When picture, mask, source, reference, guide, preview or an option is not as described, or the mask is
        empty.
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
    if not isinstance(device, str) or device not in DEVICES:
        raise InputError(f"The device is one of {', '.join(DEVICES)}; not {device!r}.")
    chosen, parsed = understand(method, options)
    other = None if reference is None else check_reference(reference, picture, chosen)
    steering, detail = _check_steering(guide, preview, picture, chosen)
    job = Job(
        result=Result(picture),
        hole=hole,
        source=find_allowed(source, exclude, picture, hole, other),
        guide=steering,
        seed=_check_seed(seed),
        device=device,
        detail=detail,
    )
    report = progress or _ignore
    if other is None:
        choices = choose(picture, hole, chosen, parsed, guided=steering is not None)
        explanation = _fill(job, choices, report)
    else:
        both = lay_below(job, other)
        explanation = _fill(both, choose_patches(both.hole, parsed), report)
        job.result.copy()[hole] = both.result.pixels[: len(hole)][hole]
    if explain is not None:
        explain(explanation)
    for notice in explanation.notices:
        warnings.warn(notice, InpaintWarning, stacklevel=2)
    return job.result.copy()


def _fill(job: Job, choices: Sequence[Choice], progress: Progress) -> Explanation:
    """Fill the holes of one choice after those of the other: each is context for what comes after it."""
    pending = job.hole
    areas = [int(np.count_nonzero(choice.hole)) for choice in choices]
    steps: list[Step] = []
    done = 0
    for number, (choice, area) in enumerate(zip(choices, areas, strict=True)):
        if number:
            pending = pending & ~choices[number - 1].hole
        report = within(progress, done / sum(areas), (done + area) / sum(areas))
        steps += fill_holes(job, choice, pending, report)
        done += area
    return Explanation(tuple(steps))


def _ignore(stage: str, fraction: float) -> None:
    """Report to nobody."""


def _check_seed(seed: Any) -> int:
    is_number = isinstance(seed, numbers.Real) and not isinstance(seed, bool)
    if not is_number or not 0 <= seed <= MAX_SEED or int(seed) != seed:
        raise InputError(f"The seed is a whole number from 0 to {MAX_SEED}, not {seed!r}.")
    return int(seed)


def _check_steering(
    guide: ArrayLike | None, preview: ArrayLike | None, picture: NDArray[Any], method: Method
) -> tuple[NDArray[Any] | None, float]:
    """Return the guide, and how many times smaller it was if it is a preview, else 0."""
    if guide is None and preview is None:
        return None, 0.0
    if not method.guided:
        guided = [other.id for other in methods() if other.guided]
        offered = f"; those that can be guided are {', '.join(guided)}" if guided else ""
        raise InputError(f"The method {method.id} cannot be guided{offered}.")
    if guide is not None and preview is not None:
        raise InputError("A fill has a guide or a preview, not both.")
    if preview is not None:
        return check_preview(preview, picture)
    return (None if guide is None else check_guide(guide, picture)), 0.0
