"""Run by the engine's own Python: the time of the same fills as ``speed.py``'s, warm and without GIMP."""

import json
import sys
import time
from pathlib import Path

import numpy as np

from inpaint_core import inpaint

exchange = Path(sys.argv[1])
case = json.loads((exchange / "speed.json").read_text())
width, height = case["size"]
x, y, hole_width, hole_height = case["hole"]
image = np.fromfile(exchange / "speed.raw", np.uint8).reshape(height, width, 3)
mask = np.zeros((height, width), bool)
mask[y : y + hole_height, x : x + hole_width] = True
seconds = {}
for method, runs in case["seconds"].items():
    inpaint(image[:64, :64], mask[y - 8 : y + 56, x - 8 : x + 56], method)
    seconds[method] = []
    for _ in runs:
        begin = time.perf_counter()
        inpaint(image, mask, method)
        seconds[method].append(time.perf_counter() - begin)
print(json.dumps(seconds))
