"""A part of a target, read to be sent to the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from buffers import read
from encoding import Encoding, channel_form
from geometry import Box
from target import Target
from wire import RawArray


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the layer at a scale, its pixels, and how far each of them is to be filled.

    `source` is where content comes from, in words or in pixels of that scale; `arrays` are what limits it
    further, by the names that the engine gives them.
    """

    box: Box
    encoding: Encoding
    pixels: RawArray
    coverage: RawArray
    source: str | float
    arrays: Mapping[str, RawArray]


def read_region(target: Target, box: Box, scale: float = 1.0, encoding: Encoding | None = None) -> Region:
    """Read a part of the layer, without its live filters, and how far each pixel of it is to be filled.

    Parameters
    ----------
    target
        What is to be filled.
    box
        The part, in the layer's coordinates.
    scale
        Below 1 reads it smaller; the region's own box is then in pixels of that size.
    encoding
        Instead of the target's own.
    """
    encoding = encoding or target.encoding
    box = Box(*(int(edge * scale) for edge in (box.x0, box.y0, box.x1, box.y1)))
    channels = () if encoding.channels == 1 else (encoding.channels,)
    size = (box.height, box.width)
    pixels = read(target.picture, box, encoding.pixels, scale)
    coverage = read(target.cover, box, encoding.coverage, scale)
    setting = target.origin.setting
    return Region(
        box,
        encoding,
        RawArray(encoding.dtype, (*size, *channels), pixels),
        RawArray(encoding.dtype, size, coverage),
        setting if isinstance(setting, str) else max(setting * scale, 1.0),
        dict(_read_limits(target, box, scale, encoding)),
    )


def _read_limits(
    target: Target, box: Box, scale: float, encoding: Encoding
) -> Iterator[tuple[str, RawArray]]:
    """Yield what limits the content of a region: a source marked by half or more, an exclusion at all."""
    origin, size = target.origin, (box.height, box.width)
    for name, buffer, least in (("source", origin.source, 128), ("exclude", origin.exclude, 1)):
        if buffer is not None:
            marked = bytes(value >= least for value in range(256))
            data = read(buffer, box, channel_form(target.image), scale).translate(marked)
            yield name, RawArray("bool", size, data)
    if origin.reference is not None:
        data = read(origin.reference, box, encoding.pixels, scale)
        yield "reference", RawArray(encoding.dtype, (*size, encoding.channels), data)
