"""PNG with 16 bits a channel, which Pillow cannot hold (W3C, Portable Network Graphics, third edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CRITICAL = (b"IHDR", b"IDAT", b"tRNS", b"IEND")
"""The chunks that the pixels depend on; libpng prints complaints about others."""
COLOUR_TYPE = {1: 0, 3: 2, 2: 4, 4: 6}
"""PNG's colour type by the number of channels."""
DEFLATE = 3
"""zlib's level: at less than half of the time of the usual one, for files a twentieth larger."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the chunks of a PNG file say about it."""

    width: int
    height: int
    colour_type: int
    transparent_colour: bool
    exif: bytes | None


def is_deep(file: BinaryIO) -> bool:
    """Tell whether a PNG file has 16 bits a channel; the file's position is put back."""
    start = file.read(25)
    file.seek(0)
    return len(start) == 25 and start[24] == 16


def check(data: bytes) -> Header:
    """Walk all chunks of a file, so that a damaged or shortened one is known before it is decoded.

    Raises
    ------
    ValueError
        When a chunk is incomplete or its checksum is wrong.
    """
    chunks = dict(_chunks(data))
    width, height, _, colour_type = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    return Header(
        width,
        height,
        colour_type,
        b"tRNS" in chunks,
        bytes(chunks[b"eXIf"]) if b"eXIf" in chunks else None,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, place = memoryview(data), len(SIGNATURE)
    while True:
        if place + 12 > len(view):
            raise ValueError("the end is missing")
        length, name = struct.unpack_from(">I4s", view, place)
        end = place + 8 + length
        if end + 4 > len(view):
            raise ValueError("the end is missing")
        if zlib.crc32(view[place + 4 : end]) != struct.unpack_from(">I", view, end)[0]:
            raise ValueError("a checksum is wrong")
        yield name, view[place + 8 : end]
        if name == b"IEND":
            return
        place = end + 4


def decode(data: bytes, header: Header) -> NDArray[np.uint16]:
    """Return the pixels of a 16-bit file: (H, W) or (H, W, C), C = 2…4, as they are stored."""
    import cv2  # noqa: PLC0415 - only 16-bit files need it

    kept = (_chunk(name, body) for name, body in _chunks(data) if name in CRITICAL)
    pixels_alone = b"".join([SIGNATURE, *kept])
    decoded = cv2.imdecode(np.frombuffer(pixels_alone, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise ValueError("its pixels cannot be decoded")
    pixels = rgb_order(decoded)
    if header.colour_type == 4 or (header.colour_type == 0 and header.transparent_colour):
        pixels = np.ascontiguousarray(pixels[..., [0, 3]])
    return pixels


def rgb_order(decoded: NDArray[Any]) -> NDArray[Any]:
    """Return OpenCV's blue, green, red as red, green, blue; alpha stays last."""
    if decoded.ndim == 2 or decoded.shape[2] < 3:
        return decoded
    order = [2, 1, 0] if decoded.shape[2] == 3 else [2, 1, 0, 3]
    return np.ascontiguousarray(decoded[..., order])


def encode(
    pixels: NDArray[np.uint16],
    *,
    icc: bytes | None,
    exif: bytes | None,
    dpi: tuple[float, float] | None,
    texts: Mapping[str, str],
) -> bytes:
    """Return a file of 16 bits a channel.

    Parameters
    ----------
    pixels : (H, W) or (H, W, C), C = 2…4, uint16
    icc, exif
        Chunks to embed.
    dpi
        Pixels per inch.
    texts
        By keyword: Latin-1, 1 to 79 characters.
    """
    rows = np.atleast_3d(pixels)
    height, width, channels = rows.shape
    parts = [
        SIGNATURE,
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPE[channels], 0, 0, 0)),
    ]
    if icc:
        parts.append(_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc)))
    if dpi:
        across, down = (round(value / 0.0254) for value in dpi)
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if exif:
        parts.append(_chunk(b"eXIf", exif))
    parts += [
        _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())
        for keyword, text in texts.items()
    ]
    parts += [_chunk(b"IDAT", zlib.compress(_filtered(rows), DEFLATE)), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _chunk(name: bytes, data: bytes | memoryview) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(name))
    return b"".join([struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)])


def _filtered(rows: NDArray[np.uint16]) -> bytes:
    """Return the scan lines, each byte less that of the pixel above it: filter type 2."""
    height = rows.shape[0]
    stored = np.ascontiguousarray(rows.astype(">u2")).view(np.uint8).reshape(height, -1)
    lines = np.empty((height, stored.shape[1] + 1), np.uint8)
    lines[:, 0] = 2
    lines[0, 1:] = stored[0]
    np.subtract(stored[1:], stored[:-1], out=lines[1:, 1:])
    return lines.tobytes()
