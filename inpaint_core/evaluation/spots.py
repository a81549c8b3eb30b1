"""Dust and scratches painted onto pictures, to measure how well they are found again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Bool = NDArray[np.bool_]

SCRATCHES = 0.2
"""The part of the spots that are scratches."""
DUST = (2.5, 10.0)
"""Diameters in pixels, the small ones oftener."""
LENGTHS, WIDTHS = (20.0, 120.0), (1.0, 2.5)
"""Of scratches, in pixels."""
LIGHT, DARK = (220.0, 255.0), (0.0, 35.0)
OPACITY = (0.8, 1.0)
VISIBLE, CLEAR = 0.2 * 255, 3.0
"""A spot differs from what is around it by so much, and by so many times that one's standard deviation, at
least: what nobody sees is no spot."""
APART = 7
"""Pixels between two spots, at least."""
REACH = 70
"""Pixels from a spot's middle to its farthest point, at most."""
FINE = 8
"""Outlines are drawn so many times larger."""
TRIES = 200
"""For each spot that is wanted."""


def paint_spots(
    picture: NDArray[np.uint8], count: int, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return the picture with spots, and the number of the spot at each pixel.

    Parameters
    ----------
    picture : (H, W, 3) uint8
        Both sides are longer than a few spots.
    count
        How many spots, half of them light.
    seed
        Of the random numbers.

    Returns
    -------
    (H, W, 3) uint8, (H, W) int32
        The second is 0 where there is none, else 1 … `count`.

    Raises
    ------
    ValueError
        When the picture has no room for so many that could be seen.
    """
    rng = np.random.default_rng(seed)
    spotted, numbers = picture.astype(np.float32), np.zeros(picture.shape[:2], np.int32)
    painted = 0
    for _ in range(TRIES * count):
        if painted == count:
            return np.rint(np.clip(spotted, 0.0, 255.0)).astype(np.uint8), numbers
        is_scratch = painted >= count * (1.0 - SCRATCHES)
        painted += _paint(spotted, numbers, painted + 1, _draw(rng, is_scratch=is_scratch), rng)
    raise ValueError(f"the picture has room for {painted} spots only")


def _draw(rng: np.random.Generator, *, is_scratch: bool) -> NDArray[np.float32]:
    """Return the coverage of one spot, 0…1, in a square of its own."""
    side = (2 * REACH + 1) * FINE
    large = np.zeros((side, side), np.uint8)
    if is_scratch:
        length, bend = rng.uniform(*LENGTHS), rng.uniform(-0.15, 0.15)
        along = np.linspace(-0.5, 0.5, 24)
        points = length * np.stack([along, bend * (1.0 - 4.0 * along**2)], axis=1)
    else:
        radius = np.exp(rng.uniform(*np.log(DUST))) / 2.0
        angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, 9))
        points = radius * rng.uniform(0.7, 1.15, (9, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        points[:, 1] *= rng.uniform(0.6, 1.0)
    turn = rng.uniform(0.0, np.pi)
    turned = points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    drawn = np.asarray(turned * FINE + side / 2.0, np.int32)
    if is_scratch:
        cv2.polylines(large, [drawn], False, 255, round(rng.uniform(*WIDTHS) * FINE))
    else:
        cv2.fillConvexPoly(large, cv2.convexHull(drawn), 255)
    small = cv2.resize(large, (2 * REACH + 1, 2 * REACH + 1), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32) / 255.0, (0, 0), 0.5), np.float32)


def _paint(
    picture: NDArray[np.float32],
    numbers: NDArray[np.int32],
    number: int,
    coverage: NDArray[np.float32],
    rng: np.random.Generator,
) -> bool:
    """Paint a spot somewhere, in place, if it can be seen there and is alone; tell whether it was."""
    height, width = numbers.shape
    column, row = int(rng.integers(APART, width - APART)), int(rng.integers(APART, height - APART))
    rows = slice(max(row - REACH, 0), min(row + REACH + 1, height))
    columns = slice(max(column - REACH, 0), min(column + REACH + 1, width))
    coverage = coverage[
        rows.start - row + REACH : rows.stop - row + REACH,
        columns.start - column + REACH : columns.stop - column + REACH,
    ]
    core = coverage > 0.5
    near = _widened(core, APART)
    if np.count_nonzero(core) < 3 or numbers[rows, columns][near].any():
        return False
    tone = np.float32(rng.uniform(*(LIGHT if rng.random() < 0.5 else DARK))) + rng.uniform(-8.0, 8.0, 3)
    before = picture[rows, columns]
    after = before + (tone - before) * (coverage * rng.uniform(*OPACITY))[..., None]
    around = before[near & ~_widened(core, 2)]
    difference = np.abs(after[core].mean(axis=0) - np.median(around, axis=0)).mean()
    if difference < max(VISIBLE, CLEAR * around.std(axis=0).mean()):
        return False
    picture[rows, columns] = after
    numbers[rows, columns][core] = number
    return True


def _widened(mask: Bool, pixels: int) -> Bool:
    side = 2 * pixels + 1
    return np.asarray(cv2.dilate(mask.view(np.uint8), np.ones((side, side), np.uint8))) > 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How what was found agrees with what is there; all are numbers of spots.

    Attributes
    ----------
    recall
        The part of the spots of which at least half was found.
    precision
        The part of what was found, connected piece by piece, that touches a spot; 1 when nothing was.
    """

    recall: float
    precision: float


def compare_spots(found: Bool, numbers: NDArray[np.int32]) -> Agreement:
    """Return how `found`, (H, W), agrees with the spots whose numbers are given, (H, W), at least one."""
    areas = np.bincount(numbers.ravel())
    hits = np.bincount(numbers[found], minlength=len(areas))
    recall = float(np.mean(hits[1:] >= 0.5 * areas[1:]))
    count, labels = cv2.connectedComponents(found.view(np.uint8), connectivity=8)
    true = len(np.unique(np.asarray(labels)[found & _widened(numbers > 0, 1)]))
    return Agreement(recall, true / (count - 1) if count > 1 else 1.0)
