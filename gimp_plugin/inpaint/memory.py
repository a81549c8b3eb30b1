"""The layers and channels that were chosen the last time, which GIMP does not keep among the last values.

They stand in a note on the image that is not saved with it.
"""

from __future__ import annotations

import json

from arguments import SOURCE_ITEMS
from gi.repository import Gimp
from job import Job

NOTE = "gimp-inpaint-sources"


def recall(job: Job) -> None:
    """Choose again what was chosen for this image, where nothing else is chosen."""
    note = job.image.get_parasite(NOTE)
    if note is None:
        return
    find = {Gimp.Layer: job.image.get_layer_by_tattoo, Gimp.Channel: job.image.get_channel_by_tattoo}
    for argument, tattoo in json.loads(bytes(note.get_data())).items():
        setting = job.config.find_property(argument)
        if setting is not None and job.config.get_property(argument) is None:
            job.config.set_property(argument, find[setting.value_type.pytype](tattoo))


def remember(job: Job) -> None:
    """Note what is chosen."""
    chosen = {argument: job.config.get_property(argument) for argument in SOURCE_ITEMS}
    noted = {argument: item.get_tattoo() for argument, item in chosen.items() if item is not None}
    job.image.attach_parasite(Gimp.Parasite.new(NOTE, 0, json.dumps(noted).encode()))
