"""*Fill Selection…*: what is selected is filled."""

from __future__ import annotations

from document import find_selected
from filling import Filling
from translation import _

run = Filling(_("Fill Selection"), lambda job: find_selected(job.image, job.drawables)).run
