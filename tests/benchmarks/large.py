"""Time and memory of a fill in a very large picture, and of many holes spread over it.

    python -m tests.benchmarks.large [--megapixels 100] [--method auto]

Every case runs in a process of its own, warmed up by a small fill. Memory is the peak above what the process
holds with its input. A blob of twice their area stands beside the thin holes for comparison.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

import cv2
import numpy as np

from inpaint_core import inpaint
from inpaint_core.explanation import Explanation
from tests.benchmarks.measuring import machine, measure
from tests.benchmarks.tools import Mask, Picture

CASES = ("20 scratches", "100 dust spots", "blob of 2 %", "blob of 4 %")


def main(arguments: list[str]) -> int:
    """Run every case and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.large", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--megapixels", type=float, default=100.0)
    parser.add_argument("--method", default="auto")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.case:
        print(json.dumps(run(asked.case, asked.megapixels, asked.method)))
        return 0
    print(f"{asked.megapixels:g} megapixels, method {asked.method}; {machine()}.\n")
    print("| case | holes, % | seconds | processor seconds | bytes a pixel | filled with |")
    print("|---" * 6 + "|")
    command = [sys.executable, "-m", "tests.benchmarks.large", "--method", asked.method]
    for case in asked.cases:
        one = [*command, "--megapixels", str(asked.megapixels), "--case", case]
        shown = subprocess.run(one, check=True, capture_output=True, text=True).stdout
        area, seconds, processor, memory, label = json.loads(shown)
        print(
            f"| {case} | {area:.2f} | {seconds:.1f} | {processor:.1f} | {memory:.0f} | {label} |", flush=True
        )
    return 0


def run(case: str, megapixels: float, method: str) -> tuple[float, float, float, float, str]:
    """Return the holes' area in per cent, seconds, processor seconds, bytes a pixel, and what filled them."""
    shape = (round((megapixels * 750_000) ** 0.5), round((megapixels * 1_333_333) ** 0.5))
    image, hole = picture(shape), draw(case, shape)
    corner = np.zeros((200, 200), bool)
    corner[90:110, 90:110] = corner[20:22, 20:180] = True
    inpaint(image[:200, :200], corner, method)
    seen: list[Explanation] = []
    before = time.process_time()
    measured = measure(lambda: inpaint(image, hole, method, explain=seen.append))
    processor = time.process_time() - before
    memory = (measured.megabytes or 0.0) * 2**20 / hole.size
    return 100.0 * float(hole.mean()), measured.seconds, processor, memory, seen[0].label


def picture(shape: tuple[int, int]) -> Picture:
    """Return waves with grain, made a band at a time so that making it takes no memory."""
    rng = np.random.default_rng(0)
    image = np.empty((*shape, 3), np.uint8)
    x = np.arange(shape[1], dtype=np.float32)
    for top in range(0, shape[0], 256):
        y = np.arange(top, min(top + 256, shape[0]), dtype=np.float32)[:, None]
        for channel, period in enumerate((83, 97, 71)):
            waves = 120 + 50 * np.sin(x / period) * np.cos(y / 61)
            image[top : top + 256, :, channel] = waves + rng.integers(-20, 21, waves.shape)
    return image


def draw(case: str, shape: tuple[int, int]) -> Mask:
    """Return the holes of a case; at 12 megapixels scratches are 4 pixels wide, and spots 16."""
    canvas = np.zeros(shape, np.uint8)
    unit = (canvas.size / 12e6) ** 0.5
    points = np.random.default_rng(1).integers(0, shape[::-1], (200, 2)).tolist()
    if case.startswith("blob"):
        side = round((float(case.split()[2]) / 100 * canvas.size) ** 0.5)
        top, left = (shape[0] - side) // 2, (shape[1] - side) // 3
        canvas[top : top + side, left : left + side] = 1
    elif "scratches" in case:
        for start, end in zip(points[:40:2], points[1:40:2], strict=True):
            cv2.line(canvas, start, end, 1, round(4 * unit))
    else:
        for middle in points[:100]:
            cv2.circle(canvas, middle, round(7.5 * unit), 1, -1)
    return canvas > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
