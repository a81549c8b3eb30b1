"""Parts of Gegl's buffers, read as bytes."""

from __future__ import annotations

from geometry import Box
from gi.repository import Gegl


def read(buffer: Gegl.Buffer, box: Box, form: str, scale: float = 1.0) -> bytes:
    """Read a box, in pixels of that scale, in Babl's format `form`; outside the buffer all is zero."""
    return bytes(buffer.get(rectangle(box), scale, form, Gegl.AbyssPolicy.NONE))


def rectangle(box: Box) -> Gegl.Rectangle:
    """Return a box as Gegl wants it."""
    return Gegl.Rectangle.new(box.x0, box.y0, box.width, box.height)
