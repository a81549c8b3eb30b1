"""Dust and scratches: small marks, lighter or darker than all around them, found by contrast and size.

What is narrower than the largest spot stands out of the picture's morphological opening (the white top-hat;
J. Serra, "Image Analysis and Mathematical Morphology", 1982). At several heights of it every connected
piece of the right size is a candidate. Dust is told from the picture's own detail by how a candidate looks,
and by how many like it are near: texture repeats itself, dust does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from inpaint_core.arrays import Bool, check_image, check_mask, full_scale, has_alpha
from inpaint_core.cores import share
from inpaint_core.geometry import Box, Size
from inpaint_core.holes import bounding_box
from inpaint_core.options import option, parse
from inpaint_core.progress import Progress

HEIGHTS = (16, 26, 42, 68, 110)
"""Above its background, in steps of 8 bits, at which candidates are looked for."""

SMALLEST = 3
"""Pixels of a candidate: less is noise."""

LONG = 5.0
"""A scratch is so many times longer than wide, at least."""

NEAR, FAR = 5, 12
"""Pixels from a candidate: its rim, and its surroundings."""

GAP = 1.5
"""Pixels from a candidate that are left out: its soft edge."""

ALIKE = 60
"""Pixels within which similar candidates speak against each other."""

SIMILAR = 3.0
"""Candidates that look less like spots by more than this, in units of the score, are not similar."""

EDGE = 2
"""Pixels by which what is found is widened, so that no soft edge is left."""

HOPELESS = -4.0
"""A score so low that nothing else can help."""

FREE = 0.02
"""The part of a rim that counts as nothing."""

WEIGHTS = np.array([-2.23, 4.4, 5.04, 2.37, -0.63, -2.43, 1.42, -19.1])
"""Of a candidate's crowdedness and looks: a logistic regression on spots painted over twelve photographs."""
LIKENESS = np.array([0.985, -1.52, 1.955])
"""For the score of the looks, the logarithm of one more than the similar ones near by, and 1."""
STEP = 0.5
"""What one step of sensitivity adds to the score."""


Plane = NDArray[np.uint8]
"""One value in steps of 8 bits for each pixel, (H, W)."""


@dataclass(frozen=True, slots=True)
class SpotOptions:
    """What counts as a spot."""

    size: int = option(
        12,
        "Size",
        "Width in pixels of the largest spots; scratches may be longer, but not wider.",
        low=2,
        high=100,
    )
    sensitivity: int = option(
        5,
        "Sensitivity",
        "How little a mark must stand out to count as a spot: 1 finds the clearest ones only, 10 also the "
        "faintest, and more of what is none.",
        low=1,
        high=10,
    )
    tone: Literal["both", "light", "dark"] = option(
        "both", "Tone", "light: spots lighter than what is around them, dark: darker ones; or both."
    )


def find_spots(
    image: ArrayLike,
    within: ArrayLike | None = None,
    *,
    progress: Progress | None = None,
    **options: bool | float | str,
) -> Bool:
    """Return where a picture has dust and scratches.

    Parameters
    ----------
    image : (H, W) or (H, W, C), C = 1…4
        As `inpaint` takes it.
    within : (H, W) bool or numeric, optional
        Non-zero = look there; everywhere if not given. What is transparent is left out.
    progress
        Called with the stage in words and the fraction done, 0…1, from the calling thread. It may raise
        `Cancelled` to stop the search.
    **options
        What counts as a spot, by the names of `SpotOptions`.

    Returns
    -------
    (H, W) bool
        The spots with their soft edges, ready to be a mask; it may be empty.

    Raises
    ------
    InputError
        When picture, mask or an option are not as described.
    Cancelled
        When the progress callback raised it.
    """
    chosen = parse(SpotOptions, options, "spots")
    picture = check_image(image)
    wanted = np.ones(picture.shape[:2], bool) if within is None else check_mask(within, picture.shape)
    if has_alpha(picture):
        wanted = wanted & ~_widened(picture[..., -1] == 0, NEAR)
    found = np.zeros(wanted.shape, bool)
    box = bounding_box(wanted)
    if not box:
        return found
    window = box.grow(2 * chosen.size + FAR) & Size(wanted.shape[1], wanted.shape[0]).box
    channels = [
        np.ascontiguousarray(channel) for channel in np.moveaxis(_colours(picture[window.slices]), 2, 0)
    ]
    inside = wanted[window.slices]
    marked = np.zeros(inside.shape, bool)
    lights = _lights(channels, chosen.tone)
    tasks = [partial(_mark, marked, light, channels, inside, chosen) for light in lights]
    share(tasks, [1.0] * len(tasks), progress or _ignore, "Looking for spots")
    found[window.slices] = _widened(marked, EDGE) & inside
    return found


def _lights(channels: Sequence[Plane], tone: str) -> list[Plane]:
    """Return what spots of a tone are light in: the darkest channel, that of the negative, or both."""
    light, dark = np.minimum.reduce(channels), 255 - np.maximum.reduce(channels)
    return {"light": [light], "dark": [dark]}.get(tone, [light, dark])


def _ignore(stage: str, fraction: float) -> None:
    """Report to nobody."""


def _colours(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the colours in steps of 8 bits, (H, W, 1 or 3)."""
    colours = np.atleast_3d(picture)
    colours = colours[..., :-1] if has_alpha(picture) else colours
    if colours.dtype == np.uint8:
        return np.ascontiguousarray(colours)
    parts = np.nan_to_num(colours.astype(np.float32)) / np.float32(full_scale(picture.dtype))
    steps: NDArray[np.uint8] = np.rint(np.clip(parts, 0.0, 1.0) * np.float32(255.0)).astype(np.uint8)
    return steps


def _widened(mask: Bool, pixels: int) -> Bool:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.dilate(mask.view(np.uint8), disc)) > 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A connected piece that may be a spot: its pixels within a box, its middle, and how much it looks so."""

    box: Box
    pixels: Bool
    middle: tuple[float, float]
    score: float


def _mark(  # noqa: PLR0917 - the progress is the last of a task
    marked: Bool,
    light: Plane,
    channels: Sequence[Plane],
    inside: Bool,
    options: SpotOptions,
    progress: Progress,
) -> None:
    """Mark the spots that are lighter than what is around them; `light` is (H, W)."""
    candidates = _unrivalled(list(_candidates(light, channels, inside, options.size, progress)))
    if not candidates:
        return
    scores = np.array([each.score for each in candidates])
    middles = np.array([each.middle for each in candidates])
    alike = _alike(middles, scores)
    certain = np.stack([scores, np.log1p(alike), np.ones(len(scores))], axis=1) @ LIKENESS
    bar = STEP * (SpotOptions().sensitivity - options.sensitivity)
    for candidate, good in zip(candidates, certain > bar, strict=True):
        if good:
            marked[candidate.box.slices][candidate.pixels] = True


def _alike(middles: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return how many others near each candidate look as much like a spot, or more.

    Square by square, for only those in a square and in the eight around it can be near each other.
    """
    squares = np.floor(middles / ALIKE).astype(np.intp)
    order = np.lexsort(squares.T)
    starts = np.flatnonzero(np.diff(squares[order], axis=0, prepend=-1).any(axis=1))
    groups = {tuple(squares[some[0]]): some for some in np.split(order, starts[1:])}
    alike = np.zeros(len(scores), np.intp)
    for (column, row), some in groups.items():
        places = ((column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        others = np.concatenate([groups[place] for place in places if place in groups])
        apart = np.abs(middles[some, None] - middles[others]).max(axis=2)
        counted = (apart <= ALIKE) & (scores[others] >= scores[some, None] - SIMILAR)
        alike[some] = np.count_nonzero(counted, axis=1) - 1  # itself
    return alike


def _candidates(
    light: Plane, channels: Sequence[Plane], inside: Bool, size: int, progress: Progress
) -> Iterator[_Candidate]:
    """Yield what is of the right size and may be a spot, at every height; a spot may be there at several."""
    extent = Size(light.shape[1], light.shape[0])
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, ((size + 1) | 1, (size + 1) | 1))
    tall = cv2.subtract(light, cv2.morphologyEx(light, cv2.MORPH_OPEN, disc))
    around = _Around.of(light)
    for done, height in enumerate(HEIGHTS):
        progress("Looking for spots", done / len(HEIGHTS))
        pieces = _Pieces.of((tall > height).view(np.uint8), inside, size)
        looks = _looks(pieces, channels, around)
        promising = looks @ WEIGHTS[1:] + WEIGHTS[0] * np.log(FREE) > HOPELESS
        numbers, looks = pieces.numbers[promising], looks[promising]
        for seen, (number, look) in enumerate(zip(numbers, looks, strict=True)):
            progress("Looking for spots", (done + seen / len(numbers)) / len(HEIGHTS))
            window = pieces.box_of(number).grow(NEAR) & extent.box
            pixels = pieces.labels[window.slices] == number
            score = float(look @ WEIGHTS[1:]) + WEIGHTS[0] * _crowdedness(
                pixels, light[window.slices], 255.0 * look[1]
            )
            if score > HOPELESS:
                column, row = pieces.middles[number].tolist()
                yield _Candidate(window, pixels, (column, row), score)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The connected pieces of a mask, and the numbers of those that are of the right size.

    Attributes
    ----------
    labels : (H, W)
        The number of each pixel's piece, 0 for none.
    pixels : (P,)
        The linear places of the pixels of pieces of the right size, ascending.
    edge : (P,) bool
        Which of them have a neighbour in no piece.
    boxes : (N, 4)
        Left, top, width and height.
    areas : (N,)
        Pixels.
    middles : (N, 2)
        Column and row.
    numbers
        Those of the right size whose middle is where spots are looked for.
    """

    labels: NDArray[np.int32]
    pixels: NDArray[np.intp]
    edge: Bool
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]
    middles: NDArray[np.float64]
    numbers: NDArray[np.intp]

    @classmethod
    def of(cls, mask: NDArray[np.uint8], inside: Bool, size: int) -> _Pieces:
        """Return those as small as spots of this size, or as narrow and long as scratches."""
        _, labels, facts, middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
        boxes, areas = facts[:, :4], facts[:, cv2.CC_STAT_AREA]
        length = np.hypot(boxes[:, 2], boxes[:, 3])
        width = areas / length
        small = (boxes[:, 2:].max(axis=1) <= size + 2) & (areas >= SMALLEST)
        long = (length > size) & (width <= size / 3) & (length > LONG * width)
        columns, rows = np.nan_to_num(middles).round().astype(np.intp).T
        right = (small | long) & inside[rows, columns]
        right[0] = False  # the background
        pixels = np.flatnonzero(mask.view(bool))
        pixels = pixels[right[labels.ravel()[pixels]]]
        inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
        return cls(
            np.asarray(labels, np.int32),
            pixels,
            inner.ravel()[pixels] == 0,
            np.asarray(boxes, np.int32),
            np.asarray(areas, np.int32),
            np.asarray(middles),
            np.flatnonzero(right),
        )

    def box_of(self, number: int) -> Box:
        """Return the box around one piece."""
        x, y, width, height = self.boxes[number].tolist()
        return Box(x, y, x + width, y + height)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around each pixel, in steps of 8 bits; what costs more is worked out for single pixels.

    Attributes
    ----------
    light, mean, square : (H, W)
        The lightness, and the means of it and of its square within `FAR` pixels.
    across, down : (H, W) int16
        Eight times its slopes, per pixel.
    """

    light: Plane
    mean: NDArray[np.float32]
    square: NDArray[np.float32]
    across: NDArray[np.int16]
    down: NDArray[np.int16]

    @classmethod
    def of(cls, light: Plane) -> _Around:
        side = (2 * FAR + 1, 2 * FAR + 1)
        return cls(
            light,
            np.asarray(cv2.boxFilter(light, cv2.CV_32F, side), np.float32),
            np.asarray(cv2.sqrBoxFilter(light, cv2.CV_32F, side), np.float32),
            np.asarray(cv2.Sobel(light, cv2.CV_16S, 1, 0), np.int16),
            np.asarray(cv2.Sobel(light, cv2.CV_16S, 0, 1), np.int16),
        )

    def spread(self, pixels: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the standard deviation around pixels, given by their linear places."""
        mean = self.mean.ravel()[pixels]
        variance = self.square.ravel()[pixels] - mean * mean
        return np.sqrt(np.maximum(variance, np.float32(0.0)))

    def slope(self, pixels: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the steepness at pixels, given by their linear places."""
        across, down = (plane.ravel()[pixels].astype(np.float32) for plane in (self.across, self.down))
        return np.asarray(np.sqrt(across * across + down * down) / np.float32(8.0), np.float32)


def _looks(pieces: _Pieces, channels: Sequence[Plane], around: _Around) -> NDArray[np.float64]:
    """Return what tells a spot from detail, for each of the pieces of the right size: (N, 7).

    How steep its edge is, how extreme its value, how much it differs from its surroundings, how colourful it
    is, how restless its surroundings are, whether it is longer than wide, and 1.
    """
    numbers, pixels = pieces.numbers, pieces.pixels
    places = np.full(len(pieces.areas), -1)
    places[numbers] = np.arange(len(numbers))
    owners = places[pieces.labels.ravel()[pixels]]
    edge, edge_owners = pixels[pieces.edge], owners[pieces.edge]
    width, height = pieces.boxes[numbers, 2:].T

    def mean(values: NDArray[Any], owners: NDArray[np.intp]) -> NDArray[np.float64]:
        total = np.bincount(owners, values, minlength=len(numbers))
        return total / np.maximum(np.bincount(owners, minlength=len(numbers)), 1)

    value = mean(around.light.ravel()[pixels], owners)
    colour = np.stack([mean(channel.ravel()[pixels], owners) for channel in channels])
    return np.stack(
        [
            np.log(mean(around.slope(edge), edge_owners) + 2.0),
            value / 255.0,
            (value - mean(around.mean.ravel()[pixels], owners)) / 255.0,
            np.log(np.ptp(colour, axis=0) + 6.0),
            np.log(mean(around.spread(pixels), owners) + 3.0),
            (width**2 + height**2 > LONG * pieces.areas[numbers]).astype(float),
            np.ones(len(numbers)),
        ],
        axis=1,
    )


def _crowdedness(pixels: Bool, light: Plane, value: float) -> float:
    """Return the logarithm of the part of a piece's rim that is nearly as light as the piece, `value`."""
    apart = cv2.distanceTransform((~pixels).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    rim = light[(apart > GAP) & (apart <= NEAR)]
    if not len(rim):
        return 0.0
    half = (value + float(rim.mean())) / 2.0
    return float(np.log(np.count_nonzero(rim > half) / len(rim) + FREE))


def _unrivalled(candidates: list[_Candidate]) -> list[_Candidate]:
    """Return the best of the candidates that lie at the same place."""
    kept: dict[tuple[int, int], _Candidate] = {}
    for candidate in sorted(candidates, key=lambda each: -each.score):
        column, row = (int(value) // 6 for value in candidate.middle)
        around = ((column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        if not any(place in kept for place in around):
            kept[column, row] = candidate
    return list(kept.values())
