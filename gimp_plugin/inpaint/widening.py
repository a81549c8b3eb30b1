"""A hole that is a little wider or softer than what was selected."""

from __future__ import annotations

from document import Target, read, with_cover
from geometry import Box
from gi.repository import Gegl, Gimp

COVERAGE = "Y float"
"""As GIMP keeps channels and selections of an image of that precision, so that nothing is converted."""
FEATHER_REACH = 2
"""How many times its radius GIMP's feathering reaches beyond an edge, at most."""


def widen(target: Target, grow: int, feather: float) -> Target:
    """Return the target with its hole grown by `grow` pixels, then feathered with that radius.

    GIMP itself does both, in an image of its own that nobody sees.
    """
    if not grow and not feather:
        return target
    box = target.hole.grow(grow + int(feather * FEATHER_REACH) + 1) & target.extent.box
    scratch = Gimp.Image.new_with_precision(
        box.width, box.height, Gimp.ImageBaseType.GRAY, Gimp.Precision.FLOAT_LINEAR
    )
    try:
        placed = Box(0, 0, box.width, box.height)
        selected = select(scratch, placed, read(target.cover, box, COVERAGE), COVERAGE)
        if grow:
            Gimp.Selection.grow(scratch, grow)
        if feather:
            Gimp.Selection.feather(scratch, feather)
        coverage = read(selected.get_buffer(), placed, target.encoding.coverage)
    finally:
        scratch.delete()
    return with_cover(target, box, coverage)


def select(image: Gimp.Image, box: Box, coverage: bytes, form: str) -> Gimp.Selection:
    """Make `coverage`, in Babl's format `form`, the selection of an image; nothing else is selected."""
    size = (image.get_width(), image.get_height())
    channel = Gimp.Channel.new(image, "hole", *size, 100.0, Gegl.Color.new("black"))
    image.insert_channel(channel, None, 0)
    buffer = channel.get_buffer()
    buffer.set(Gegl.Rectangle.new(box.x0, box.y0, box.width, box.height), form, coverage)
    buffer.flush()
    channel.update(0, 0, *size)
    image.select_item(Gimp.ChannelOps.REPLACE, channel)
    image.remove_channel(channel)
    return image.get_selection()
