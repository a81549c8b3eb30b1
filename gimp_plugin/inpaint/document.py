"""What is read from GIMP's image: the layer to fill, its pixels, and the selection as coverage.

Nothing here changes the image.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from geometry import Box, Size
from gi.repository import Gegl, Gimp
from translation import _
from wire import RawArray

QUICK_MASK = "Qmask"
"""The name by which GIMP itself knows the Quick Mask among the channels."""

_QUICK_MASK_IS_ON = _(
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


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the layer at a scale, its pixels, and how far each of them is to be filled.

    `source` is where content comes from, in words or in pixels of that scale; `arrays` are what limits it
    further, by the names that the engine gives them.
    """

    box: Box
    encoding: Encoding
    pixels: RawArray
    coverage: RawArray
    source: str | float
    arrays: Mapping[str, RawArray]


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
    encoding = _encoding(image, layer)
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
    buffer.set(_rectangle(box), form, coverage)
    return replace(target, hole=trim(box, coverage), cover=buffer)


def _outside(layer: Gimp.Layer) -> Refusal:
    return Refusal(
        _(
            "The selection lies outside the layer “{layer}”. Select a part of that layer, or select "
            "the layer that is to be filled in the Layers panel."
        ).format(layer=layer.get_name())
    )


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


def read_region(target: Target, box: Box, scale: float = 1.0, encoding: Encoding | None = None) -> Region:
    """Read a part of the layer, without its live filters, and how far each pixel of it is to be filled.

    Parameters
    ----------
    target
        What is to be filled.
    box
        The part, in the layer's coordinates.
    scale
        Below 1 reads it smaller; the region's own box is then in pixels of that size.
    encoding
        Instead of the target's own.
    """
    encoding = encoding or target.encoding
    box = Box(*(int(edge * scale) for edge in (box.x0, box.y0, box.x1, box.y1)))
    channels = () if encoding.channels == 1 else (encoding.channels,)
    size = (box.height, box.width)
    pixels = read(target.picture, box, encoding.pixels, scale)
    coverage = read(target.cover, box, encoding.coverage, scale)
    setting = target.origin.setting
    return Region(
        box,
        encoding,
        RawArray(encoding.dtype, (*size, *channels), pixels),
        RawArray(encoding.dtype, size, coverage),
        setting if isinstance(setting, str) else max(setting * scale, 1.0),
        dict(_read_limits(target, box, scale, encoding)),
    )


def _read_limits(
    target: Target, box: Box, scale: float, encoding: Encoding
) -> Iterator[tuple[str, RawArray]]:
    """Yield what limits the content of a region: a source marked by half or more, an exclusion at all."""
    origin, size = target.origin, (box.height, box.width)
    for name, buffer, least in (("source", origin.source, 128), ("exclude", origin.exclude, 1)):
        if buffer is not None:
            marked = bytes(value >= least for value in range(256))
            data = read(buffer, box, channel_form(target.image), scale).translate(marked)
            yield name, RawArray("bool", size, data)
    if origin.reference is not None:
        data = read(origin.reference, box, encoding.pixels, scale)
        yield "reference", RawArray(encoding.dtype, (*size, encoding.channels), data)


def channel_form(image: Gimp.Image, component: str = "u8") -> str:
    """Return Babl's name for a channel's values, which are no light: GIMP's own model for them."""
    nick = image.get_precision().value_nick
    model = "Y" if nick.endswith("-linear") and not nick.endswith("-non-linear") else "Y'"
    return f"{model} {component}"


def read_selection(target: Target, box: Box) -> bytes:
    """Read how far each pixel of a part of the layer is selected; outside the canvas it is not."""
    selection = target.image.get_selection().get_buffer()
    return read(selection, box.shift(*target.offset), target.encoding.coverage)


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


def read(buffer: Gegl.Buffer, box: Box, form: str, scale: float = 1.0) -> bytes:
    """Read a box, in pixels of that scale, in Babl's format `form`; outside the buffer all is zero."""
    return bytes(buffer.get(_rectangle(box), scale, form, Gegl.AbyssPolicy.NONE))


def _rectangle(box: Box) -> Gegl.Rectangle:
    return Gegl.Rectangle.new(box.x0, box.y0, box.width, box.height)
