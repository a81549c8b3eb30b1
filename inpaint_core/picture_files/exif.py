"""EXIF: what a camera and its owner said about a picture, in a structure shared with TIFF."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import IO, Any

from PIL.TiffImagePlugin import ImageFileDirectory_v2

PREFIX = b"Exif\0\0"
HEAD = b"II*\0\x08\0\0\0"
ORIENTATION = 274
SUB_DIRECTORIES = (34665, 34853)
"""EXIF proper and GPS."""
DESCRIPTIVE = (270, 271, 272, ORIENTATION, 282, 283, 296, 305, 306, 315, 33432, *SUB_DIRECTORIES)
"""Of a TIFF directory, the tags that say something about the picture and nothing about how it is stored."""


def read_directory(file: IO[bytes]) -> ImageFileDirectory_v2:
    """Return the first directory of a TIFF structure, the EXIF and GPS directories in their places.

    Its `next` is the offset of the directory that follows, 0 for none.
    """
    file.seek(0)
    head = file.read(8)
    if head[2:4] in (b"\x2b\0", b"\0\x2b"):  # BigTIFF
        head += file.read(8)
    directory = ImageFileDirectory_v2(head)
    file.seek(directory.next)
    directory.load(file)
    for tag in SUB_DIRECTORIES:
        if isinstance(offset := directory.get(tag), int):
            below = ImageFileDirectory_v2(head, group=tag)
            file.seek(offset)
            below.load(file)
            directory[tag] = dict(below)
    return directory


def descriptive(directory: Mapping[int, Any]) -> dict[int, Any]:
    """Return the tags that describe the picture."""
    return {tag: directory[tag] for tag in DESCRIPTIVE if tag in directory}


def build(tags: Mapping[int, Any]) -> bytes:
    """Return an EXIF structure with these tags; a mapping as value is a directory below."""
    directory = ImageFileDirectory_v2(HEAD)
    for tag, value in tags.items():
        directory[tag] = value
    return HEAD + directory.tobytes(len(HEAD))


def parse(exif: bytes) -> dict[int, Any]:
    """Return the descriptive tags of an EXIF structure; none when it is damaged."""
    try:
        return descriptive(read_directory(io.BytesIO(exif)))
    except Exception:  # Pillow has no one error for what is broken here
        return {}


def orientation(tags: Mapping[int, Any]) -> int:
    """Return the orientation that the tags tell, 1 (upright) when they tell none that exists."""
    value = tags.get(ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def without_thumbnail(exif: bytes) -> bytes:
    """Return the structure with its second directory, the thumbnail, cut off and blanked.

    Everything else stays at its place, for makers' notes refer to places.
    """
    data = bytearray(exif)
    try:
        _blank_thumbnail(data)
    except struct.error:  # a damaged structure has no thumbnail to be found
        return exif
    return bytes(data)


def _blank_thumbnail(data: bytearray) -> None:
    order = "<" if data[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}I", data, 4)
    link = first + 2 + 12 * struct.unpack_from(f"{order}H", data, first)[0]
    (second,) = struct.unpack_from(f"{order}I", data, link)
    if not second:
        return
    struct.pack_into(f"{order}I", data, link, 0)
    (count,) = struct.unpack_from(f"{order}H", data, second)
    values = {}
    for entry in range(second + 2, second + 2 + 12 * count, 12):
        tag, _, _, value = struct.unpack_from(f"{order}HHII", data, entry)
        values[tag] = value
    start, length = values.get(0x201, 0), values.get(0x202, 0)
    end = min(start + length, len(data))
    if 0 < start < end:
        data[start:end] = bytes(end - start)
