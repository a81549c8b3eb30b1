"""TIFF with more than 8 bits a channel, and the writing of any TIFF (Adobe, TIFF Revision 6.0)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from inpaint_core.errors import InputError
from inpaint_core.picture_files import exif as exif_tags
from inpaint_core.picture_files.captions import IPTC_TAG, XMP_TAG, Captions
from inpaint_core.picture_files.png import DEFLATE, rgb_order

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES = 273, 277, 278, 279
X_RESOLUTION, Y_RESOLUTION, PLANES, RESOLUTION_UNIT, PREDICTOR = 282, 283, 284, 296, 317
TILE_OFFSETS, TILE_BYTES, EXTRA_SAMPLES, SAMPLE_FORMAT, PROFILE = 324, 325, 338, 339, 34675

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
BYTE, LONG, UNDEFINED = 1, 4, 7
"""Types of tags: 8-bit and 32-bit numbers, and bytes that are none."""
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2
"""What an extra channel is: no alpha, alpha multiplied into the colours, alpha apart from them."""
LOSSY = (6, 7, 34887, 50001)
"""JPEG (old and new), LERC and WebP compression."""
STRIP_SIZE = 1 << 20


def size(directory: Mapping[int, Any]) -> tuple[int, int]:
    """Return width and height."""
    return int(directory[WIDTH]), int(directory[LENGTH])


def profile(directory: Mapping[int, Any]) -> bytes | None:
    """Return the colour profile."""
    icc = directory.get(PROFILE)
    return icc if isinstance(icc, bytes) and icc else None


def resolution(directory: Mapping[int, Any]) -> tuple[float, float] | None:
    """Return the pixels per inch, across and down."""
    inches = {2: 1.0, 3: 2.54}.get(directory.get(RESOLUTION_UNIT, 2))
    across, down = (float(directory.get(tag, 0)) for tag in (X_RESOLUTION, Y_RESOLUTION))
    if inches is None or not 0 < across < np.inf or not 0 < down < np.inf:
        return None
    return across * inches, down * inches


def is_lossy(directory: Mapping[int, Any]) -> bool:
    """Tell whether the file's compression has changed pixels."""
    return directory.get(COMPRESSION, 1) in LOSSY


def is_deep(directory: Mapping[int, Any]) -> bool:
    """Tell whether any channel has more than 8 bits."""
    return max(_all(directory, BITS, 1)) > 8


def _all(directory: Mapping[int, Any], tag: int, default: int) -> tuple[int, ...]:
    value = directory.get(tag, default)
    return tuple(value) if isinstance(value, tuple) else (value,)


def check_complete(directory: Mapping[int, Any], length: int) -> None:
    """Raise ValueError when a strip or tile lies beyond the end of the file."""
    tiled = TILE_OFFSETS in directory
    starts = _all(directory, TILE_OFFSETS if tiled else STRIP_OFFSETS, 0)
    counts = _all(directory, TILE_BYTES if TILE_BYTES in directory else STRIP_BYTES, 0)
    if any(start + count > length for start, count in zip(starts, counts, strict=False)):
        raise ValueError("the end is missing")


def count_pages(file: BinaryIO, at_most: int = 100) -> int:
    """Return the number of directories, counting no further than `at_most`.

    Raises
    ------
    ValueError
        When one is incomplete: Pillow then leaves the place of the next as it was.
    """
    file.seek(0)
    head = file.read(8)
    if head[2:4] in (b"\x2b\0", b"\0\x2b"):
        head += file.read(8)
    directory = ImageFileDirectory_v2(head)
    places: set[int] = set()
    while directory.next and len(places) < at_most:
        if directory.next in places:
            raise ValueError("the end is missing")
        places.add(directory.next)
        file.seek(directory.next)
        directory.load(file)
    return len(places)


def decode(data: bytes, directory: Mapping[int, Any], name: str) -> NDArray[Any]:
    """Return the pixels of a deep file as a viewer shows them.

    Returns
    -------
    (H, W) or (H, W, C), C = 3 or 4, uint16 or float32

    Raises
    ------
    InputError
        For a kind that is not read.
    """
    _check_kind(directory, name)
    decoded = _decode_with_opencv(data)
    if decoded is None:
        raise ValueError("its pixels cannot be decoded")
    if decoded.dtype not in (np.uint16, np.float32):
        raise InputError(_not_read(name))
    pixels = rgb_order(decoded)
    if directory.get(PHOTOMETRIC) == WHITE_IS_ZERO and pixels.dtype == np.uint16:
        pixels = np.uint16(65535) - pixels
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        kinds = _all(directory, EXTRA_SAMPLES, UNASSOCIATED)
        if kinds[0] == UNSPECIFIED:
            pixels = np.ascontiguousarray(pixels[..., :3])
        elif kinds[0] == ASSOCIATED:
            pixels = _divide_by_alpha(pixels)
    return pixels


def _check_kind(directory: Mapping[int, Any], name: str) -> None:
    photometric, samples = directory.get(PHOTOMETRIC), directory.get(SAMPLES, 1)
    if photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB):
        raise InputError(f"{name} is in colours for print or science; convert it to RGB first.")
    if samples not in ((3, 4) if photometric == RGB else (1,)):
        raise InputError(_not_read(name))


def check_channels(directory: Mapping[int, Any], name: str) -> None:
    """Raise InputError when there are channels that would be lost: more than colours and one alpha."""
    most = 2 if directory.get(PHOTOMETRIC) in (WHITE_IS_ZERO, BLACK_IS_ZERO) else 4
    if directory.get(SAMPLES, 1) > most:
        raise InputError(f"{name} has more channels than colours and one alpha; save it without the others.")


def _not_read(name: str) -> str:
    return (
        f"{name} is a TIFF of a kind that is not read; save it as PNG, or as TIFF in RGB or in grey without "
        "alpha, with 8 or 16 bits or 32-bit floats a channel."
    )


def _decode_with_opencv(data: bytes) -> NDArray[Any] | None:
    import cv2  # noqa: PLC0415 - only deep files need it

    level = cv2.utils.logging.setLogLevel(0)
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    finally:
        cv2.utils.logging.setLogLevel(level)


def _divide_by_alpha(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return colours as they are without their alpha multiplied in."""
    scale = 65535.0 if pixels.dtype == np.uint16 else 1.0
    alpha = pixels[..., 3:].astype(np.float64) / scale
    colours = np.divide(pixels[..., :3], alpha, out=np.zeros(pixels[..., :3].shape), where=alpha > 0)
    if pixels.dtype == np.uint16:
        colours = np.rint(np.clip(colours, 0, 65535))
    result = pixels.copy()
    result[..., :3] = colours
    return result


def encode(
    pixels: NDArray[Any],
    *,
    icc: bytes | None,
    exif: bytes | None,
    dpi: tuple[float, float] | None,
    captions: Captions,
) -> bytes:
    """Return a TIFF file, deflated in strips.

    Parameters
    ----------
    pixels : (H, W) or (H, W, C), C = 3 or 4 (uint8: also 2)
        uint8, uint16 or float32.
    icc
        The colour profile.
    exif
        Its descriptive tags are written.
    dpi
        Pixels per inch.
    captions
        XMP and IPTC to embed.
    """
    samples = np.atleast_3d(pixels)
    rows = max(1, STRIP_SIZE // max(samples[0].nbytes, 1))
    integer = samples.dtype.kind == "u"
    strips = [_strip(samples[top : top + rows], integer) for top in range(0, len(samples), rows)]
    height, width, channels = samples.shape
    directory = ImageFileDirectory_v2(exif_tags.HEAD)
    for tag, value in (exif_tags.parse(exif) if exif else {}).items():
        directory[tag] = value
    directory[WIDTH], directory[LENGTH] = width, height
    directory[BITS] = (samples.dtype.itemsize * 8,) * channels
    directory[COMPRESSION] = 8
    directory[PHOTOMETRIC] = RGB if channels > 2 else BLACK_IS_ZERO
    directory[SAMPLES], directory[PLANES] = channels, 1
    directory[ROWS_PER_STRIP] = rows
    directory[SAMPLE_FORMAT] = (1 if integer else 3,) * channels
    directory[PREDICTOR] = 2 if integer else 1
    if channels in (2, 4):
        directory[EXTRA_SAMPLES] = (UNASSOCIATED,)
    if dpi:
        directory[X_RESOLUTION], directory[Y_RESOLUTION] = (IFDRational(value) for value in dpi)
        directory[RESOLUTION_UNIT] = 2
    if icc:
        directory[PROFILE] = icc
    for tag, packet in ((XMP_TAG, captions.xmp), (IPTC_TAG, captions.iptc)):
        if packet:
            directory.tagtype[tag] = BYTE if tag == XMP_TAG else UNDEFINED
            directory[tag] = packet
    return _assemble(directory, strips)


def _strip(samples: NDArray[Any], predict: bool) -> bytes:
    little = samples.astype(samples.dtype.newbyteorder("<"))
    if predict:
        little[:, 1:] -= samples[:, :-1]
    return zlib.compress(little.tobytes(), DEFLATE)


def _assemble(directory: ImageFileDirectory_v2, strips: list[bytes]) -> bytes:
    lengths = [len(strip) for strip in strips]
    directory.tagtype[STRIP_BYTES] = directory.tagtype[STRIP_OFFSETS] = LONG
    directory[STRIP_BYTES] = tuple(lengths)
    directory[STRIP_OFFSETS] = tuple(np.cumsum([0, *lengths[:-1]]).tolist())  # save() adds where they begin
    file = io.BytesIO()
    file.seek(directory.save(file))
    file.write(b"".join(strips))
    return file.getvalue()
