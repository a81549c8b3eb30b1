"""What a picture file holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.picture_files.captions import Captions


@dataclass(frozen=True, slots=True)
class JpegCoding:
    """How a JPEG file was compressed, so that writing it again loses as little as possible."""

    tables: dict[int, list[int]]
    sampling: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels as a viewer shows them, and what else the file said.

    Attributes
    ----------
    pixels : (H, W) or (H, W, C), C = 2…4
        uint8, uint16 or float32; grey, grey+alpha, RGB or RGBA, alpha not multiplied in.
    orientation
        The EXIF orientation, 1…8, in which the file stores them.
    icc
        The colour profile.
    exif
        A TIFF structure, as EXIF is, without its thumbnail.
    dpi
        Pixels per inch, across and down.
    lossy
        Whether the file's own compression has changed pixels.
    jpeg
        How, when it is a JPEG file.
    captions
        What the file says in words.
    """

    pixels: NDArray[Any]
    orientation: int = 1
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    lossy: bool = False
    jpeg: JpegCoding | None = None
    captions: Captions = field(default_factory=Captions)

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.pixels.ndim == 3 and self.pixels.shape[2] in (2, 4)

    @property
    def opaque(self) -> float:
        """The value of alpha that lets nothing through."""
        dtype = self.pixels.dtype
        return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0
