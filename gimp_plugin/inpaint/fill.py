"""One fill in GIMP: read the surroundings of the hole, have them filled, write the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import translation
from engine import Engine, Request, Result
from engine_place import EngineError
from geometry import Box, surroundings
from gi.repository import Gimp
from region import Region, read_region
from settings import Choices
from target import Target
from translation import _
from wire import RawArray

NO_SOURCE = "NoSourceError"
"""The engine's error when the part of the layer that it was given has nothing to take content from."""


def fill(
    target: Target, engine: Engine, chosen: Choices, previews: Mapping[Box, RawArray]
) -> tuple[Region, Result]:
    """Fill from the hole's surroundings or, where these offer nothing, from the whole layer.

    Parameters
    ----------
    target, engine, chosen
        What is to be filled, by whom, and how.
    previews
        Small pictures of parts of the layer as they shall look.

    Raises
    ------
    EngineError
        When there is no result.
    """
    refusal = EngineError("")
    for box in windows(target):
        Gimp.progress_set_text(_("Inpaint: reading the picture"))
        region = read_region(target, box)
        report(_("starting the engine"), 0.0)
        try:
            return region, engine.fill(request(region, chosen, previews.get(box)), report)
        except EngineError as error:
            if error.kind != NO_SOURCE:
                raise
            refusal = error
    raise refusal


def windows(target: Target) -> Iterator[Box]:
    """Yield the part of the layer that the engine is given, and the next one in case that is of no use."""
    origin = target.origin
    near = surroundings(target.hole, target.extent, origin.setting if origin.box is None else "auto")
    yield near if origin.box is None else near | origin.box
    if origin.setting == "auto" and origin.box is None and near != target.extent.box:
        yield target.extent.box


def request(
    region: Region,
    chosen: Choices,
    preview: RawArray | None = None,
    *,
    area: bool = False,
    also: tuple[int, ...] = (),
) -> Request:
    """Return what the engine is sent; with `area` it also tells where content may come from.

    `also` are further seeds, tried as far as there are cores for them.
    """
    arrays = {**region.arrays, **({} if preview is None else {"preview": preview})}
    return Request(
        region.pixels,
        region.coverage,
        chosen.method,
        chosen.seed,
        chosen.options,
        region.source,
        arrays,
        area,
        also,
    )


def report(stage: str, fraction: float) -> None:
    """Show how far a fill is in GIMP's progress bar."""
    Gimp.progress_set_text(_("Inpaint: {stage}").format(stage=translation.told(stage)))
    Gimp.progress_update(fraction)
