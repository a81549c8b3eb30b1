"""*Fill Selection (last settings)*: no dialog, for a shortcut key."""

from __future__ import annotations

from gi.repository import Gimp
from job import Job
from refusal import Refusal

FILL = "plug-in-inpaint-fill"


def run(job: Job) -> Gimp.Layer:
    """Run the procedure whose settings GIMP keeps, in this process, and return its layer."""
    procedure = job.procedure.get_plug_in().do_create_procedure(FILL)
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.WITH_LAST_VALS)
    config.set_property("image", job.image)
    config.set_core_object_array("drawables", job.drawables)
    values = procedure.run(config)
    if values.index(0) != Gimp.PDBStatusType.SUCCESS:
        raise Refusal(str(values.index(1)))
    return values.index(1)
