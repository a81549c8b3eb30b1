"""``inpaint export``: make a model that fills from a checkpoint of a training run."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from inpaint_core import InputError, __version__
from inpaint_core.cli.train import require_torch

SUMMARY = "make a model from a checkpoint of a training run"
DESCRIPTION = """\
Write a checkpoint as an .onnx file with its card, weights at half precision, any height and width; what it
answers is compared with PyTorch. Add it to your models with: inpaint models add FILE"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add = parser.add_argument
    add("checkpoint", type=Path, metavar="CHECKPOINT", help="best.pt or last.pt of a run")
    add(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="the .onnx; its name is the model's id",
    )
    add("--title", default="", help="for the card")
    add("--licence", default="not stated", help="of the weights, for the card")


def run(parsed: argparse.Namespace) -> int:
    """Export."""
    require_torch()
    from inpaint_core.training.export import export  # noqa: PLC0415 - PyTorch is slow to import

    if parsed.output.suffix != ".onnx":
        raise InputError(f"The output is a file NAME.onnx, not {parsed.output.name}.")
    done = export(
        parsed.checkpoint, parsed.output, title=parsed.title, licence=parsed.licence, revision=_revision()
    )
    sys.stdout.write(
        f"{done.file}: {done.file.stat().st_size / 1e6:.1f} MB. It differs from PyTorch by at most "
        f"{done.difference:.1e} (of 0…1); half precision makes a difference of at most {done.rounding:.1e}.\n"
    )
    return 0


def _revision() -> str:
    """Return the commit of the checkout that this runs from, else the version."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__}, commit {done.stdout.strip()}"
