"""Earlier fills of the same layer: the next fill goes on from them, so that what they removed stays away."""

from __future__ import annotations

from dataclasses import replace

from gi.repository import Gegl, Gimp
from new_layer import fills_of
from target import Target


def shown(target: Target) -> Target:
    """Return the target with its picture as the visible fills above its layer show it."""
    fills = [layer for layer in fills_of(target) if layer.get_visible()]
    if not fills:
        return target
    picture = target.picture.dup()
    for layer in reversed(fills):  # the lowest first
        _lay_over(picture, layer, target.offset)
    return replace(target, picture=picture)


def _lay_over(picture: Gegl.Buffer, layer: Gimp.Layer, offset: tuple[int, int]) -> None:
    """Blend a layer, as far as its mask shows it, into a picture whose place in the image is `offset`."""
    x, y = list(layer.get_offsets())[1:]
    graph = Gegl.Node.new()
    above = _buffer(graph, layer)
    mask = layer.get_mask()
    if mask is not None and layer.get_apply_mask():
        hidden = _child(graph, "gegl:opacity")
        above.link(hidden)
        _buffer(graph, mask).connect("output", hidden, "aux")
        above = hidden
    place = _child(graph, "gegl:translate", x=float(x - offset[0]), y=float(y - offset[1]))
    whole = _child(graph, "gegl:over")
    part = _child(
        graph,
        "gegl:crop",
        x=float(x - offset[0]),
        y=float(y - offset[1]),
        width=float(layer.get_width()),
        height=float(layer.get_height()),
    )
    below = _child(graph, "gegl:buffer-source", buffer=picture.dup())
    end = _child(graph, "gegl:write-buffer", buffer=picture)
    above.link(place)
    place.connect("output", whole, "aux")
    below.link(whole)
    whole.link(part)
    part.link(end)
    end.process()


def _buffer(graph: Gegl.Node, drawable: Gimp.Drawable) -> Gegl.Node:
    return _child(graph, "gegl:buffer-source", buffer=drawable.get_buffer())


def _child(graph: Gegl.Node, operation: str, **settings: object) -> Gegl.Node:
    node = graph.create_child(operation)
    for name, value in settings.items():
        node.set_property(name, value)
    return node
