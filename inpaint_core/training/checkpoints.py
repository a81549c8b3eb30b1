"""Checkpoints: everything a run goes on from, in one file, written whole or not at all."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import torch

from inpaint_core.errors import FillError, InputError

FORMAT = 1
Checkpoint = dict[str, Any]


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint: beside the old one, then in its place.

    Raises
    ------
    FillError
        When it cannot be written; the old one is still there.
    """
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **checkpoint}, buffer)
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as stream:
            stream.write(buffer.getbuffer())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FillError(
            f"The checkpoint {path} could not be written: {error.strerror or error}. The one before it is "
            "untouched; make room and run the same command again to go on from there."
        ) from error


def load(path: Path) -> Checkpoint:
    """Read a checkpoint; nothing in it is ever executed.

    Raises
    ------
    InputError
        When it is missing, damaged, cut short, or of another format.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        others = sorted(other.name for other in path.parent.glob("*.pt"))
        beside = f" Beside it there is {' and '.join(others)}." if others else ""
        raise InputError(f"There is no checkpoint {path}.{beside}") from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise InputError(
            f"The checkpoint {path} cannot be read: it is cut short or damaged, or no checkpoint."
        ) from error
    if not isinstance(checkpoint, dict) or checkpoint.get("format") != FORMAT:
        raise InputError(f"{path} is no checkpoint of this program, or one of another version.")
    return checkpoint
