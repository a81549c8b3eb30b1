"""What is to be filled: a layer, how far each of its pixels, and what content is taken from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from buffers import read, rectangle
from encoding import Encoding
from geometry import Box, Size
from gi.repository import Gegl, Gimp


@dataclass(frozen=True, slots=True)
class Origin:
    """Where content comes from besides the picture itself; boxes and buffers in the layer's coordinates.

    `setting` is what the engine is told: ``"auto"``, ``"whole"`` or a radius. `source` and `exclude` mark in
    their values, as channels do, where content may come from alone and where it never does; `reference` is
    another picture to take it from, and `box` what else is looked at for it. `merged` tells that the picture
    is what is seen of all layers.
    """

    setting: str | float = "auto"
    source: Gegl.Buffer | None = None
    exclude: Gegl.Buffer | None = None
    reference: Gegl.Buffer | None = None
    box: Box | None = None
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be filled; boxes and buffers are in the layer's own coordinates.

    `picture` is what content is taken from and `cover` how far each pixel is to be filled, nothing outside
    `hole`.
    """

    image: Gimp.Image
    layer: Gimp.Layer
    offset: tuple[int, int]
    extent: Size
    encoding: Encoding
    picture: Gegl.Buffer
    hole: Box
    cover: Gegl.Buffer
    origin: Origin = Origin()


def with_cover(target: Target, box: Box, coverage: bytes, form: str = "") -> Target:
    """Return the same target with another hole.

    Parameters
    ----------
    box
        Where it is, in the layer's coordinates.
    coverage
        How far each pixel of the box is to be filled.
    form
        Babl's name of that; ``target.encoding.coverage`` if not given.
    """
    form = form or target.encoding.coverage
    buffer = Gegl.Buffer.new(form, box.x0, box.y0, box.width, box.height)
    buffer.set(rectangle(box), form, coverage)
    return replace(target, hole=trim(box, coverage), cover=buffer)


def same_hole(one: Target, other: Target) -> bool:
    """Tell whether the same pixels are to be filled."""
    form = one.encoding.coverage
    return (one.layer, one.extent, one.offset, one.hole) == (
        other.layer,
        other.extent,
        other.offset,
        other.hole,
    ) and read(one.cover, one.hole, form) == read(other.cover, one.hole, form)


def trim(box: Box, coverage: bytes) -> Box:
    """Cut off the rows and columns in which nothing is selected: GIMP's own bounds may be too wide."""
    row = len(coverage) // box.height
    pixel = row // box.width
    rows = [coverage[start : start + row] for start in range(0, len(coverage), row)]
    filled = [number for number, data in enumerate(rows) if data.count(0) < row]
    if not filled:
        return Box(0, 0, 0, 0)
    left = min(row - len(rows[number].lstrip(b"\0")) for number in filled) // pixel
    right = -(-max(len(rows[number].rstrip(b"\0")) for number in filled) // pixel)
    return Box(box.x0 + left, box.y0 + filled[0], box.x0 + right, box.y0 + filled[-1] + 1)
