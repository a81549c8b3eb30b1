"""Where the content of a fill comes from: what the person chose, as pixels and masks beside the layer."""

from __future__ import annotations

from array import array
from dataclasses import replace

import earlier
from arguments import CHANNEL, LAYER, RADIUS, VISIBLE
from buffers import read
from encoding import channel_form
from geometry import Box
from gi.repository import Gegl, Gimp
from refusal import Refusal
from settings import Wish
from target import Origin, Target, trim
from translation import _


def apply(target: Target, wish: Wish) -> Target:
    """Return the target with its content from where the person wants it.

    Raises
    ------
    Refusal
        When the layer or the channel that was chosen is not there.
    """
    origin = Origin(exclude=_exclusion(target, wish.exclusion))
    if wish.source != VISIBLE:  # where they are seen already
        target = earlier.shown(target)
    if wish.source == RADIUS:
        origin = replace(origin, setting=float(wish.radius))
    elif wish.source == CHANNEL:
        asked = _("Choose the channel that marks where content may come from.")
        buffer = _channel(target, _usable(target, wish.channel, asked))
        marked = trim(_box(buffer), read(buffer, _box(buffer), channel_form(target.image)))
        origin = replace(origin, source=buffer, box=marked & target.extent.box)
    elif wish.source == LAYER:
        return _from_layer(target, wish.layer, origin)
    elif wish.source == VISIBLE:
        return _from_visible(target, origin)
    else:
        origin = replace(origin, setting=wish.source)
    return replace(target, origin=origin)


def check(target: Target) -> None:
    """Refuse a hole that leaves nothing to take content from."""
    if target.origin.reference is not None or target.hole != target.extent.box:
        return
    if 0 in array(target.encoding.code, read(target.cover, target.hole, target.encoding.coverage)):
        return
    raise Refusal(
        _(
            "All of the layer “{name}” is to be filled, so nothing of it is left to take content from. "
            "Select less, another layer in the Layers panel, or another layer to take content from."
        ).format(name=target.layer.get_name())
    )


def _exclusion(target: Target, channel: Gimp.Channel | None) -> Gegl.Buffer | None:
    if channel is None:
        return None
    return _channel(target, _usable(target, channel, ""))


def _from_layer(target: Target, chosen: Gimp.Layer | None, origin: Origin) -> Target:
    """Take the pixels of another layer, as far as it and its mask show them."""
    layer = _usable(target, chosen, _("Choose the layer that content is to come from."))
    if layer == target.layer:
        raise Refusal(
            _(
                "Content cannot come from the very layer that is filled in this way. Choose another layer, "
                "or “Whole layer”."
            )
        )
    target = replace(target, encoding=replace(target.encoding, alpha=True))
    pixels = _aligned(target, layer, layer, target.encoding.pixels)
    mask = layer.get_mask()
    if mask is not None and layer.get_apply_mask():
        origin = replace(origin, source=_aligned(target, layer, mask, channel_form(target.image)))
    return replace(target, origin=replace(origin, setting="whole", reference=pixels, box=_box(pixels)))


def _from_visible(target: Target, origin: Origin) -> Target:
    """Take what is seen of all visible layers instead of the layer's own pixels."""
    target = replace(target, encoding=replace(target.encoding, alpha=True))
    seen = Gimp.Layer.new_from_visible(target.image, target.image, "seen")
    try:
        picture = _aligned(target, None, seen, target.encoding.pixels)
    finally:
        seen.delete()
    return replace(target, picture=picture, origin=replace(origin, merged=True))


def _usable(target: Target, item: Gimp.Item | None, wanted: str) -> Gimp.Item:
    """Return the item if it is one of the target's image; say what is `wanted` if none was chosen."""
    if item is None:
        raise Refusal(wanted)
    if not item.is_valid():
        raise Refusal(
            _("The layer or channel that content was to come from has been deleted. Choose another.")
        )
    if item.get_image() != target.image:
        raise Refusal(
            _(
                "“{item}” belongs to another image. Choose a layer or channel of this image to say "
                "where content comes from."
            ).format(item=item.get_name())
        )
    return item


def _channel(target: Target, channel: Gimp.Channel) -> Gegl.Buffer:
    return _aligned(target, channel, channel, channel_form(target.image))


def _aligned(target: Target, placed: Gimp.Item | None, drawable: Gimp.Drawable, form: str) -> Gegl.Buffer:
    """Copy a drawable's pixels to where they lie in the target's coordinates.

    `placed` is what tells the drawable's place in the image; None: it covers the canvas.
    """
    x, y = (0, 0) if placed is None else list(placed.get_offsets())[1:]
    width, height = drawable.get_width(), drawable.get_height()
    left, top = x - target.offset[0], y - target.offset[1]
    buffer = Gegl.Buffer.new(form, left, top, width, height)
    drawable.get_buffer().copy(
        Gegl.Rectangle.new(0, 0, width, height),
        Gegl.AbyssPolicy.NONE,
        buffer,
        Gegl.Rectangle.new(left, top, width, height),
    )
    return buffer


def _box(buffer: Gegl.Buffer) -> Box:
    extent = buffer.get_extent()
    return Box(extent.x, extent.y, extent.x + extent.width, extent.y + extent.height)
