"""A hole that is a little wider or softer than what was selected."""

from __future__ import annotations

from buffers import read
from geometry import Box
from gi.repository import Gimp
from selection import select
from target import Target, with_cover

COVERAGE = "Y float"
"""As GIMP keeps channels and selections of an image of that precision, so that nothing is converted."""
FEATHER_REACH = 2
"""How many times its radius GIMP's feathering reaches beyond an edge, at most."""


def widen(target: Target, grow: int, feather: float) -> Target:
    """Return the target with its hole grown by `grow` pixels, then feathered with that radius.

    GIMP itself does both, in an image of its own that nobody sees.
    """
    if not grow and not feather:
        return target
    box = target.hole.grow(grow + int(feather * FEATHER_REACH) + 1) & target.extent.box
    scratch = Gimp.Image.new_with_precision(
        box.width, box.height, Gimp.ImageBaseType.GRAY, Gimp.Precision.FLOAT_LINEAR
    )
    try:
        placed = Box(0, 0, box.width, box.height)
        selected = select(scratch, placed, read(target.cover, box, COVERAGE), COVERAGE)
        if grow:
            Gimp.Selection.grow(scratch, grow)
        if feather:
            Gimp.Selection.feather(scratch, feather)
        coverage = read(selected.get_buffer(), placed, target.encoding.coverage)
    finally:
        scratch.delete()
    return with_cover(target, box, coverage)
