"""The tools that are compared: ours, and what a person could take instead."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inpaint_core import inpaint, methods

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Fill = Callable[[Picture, Mask], Picture]

XPHOTO = {
    "opencv xphoto shift-map": "INPAINT_SHIFTMAP",
    "opencv xphoto FSR fast": "INPAINT_FSR_FAST",
    "opencv xphoto FSR best": "INPAINT_FSR_BEST",
}

XPHOTO_PROGRAM = """
import sys, time, cv2, numpy
kind, folder = sys.argv[1:]
image = cv2.imread(folder + "/image.png")
known = cv2.imread(folder + "/known.png", cv2.IMREAD_GRAYSCALE)
shift_map = kind == "INPAINT_SHIFTMAP"
source = cv2.cvtColor(image, cv2.COLOR_BGR2Lab) if shift_map else image
filled = numpy.zeros_like(source)
begin = time.perf_counter()
cv2.xphoto.inpaint(source, known, filled, getattr(cv2.xphoto, kind))
print(time.perf_counter() - begin)
cv2.imwrite(folder + "/filled.png", cv2.cvtColor(filled, cv2.COLOR_Lab2BGR) if shift_map else filled)
"""

GMIC = {
    "gmic inpaint (PDE)": "inpaint_pde[0] [1]",
    "gmic inpaint (patch)": "inpaint[0] [1],7,22,1",
    "gmic matchpatch": "inpaint_matchpatch[0] [1]",
}


class ToolFailedError(Exception):
    """A foreign tool gave no picture."""


def ours() -> dict[str, Fill]:
    """Return the methods of this project by id, and what a network gives with and without patches."""
    return {method.id: _ours(method.id) for method in methods()} | {
        "network alone": _ours("deep", refine="off"),
        "network and patches": _ours("deep", refine="patch"),
    }


def perfect(truth: Picture, pixels: int) -> dict[str, Fill]:
    """Return what a network that sees so many pixels could bring at best: the truth, reduced, is its answer.

    Parameters
    ----------
    truth
        The picture without a hole.
    pixels
        What its longer side is reduced to.
    """
    height, width = truth.shape[:2]
    factor = pixels / max(height, width)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    reduced = cv2.resize(truth, size, interpolation=cv2.INTER_AREA)
    answer = np.asarray(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)

    def refined(image: Picture, mask: Mask) -> Picture:
        return inpaint(image, mask, "patch", guide=answer)

    name = f"truth at {pixels} pixels"
    return {name: lambda _image, _mask: answer, f"{name} and patches": refined}


def _ours(method: str, **options: str) -> Fill:
    def fill(image: Picture, mask: Mask) -> Picture:
        return inpaint(image, mask, method, **options)

    return fill


def peers(xphoto_python: str | None = None) -> dict[str, Fill]:
    """Return the other tools that can be run here.

    Parameters
    ----------
    xphoto_python
        A Python that has opencv-contrib, in an environment of its own; without it xphoto is left out.
    """
    found: dict[str, Fill] = {
        "opencv telea": _opencv(cv2.INPAINT_TELEA),
        "opencv ns": _opencv(cv2.INPAINT_NS),
        "scikit-image biharmonic": _scikit_image,
    }
    if xphoto_python:
        found |= {name: _xphoto(xphoto_python, kind) for name, kind in XPHOTO.items()}
    if program := shutil.which("gmic"):
        found |= {name: _gmic(program, command) for name, command in GMIC.items()}
    return found


def _opencv(flag: int) -> Fill:
    def fill(image: Picture, mask: Mask) -> Picture:
        return np.asarray(cv2.inpaint(image, mask.astype(np.uint8), 3, flag), np.uint8)

    return fill


def _scikit_image(image: Picture, mask: Mask) -> Picture:
    from skimage.restoration import inpaint_biharmonic  # noqa: PLC0415 - only where it is asked for

    filled: NDArray[Any] = inpaint_biharmonic(image, mask, channel_axis=-1)
    return np.rint(np.clip(filled, 0, 1) * 255).astype(np.uint8)


def _xphoto(python: str, kind: str) -> Fill:
    def fill(image: Picture, mask: Mask) -> Picture:
        with tempfile.TemporaryDirectory() as folder:
            Image.fromarray(_blanked(image, mask)).save(Path(folder, "image.png"))
            Image.fromarray(np.where(mask, np.uint8(0), np.uint8(255))).save(Path(folder, "known.png"))
            _call([python, "-c", XPHOTO_PROGRAM, kind, folder])
            return _read(Path(folder, "filled.png"))

    return fill


def _gmic(program: str, command: str) -> Fill:
    def fill(image: Picture, mask: Mask) -> Picture:
        with tempfile.TemporaryDirectory() as folder:
            Image.fromarray(_blanked(image, mask)).save(Path(folder, "image.png"))
            Image.fromarray(np.where(mask, np.uint8(255), np.uint8(0))).save(Path(folder, "mask.png"))
            filled = Path(folder, "filled.png")
            files = [str(Path(folder, "image.png")), str(Path(folder, "mask.png"))]
            _call([program, *files, *command.split(), "keep[0]", "-output", str(filled)])
            return _read(filled)

    return fill


def _blanked(image: Picture, mask: Mask) -> Picture:
    return np.where(mask[..., None], np.uint8(0), image)


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise ToolFailedError(done.stderr[-500:])


def _read(path: Path) -> Picture:
    if not path.is_file():
        raise ToolFailedError("it wrote no picture")
    return np.asarray(Image.open(path).convert("RGB"), np.uint8)
