"""What is written: a new layer, a new layer whose mask is the selection, or the layer itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arguments import IN_PLACE, NEW_LAYER, WITH_MASK
from buffers import read
from document import hidden_item, read_mask
from engine import Result
from gi.repository import Gegl, Gimp
from new_layer import insert, make_layer
from pixels import components, crop, product, with_alpha, with_coverage
from refusal import Refusal
from region import Region
from selection import selected_alone
from target import Target
from translation import _, ngettext


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine gave back for a target, and what to call it."""

    target: Target
    region: Region
    result: Result
    name: str


def write(answer: Answer, output: str) -> Gimp.Layer:
    """Write one answer into the image, as one undo step, and return the layer it is in.

    Raises
    ------
    Refusal
        When GIMP does not take it; the image is as it was.
    """
    if output == IN_PLACE:
        _replace(answer)
        lost: list[str] = []
        layer = answer.target.layer
    else:
        layer, lost = layer_of(answer, output)
        insert(answer.target, layer)
    for notice in (*answer.result.notices, *notices(answer.target, lost)):
        Gimp.message(notice)
    return layer


def write_group(answers: Sequence[Answer]) -> Gimp.Layer:
    """Write several answers as a group of layers, only the last one visible; return the group."""
    target = answers[-1].target
    image = target.image
    made = [layer_of(answer, NEW_LAYER) for answer in answers]
    group = Gimp.GroupLayer.new(
        image,
        ngettext("Inpaint: {count} variant", "Inpaint: {count} variants", len(answers)).format(
            count=len(answers)
        ),
    )
    group.set_mode(Gimp.LayerMode.PASS_THROUGH)
    image.undo_group_start()
    try:
        insert(target, group)
        for position, (layer, _lost) in enumerate(reversed(made)):
            layer.set_visible(position == 0)
            image.insert_layer(layer, group, position)
        image.set_selected_layers([target.layer])
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    told = [notice for answer in answers for notice in answer.result.notices]
    for notice in dict.fromkeys([*told, *notices(target, made[-1][1])]):
        Gimp.message(notice)
    return group


def check(target: Target, output: str) -> None:
    """Refuse at once what could not be written later."""
    if output == IN_PLACE and target.layer.get_lock_content():
        raise Refusal(
            _(
                "The pixels of the layer “{layer}” are locked. Unlock them in the Layers "
                "panel, or let the fill become a new layer."
            ).format(layer=target.layer.get_name())
        )
    if output == IN_PLACE and target.layer.get_lock_alpha() and _fills_transparency(target):
        raise Refusal(
            _(
                "The transparency of the layer “{layer}” is locked, so what is transparent would stay so. "
                "Unlock it in the Layers panel, or let the fill become a new layer."
            ).format(layer=target.layer.get_name())
        )


def _fills_transparency(target: Target) -> bool:
    """Tell whether anything that is not opaque is to be filled."""
    opacity = read(target.layer.get_buffer(), target.hole, "A u8")
    return any(
        alpha < 255 and filled
        for alpha, filled in zip(opacity, read(target.cover, target.hole, "Y' u8"), strict=True)
    )


def layer_of(answer: Answer, output: str) -> tuple[Gimp.Layer, list[str]]:
    """Return the new layer, not yet in the image, and what of its source it could not take over."""
    target = answer.target
    hiding = None if target.origin.merged else read_mask(target, target.hole)
    if output == WITH_MASK:
        covered = crop(answer.region.coverage.data, answer.region.box, target.hole, target.encoding.code, 1)
        hidden = covered.tobytes()
        if hiding is not None:
            hidden = product(components(hiding, target.encoding.code), covered, target.encoding).tobytes()
        pixels = with_alpha(answer.region, target.hole, answer.result.image)
        return make_layer(target, pixels, answer.name, hidden)
    pixels = with_coverage(answer.region, target.hole, answer.result.image)
    return make_layer(target, pixels, answer.name, hiding)


def notices(target: Target, lost_filters: list[str]) -> list[str]:
    """Return what the person should know of a fill that was written."""
    told = []
    hidden = hidden_item(target.layer)
    if hidden is not None:
        told.append(
            _("“{item}” is hidden, and so is its fill. Make both visible to see it.").format(
                item=hidden.get_name()
            )
        )
    if lost_filters:
        names = ", ".join(f"“{name}”" for name in lost_filters)
        told.append(
            _(
                "These layer effects were not copied to the fill: {names}. To have them in it too, merge "
                "them into the layer first, then fill again."
            ).format(names=names)
        )
    return told


def _replace(answer: Answer) -> None:
    """Put the fill into the layer itself: GIMP blends it in by the selection, and makes the undo step."""
    target, region = answer.target, answer.region
    pixels = crop(
        answer.result.image.data, region.box, target.hole, region.encoding.code, region.encoding.channels
    )
    hole = target.hole
    with selected_alone(target):
        shadow = target.layer.get_shadow_buffer()
        shadow.set(
            Gegl.Rectangle.new(hole.x0, hole.y0, hole.width, hole.height),
            region.encoding.pixels,
            pixels.tobytes(),
        )
        shadow.flush()
        target.layer.merge_shadow(True)
        target.layer.update(hole.x0, hole.y0, hole.width, hole.height)
    Gimp.displays_flush()
