"""How well dust and scratches are found: a hundred painted onto each of many photographs, and looked for.

    python -m tests.benchmarks.spots PHOTOGRAPH… [--sensitivity N]

Prints a row for each photograph: recall and precision with a hundred known spots, what is taken for spots in
the photograph as it is, and the seconds it took.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from inpaint_core import find_spots
from inpaint_core.evaluation.spots import compare_spots, paint_spots
from inpaint_core.picture_files import read_picture

COUNT = 100


def main() -> None:
    """Measure every photograph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photographs", nargs="+", type=Path)
    parser.add_argument("--sensitivity", type=int, default=5)
    parsed = parser.parse_args()
    print("| photograph | megapixels | recall | precision | found without | seconds |")
    print("|---|---|---|---|---|---|")
    rows = [measure(path, parsed.sensitivity, seed) for seed, path in enumerate(parsed.photographs)]
    recall, precision, without, seconds = np.mean(rows, axis=0)
    print(f"| mean | | {recall:.3f} | {precision:.3f} | {without:.0f} | {seconds:.2f} |")


def measure(path: Path, sensitivity: int, seed: int) -> tuple[float, float, int, float]:
    """Print and return the row of one photograph."""
    photograph = read_picture(path).pixels
    picture, numbers = paint_spots(photograph, COUNT, seed)
    begin = time.perf_counter()
    found = find_spots(picture, sensitivity=sensitivity)
    seconds = time.perf_counter() - begin
    agreement = compare_spots(found, numbers)
    plain = find_spots(photograph, sensitivity=sensitivity)
    without = cv2.connectedComponents(plain.view(np.uint8), connectivity=8)[0] - 1
    size = numbers.size / 1e6
    row = f"{agreement.recall:.2f} | {agreement.precision:.2f} | {without} | {seconds:.2f}"
    print(f"| {path.stem} | {size:.1f} | {row} |", flush=True)
    return agreement.recall, agreement.precision, without, seconds


if __name__ == "__main__":
    main()
