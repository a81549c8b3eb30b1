"""Captions go from file to file; pictures within them, and what is too large, do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from inpaint_core.picture_files import Picture, read_picture, write_picture
from inpaint_core.picture_files.captions import LARGEST, LARGEST_SEGMENT, Captions, gather

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><xmp:Rating>5</xmp:Rating></x:xmpmeta>'
IPTC = b"\x1c\x02\x74\x00\x0a(c) nobody"
TEXTS = {"Copyright": "© nobody", "Comment": "a day at sea"}
ALL = Captions(XMP, IPTC, TEXTS)


@pytest.mark.parametrize(
    ("suffix", "dtype", "kept"),
    [
        (".jpg", "uint8", Captions(XMP, IPTC, {"Comment": "a day at sea"})),
        (".png", "uint8", Captions(XMP, b"", TEXTS)),
        (".png", "uint16", Captions(XMP, b"", TEXTS)),
        (".tif", "uint8", Captions(XMP, IPTC)),
        (".tif", "uint16", Captions(XMP, IPTC)),
        (".webp", "uint8", Captions(XMP)),
    ],
)
def test_each_format_keeps_what_it_has_room_for(
    tmp_path: Path, suffix: str, dtype: str, kept: Captions
) -> None:
    path = tmp_path / f"picture{suffix}"
    write_picture(path, Picture(np.full((20, 30, 3), 99, dtype), captions=ALL))
    assert read_picture(path).captions == kept


def test_other_programs_read_them(tmp_path: Path) -> None:
    for suffix in (".jpg", ".png", ".tif", ".webp"):
        write_picture(tmp_path / f"p{suffix}", Picture(np.full((20, 30, 3), 99, np.uint8), captions=ALL))
        with Image.open(tmp_path / f"p{suffix}") as image:
            assert image.info["xmp"] == XMP
    with Image.open(tmp_path / "p.jpg") as image:
        assert image.info["photoshop"][0x0404] == IPTC
        assert image.info["comment"] == b"a day at sea"


def test_pictures_within_xmp_are_left_out() -> None:
    packet = b"<a/><xmp:Thumbnails><rdf:Alt>\nAAAA</rdf:Alt></xmp:Thumbnails><b/>"
    assert gather(packet, None, {}).xmp == b"<a/><b/>"


def test_what_is_too_large_or_not_allowed_is_left_out(tmp_path: Path) -> None:
    huge = "x" * (LARGEST + 1)
    found = gather(huge.encode(), 17, {"Title": huge, "": "a", "k" * 80: "b", "Thumb::MTime": "c", "dpi": 3})
    assert found == Captions()
    long = Captions(b"x" * (LARGEST_SEGMENT + 1), b"y" * (LARGEST_SEGMENT + 1), {"Comment": "z" * 70_000})
    write_picture(tmp_path / "p.jpg", Picture(np.full((20, 30, 3), 99, np.uint8), captions=long))
    assert read_picture(tmp_path / "p.jpg").captions == Captions()


def test_texts_of_other_programs_are_kept(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "née", zip=True)
    info.add_text("Raw profile type exif", "0123")
    Image.fromarray(np.zeros((8, 9), np.uint8)).save(tmp_path / "p.png", pnginfo=info)
    assert read_picture(tmp_path / "p.png").captions.texts == {"Author": "née"}
