"""The layer that a fill becomes: made and filled outside the image, then inserted by one last call."""

from __future__ import annotations

from geometry import Box
from gi.repository import Gegl, Gimp
from live_filters import copy_filters
from refusal import Refusal
from target import Target
from translation import _

OFFSPRING = "gimp-inpaint-source"
"""The parasite that tells of which layer (its tattoo) a layer is a fill."""


def make_layer(
    target: Target, pixels: bytes, name: str, hiding: bytes | None
) -> tuple[Gimp.Layer, list[str]]:
    """Return the new layer, not yet in the image, and what of the source it could not take over.

    Parameters
    ----------
    target
        What was filled; the layer covers ``target.hole``.
    pixels
        As ``target.encoding.pixels_with_alpha``.
    name
        The layer's name.
    hiding
        What the layer's mask shall be, as ``target.encoding.coverage``; None: it gets no mask.
    """
    source, hole = target.layer, target.hole
    layer = Gimp.Layer.new(
        target.image,
        name,
        hole.width,
        hole.height,
        source.type_with_alpha(),
        100.0,
        Gimp.LayerMode.NORMAL,
    )
    try:
        layer.set_offsets(target.offset[0] + hole.x0, target.offset[1] + hole.y0)
        layer.set_color_tag(source.get_color_tag())
        layer.set_visible(source.get_visible())
        layer.attach_parasite(Gimp.Parasite.new(OFFSPRING, Gimp.PARASITE_PERSISTENT, _tattoo(source)))
        _write(layer, hole, target.encoding.pixels_with_alpha, pixels)
        if hiding is not None:
            _add_mask(target, layer, hiding)
        return layer, [] if target.origin.merged else _dress(source, layer)
    except BaseException:
        layer.delete()
        raise


def _dress(source: Gimp.Layer, layer: Gimp.Layer) -> list[str]:
    """Let the new layer look as its source does, and return the names of the filters that it cannot have.

    What was seen of all visible layers looks so already.
    """
    layer.set_opacity(source.get_opacity())
    layer.set_mode(source.get_mode())
    layer.set_blend_space(source.get_blend_space())
    layer.set_composite_space(source.get_composite_space())
    layer.set_composite_mode(source.get_composite_mode())
    return copy_filters(source, layer)


def insert(target: Target, layer: Gimp.Layer) -> None:
    """Put the layer above its source and above earlier fills of it: one undo step.

    Nothing changes the picture after that; what follows only keeps the source the active layer, so that the
    next thing to remove can be selected at once.
    """
    source = target.layer
    position = _position(target) - len(fills_of(target))
    if not target.image.insert_layer(layer, source.get_parent(), position):
        reason = Gimp.get_pdb().get_last_error()
        layer.delete()
        raise Refusal(_("GIMP did not take the new layer: {reason}").format(reason=reason))
    target.image.set_selected_layers([source])
    Gimp.displays_flush()


def _write(drawable: Gimp.Drawable, hole: Box, form: str, data: bytes) -> None:
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, hole.width, hole.height), form, data)
    buffer.flush()
    drawable.update(0, 0, hole.width, hole.height)


def _add_mask(target: Target, layer: Gimp.Layer, hiding: bytes) -> None:
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    _write(mask, target.hole, target.encoding.coverage, hiding)
    layer.add_mask(mask)
    layer.set_edit_mask(False)


def fills_of(target: Target) -> list[Gimp.Item]:
    """Return the earlier fills that lie right above the target's layer, the topmost first."""
    above = _siblings(target)[: _position(target)]
    count = 0
    while count < len(above) and _is_fill_of(target.layer, above[-1 - count]):
        count += 1
    return above[len(above) - count :]


def _position(target: Target) -> int:
    return [item.get_id() for item in _siblings(target)].index(target.layer.get_id())


def _siblings(target: Target) -> list[Gimp.Item]:
    parent = target.layer.get_parent()
    return list(target.image.get_layers() if parent is None else parent.get_children())


def _is_fill_of(source: Gimp.Layer, layer: Gimp.Layer) -> bool:
    parasite = layer.get_parasite(OFFSPRING)
    return parasite is not None and bytes(parasite.get_data()) == _tattoo(source)


def _tattoo(layer: Gimp.Layer) -> bytes:
    return str(layer.get_tattoo()).encode()
