"""What is found in GIMP's image: the layer to fill, and the selection as the hole in it.

Nothing here changes the image.
"""

from __future__ import annotations

from array import array

from buffers import read
from encoding import choose_encoding
from geometry import Box, Size
from gi.repository import Gegl, Gimp
from refusal import Refusal
from selection import read_selection
from target import Target, with_cover
from translation import _

QUICK_MASK = "Qmask"
"""The name by which GIMP itself knows the Quick Mask among the channels."""

_QUICK_MASK_IS_ON = _(
    "Quick Mask is on. Turn it off (Select ▸ Toggle Quick Mask), then fill the selection that it makes."
)


def find_selected(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Target:
    """Return the layer to fill, with what is selected as the hole.

    Raises
    ------
    Refusal
        When the selection or what is active in the Layers panel is nothing that can be filled.
    """
    target = find_layer(image, drawables)
    layer = target.layer
    outside = _outside(layer)
    if Gimp.Selection.is_empty(image):
        raise Refusal(_("Nothing is selected. Select what is to be filled, then try again."))
    touched, x, y, width, height = layer.mask_intersect()
    if not touched:
        raise outside
    box = Box(x, y, x + width, y + height)
    coverage = read_selection(target, box)
    target = with_cover(target, box, coverage)
    if not target.hole:
        raise outside
    return target


def find_place(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Target:
    """Return the layer with what is selected of it as the hole, or all of it where nothing is selected.

    Raises
    ------
    Refusal
        When that is nothing that can be worked on.
    """
    target = find_layer(image, drawables)
    box = target.extent.box
    if Gimp.Selection.is_empty(image):
        return with_cover(target, box, b"\xff" * (box.width * box.height), "Y u8")
    found = with_cover(target, box, read_selection(target, box))
    if not found.hole:
        raise _outside(target.layer)
    return found


def find_layer(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Target:
    """Return the layer to fill, nothing of it to be filled yet.

    Raises
    ------
    Refusal
        When what is active in the Layers panel is no layer that can be filled.
    """
    if not image.is_valid():
        raise Refusal(_("The image has been closed."))
    if image.get_channel_by_name(QUICK_MASK) is not None:
        raise Refusal(_QUICK_MASK_IS_ON)
    layer = _check_layer(image, drawables)
    x, y = list(layer.get_offsets())[1:]
    encoding = choose_encoding(image, layer)
    Gegl.init(None)
    return Target(
        image,
        layer,
        (x, y),
        Size(layer.get_width(), layer.get_height()),
        encoding,
        layer.get_buffer(),
        Box(0, 0, 0, 0),
        Gegl.Buffer.new(encoding.coverage, 0, 0, 1, 1),
    )


def _outside(layer: Gimp.Layer) -> Refusal:
    return Refusal(
        _(
            "The selection lies outside the layer “{layer}”. Select a part of that layer, or select "
            "the layer that is to be filled in the Layers panel."
        ).format(layer=layer.get_name())
    )


def _check_layer(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Gimp.Layer:
    if image.get_floating_sel() is not None:
        raise Refusal(
            _(
                "There is a floating selection. Anchor it or make it a layer, both in the menu “Layer”, then "
                "try again."
            )
        )
    if any(not drawable.is_valid() for drawable in drawables):
        raise Refusal(_("The layer has been deleted. Select the one that is to be filled, then try again."))
    if len(drawables) != 1:
        raise Refusal(
            _(
                "Not one layer but {count} are selected in the Layers panel. Select the one to be filled."
            ).format(count=len(drawables))
            if drawables
            else _("No layer is selected in the Layers panel. Select the one layer that is to be filled.")
        )
    drawable = drawables[0]
    name = drawable.get_name()
    if isinstance(drawable, Gimp.LayerMask):
        raise Refusal(
            _("The layer's mask is active, not the layer. Click on the layer's own preview, then try again.")
        )
    if isinstance(drawable, Gimp.Channel):
        raise Refusal(
            _("“{name}” is a channel. Select the layer that is to be filled in the Layers panel.").format(
                name=name
            )
        )
    if drawable.is_group():
        raise Refusal(_("“{name}” is a layer group. Select one layer inside it.").format(name=name))
    return drawable


def read_mask(target: Target, box: Box) -> bytes | None:
    """Read a part of the layer's own mask as coverage, or None where it hides nothing there."""
    mask = target.layer.get_mask()
    if mask is None or not target.layer.get_apply_mask():
        return None
    data = read(mask.get_buffer(), box, target.encoding.coverage)
    shown = array(target.encoding.code, [target.encoding.full]).tobytes() * (box.width * box.height)
    return None if data == shown else data


def hidden_item(layer: Gimp.Layer) -> Gimp.Item | None:
    """Return the layer, or the group around it, that is hidden; None when it can be seen."""
    item = layer
    while item is not None and item.get_visible():
        item = item.get_parent()
    return item
