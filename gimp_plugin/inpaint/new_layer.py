"""The layer that a fill becomes: made and filled outside the image, then inserted by one last call."""

from __future__ import annotations

from array import array

from document import Encoding, Refusal, Region, Target, read_mask
from geometry import Box
from gi.repository import Gegl, Gimp
from live_filters import copy_filters
from wire import RawArray

Buffer = bytes | bytearray | memoryview

OFFSPRING = "gimp-inpaint-source"
"""The parasite that tells of which layer (its tattoo) a layer is a fill."""


def make_layer(target: Target, pixels: bytes, name: str) -> tuple[Gimp.Layer, list[str]]:
    """Return the new layer, not yet in the image, and what of the source it could not take over.

    Parameters
    ----------
    target
        What was filled; the layer covers ``target.hole``.
    pixels
        As `pixels_of_hole` returns them.
    name
        The layer's name.
    """
    source, hole = target.layer, target.hole
    layer = Gimp.Layer.new(
        target.image,
        name,
        hole.width,
        hole.height,
        source.type_with_alpha(),
        source.get_opacity(),
        source.get_mode(),
    )
    try:
        layer.set_offsets(target.offset[0] + hole.x0, target.offset[1] + hole.y0)
        layer.set_blend_space(source.get_blend_space())
        layer.set_composite_space(source.get_composite_space())
        layer.set_composite_mode(source.get_composite_mode())
        layer.set_color_tag(source.get_color_tag())
        layer.set_visible(source.get_visible())
        layer.attach_parasite(Gimp.Parasite.new(OFFSPRING, Gimp.PARASITE_PERSISTENT, _tattoo(source)))
        _write(layer, hole, target.encoding.pixels_with_alpha, pixels)
        _copy_mask(target, layer)
        return layer, copy_filters(source, layer)
    except BaseException:
        layer.delete()
        raise


def insert(target: Target, layer: Gimp.Layer) -> None:
    """Put the layer above its source and above earlier fills of it: one undo step.

    Nothing changes the picture after that; what follows only keeps the source the active layer, so that the
    next thing to remove can be selected at once.
    """
    source = target.layer
    siblings = _siblings(target)
    position = [item.get_id() for item in siblings].index(source.get_id())
    while position > 0 and _is_fill_of(source, siblings[position - 1]):
        position -= 1
    if not target.image.insert_layer(layer, source.get_parent(), position):
        reason = Gimp.get_pdb().get_last_error()
        layer.delete()
        raise Refusal(f"GIMP did not take the new layer: {reason}")
    target.image.set_selected_layers([source])
    Gimp.displays_flush()


def pixels_of_hole(target: Target, region: Region, answer: RawArray) -> bytes:
    """Return the hole's pixels with alpha, which is the coverage times the alpha that was filled.

    Parameters
    ----------
    target
        What was filled.
    region
        The part of the layer that the engine was given.
    answer : (H, W) or (H, W, C)
        What it gave back for that part.
    """
    encoding, hole = target.encoding, target.hole.shift(-region.box.x0, -region.box.y0)
    filled = _crop(answer.data, region.box.width, hole, encoding.code, encoding.channels)
    covered = _crop(region.coverage.data, region.box.width, hole, encoding.code, 1)
    colours, channels = encoding.colours, encoding.channels
    pixels = array(encoding.code, bytes(len(covered) * (colours + 1) * covered.itemsize))
    view = memoryview(pixels)
    for colour in range(colours):
        view[colour :: colours + 1] = filled[colour::channels]
    view[colours :: colours + 1] = (
        _product(filled[colours::channels], covered, encoding) if encoding.alpha else covered
    )
    return pixels.tobytes()


def _crop(data: Buffer, width: int, box: Box, code: str, channels: int) -> memoryview:
    """Cut `box` out of rows of `width` pixels, as a flat view of components."""
    pixel = channels * array(code).itemsize
    rows = memoryview(data).cast("B")
    starts = range((box.y0 * width + box.x0) * pixel, box.y1 * width * pixel, width * pixel)
    return memoryview(b"".join(rows[start : start + box.width * pixel] for start in starts)).cast(code)


def _product(alpha: memoryview, covered: memoryview, encoding: Encoding) -> memoryview:
    full = encoding.full
    if bytes(alpha) == array(encoding.code, [full]).tobytes() * len(alpha):
        return covered
    if encoding.component == "float":
        return memoryview(array("f", map(float.__mul__, alpha, covered)))
    half = full // 2
    products = ((a * c + half) // full for a, c in zip(alpha, covered, strict=True))
    return memoryview(array(encoding.code, products))


def _write(drawable: Gimp.Drawable, hole: Box, form: str, data: bytes) -> None:
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, hole.width, hole.height), form, data)
    buffer.flush()
    drawable.update(0, 0, hole.width, hole.height)


def _copy_mask(target: Target, layer: Gimp.Layer) -> None:
    hiding = read_mask(target, target.hole)
    if hiding is None:
        return
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    _write(mask, target.hole, target.encoding.coverage, hiding)
    layer.add_mask(mask)
    layer.set_edit_mask(False)


def _siblings(target: Target) -> list[Gimp.Item]:
    parent = target.layer.get_parent()
    return list(target.image.get_layers() if parent is None else parent.get_children())


def _is_fill_of(source: Gimp.Layer, layer: Gimp.Layer) -> bool:
    parasite = layer.get_parasite(OFFSPRING)
    return parasite is not None and bytes(parasite.get_data()) == _tattoo(source)


def _tattoo(layer: Gimp.Layer) -> bytes:
    return str(layer.get_tattoo()).encode()
