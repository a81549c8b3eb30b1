"""One fill in GIMP: read the surroundings of the hole, have them filled, make the new layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue import Catalogue, Value
from document import Region, Target, hidden_item, read_region
from engine import Engine, EngineError, Request, Result
from geometry import context_box
from gi.repository import Gimp
from new_layer import insert, make_layer, pixels_of_hole

NO_SOURCE = "NoSourceError"
"""The engine's error when the part of the layer that it was given has nothing to take content from."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person chose: the method's id, the seed, and the method's own options."""

    method: str
    seed: int
    options: Mapping[str, Value]


def choices(config: Gimp.ProcedureConfig, catalogue: Catalogue) -> Choices:
    """Return the method that `config` names and the options which that method understands."""
    method = catalogue.find(config.get_property("method"))
    return Choices(
        method.id,
        config.get_property("seed"),
        {option.name: config.get_property(option.argument) for option in method.options},
    )


def fill(target: Target, engine: Engine, chosen: Choices, catalogue: Catalogue) -> Gimp.Layer:
    """Fill the selection into a new layer, and return it.

    Raises
    ------
    Refusal, EngineError
        When there is no result; the image is as it was.
    """
    Gimp.progress_init("Inpaint: reading the picture")
    region, result = _fill_surroundings(target, engine, chosen)
    engine.close()
    Gimp.progress_set_text("Inpaint: writing the new layer")
    pixels = pixels_of_hole(target, region, result.image)
    title = catalogue.find(result.method).title
    layer, lost_filters = make_layer(target, pixels, f"Inpaint: {title}, seed {chosen.seed}")
    for notice in (*result.notices, *_notices(target, lost_filters)):
        Gimp.message(notice)
    Gimp.progress_end()
    insert(target, layer)
    return layer


def _fill_surroundings(target: Target, engine: Engine, chosen: Choices) -> tuple[Region, Result]:
    """Fill from the hole's surroundings or, where these offer nothing, from the whole layer."""
    whole, refusal = target.extent.box, EngineError("")
    for box in dict.fromkeys((context_box(target.hole, target.extent), whole)):
        region = read_region(target, box)
        _report("starting the engine", 0.0)
        try:
            return region, engine.fill(_request(region, chosen), _report)
        except EngineError as error:
            if error.kind != NO_SOURCE:
                raise
            refusal = error
    raise refusal


def _request(region: Region, chosen: Choices) -> Request:
    return Request(region.pixels, region.coverage, chosen.method, chosen.seed, chosen.options)


def _report(stage: str, fraction: float) -> None:
    Gimp.progress_set_text(f"Inpaint: {stage}")
    Gimp.progress_update(fraction)


def _notices(target: Target, lost_filters: list[str]) -> list[str]:
    notices = []
    hidden = hidden_item(target.layer)
    if hidden is not None:
        notices.append(f"“{hidden.get_name()}” is hidden, and so is its fill. Make both visible to see it.")
    if lost_filters:
        names = ", ".join(f"“{name}”" for name in lost_filters)
        notices.append(
            f"These live filters of the layer were not copied to the fill: {names}. To have them in it too, "
            "merge them into the layer first, then fill again."
        )
    return notices
