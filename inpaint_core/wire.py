"""Frames between the plug-in and the worker: a fixed preamble, a JSON header, raw arrays.

Standard library only: `install` places a copy beside the GIMP plug-in, byte for byte.

::

    magic  "INPT"   4 bytes
    version         u32, little-endian like everything here
    header length   u32
    payload length  u64
    header          UTF-8 JSON; its "arrays" lists name, dtype and shape of each array
    payload         the arrays, raw, in that order

Messages (the header's "type"):

======== ============= =====================================================================
from     type          what else
======== ============= =====================================================================
plug-in  ``fill``      id, method, seed, options, engine, maybe source ("auto", "whole" or a radius),
                       area (true: tell the source) and also (further seeds, of which as many are filled with
                       as there are further cores); arrays image, mask and maybe source (a mask), exclude
                       (a mask), reference (a picture) and preview (a smaller one)
plug-in  ``spots``     id, options, engine: asks for dust and scratches; arrays image, mask (where to look)
plug-in  ``cancel``    id of the run to give up
worker   ``progress``  id, stage (words), fraction (0…1)
worker   ``ready``     engine (its version), process (its number); first of all, from a resident engine
worker   ``alive``     id; ten times a second or more while work goes on
worker   ``result``    id, method (what filled most pixels), label (a name for the result), explanation (what
                       was chosen and why, for a person), steps (the same as objects), notices, also (the
                       further seeds); array image, image-SEED for each further seed and, if asked for, area
                       (where content may come from); for ``spots`` count and the array mask alone
worker   ``failure``   id, kind (name of the error), message (a sentence); also ends a cancelled run
======== ============= =====================================================================

Unknown keys are ignored; another version is refused.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Any

VERSION = 1
MAGIC = b"INPT"
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 34
MAX_SIDE = 524_288
"""GIMP's own limit of a picture's side."""

ITEM_SIZE = {"bool": 1, "uint8": 1, "uint16": 2, "float16": 2, "float32": 4, "float64": 8}

_PREAMBLE = struct.Struct("<4sIIQ")
_AGAIN = "Run the installer again, so that the plug-in and its engine are of one version."


class WireError(Exception):
    """The other side sent something that is no frame; nothing after it can be trusted."""


@dataclass(frozen=True, slots=True)
class RawArray:
    """An array as it travels: C-ordered little-endian items."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its header and its arrays by name."""

    header: Mapping[str, Any]
    arrays: Mapping[str, RawArray] = field(default_factory=dict)


def run_of(frame: Frame) -> int | None:
    """Return the id of the run that a frame is about."""
    run = frame.header.get("id")
    return run if type(run) is int else None


def failure(run: int | None, kind: str, message: str) -> Frame:
    """Return the frame that tells why a run, or with None any run, has no result."""
    return Frame({"type": "failure", "id": run, "kind": kind, "message": message})


def write_frame(stream: BufferedIOBase, frame: Frame) -> None:
    """Write one frame and flush it.

    Raises
    ------
    WireError
        When the frame breaks a limit that the reader would refuse.
    OSError
        When the other side is gone.
    """
    listed = [
        {"name": name, "dtype": array.dtype, "shape": list(array.shape)}
        for name, array in frame.arrays.items()
    ]
    payload = 0
    for name, array in frame.arrays.items():
        size = _array_bytes(name, array.dtype, array.shape)
        if size != memoryview(array.data).nbytes:
            raise WireError(f"The array {name} has {memoryview(array.data).nbytes} bytes, its shape {size}.")
        payload += size
    header = json.dumps({**frame.header, "arrays": listed}, ensure_ascii=False).encode()
    _check_lengths(len(header), payload)
    stream.write(_PREAMBLE.pack(MAGIC, VERSION, len(header), payload))
    stream.write(header)
    for array in frame.arrays.values():
        stream.write(array.data)
    stream.flush()


def read_frame(stream: BufferedIOBase) -> Frame | None:
    """Read one frame; None when the stream ended between two frames.

    Raises
    ------
    WireError
        When the stream ends inside a frame, is of another version, or announces absurd sizes; these are
        checked before anything is allocated.
    """
    first = stream.read(1)
    if not first:
        return None
    preamble = first + _read(stream, _PREAMBLE.size - 1)
    magic, version, header_length, payload_length = _PREAMBLE.unpack(preamble)
    if magic != MAGIC:
        raise WireError(f"What came is no frame: it begins with {magic!r}.")
    if version != VERSION:
        raise WireError(f"The other side speaks version {version} of the wire, this side {VERSION}. {_AGAIN}")
    _check_lengths(header_length, payload_length)
    header = _parse_header(_read(stream, header_length))
    listed = _parse_listing(header, payload_length)
    arrays = {name: RawArray(dtype, shape, _read(stream, size)) for name, dtype, shape, size in listed}
    return Frame(header, arrays)


def _check_lengths(header: int, payload: int) -> None:
    if header > MAX_HEADER:
        raise WireError(f"A header of {header} bytes is over the limit of {MAX_HEADER}.")
    if payload > MAX_PAYLOAD:
        raise WireError(f"A payload of {payload} bytes is over the limit of {MAX_PAYLOAD}.")


def _parse_header(data: bytes | bytearray) -> dict[str, Any]:
    try:
        header = json.loads(data.decode())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise WireError(f"The header of a frame is not JSON: {error}.") from None
    if not isinstance(header, dict):
        raise WireError("The header of a frame is not a JSON object.")
    return header


def _parse_listing(
    header: Mapping[str, Any], payload_length: int
) -> list[tuple[str, str, tuple[int, ...], int]]:
    listed = header.get("arrays", [])
    if not isinstance(listed, list):
        raise WireError("The header's arrays are not a list.")
    entries: dict[str, tuple[str, str, tuple[int, ...], int]] = {}
    for item in listed:
        if not isinstance(item, dict):
            raise WireError("The header lists an array that is not a JSON object.")
        name, dtype, shape = item.get("name"), item.get("dtype"), item.get("shape")
        if not isinstance(name, str) or not isinstance(dtype, str) or not isinstance(shape, list):
            raise WireError("The header lists an array without name, dtype and shape.")
        if name in entries:
            raise WireError(f"The header lists the array {name} twice.")
        entries[name] = (name, dtype, tuple(shape), _array_bytes(name, dtype, shape))
    total = sum(size for *_, size in entries.values())
    if total != payload_length:
        raise WireError(f"The arrays need {total} bytes, the frame announces {payload_length}.")
    return list(entries.values())


def _array_bytes(name: str, dtype: str, shape: Sequence[object]) -> int:
    if dtype not in ITEM_SIZE:
        raise WireError(f"The array {name} has the dtype {dtype!r}, which is none of {', '.join(ITEM_SIZE)}.")
    sides = [side for side in shape if type(side) is int and 0 <= side <= MAX_SIDE]
    if len(sides) != len(shape) or len(sides) > 3:
        raise WireError(f"The array {name} has the shape {list(shape)}, which no picture has.")
    return ITEM_SIZE[dtype] * math.prod(sides)


def _read(stream: BufferedIOBase, size: int) -> bytearray:
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        count = stream.readinto(view[done:])
        if not count:
            raise WireError(f"The frame was cut short: {done} of {size} bytes came.")
        done += count
    return data
