"""Test masks: seeded holes of the kinds that people fill.

Each kind is a function of a picture and a seed; the same two give the same mask. Sizes grow with the
picture's short side, so that a mask at twelve megapixels is the one at half a megapixel, enlarged.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.arrays import Bool

Picture = NDArray[Any]
Canvas = NDArray[np.uint8]


def scratches(picture: Picture, seed: int) -> Bool:
    """Return about a dozen thin bent lines from side to side, 1 to 3 pixels wide at 512 pixels.

    Parameters
    ----------
    picture : (H, W) or (H, W, C)
        Only its size matters.
    seed : int
        Not negative.

    Returns
    -------
    (H, W) bool
    """
    rng, canvas, unit = _begin(picture, seed)
    height, width = canvas.shape
    for _ in range(12):
        angle = rng.uniform(0, math.pi)
        along = np.array([math.cos(angle), math.sin(angle)])
        middle = rng.uniform(0.1, 0.9, 2) * (width, height)
        steps = np.linspace(-0.5, 0.5, 24)[:, None] * rng.uniform(0.3, 1.0) * max(height, width)
        bend = np.cumsum(rng.normal(0, 1.5 * unit, 24))[:, None] * along[::-1] * (-1, 1)
        points = np.rint(middle + steps * along + bend).astype(np.int32)
        thickness = max(round(rng.integers(1, 4) * unit), 1)
        cv2.polylines(canvas, [points], isClosed=False, color=1, thickness=thickness)
    return canvas > 0


def dust(picture: Picture, seed: int) -> Bool:
    """Return about a hundred small spots, 2 to 8 pixels wide at 512 pixels; see `scratches`."""
    rng, canvas, unit = _begin(picture, seed)
    for _ in range(100):
        middle = rng.uniform(0, 1, 2) * canvas.shape[::-1]
        axes = np.maximum(np.rint(rng.uniform(1, 4, 2) * unit), 1).astype(int).tolist()
        _ellipse(canvas, middle, axes, rng.uniform(0, 180))
    return canvas > 0


def blobs(picture: Picture, seed: int) -> Bool:
    """Return one to three round shapes of 2 to 6 % of the picture together; see `scratches`."""
    rng, canvas, _ = _begin(picture, seed)
    share = rng.uniform(0.02, 0.06)
    parts = int(rng.integers(1, 4))
    while canvas.mean() < share:
        for _ in range(parts):
            _blob(canvas, rng, share * canvas.size / parts)
        if canvas.mean() > 1.25 * share:
            canvas[:] = 0
        elif canvas.mean() >= 0.8 * share:
            break
    return canvas > 0


def large_blob(picture: Picture, seed: int) -> Bool:
    """Return one round shape of 10 to 15 % of the picture; see `scratches`."""
    rng, canvas, _ = _begin(picture, seed)
    while not 0.10 <= canvas.mean() <= 0.15:
        canvas[:] = 0
        _blob(canvas, rng, rng.uniform(0.11, 0.14) * canvas.size)
    return canvas > 0


def rectangle(picture: Picture, seed: int) -> Bool:
    """Return a rectangle of 3 to 6 % of the picture, where its rim cuts the strongest edges.

    Of 64 random rectangles, the one with the greatest mean gradient along its rim.

    Parameters
    ----------
    picture : (H, W) or (H, W, C)
        The edges are looked for in the mean of its colours.
    seed : int
        Not negative.

    Returns
    -------
    (H, W) bool
    """
    rng, canvas, unit = _begin(picture, seed)
    height, width = canvas.shape
    edges = _edge_strength(picture, 2.0 * unit)
    best, strongest = (0, 0, width, height), -1.0
    for _ in range(64):
        area, aspect = rng.uniform(0.03, 0.06) * canvas.size, 2.0 ** rng.uniform(-1, 1)
        w = min(max(round(math.sqrt(area * aspect)), 1), max(width - 2, 1))
        h = min(max(round(math.sqrt(area / aspect)), 1), max(height - 2, 1))
        x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
        rows, columns = edges[y : y + h, x : x + w], edges[y : y + h, x : x + w].T
        strength = float(np.concatenate([rows[0], rows[-1], columns[0], columns[-1]]).mean())
        if strength > strongest:
            best, strongest = (x, y, w, h), strength
    x, y, w, h = best
    canvas[y : y + h, x : x + w] = 1
    return canvas > 0


def thin(picture: Picture, seed: int) -> Bool:
    """Return one to six bent strokes, 4 to 20 pixels wide at 512 pixels; see `scratches`."""
    return _strokes(picture, seed, widths=(4, 20), strokes=6, boxes=0)


def medium(picture: Picture, seed: int) -> Bool:
    """Return one to four bent strokes, 30 to 100 pixels wide at 512 pixels, or boxes; see `scratches`."""
    return _strokes(picture, seed, widths=(30, 100), strokes=4, boxes=3)


def thick(picture: Picture, seed: int) -> Bool:
    """Return one or two bent strokes, 100 to 250 pixels wide at 512 pixels, or a box; see `scratches`."""
    return _strokes(picture, seed, widths=(100, 250), strokes=2, boxes=1)


KINDS: dict[str, Callable[[Picture, int], Bool]] = {
    "scratches": scratches,
    "dust": dust,
    "blobs": blobs,
    "large blob": large_blob,
    "rectangle": rectangle,
}
"""The kinds of test masks by name."""

WIDTHS: dict[str, Callable[[Picture, int], Bool]] = {"thin": thin, "medium": medium, "thick": thick}
"""Strokes and boxes by width: the kinds that networks are trained and tested with."""


def _strokes(picture: Picture, seed: int, widths: tuple[float, float], strokes: int, boxes: int) -> Bool:
    """Draw bent strokes or, in a third of the masks where there may be any, boxes; at most half the picture.

    References
    ----------
    R. Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions", WACV 2022,
    section 2.3 (wide strokes and boxes).
    """
    rng, canvas, unit = _begin(picture, seed)
    while True:
        canvas[:] = 0
        if boxes and rng.random() < 1 / 3:
            for _ in range(rng.integers(1, boxes + 1)):
                _box(canvas, rng, 1.2 * unit * widths[0], 1.2 * unit * widths[1])
        else:
            for _ in range(rng.integers(1, strokes + 1)):
                _stroke(canvas, rng, unit * rng.uniform(*widths), 400 * unit)
        if 0 < canvas.mean() <= 0.5:
            return canvas > 0


def _stroke(canvas: Canvas, rng: np.random.Generator, width: float, longest: float) -> None:
    """Draw one line of up to five legs with round joints."""
    point = rng.uniform(0, 1, 2) * canvas.shape[::-1]
    angle = rng.uniform(0, 2 * math.pi)
    points = [point]
    for _ in range(rng.integers(1, 6)):
        angle += rng.normal(0, 0.6)
        point = point + rng.uniform(0.1, 0.5) * longest * np.array([math.cos(angle), math.sin(angle)])
        points.append(point)
    path = [np.rint(np.array(points)).astype(np.int32)]
    cv2.polylines(canvas, path, isClosed=False, color=1, thickness=max(round(width), 1))


def _box(canvas: Canvas, rng: np.random.Generator, shortest: float, longest: float) -> None:
    """Draw one box with sides in this range, wholly inside."""
    height, width = canvas.shape
    w, h = (
        max(min(round(side), limit - 1), 1)
        for side, limit in zip(rng.uniform(shortest, longest, 2), (width, height), strict=True)
    )
    x, y = rng.integers(0, width - w + 1), rng.integers(0, height - h + 1)
    canvas[y : y + h, x : x + w] = 1


def _begin(picture: Picture, seed: int) -> tuple[np.random.Generator, Canvas, float]:
    """Return the random numbers, an empty canvas, and the picture's size in units of 512 pixels."""
    canvas: Canvas = np.zeros(picture.shape[:2], np.uint8)
    return np.random.default_rng(seed), canvas, min(canvas.shape) / 512


def _ellipse(canvas: Canvas, middle: NDArray[np.float64], axes: list[int], angle: float) -> None:
    x, y = np.rint(middle).astype(int).tolist()
    cv2.ellipse(canvas, (x, y), (axes[0], axes[1]), angle, 0, 360, 1, -1)


def _blob(canvas: Canvas, rng: np.random.Generator, area: float) -> None:
    """Draw a round shape with a wavy outline, of about this many pixels where it is not cut off."""
    height, width = canvas.shape
    radius = math.sqrt(area / math.pi)
    angles = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    waves = np.zeros(len(angles))
    for order in range(1, 6):
        waves += rng.uniform(0, 0.22) / order * np.cos(order * angles + rng.uniform(0, 2 * math.pi))
    reach = radius * (1.0 + waves)
    margin = min(radius, 0.4 * min(height, width))
    middle = rng.uniform(margin, np.array([width, height]) - margin)
    points = middle + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], 1)


def _edge_strength(picture: Picture, sigma: float) -> NDArray[np.float32]:
    grey = np.atleast_3d(picture).astype(np.float32).mean(axis=2)
    smooth = cv2.GaussianBlur(grey, (0, 0), max(sigma, 0.5))
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down), np.float32)
