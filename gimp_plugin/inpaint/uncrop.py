"""*Uncrop…*: the canvas becomes larger, and what a layer does not cover of it is filled."""

from __future__ import annotations

from array import array
from dataclasses import replace

from buffers import read
from document import find_layer
from filling import Filling
from geometry import Box, Size
from gi.repository import Gegl, Gimp
from job import Job
from new_layer import insert, make_layer
from outputs import Answer, notices
from pixels import with_coverage
from refusal import Refusal
from target import Target, with_cover
from translation import _

SIDES = ("left", "right", "top", "bottom")


def find_beyond(job: Job) -> Target:
    """Return the larger canvas, with what the layer does not cover of it as the hole.

    The target's coordinates are those of the new canvas.
    """
    target = find_layer(job.image, job.drawables)
    left, right, top, bottom = (job.config.get_property(side) for side in SIDES)
    image = job.image
    extent = Size(image.get_width() + left + right, image.get_height() + top + bottom)
    layer = target.extent.box.shift(target.offset[0] + left, target.offset[1] + top) & extent.box
    if not layer:
        raise Refusal(
            _("The layer “{layer}” lies outside the canvas. Move it, or select another one.").format(
                layer=target.layer.get_name()
            )
        )
    coverage = _frame(target, extent.box, layer)
    if not any(coverage):
        if any((left, right, top, bottom)):
            raise Refusal(
                _(
                    "The layer “{layer}” covers all of the larger canvas, so there is nothing to fill. Use "
                    "Image ▸ Canvas Size… to see more of the layer, or give the sides more pixels."
                ).format(layer=target.layer.get_name())
            )
        raise Refusal(
            _(
                "The canvas would be as it is and the layer covers all of it. Give at least one side some "
                "pixels."
            )
        )
    enlarged = replace(
        target,
        offset=(-left, -top),
        extent=extent,
        picture=_moved(target, target.offset[0] + left, target.offset[1] + top),
    )
    return with_cover(enlarged, extent.box, coverage)


def _frame(target: Target, whole: Box, inner: Box) -> bytes:
    """Return a coverage of the box `whole`, full but for `inner`."""
    full = array(target.encoding.code, [target.encoding.full])
    none = array(target.encoding.code, [0])
    outside = (full * whole.width).tobytes()
    beside = full * inner.x0 + none * inner.width + full * (whole.width - inner.x1)
    below = whole.height - inner.y1
    return bytes(outside * inner.y0 + beside.tobytes() * inner.height + outside * below)


def _moved(target: Target, x: int, y: int) -> Gegl.Buffer:
    """Return a copy of the layer's pixels that begins at another place."""
    size, form = target.extent, target.encoding.pixels
    buffer = Gegl.Buffer.new(form, x, y, size.width, size.height)
    data = read(target.picture, size.box, form)
    buffer.set(Gegl.Rectangle.new(x, y, size.width, size.height), form, data)
    return buffer


def write(answer: Answer, _output: str) -> Gimp.Layer:
    """Enlarge the canvas and put the fill above its layer: one undo step."""
    target, image = answer.target, answer.target.image
    left, top = (-offset for offset in target.offset)
    pixels = with_coverage(answer.region, target.hole, answer.result.image)
    layer, lost = make_layer(replace(target, offset=(0, 0)), pixels, answer.name, None)
    image.undo_group_start()
    try:
        image.resize(target.extent.width, target.extent.height, left, top)
        insert(target, layer)
    finally:
        image.undo_group_end()
    for notice in (*answer.result.notices, *notices(target, lost)):
        Gimp.message(notice)
    return layer


run = Filling(_("Uncrop"), find_beyond, write, SIDES).run
