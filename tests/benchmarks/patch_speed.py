"""Time and memory of the patch fill, beside OpenCV's Telea in the same run.

    python tests/benchmarks/patch_speed.py [photograph]

Every case runs in a process of its own, warmed up by a small fill; the time is the fastest of a few, since
other programs only ever add to it. Memory is the peak above what the warm process holds with its input.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from inpaint_core import inpaint
from inpaint_core.geometry import Size, context_box
from inpaint_core.holes import parts

CASES = {
    "512 x 512, block of 5 %": ((512, 512), "block", 0.05, 9),
    "2 MP, block of 5 %": ((1224, 1632), "block", 0.05, 5),
    "12 MP, block of 5 %": ((3000, 4000), "block", 0.05, 3),
    "12 MP, block of 15 %": ((3000, 4000), "block", 0.15, 3),
    "12 MP, 20 scratches": ((3000, 4000), "scratches", 0.0, 2),
    "12 MP, 100 dust spots": ((3000, 4000), "dust", 0.0, 2),
}


def photograph(path, shape):
    """Return a picture of (H, W): the photograph, or a synthetic one with structure at every scale."""
    if path:
        return cv2.resize(cv2.imread(path), shape[::-1], interpolation=cv2.INTER_CUBIC)
    rng = np.random.default_rng(0)
    picture = np.zeros((*shape, 3), np.float32)
    for octave in range(9):
        size = (max(shape[1] >> octave, 2), max(shape[0] >> octave, 2))
        coarse = rng.standard_normal((size[1], size[0], 3), np.float32)
        picture += cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC) * 1.5**octave
    low, high = np.percentile(picture, (1, 99))
    return np.clip((picture - low) / (high - low) * 255, 0, 255).astype(np.uint8)


def hole(shape, kind, part):
    """Return a mask of (H, W)."""
    mask = np.zeros(shape, np.uint8)
    rng = np.random.default_rng(1)
    points = rng.integers(0, shape[::-1], (200, 2)).tolist()
    if kind == "block":
        side = round((part * mask.size) ** 0.5)
        top, left = (shape[0] - side) // 2, (shape[1] - side) // 3
        mask[top : top + side, left : left + side] = 1
    for start, end in zip(points[:40:2], points[1:40:2], strict=True):
        if kind == "scratches":
            cv2.line(mask, start, end, 1, 4)
    for centre in points[:100]:
        if kind == "dust":
            cv2.circle(mask, centre, 8, 1, -1)
    return mask > 0


def peak():
    """Return the process's peak of resident memory in bytes, where the system tells."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def measure(name, path):
    """Run one case and print what was measured as JSON."""
    shape, kind, part, repeats = CASES[name]
    image, mask = photograph(path, shape), hole(shape, kind, part)
    image[mask] = 0
    warm = np.zeros((64, 64), bool)
    warm[20:40, 20:40] = True
    inpaint(image[:64, :64], warm, "patch")
    window = partial(context_box, extent=Size(*shape[::-1]))
    contexts = [window(part.box) for part in parts(mask, window)]
    region = sum(context.width * context.height for context in contexts)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, times = peak(), []
    for _ in range(repeats):
        start = time.perf_counter()
        inpaint(image, mask, "patch")
        times.append(time.perf_counter() - start)
    memory = (peak() - before) / region
    start = time.perf_counter()
    cv2.inpaint(image, mask.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    telea = time.perf_counter() - start
    print(json.dumps([min(times), telea, memory]))


def main():
    """Measure every case in its own process and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photograph", nargs="?", default="", help="a picture to scale to each size")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        measure(arguments.case, arguments.photograph)
        return
    print("| case | patch, s | Telea, s | bytes a pixel of the region |\n|---|---|---|---|")
    for name in CASES:
        command = [sys.executable, __file__, "--case", name, arguments.photograph]
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds, telea, memory = json.loads(shown)
        print(f"| {name} | {seconds:.3f} | {telea:.3f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
