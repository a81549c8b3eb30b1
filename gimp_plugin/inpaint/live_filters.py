"""Live (non-destructive) filters: copied to the new layer where that shows the same, else named."""

from __future__ import annotations

from gi.repository import Gegl, Gimp, GObject

SAFE_INTERNAL = (3, 1)
"""From this GIMP on, its own filters (``gimp:…``) may be asked for their settings; 3.0.4 crashes."""

PLACED = frozenset({"gegl:vignette"})
"""Work on each pixel alone, yet by its place in the layer, which a cropped layer changes."""


def copy_filters(source: Gimp.Layer, layer: Gimp.Layer) -> list[str]:
    """Copy the live filters of `source` that look at each pixel alone.

    Others, a blur for one, would reach over the new layer's edge, and would show something else there than
    in the source.

    Returns
    -------
    list of str
        The names of the filters that were not copied.
    """
    left_out = []
    for live in reversed(source.get_filters()):  # the topmost comes first, and is appended last
        if is_local(live.get_operation_name()):
            _copy(live, layer)
        else:
            left_out.append(live.get_name() or live.get_operation_name())
    return left_out


def is_local(operation: str) -> bool:
    """Tell whether an operation may be asked for its settings, and makes each pixel from itself alone."""
    if operation in PLACED:
        return False
    if operation.startswith("gimp:"):
        return bool((Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION) >= SAFE_INTERNAL)
    Gegl.init(None)
    node = Gegl.Node().create_child(operation)
    kind = node.get_gegl_operation().__gtype__
    return bool(kind.is_a(GObject.type_from_name("GeglOperationPointFilter")))


def _copy(live: Gimp.DrawableFilter, layer: Gimp.Layer) -> None:
    copy = Gimp.DrawableFilter.new(layer, live.get_operation_name(), live.get_name())
    settings, copied = live.get_config(), copy.get_config()
    for setting in settings.list_properties():
        copied.set_property(setting.name, settings.get_property(setting.name))
    copy.set_opacity(live.get_opacity())
    copy.set_blend_mode(live.get_blend_mode())
    copy.set_visible(live.get_visible())
    layer.append_filter(copy)
    copy.update()
