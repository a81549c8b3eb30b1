"""*Fill Selection (last settings)*: no dialog, for a shortcut key."""

from __future__ import annotations

from document import Refusal
from gi.repository import Gimp
from job import Job


def run(job: Job) -> Gimp.Layer:
    """Call the procedure whose settings GIMP keeps, and return its layer."""
    pdb = Gimp.get_pdb()
    procedure = pdb.lookup_procedure("plug-in-inpaint-fill")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.WITH_LAST_VALS)
    config.set_property("image", job.image)
    config.set_core_object_array("drawables", job.drawables)
    values = procedure.run(config)
    if values.index(0) != Gimp.PDBStatusType.SUCCESS:
        raise Refusal(pdb.get_last_error())
    return values.index(1)
