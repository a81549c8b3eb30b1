"""Where the limits of `auto` lie: holes of many widths, filled by each method that it chooses between.

    python -m tests.benchmarks.auto_limits PHOTOS [--megapixels 0.4] [--limit 12]

Spots and strokes of 1 to 44 pixels' width are spread over each photograph, every one in surroundings of its
own. Two tables come out: by width, and, for holes too wide to be thin, by how far their surroundings are from
one even slope (in levels of 255, as `auto` measures it).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from inpaint_core import inpaint
from inpaint_core.auto import THIN, departure
from inpaint_core.evaluation import metrics
from inpaint_core.holes import depths
from tests.benchmarks.quality import SUFFIXES, load
from tests.benchmarks.tools import Mask, Picture

CELL = 112
METHODS = ("patch", "non-local-bayes", "biharmonic", "harmonic")
WIDTHS = (0, 4, 6, 8, 10, 12, 16, 24, 46)
DEPARTURES = (0, 0.5, 1, 1.5, 2, 4, 8, 16, 99)


@dataclass(frozen=True, slots=True)
class Spot:
    """What one method made of one hole."""

    method: str
    width: float
    departure: float
    psnr: float
    ssim: float
    gradient: float
    texture: float


def main(arguments: list[str]) -> int:
    """Run the comparison and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.auto_limits", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("photos", type=Path)
    parser.add_argument("--megapixels", type=float, default=0.4)
    parser.add_argument("--limit", type=int, default=12, help="so many photographs, spread over the folder")
    asked = parser.parse_args(arguments)
    photos = sorted(path for path in asked.photos.iterdir() if path.suffix.lower() in SUFFIXES)
    photos = photos[:: max(len(photos) // asked.limit, 1)][: asked.limit]
    spots = [spot for seed, path in enumerate(photos) for spot in compare(load(path, asked.megapixels), seed)]
    table("width, pixels", WIDTHS, spots, lambda spot: spot.width)
    wide = [spot for spot in spots if spot.width > THIN]
    table("departure, levels", DEPARTURES, wide, lambda spot: spot.departure)
    return 0


def compare(truth: Picture, seed: int) -> Iterator[Spot]:
    """Yield what each method made of each hole in one photograph."""
    cells = list(draw(truth.shape[:2], np.random.default_rng(seed)))
    hole = np.zeros(truth.shape[:2], bool)
    for rows, columns, mask in cells:
        hole[rows, columns] = mask
    wanted = truth.astype(np.float32) / 255
    for method in METHODS:
        filled = inpaint(truth, hole, method).astype(np.float32) / 255
        for rows, columns, mask in cells:
            ours, theirs = filled[rows, columns], wanted[rows, columns]
            width = 2.0 * float(depths(mask).max())
            yield Spot(
                method,
                width,
                255.0 * departure(truth[rows, columns], mask, mask, width),
                metrics.psnr(ours, theirs, mask),
                metrics.ssim(ours, theirs, mask),
                metrics.gradient_similarity(ours, theirs, mask),
                metrics.texture_distance(ours, theirs, mask),
            )


def draw(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[tuple[slice, slice, Mask]]:
    """Yield cells of a picture, each with a hole in its middle."""
    for top in range(0, shape[0] - CELL + 1, CELL):
        for left in range(0, shape[1] - CELL + 1, CELL):
            canvas, middle = np.zeros((CELL, CELL), np.uint8), CELL // 2
            width, angle = float(np.exp(rng.uniform(0.0, np.log(44)))), rng.uniform(0, 180)
            length = round(width / 2)
            if width < 14 and rng.random() < 0.5:
                length = int(rng.integers(20, 36))
            axes = (max(length, 1), max(round(width / 2), 1))
            cv2.ellipse(canvas, (middle, middle), axes, angle, 0, 360, 1, -1)
            yield slice(top, top + CELL), slice(left, left + CELL), canvas > 0


def table(title: str, limits: tuple[float, ...], spots: list[Spot], value: Callable[[Spot], float]) -> None:
    """Print medians for each range of a value, method by method."""
    print(f"| {title} | holes | method | PSNR dB | SSIM | gradient | texture |")
    print("|---" * 7 + "|")
    for low, high in pairwise(limits):
        for method in METHODS:
            group = [spot for spot in spots if spot.method == method and low < value(spot) <= high]
            if not group:
                continue
            cells = [
                pattern.format(statistics.median(getattr(spot, name) for spot in group))
                for name, pattern in (
                    ("psnr", "{:.1f}"),
                    ("ssim", "{:.3f}"),
                    ("gradient", "{:.3f}"),
                    ("texture", "{:.3f}"),
                )
            ]
            print(f"| {low:g} to {high:g} | {len(group)} | {method} | {' | '.join(cells)} |")
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
