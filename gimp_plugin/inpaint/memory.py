"""The layers and channels that were chosen the last time, which GIMP does not keep among the last values.

They stand in a note on the image that is not saved with it.
"""

from __future__ import annotations

import json

from arguments import SOURCE_ITEMS, SOURCE_NEEDS
from gi.repository import Gimp
from job import Job

NOTE = "gimp-inpaint-sources"


def recall(job: Job) -> None:
    """Choose again what was chosen for this image, where nothing else is chosen."""
    note = job.image.get_parasite(NOTE)
    noted = {} if note is None else json.loads(bytes(note.get_data()))
    find = {Gimp.Layer: job.image.get_layer_by_tattoo, Gimp.Channel: job.image.get_channel_by_tattoo}
    for argument, tattoo in noted.items():
        setting = job.config.find_property(argument)
        if setting is not None and job.config.get_property(argument) is None:
            job.config.set_property(argument, find[setting.value_type.pytype](tattoo))
    needed = SOURCE_NEEDS.get(job.config.get_property("source"))
    if job.interactive and needed is not None and job.config.get_property(needed) is None:
        job.config.set_property("source", "auto")  # it was of another image


def remember(job: Job) -> None:
    """Note what is chosen, and take it out of the settings: GIMP would warn that it cannot keep it."""
    chosen = {argument: job.config.get_property(argument) for argument in SOURCE_ITEMS}
    there = {argument: item for argument, item in chosen.items() if item is not None and item.is_valid()}
    noted = {argument: item.get_tattoo() for argument, item in there.items()}
    job.image.attach_parasite(Gimp.Parasite.new(NOTE, 0, json.dumps(noted).encode()))
    for argument in SOURCE_ITEMS:
        job.config.set_property(argument, None)
