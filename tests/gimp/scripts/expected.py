"""Run by the engine's own Python: what `inpaint` gives for the whole layer of each case of ``fills.py``."""

import json
import sys
from pathlib import Path

import numpy as np

from inpaint_core import inpaint

DTYPES = {"u8": np.uint8, "u16": np.uint16, "float": np.float32}

exchange = Path(sys.argv[1])
for case in json.loads((exchange / "fills.json").read_text()):
    if case["status"] != "success":
        continue
    width, height = case["size"]
    path = exchange / "fills" / case["name"]
    channels = case["colours"] + case["alpha"]
    shape = (height, width) if channels == 1 else (height, width, channels)
    image = np.fromfile(f"{path}.in", DTYPES[case["component"]]).reshape(shape)
    mask = np.fromfile(f"{path}.cover", np.float32).reshape(height, width) > 0
    arguments = dict(case["arguments"])
    filled = inpaint(image, mask, arguments.pop("method"), **arguments)
    np.save(f"{path}.npy", filled)
