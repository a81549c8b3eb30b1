"""Writing picture files, whole or not at all."""

from __future__ import annotations

import io
import os
import secrets
import stat
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from inpaint_core.errors import FillError, InpaintWarning, InputError
from inpaint_core.picture_files import captions, exif, png, tiff
from inpaint_core.picture_files.orientation import as_stored
from inpaint_core.picture_files.picture import Picture

SUFFIXES = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WebP",
}
LARGEST_SIDE = {"JPEG": 65_500, "WebP": 16_383}
LARGEST_JPEG_EXIF = 65_500
QUALITY = 95


def check_output(path: Path) -> None:
    """Raise InputError when a picture cannot be written there, before any work is done for it."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it.")
    _format(path)
    folder = _folder(path)
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} to write into; make it first.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise InputError(f"{path} may not be written; choose another place, or change its permissions.")


def _format(path: Path) -> str:
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise InputError(
            f"The name of the output, {path.name}, tells its format: it must end in {', '.join(SUFFIXES)}."
        ) from None


def _folder(path: Path) -> Path:
    return Path(os.path.realpath(path)).parent


def check_fits(path: Path, picture: Picture, *, opaque: bool) -> None:
    """Raise InputError when the format at `path` cannot hold the picture.

    Parameters
    ----------
    path
        Where it shall be written.
    picture
        What shall be written there.
    opaque
        Whether its alpha, if any, lets nothing through.
    """
    kind = _format(path)
    height, width = picture.pixels.shape[:2]
    if max(height, width) > LARGEST_SIDE.get(kind, 2**31 - 1):
        raise InputError(f"A {kind} file has at most {LARGEST_SIDE[kind]} pixels a side; write PNG or TIFF.")
    if kind == "JPEG" and not opaque:
        raise InputError("A JPEG file cannot hold transparency; write PNG, TIFF or WebP.")
    if picture.pixels.dtype.kind == "f" and kind != "TIFF":
        raise InputError(f"A {kind} file cannot hold floating-point numbers; write TIFF.")


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture in the format that the path's suffix tells.

    PNG and TIFF are lossless; WebP is when what was read was. A JPEG file read and written keeps its own
    compression; another picture becomes JPEG of quality 95 at full colour resolution. JPEG and WebP have 8
    bits a channel: more are rounded, with an `InpaintWarning`.

    Raises
    ------
    InputError
        When the format cannot hold the picture.
    FillError
        When the file cannot be written; what was there is still there.
    """
    opaque = not picture.has_alpha or bool((picture.pixels[..., -1] >= picture.opaque).all())
    check_fits(path, picture, opaque=opaque)
    data = _encode(_format(path), picture)
    try:
        replace(path, data)
    except OSError as error:
        raise FillError(f"The filled picture could not be written to {path}: {error.strerror}.") from error


def _encode(kind: str, picture: Picture) -> bytes:
    stored = np.ascontiguousarray(as_stored(picture.pixels, picture.orientation))
    if kind == "TIFF":
        if stored.dtype != np.uint8 and stored.ndim == 3 and stored.shape[2] == 2:
            stored = stored[..., [0, 0, 0, 1]]  # few programs read deep grey with alpha
        return tiff.encode(
            stored, icc=picture.icc, exif=picture.exif, dpi=picture.dpi, captions=picture.captions
        )
    if kind == "PNG" and stored.dtype == np.uint16:
        texts = captions.png_texts(picture.captions)
        return png.encode(stored, icc=picture.icc, exif=picture.exif, dpi=picture.dpi, texts=texts)
    if stored.dtype == np.uint16:
        warnings.warn(
            f"{kind} files have 8 bits a channel: the picture's 16 were rounded. PNG and TIFF keep them.",
            InpaintWarning,
            stacklevel=3,
        )
        stored = to_8_bits(stored)
    return _encode_with_pillow(kind, stored, picture)


def to_8_bits(pixels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return 16-bit values rounded to the nearest of 8 bits."""
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _encode_with_pillow(kind: str, stored: NDArray[np.uint8], picture: Picture) -> bytes:
    settings: dict[str, Any] = {"icc_profile": picture.icc}
    if picture.exif:
        settings["exif"] = exif.PREFIX + picture.exif
    if picture.dpi and kind != "WebP":
        settings["dpi"] = picture.dpi
    if kind == "JPEG":
        stored = _without_alpha(stored)
        settings |= _jpeg_settings(picture, stored)
    elif kind == "WebP":
        settings |= {"lossless": not picture.lossy, "quality": QUALITY, "exact": True}
        settings["xmp"] = picture.captions.xmp
    elif kind == "PNG":
        settings["compress_level"] = png.DEFLATE
        settings["pnginfo"] = info = PngImagePlugin.PngInfo()
        for keyword, text in captions.png_texts(picture.captions).items():
            info.add_itxt(keyword, text)
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(stored)).save(file, kind, **settings)
    return file.getvalue()


def _without_alpha(stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if stored.ndim == 2:
        return stored
    return stored[..., 0] if stored.shape[2] == 2 else stored[..., :3]


def _jpeg_settings(picture: Picture, stored: NDArray[np.uint8]) -> dict[str, Any]:
    settings: dict[str, Any] = {"quality": QUALITY, "subsampling": 0}
    coding = picture.jpeg
    if coding and _suits(coding.tables, stored):
        settings = {"qtables": coding.tables}
        if coding.sampling >= 0:
            settings["subsampling"] = coding.sampling
    if picture.exif and len(picture.exif) > LARGEST_JPEG_EXIF:
        settings["exif"] = exif.PREFIX + exif.build({exif.ORIENTATION: picture.orientation})
    settings["extra"] = captions.jpeg_segments(picture.captions)
    settings["comment"] = captions.jpeg_comment(picture.captions)
    return settings


def _suits(tables: dict[int, list[int]], stored: NDArray[np.uint8]) -> bool:
    """Tell whether these are the tables Pillow's encoder expects: one for grey, two for colour."""
    return len(tables) == (1 if stored.ndim == 2 else 2) and sorted(tables) == list(range(len(tables)))


def replace(path: Path, data: bytes) -> None:
    """Make `data` the content of the file: written beside it and put in its place when it is complete.

    A link is followed, an existing file's permissions are kept, and what is no regular file (a device, a
    pipe) is written into.

    Raises
    ------
    OSError
        When it cannot be written; what was there is still there.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    beside = target.parent / f".inpaint-{secrets.token_hex(6)}.part"
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Let the new name outlive a power cut, where the system lets a folder be opened for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
