"""Reading picture files; whatever is wrong with one becomes a sentence."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from inpaint_core.errors import InputError
from inpaint_core.picture_files import captions, exif, png, tiff
from inpaint_core.picture_files.orientation import as_shown
from inpaint_core.picture_files.picture import JpegCoding, Picture

MAX_PIXELS = 1 << 29
"""Larger pictures are refused before their pixels are decoded: a small file may announce a huge one."""

FORMATS = "PNG, JPEG, TIFF or WebP"


def read_picture(path: Path) -> Picture:
    """Read a PNG, JPEG, TIFF or WebP file.

    Palettes become RGB or RGBA, black and white grey, a transparent colour alpha.

    Raises
    ------
    InputError
        When there is no such file, or it is damaged, of another format, too large, in a colour model for
        print, or holds several pictures.
    """
    with _open(path) as file:
        kind = _sniff(file.read(16))
        if kind is None:
            raise InputError(f"{path} is no {FORMATS} file.")
        file.seek(0)
        with _words_for_faults(path), _pillow_on_our_terms():
            if kind == "PNG" and png.is_deep(file):
                return _read_deep_png(file, path)
            if kind == "TIFF":
                return _read_tiff(file, path)
            return _read_with_pillow(file, kind, path)


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a picture file.") from None
    except (OSError, ValueError) as error:
        if path.is_dir():  # what Windows calls a lack of permission
            raise InputError(f"{path} is a folder, not a picture file.") from None
        raise InputError(f"{path} cannot be read: {_reason(error)}.") from None
    with file:
        if not file.seekable():
            raise InputError(f"{path} is a pipe or the like; name a picture file.")
        yield file


def _reason(error: Exception) -> str:
    if isinstance(error, LookupError):
        return "a part of it is missing"
    if isinstance(error, UnidentifiedImageError):
        return "its beginning is not that of a picture"
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _sniff(start: bytes) -> str | None:
    if start.startswith(png.SIGNATURE):
        return "PNG"
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    return None


@contextmanager
def _words_for_faults(path: Path) -> Iterator[None]:
    """Turn any fault that a decoder finds in a file into one sentence."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(_too_large(path)) from None
    except Exception as error:  # decoders have no common error for what is broken
        raise InputError(f"{path} is damaged or cut short ({_reason(error)}).") from error


@contextmanager
def _pillow_on_our_terms() -> Iterator[None]:
    """Let Pillow warn of nothing, and refuse what has more than `MAX_PIXELS`."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _too_large(path: Path) -> str:
    return f"{path} has more than {MAX_PIXELS // 10**6} megapixels, the largest that is read."


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputError(_too_large(path))


def _check_single(path: Path, frames: int) -> None:
    if frames > 1:
        raise InputError(
            f"{path} holds {frames} pictures (pages or an animation); save the one to fill by itself."
        )


def _read_with_pillow(file: BinaryIO, kind: str, path: Path) -> Picture:
    formats = ["JPEG", "MPO"] if kind == "JPEG" else [kind]
    with Image.open(file, formats=formats) as image:
        if (
            kind != "JPEG"
        ):  # a telephone appends other views of the scene to its JPEG; the first is the picture
            _check_single(path, getattr(image, "n_frames", 1))
        jpeg = None
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            jpeg = JpegCoding(dict(image.quantization), JpegImagePlugin.get_sampling(image))
        pixels = _pixels(image, path)
        embedded = _exif_of(image)
        turn = exif.orientation(exif.parse(embedded)) if embedded else 1
        return Picture(
            pixels=as_shown(pixels, turn),
            orientation=turn,
            icc=image.info.get("icc_profile") or None,
            exif=embedded,
            dpi=_dpi_of(image),
            lossy=kind == "JPEG" or (kind == "WEBP" and _is_lossy_webp(file)),
            jpeg=jpeg,
            captions=captions.of_pillow(image),
        )


def _pixels(image: Image.Image, path: Path) -> np.ndarray:
    """Decode what has at most 8 bits a channel, or one channel of 16."""
    mode = image.mode
    if mode in ("CMYK", "LAB"):
        raise InputError(f"{path} is in {mode} colours; convert it to RGB first.")
    if mode == "I;16B":
        image.load()
        return np.asarray(image).astype(np.uint16)
    if mode not in ("L", "LA", "RGB", "RGBA", "I;16") or "transparency" in image.info:
        image.load()
        image = image.convert(_plain_mode(image, path))
    return np.asarray(image)


def _plain_mode(image: Image.Image, path: Path) -> str:
    plain = {
        "1": "L",
        "L": "L",
        "La": "LA",
        "P": "RGB",
        "PA": "RGBA",
        "RGB": "RGB",
        "RGBX": "RGB",
        "RGBa": "RGBA",
        "YCbCr": "RGB",
    }.get(image.mode)
    if plain is None:
        raise InputError(
            f"{path} is of a kind ({image.mode}) that is not read; save it with 8 or 16 bits a channel."
        )
    if "transparency" in image.info:
        return {"L": "LA", "RGB": "RGBA"}.get(plain, plain)
    return plain


def _exif_of(image: Image.Image) -> bytes | None:
    raw = image.info.get("exif")
    if not isinstance(raw, bytes) or not raw:
        return None
    return exif.without_thumbnail(raw.removeprefix(exif.PREFIX))


def _dpi_of(image: Image.Image) -> tuple[float, float] | None:
    across, down = image.info.get("dpi", (0, 0))
    return (float(across), float(down)) if across > 0 and down > 0 else None


def _is_lossy_webp(file: BinaryIO) -> bool:
    """Look for a ``VP8`` chunk, where a lossless picture has ``VP8L``."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        if head[:4] in (b"VP8 ", b"VP8L"):
            return head[:4] == b"VP8 "
        size = int.from_bytes(head[4:], "little")
        file.seek(size + size % 2, os.SEEK_CUR)
    return False


def _read_deep_png(file: BinaryIO, path: Path) -> Picture:
    data = file.read()
    header = png.check(data)
    _check_size(path, header.width, header.height)
    file.seek(0)
    with Image.open(file, formats=["PNG"]) as image:
        _check_single(path, getattr(image, "n_frames", 1))
        icc, dpi = image.info.get("icc_profile") or None, _dpi_of(image)
        said = captions.gather(image.info.get("xmp"), None, image.info)
    embedded = exif.without_thumbnail(header.exif) if header.exif else None
    turn = exif.orientation(exif.parse(embedded)) if embedded else 1
    pixels = as_shown(png.decode(data, header), turn)
    return Picture(pixels, turn, icc, embedded, dpi, captions=said)


def _read_tiff(file: BinaryIO, path: Path) -> Picture:
    directory = exif.read_directory(file)
    width, height = tiff.size(directory)
    _check_size(path, width, height)
    file.seek(0, os.SEEK_END)
    tiff.check_complete(directory, file.tell())
    if directory.next:
        _check_single(path, tiff.count_pages(file))
    file.seek(0)
    tags = exif.descriptive(directory)
    tiff.check_channels(directory, str(path))
    if tiff.is_deep(directory):
        pixels = tiff.decode(file.read(), directory, str(path))
    else:
        with Image.open(file, formats=["TIFF"]) as image:
            pixels = _pixels(image, path)  # Pillow turns TIFF files upright by itself, as OpenCV does
    return Picture(
        pixels=pixels,
        orientation=exif.orientation(tags),
        icc=tiff.profile(directory),
        exif=exif.build(tags) if tags else None,
        dpi=tiff.resolution(directory),
        lossy=tiff.is_lossy(directory),
        captions=captions.gather(directory.get(captions.XMP_TAG), directory.get(captions.IPTC_TAG), {}),
    )
