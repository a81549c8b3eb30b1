"""What is read from GIMP's image: the layer to fill, its pixels, and the selection as coverage.

Nothing here changes the image.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace

from geometry import Box, Size
from gi.repository import Gegl, Gimp
from wire import RawArray

QUICK_MASK = "Qmask"
"""The name by which GIMP itself knows the Quick Mask among the channels."""

_QUICK_MASK_IS_ON = (
    "Quick Mask is on. Turn it off (Select ▸ Toggle Quick Mask), then fill the selection that it makes."
)

COMPONENTS = {"u8": ("uint8", "B"), "u16": ("uint16", "H"), "float": ("float32", "f")}
"""Babl's name of a component, its dtype on the wire, and its code in `array` and `memoryview`."""


class Refusal(Exception):  # noqa: N818 - what the person asked for cannot be done
    """Why this cannot be filled and what to do instead, as a sentence."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The form in which pixels travel: always display-encoded, and exact for the image's precision."""

    colours: int
    alpha: bool
    component: str

    @property
    def pixels(self) -> str:
        """Babl's name for the pixels."""
        model = "R'G'B'" if self.colours == 3 else "Y'"
        return f"{model}{'A' if self.alpha else ''} {self.component}"

    @property
    def pixels_with_alpha(self) -> str:
        """Babl's name for the same pixels in a layer that has alpha."""
        return Encoding(self.colours, True, self.component).pixels

    @property
    def coverage(self) -> str:
        """Babl's name for the selection or a mask."""
        return f"Y {self.component}"

    @property
    def channels(self) -> int:
        """Colours and alpha."""
        return self.colours + self.alpha

    @property
    def dtype(self) -> str:
        """The dtype on the wire."""
        return COMPONENTS[self.component][0]

    @property
    def code(self) -> str:
        """The component's code in `array` and `memoryview`."""
        return COMPONENTS[self.component][1]

    @property
    def full(self) -> int:
        """The value that means all or opaque."""
        return {"u8": 255, "u16": 65535, "float": 1}[self.component]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be filled; boxes are in the layer's own coordinates."""

    image: Gimp.Image
    layer: Gimp.Layer
    offset: tuple[int, int]
    extent: Size
    hole: Box
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the layer, its pixels, and how far each of them is selected."""

    box: Box
    pixels: RawArray
    coverage: RawArray


def find_target(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Target:
    """Return the layer to fill and where.

    Raises
    ------
    Refusal
        When the selection or what is active in the Layers panel is nothing that can be filled.
    """
    if image.get_channel_by_name(QUICK_MASK) is not None:
        raise Refusal(_QUICK_MASK_IS_ON)
    layer = _find_layer(image, drawables)
    if Gimp.Selection.is_empty(image):
        raise Refusal("Nothing is selected. Select what is to be filled, then try again.")
    touched, x, y, width, height = layer.mask_intersect()
    if not touched:
        raise Refusal(_outside(layer))
    _, x_offset, y_offset = layer.get_offsets()
    target = Target(
        image,
        layer,
        (x_offset, y_offset),
        Size(layer.get_width(), layer.get_height()),
        Box(x, y, x + width, y + height),
        _encoding(image, layer),
    )
    coverage = read_coverage(target, target.hole)
    hole = _trim(target.hole, coverage)
    if not hole:
        raise Refusal(_outside(layer))
    if hole == target.extent.box and 0 not in array(target.encoding.code, coverage):
        raise Refusal(
            f"All of the layer “{layer.get_name()}” is selected, so nothing is left to take content from. "
            "Select less, or another layer in the Layers panel."
        )
    return replace(target, hole=hole)


def _trim(box: Box, coverage: bytes) -> Box:
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


def _find_layer(image: Gimp.Image, drawables: list[Gimp.Drawable]) -> Gimp.Layer:
    if image.get_floating_sel() is not None:
        raise Refusal(
            "There is a floating selection. Anchor it (Layer ▸ Anchor Layer) or make it a layer, then try "
            "again."
        )
    if len(drawables) != 1:
        what = "No layer is" if not drawables else f"{len(drawables)} layers are"
        raise Refusal(f"{what} selected in the Layers panel. Select the one layer that is to be filled.")
    drawable = drawables[0]
    name = drawable.get_name()
    if isinstance(drawable, Gimp.LayerMask):
        raise Refusal(
            "The layer's mask is active, not the layer. Click on the layer's own preview, then try again."
        )
    if isinstance(drawable, Gimp.Channel):
        raise Refusal(f"“{name}” is a channel. Select the layer that is to be filled in the Layers panel.")
    if drawable.is_group():
        raise Refusal(f"“{name}” is a layer group. Select one layer inside it.")
    return drawable


def _outside(layer: Gimp.Layer) -> str:
    return (
        f"The selection lies outside the layer “{layer.get_name()}”. Select a part of that layer, or select "
        "the layer that is to be filled in the Layers panel."
    )


def _encoding(image: Gimp.Image, layer: Gimp.Layer) -> Encoding:
    return Encoding(1 if layer.is_gray() else 3, layer.has_alpha(), _component(image))


def _component(image: Gimp.Image) -> str:
    """Choose the smallest component that carries every pixel of the image exactly.

    GIMP hands pixels out in sRGB's terms. 8 and 16 bits hold them only where the image is sRGB itself:
    colours of a wider profile lie beyond their range, and linear light needs finer steps than they have.
    """
    if not _is_srgb(image):
        return "float"
    exact = {
        Gimp.Precision.U8_NON_LINEAR: "u8",
        Gimp.Precision.U8_PERCEPTUAL: "u8",
        Gimp.Precision.U16_NON_LINEAR: "u16",
        Gimp.Precision.U16_PERCEPTUAL: "u16",
    }
    return exact.get(image.get_precision(), "float")


def _is_srgb(image: Gimp.Image) -> bool:
    profile = image.get_color_profile()
    if profile is None:
        return True
    return bool(
        profile.is_equal(Gimp.ColorProfile.new_rgb_srgb())
        or profile.is_equal(Gimp.ColorProfile.new_d65_gray_srgb_trc())
    )


def read_region(target: Target, box: Box) -> Region:
    """Read a part of the layer, without its live filters, and how far each pixel of it is selected."""
    encoding = target.encoding
    channels = () if encoding.channels == 1 else (encoding.channels,)
    pixels = _read(target.layer, box, encoding.pixels)
    return Region(
        box,
        RawArray(encoding.dtype, (box.height, box.width, *channels), pixels),
        RawArray(encoding.dtype, (box.height, box.width), read_coverage(target, box)),
    )


def read_coverage(target: Target, box: Box) -> bytes:
    """Read how far each pixel of a part of the layer is selected; outside the canvas it is not."""
    return _read(target.image.get_selection(), box.shift(*target.offset), target.encoding.coverage)


def read_mask(target: Target, box: Box) -> bytes | None:
    """Read a part of the layer's own mask as coverage, or None where it hides nothing there."""
    mask = target.layer.get_mask()
    if mask is None or not target.layer.get_apply_mask():
        return None
    data = _read(mask, box, target.encoding.coverage)
    shown = array(target.encoding.code, [target.encoding.full]).tobytes() * (box.width * box.height)
    return None if data == shown else data


def hidden_item(layer: Gimp.Layer) -> Gimp.Item | None:
    """Return the layer, or the group around it, that is hidden; None when it can be seen."""
    item = layer
    while item is not None and item.get_visible():
        item = item.get_parent()
    return item


def _read(drawable: Gimp.Drawable, box: Box, form: str) -> bytes:
    rectangle = Gegl.Rectangle.new(box.x0, box.y0, box.width, box.height)
    data = drawable.get_buffer().get(rectangle, 1.0, form, Gegl.AbyssPolicy.NONE)
    return bytes(data)
