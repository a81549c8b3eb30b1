"""GIMP's selection: read, and set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from buffers import read, rectangle
from encoding import channel_form
from geometry import Box
from gi.repository import Gegl, Gimp
from target import Target


def read_selection(target: Target, box: Box) -> bytes:
    """Read how far each pixel of a part of the layer is selected; outside the canvas it is not."""
    selection = target.image.get_selection().get_buffer()
    return read(selection, box.shift(*target.offset), target.encoding.coverage)


def select(image: Gimp.Image, box: Box, coverage: bytes, form: str) -> Gimp.Selection:
    """Make `coverage`, in Babl's format `form`, the selection of an image; nothing else is selected."""
    size = (image.get_width(), image.get_height())
    channel = Gimp.Channel.new(image, "hole", *size, 100.0, Gegl.Color.new("black"))
    image.insert_channel(channel, None, 0)
    buffer = channel.get_buffer()
    buffer.set(rectangle(box), form, coverage)
    buffer.flush()
    channel.update(0, 0, *size)
    image.select_item(Gimp.ChannelOps.REPLACE, channel)
    image.remove_channel(channel)
    return image.get_selection()


@contextmanager
def selected_alone(target: Target) -> Iterator[None]:
    """Have exactly what is to be filled selected; afterwards what was selected before."""
    image, hole, encoding = target.image, target.hole, target.encoding
    wanted = read(target.cover, hole, encoding.coverage)
    if wanted == read_selection(target, hole):
        yield
        return
    image.undo_group_start()
    kept = Gimp.Selection.save(image)
    try:
        select(image, hole.shift(*target.offset), wanted, channel_form(image, encoding.component))
        yield
    finally:
        image.select_item(Gimp.ChannelOps.REPLACE, kept)
        image.remove_channel(kept)
        image.set_selected_layers([target.layer])
        image.undo_group_end()
