"""One call of one of the plug-in's procedures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalogue import Catalogue
from gi.repository import Gimp

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Job:
    """What GIMP passes to a procedure, and the methods there are; the image is None where none is needed."""

    procedure: Gimp.Procedure
    run_mode: Gimp.RunMode
    image: Gimp.Image
    drawables: list[Gimp.Drawable]
    config: Gimp.ProcedureConfig
    catalogue: Catalogue

    @property
    def interactive(self) -> bool:
        """Whether a dialog is to be shown."""
        return bool(self.run_mode == Gimp.RunMode.INTERACTIVE)


class GivenUp(Exception):  # noqa: N818 - it is no error
    """The person closed the dialog and wants nothing done."""
