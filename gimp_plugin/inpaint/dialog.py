"""The dialog of an interactive run. Imported only there: GTK ends a program that has no display."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
import form  # noqa: E402
from arguments import SOURCE_ARGUMENTS  # noqa: E402
from display import require_display  # noqa: E402
from engine import Engine  # noqa: E402
from gi.repository import Gimp, GimpUi, GObject, Gtk  # noqa: E402
from job import GivenUp, Job  # noqa: E402
from method_list import MethodList  # noqa: E402
from preview import SOURCE, Preview  # noqa: E402
from refusal import Refusal  # noqa: E402
from seeking import Seeking  # noqa: E402
from settings import read_choices, read_wish, write_choices  # noqa: E402
from sketch import Seeker, Sketch, Sketcher  # noqa: E402
from source_form import SourceForm  # noqa: E402
from target import Target, same_hole  # noqa: E402
from translation import ngettext  # noqa: E402
from variants import Variants  # noqa: E402

APART = 2
"""Pixels of the preview between a spot and its outline, so that a small one is not hidden by it."""
TRIED = 3
"""How many variants are made at the same time, at most."""


class FillDialog:
    """Settings on the right, and on the left how the fill will look with them.

    Parameters
    ----------
    job, engine
        What was called, and who fills.
    find
        Tells what is to be filled, also anew when a setting has changed.
    title, arguments
        Of the command; its own arguments.
    seeking
        How the engine finds what is to be filled, if it has to.
    several
        Whether all variants may be kept.
    """

    def __init__(
        self,
        job: Job,
        engine: Engine,
        find: Callable[[Job], Target],
        title: str,
        arguments: tuple[str, ...] = (),
        *,
        seeking: Seeking | None = None,
        several: bool = True,
    ) -> None:
        require_display()
        GimpUi.init("inpaint")
        self._job, self._find = job, find
        self._arguments = arguments
        self._target: Target | None = None
        self._sketch: Sketch | None = None
        self._preview = Preview(apart=0 if seeking is None else APART)
        self._variants = Variants(self._another, self._choose, self._keep_all if several else None)
        self._kept: tuple[Sketch, ...] = ()
        self._sketcher = Sketcher(
            engine,
            self._preview.show_region,
            self._show,
            self._preview.say,
            self._preview.busy,
            seeker=None if seeking is None else Seeker(job, seeking),
            unfilled=self._preview.show_unfilled,
        )
        self._dialog = GimpUi.ProcedureDialog.new(job.procedure, job.config, title)
        unhelpful = self._dialog.get_widget_for_response(Gtk.ResponseType.HELP)
        if unhelpful is not None:  # GIMP's manual has no page on a plug-in that does not come with it
            unhelpful.destroy()
        row = Gtk.Box(spacing=12, border_width=12)
        shown = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        shown.pack_start(self._preview, True, True, 0)
        shown.pack_start(self._variants, False, False, 0)
        row.pack_start(shown, True, True, 0)
        self._sources = SourceForm(job)
        methods = MethodList(job)
        engine.ask_models(methods.show_models)
        row.pack_start(form.build(job, arguments, methods, self._sources), False, False, 0)
        self._dialog.get_content_area().pack_start(row, True, True, 0)
        shown.show_all()
        row.show()
        job.config.connect("notify::method", lambda *_: self._offer_more())
        self._offer_more()
        self._listening = job.config.connect("notify", self._follow)
        self._dialog.connect("focus-in-event", self._look_again)

    def run(self) -> tuple[Sketch, ...]:
        """Let the person choose; the settings go into the procedure's configuration.

        Returns
        -------
        tuple of Sketch
            The preview of what was chosen, if there is one already; or several, all of which are wanted, the
            one of what was chosen being the last.

        Raises
        ------
        GivenUp
            When the person does not want a fill.
        """
        self._draw_anew()
        confirmed = self._dialog.run()
        self._sketcher.stop()
        self._dialog.destroy()
        if self._kept:
            return self._kept
        if not confirmed:
            raise GivenUp
        return () if self._sketch is None else (self._sketch,)

    def _follow(self, _config: Gimp.ProcedureConfig, setting: GObject.ParamSpec) -> None:
        """Make a new sketch when a setting has changed that can be seen in it."""
        if setting.name in self._arguments:
            self._variants.clear()  # their hole is another one
            self._draw_anew()
        elif setting.name in SOURCE_ARGUMENTS.values():
            self._preview.mark(SOURCE, not read_wish(self._job.config).is_usual)
            self._draw_anew()
        elif setting.name != "output":
            self._draw()

    def _draw_anew(self) -> None:
        """Make a sketch of what is to be filled now."""
        self._target = self._find_target()
        self._draw()

    def _draw(self, also: tuple[int, ...] = ()) -> None:
        """Make a sketch with the settings as they are now, and with further seeds as cores allow."""
        self._sketcher.stop()
        self._sketch = None
        if self._target is not None:
            self._sketcher.ask(self._target, read_choices(self._job.config, self._job.catalogue), also)

    def _look_again(self, *_: object) -> None:
        """Another selection may have been made while the dialog was open."""
        self._sources.refresh()
        found = self._find_target()
        if found is None or self._target is None or not same_hole(found, self._target):
            self._variants.clear()
            self._draw_anew()
        else:
            self._target = found  # its pixels may be others, and are read anew for the next sketch

    def _offer_more(self) -> None:
        """Offer another fill where the method leaves anything to chance."""
        method = self._job.catalogue.find(self._job.config.get_property("method"))
        self._variants.offer_more(method.chance)

    def _another(self) -> None:
        """Go on to the next seed, and have those after it tried at the same time."""
        config, catalogue = self._job.config, self._job.catalogue
        low, high = catalogue.seeds
        seed = config.get_property("seed")
        following, *others = ((seed + step - low) % (high - low + 1) + low for step in range(1, TRIED + 1))
        known = self._variants.find(replace(read_choices(config, catalogue), seed=following))
        if known is not None:
            self._choose(known)
            return
        with config.handler_block(self._listening):
            config.set_property("seed", following)
        self._draw(tuple(others))

    def _choose(self, sketch: Sketch) -> None:
        """Go back to the settings of a former preview, and show it."""
        config = self._job.config
        before = read_wish(config)
        with config.handler_block(self._listening):
            write_choices(sketch.chosen, config, self._job.catalogue)
        if sketch.chosen.wish != before:  # else the next one would have its content from there
            self._preview.mark(SOURCE, not sketch.chosen.wish.is_usual)
            self._target = self._find_target()
        self._sketcher.stop()
        self._sketch = sketch
        self._preview.show_sketch(sketch)

    def _keep_all(self) -> None:
        """Close the dialog; all variants are wanted, and the one that is shown is to be seen."""
        shown = self._sketch
        others = tuple(each for each in self._variants.sketches if each is not shown)
        self._kept = others if shown is None else (*others, shown)
        self._dialog.response(Gtk.ResponseType.OK)

    def _find_target(self) -> Target | None:
        try:
            return self._find(self._job)
        except Refusal as refusal:
            self._preview.say(str(refusal))
            return None

    def _show(self, sketches: list[Sketch]) -> None:
        """Show the first, which was asked for, and offer all of them."""
        sketch = self._sketch = sketches[0]
        self._preview.show_sketch(sketch)
        if sketch.count is not None:
            self._preview.say(
                ngettext("{count} spot was found.", "{count} spots were found.", sketch.count).format(
                    count=sketch.count
                )
            )
        self._variants.add_sketches(sketches)
