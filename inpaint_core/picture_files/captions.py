"""What people wrote about a picture: XMP, IPTC, comments; without the small pictures that may be in there.

Sources: ISO 16684-1 (XMP) and Adobe, "XMP specification part 3" (where each format keeps it); IPTC,
"Photo metadata standard", in a Photoshop image resource of JPEG and a tag of TIFF.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

XMP_KEYWORD = "XML:com.adobe.xmp"
"""The keyword of a PNG text that is XMP."""
XMP_TAG, IPTC_TAG = 700, 33723
"""Of TIFF."""

COMMENT = "Comment"
"""The keyword of a PNG text, and here of the comment of a JPEG file."""
LARGEST = 1 << 20
"""Bytes; what is longer is no caption."""
LARGEST_SEGMENT = 65_000
"""Bytes that a JPEG file has room for in one piece."""

_IPTC_RESOURCE = 0x0404
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_PICTURES = re.compile(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails>", re.DOTALL)
_KEYWORD = re.compile(r"(?!Raw profile type |Thumb::|XML:com\.adobe\.xmp)[ -~\xa1-\xff]{1,79}$")
"""Keywords that PNG allows, but for texts that are kept elsewhere or belong to the picture as it was."""


@dataclass(frozen=True, slots=True)
class Captions:
    """What a file says about its picture in words.

    Attributes
    ----------
    xmp
        An XMP packet; empty for none.
    iptc
        IPTC records; empty for none.
    texts
        Texts by keyword.
    """

    xmp: bytes = b""
    iptc: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)


def gather(xmp: object, iptc: object, texts: Mapping[Any, object]) -> Captions:
    """Return what a file said as far as it is captions: bytes and texts of bounded size, no pictures."""
    packet = _PICTURES.sub(b"", _bounded(xmp))
    kept = {
        keyword: str(text)
        for keyword, text in texts.items()
        if isinstance(text, str) and len(text) <= LARGEST and _KEYWORD.match(keyword)
    }
    return Captions(packet, _bounded(iptc), kept)


def of_pillow(image: Any) -> Captions:
    """Return the captions of a picture that Pillow has read whole."""
    info = image.info
    texts = dict(getattr(image, "text", {}))
    if isinstance(comment := info.get("comment"), bytes):
        texts[COMMENT] = comment.decode(errors="replace").rstrip("\0")
    resources = info.get("photoshop", {})
    return gather(info.get("xmp"), resources.get(_IPTC_RESOURCE), texts)


def jpeg_segments(captions: Captions) -> bytes:
    """Return XMP and IPTC as segments of a JPEG file, what has room there."""
    segments = b""
    if 0 < len(captions.xmp) <= LARGEST_SEGMENT:
        segments += _segment(0xE1, _XMP_SEGMENT + captions.xmp)
    if 0 < len(captions.iptc) <= LARGEST_SEGMENT:
        resource = struct.pack(">4sHHI", b"8BIM", _IPTC_RESOURCE, 0, len(captions.iptc)) + captions.iptc
        segments += _segment(0xED, b"Photoshop 3.0\0" + resource + b"\0" * (len(resource) % 2))
    return segments


def jpeg_comment(captions: Captions) -> bytes:
    """Return the comment of a JPEG file; empty for none."""
    comment = captions.texts.get(COMMENT, "").encode()
    return comment if len(comment) <= LARGEST_SEGMENT else b""


def png_texts(captions: Captions) -> dict[str, str]:
    """Return the texts of a PNG file by keyword, XMP among them."""
    texts = dict(captions.texts)
    if captions.xmp:
        texts[XMP_KEYWORD] = captions.xmp.decode(errors="replace")
    return texts


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _bounded(value: object) -> bytes:
    """Return bytes of a bounded size; nothing of what is none or larger."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, bytes) and len(value) <= LARGEST else b""
