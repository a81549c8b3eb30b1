"""Which method suits which hole: what `auto` looks at, and what it chooses.

Four questions, asked of each connected hole in turn:

1. Is it thin? Then what similar places have in common, given both sides, is nearer the truth than any patch.
2. Are its surroundings smooth, grain included? Then a smooth fill is as good as the truth itself.
3. Has the person installed a model, and is the hole large, or do lines and edges end at it? Then a network
   knows more of what is missing than the surroundings show.
4. Else it has texture around it, and that is what patches continue.

The limits are measured: `tests/benchmarks/auto_limits.py` fills holes of many widths both ways.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool, full_scale, has_alpha
from inpaint_core.deep import store
from inpaint_core.explanation import Reason
from inpaint_core.geometry import Box, Size
from inpaint_core.holes import bounding_box, depths, parts
from inpaint_core.methods import Method, find
from inpaint_core.options import parse

THIN = 16
"""Pixels. Up to this width the non-local Bayes fill leads patches in PSNR, SSIM and gradients, and is even
with them in texture; beyond it, patches lead in texture."""

CROSSINGS = 0.02
"""The part of a thin hole's pixels that may lie deeper, as where scratches cross."""

SMOOTH = 1.0 / 255.0
"""The surroundings are smooth when they differ from one even slope by no more than this, in parts of the
range and as a root mean square over all channels. Grain of one 8-bit step is at the limit of what is seen; a
fill without it over stronger grain shows as a flat spot."""

LARGE = 64
"""Pixels of width beyond which a hole hides things that patches know nothing of."""

COHERENT = 0.6
"""Coherence of the rim's gradients, 0…1, beyond which they are lines and edges. Of thirty places in
photographs those with bark, leaves, rock or water had 0.2 to 0.6, those with outlines or beams over 0.65."""

NEIGHBOURHOOD = 15
"""Pixels within which gradients share a direction or do not."""

RIM = (8, 64)
"""The surroundings are half as wide as the hole, but at least and at most so many pixels."""

MAX_SAMPLES = 20_000
"""Pixels of the surroundings that are looked at."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Holes that one method is to fill, and why.

    Attributes
    ----------
    method, options
        What fills them.
    reason
        Why.
    hole : (H, W) bool
        Their pixels.
    count : int
        How many they are.
    width : int or None
        That of the widest, in pixels, where it was looked at.
    fallback
        The method for holes that find nothing to copy; None to refuse them.
    """

    method: Method
    options: Any
    reason: Reason
    hole: Bool
    count: int
    width: int | None = None
    fallback: Method | None = None


def choose(
    picture: NDArray[Any], hole: Bool, method: Method, options: Any, *, guided: bool = False
) -> tuple[Choice, ...]:
    """Return which method fills which holes, in the order in which they are to be filled.

    Parameters
    ----------
    picture
        As `check_image` returns it.
    hole : (H, W) bool
        At least one pixel.
    method, options
        What was asked for, `auto` or another one. The options are those of the method that `auto` takes for
        textured surroundings.
    guided
        Whether there is a guide, which patches follow and networks do not.
    """
    if method.id != "auto":
        marked = np.ascontiguousarray(hole[bounding_box(hole).slices])
        count, _ = cv2.connectedComponents(marked.view(np.uint8), connectivity=8)
        return (Choice(method, options, Reason.ASKED, hole, count - 1),)
    return tuple(_choose(picture, hole, options, networks=not guided and _has_model()))


def _has_model() -> bool:
    """Tell whether the person has a model; the small one that comes with the engine is for those who ask."""
    model = store.default()
    return model is not None and not model.bundled


def _choose(picture: NDArray[Any], hole: Bool, options: Any, *, networks: bool) -> list[Choice]:
    labelled = _Labelled.of(hole)
    thin = labelled.deep <= CROSSINGS
    smooth, structured = np.zeros_like(thin), np.zeros_like(thin)
    for number in np.flatnonzero(~thin[1:]) + 1:
        smooth[number] = _is_smooth(picture, hole, labelled, int(number))
        if networks and not smooth[number]:
            structured[number] = _is_structured(picture, hole, labelled, int(number))
    thin[0] = False
    found = []
    for reason, chosen, name in (
        (Reason.THIN, thin, "non-local-bayes"),
        (Reason.SMOOTH, smooth, "harmonic"),
        (Reason.STRUCTURE, structured, "deep"),
        (Reason.TEXTURE, ~thin & ~smooth & ~structured, "patch"),
    ):
        chosen[0] = False
        if not chosen.any():
            continue
        method = find(name)
        textured = reason is Reason.TEXTURE
        found.append(
            Choice(
                method,
                options if textured else parse(method.options, _shared(options, method), name),
                reason,
                labelled.pixels(chosen),
                int(np.count_nonzero(chosen)),
                math.ceil(labelled.seen[chosen].max()),
                find("harmonic") if textured else None,
            )
        )
    return found


def _shared(options: Any, method: Method) -> dict[str, Any]:
    """Return what was said of options that a method has too."""
    return {
        item.name: getattr(options, item.name)
        for item in fields(method.options)
        if hasattr(options, item.name)
    }


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The connected holes, numbered from 1 within `box`; 0 is what is not to be filled."""

    hole: Bool
    box: Box
    extent: Size
    labels: NDArray[np.int32]
    boxes: list[Box]
    widths: NDArray[np.float32]
    """Twice their greatest depths: at the picture's border a hole counts as if it went on beyond."""
    seen: NDArray[np.float32]
    """Their widths as they are seen, cut at the border."""
    deep: NDArray[np.float64]
    """What part of each lies in places wider than `THIN`."""

    @classmethod
    def of(cls, hole: Bool) -> _Labelled:
        """Return the holes, found without looking farther than around them."""
        extent, box = Size(hole.shape[1], hole.shape[0]), bounding_box(hole)
        labels = np.zeros((box.height, box.width), np.int32)
        boxes, deep = [Box(0, 0, 0, 0)], [np.zeros(1)]
        widths, seen = [np.zeros(1, np.float32)], [np.zeros(1, np.float32)]
        for part in parts(hole, lambda box: box):
            around = part.box.grow(1) & extent.box
            inside = np.zeros((around.height, around.width), bool)
            inside[part.box.shift(-around.x0, -around.y0).slices] = part.own(hole, part.box)
            count, own, stats, _ = cv2.connectedComponentsWithStats(inside.view(np.uint8), connectivity=8)
            owners, wide = np.asarray(own[inside], np.intp), 2.0 * depths(inside)[inside]
            y, x = np.nonzero(inside)
            labels[y + around.y0 - box.y0, x + around.x0 - box.x0] = owners + (len(boxes) - 1)
            widths.append(_greatest(wide, owners, count))
            if around == part.box.grow(1):
                seen.append(widths[-1])
            else:
                cut = 2.0 * depths(np.pad(inside, 1))[1:-1, 1:-1][inside]
                seen.append(_greatest(cut, owners, count))
            deep.append(np.bincount(owners[wide > THIN], minlength=count)[1:] / stats[1:, cv2.CC_STAT_AREA])
            boxes += [
                Box(x, y, x + width, y + height).shift(around.x0, around.y0)
                for x, y, width, height, _ in stats[1:].tolist()
            ]
        return cls(
            hole,
            box,
            extent,
            labels,
            boxes,
            np.concatenate(widths),
            np.concatenate(seen),
            np.concatenate(deep),
        )

    def pixels(self, chosen: Bool) -> Bool:
        """Return the (H, W) pixels of the holes whose numbers are chosen."""
        if chosen[1:].all():
            return self.hole
        pixels = np.zeros((self.extent.height, self.extent.width), bool)
        pixels[self.box.slices] = chosen[self.labels]
        return pixels

    def box_of(self, number: int) -> Box:
        """Return the box around one hole, in the picture."""
        return self.boxes[number]

    def within(self, number: int, window: Box) -> Bool:
        """Return the pixels of one hole within a window."""
        mine = np.zeros((window.height, window.width), bool)
        common = window & self.box
        crop = self.labels[common.shift(-self.box.x0, -self.box.y0).slices]
        mine[common.shift(-window.x0, -window.y0).slices] = crop == number
        return mine


def _greatest(values: NDArray[np.float32], owners: NDArray[np.intp], count: int) -> NDArray[np.float32]:
    """Return the greatest value of each owner but the first, which is none."""
    greatest = np.zeros(count, np.float32)
    np.maximum.at(greatest, owners, values)
    return greatest[1:]


def _is_smooth(picture: NDArray[Any], hole: Bool, labelled: _Labelled, number: int) -> bool:
    """Tell whether the surroundings of a hole are one even slope."""
    window = labelled.box_of(number).grow(RIM[1]) & labelled.extent.box
    mine = labelled.within(number, window)
    apart = departure(picture[window.slices], mine, hole[window.slices], float(labelled.widths[number]))
    return apart <= SMOOTH


def departure(picture: NDArray[Any], hole: Bool, unknown: Bool, width: float) -> float:
    """Return how far the surroundings of a hole are from one even slope.

    Parameters
    ----------
    picture
        As `check_image` returns it.
    hole : (H, W) bool
        One hole.
    unknown : (H, W) bool
        What is left out of its surroundings: this hole and all others.
    width : float
        That of the hole, in pixels.

    Returns
    -------
    float
        The root mean square over all channels, in parts of the range; infinite where nothing is around it.
    """
    reach = float(np.clip(width / 2.0, *RIM))
    away = cv2.distanceTransform((~hole).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return _departure(picture, (away <= reach) & ~unknown)


def _is_structured(picture: NDArray[Any], hole: Bool, labelled: _Labelled, number: int) -> bool:
    """Tell whether a hole is large, or lines and edges of its surroundings end at it.

    They do where the gradients along the rim share a direction with those near by: by the coherence of the
    structure tensor (Weickert, "Anisotropic diffusion in image processing", 1998), weighted by their energy.
    """
    if labelled.widths[number] > LARGE:
        return True
    window = labelled.box_of(number).grow(2 * NEIGHBOURHOOD) & labelled.extent.box
    crop = np.atleast_3d(picture[window.slices])
    colours = crop[..., :-1] if has_alpha(picture) else crop
    grey = (colours.astype(np.float32) / full_scale(picture.dtype)).mean(axis=2, dtype=np.float32)
    known = cv2.erode((~hole[window.slices]).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    across, down = (cv2.Sobel(grey, cv2.CV_32F, 1 - axis, axis) * known for axis in (0, 1))
    xx, yy, xy = (
        cv2.boxFilter(product, -1, (NEIGHBOURHOOD, NEIGHBOURHOOD))
        for product in (across * across, down * down, across * down)
    )
    apart = cv2.distanceTransform(
        (~labelled.within(number, window)).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5
    )
    rim = (apart <= NEIGHBOURHOOD) & known
    energy = float((xx + yy)[rim].sum())
    directed = float(np.hypot(xx - yy, 2.0 * xy)[rim].sum())
    return directed > COHERENT * energy


def _departure(picture: NDArray[Any], rim: Bool) -> float:
    """Return how far the rim is from one even slope, in parts of the range; infinite where there is none."""
    if has_alpha(picture):
        rim &= picture[..., -1] > 0
    y, x = np.nonzero(rim)
    if not len(y):
        return np.inf
    step = -(-len(y) // MAX_SAMPLES)
    y, x = y[::step], x[::step]
    values = np.atleast_3d(picture)[y, x].astype(np.float64) / full_scale(picture.dtype)
    return _rest(values, x, y) / _span(values, picture.dtype)


def _rest(values: NDArray[np.float64], x: NDArray[np.intp], y: NDArray[np.intp]) -> float:
    """Return the root mean square of what the best plane leaves of the values, (N, C)."""
    plane = np.stack([np.ones(len(x)), x - x.mean(), y - y.mean()], axis=1)
    gram = plane.T @ plane + 1e-9 * np.eye(3)
    rest = values - plane @ np.linalg.solve(gram, plane.T @ values)
    return float(np.sqrt(np.mean(np.square(rest))))


def _span(values: NDArray[np.float64], dtype: np.dtype[Any]) -> float:
    """Return the range that a step is seen against: 1, or the values' own where floats go beyond it."""
    return max(1.0, float(np.abs(values).max())) if dtype.kind == "f" else 1.0
