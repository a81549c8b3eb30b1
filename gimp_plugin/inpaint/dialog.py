"""The dialog of an interactive run. Imported only there: GTK ends a program that has no display."""

from __future__ import annotations

from collections.abc import Callable

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
import form  # noqa: E402
from display import require_display  # noqa: E402
from document import Refusal, Target, same_hole  # noqa: E402
from engine import Engine  # noqa: E402
from gi.repository import GimpUi, Gtk  # noqa: E402
from job import GivenUp, Job  # noqa: E402
from preview import Preview  # noqa: E402
from settings import read_choices  # noqa: E402
from sketch import Sketch, Sketcher  # noqa: E402


class FillDialog:
    """Settings on the right, and on the left how the fill will look with them."""

    def __init__(
        self,
        job: Job,
        engine: Engine,
        title: str,
        find: Callable[[Job], Target],
        arguments: tuple[str, ...],
    ) -> None:
        require_display()
        GimpUi.init("inpaint")
        self._job, self._find = job, find
        self._target: Target | None = None
        self._sketch: Sketch | None = None
        self._preview = Preview()
        self._sketcher = Sketcher(
            engine, self._preview.show_region, self._show, self._preview.say, self._preview.busy
        )
        self._dialog = GimpUi.ProcedureDialog.new(job.procedure, job.config, title)
        row = Gtk.Box(spacing=12, border_width=12)
        row.pack_start(self._preview, True, True, 0)
        row.pack_start(form.build(self._dialog, job, arguments), False, False, 0)
        self._dialog.get_content_area().pack_start(row, True, True, 0)
        row.show_all()
        job.config.connect("notify", self._draw_anew)
        self._dialog.connect("focus-in-event", self._look_again)

    def run(self) -> Sketch | None:
        """Let the person choose; the settings go into the procedure's configuration.

        Returns
        -------
        Sketch or None
            The last preview, if there is one of what was chosen.

        Raises
        ------
        GivenUp
            When the person does not want a fill.
        """
        self._draw_anew()
        confirmed = self._dialog.run()
        self._sketcher.stop()
        self._dialog.destroy()
        if not confirmed:
            raise GivenUp
        return self._sketch

    def _draw_anew(self, *_: object) -> None:
        """Make a new sketch, for a setting has changed."""
        self._sketcher.stop()
        self._sketch = None
        self._target = self._find_target()
        if self._target is not None:
            self._sketcher.ask(self._target, read_choices(self._job.config, self._job.catalogue))

    def _look_again(self, *_: object) -> None:
        """Another selection may have been made while the dialog was open."""
        found = self._find_target()
        if found is None or self._target is None or not same_hole(found, self._target):
            self._draw_anew()

    def _find_target(self) -> Target | None:
        try:
            return self._find(self._job)
        except Refusal as refusal:
            self._preview.say(str(refusal))
            return None

    def _show(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._preview.show_sketch(sketch)
