"""*Remove Spots…*: dust and scratches are found by the engine, and filled."""

from __future__ import annotations

from dataclasses import replace

from document import find_place
from engine import Found, Search
from filling import Filling
from job import Job
from refusal import Refusal
from region import read_region
from seeking import Seeking
from target import Target, with_cover
from translation import _

MARGIN = 32
"""Pixels around the place where spots are looked for, so that those at its rim are seen whole."""


def ask(target: Target, job: Job) -> Search:
    """Return what the engine is asked."""
    box = target.hole.grow(MARGIN) & target.extent.box
    region = read_region(target, box, 1.0, replace(target.encoding, component="u8"))
    options = {option.name: job.config.get_property(option.argument) for option in job.catalogue.spots}
    return Search(region.pixels, region.coverage, options)


def take(target: Target, answer: Found) -> Target:
    """Return the target with the spots as its hole.

    Raises
    ------
    Refusal
        When there are none.
    """
    if not answer.count:
        raise Refusal(_("No spots were found. Raise the sensitivity or the size, or select another part."))
    box = target.hole.grow(MARGIN) & target.extent.box
    coverage = bytes(answer.mask.data).translate(bytes(255 if value else 0 for value in range(256)))
    return with_cover(target, box, coverage, "Y u8")


run = Filling(
    _("Remove Spots"),
    lambda job: find_place(job.image, job.drawables),
    arguments=("size", "sensitivity", "tone"),
    seeking=Seeking(ask, take),
).run
