"""What the filling commands have in common: find the hole, show the dialog, fill, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import origin
from arguments import MODEL
from engine import Engine
from fill import fill, report
from gi.repository import Gimp
from job import FOLDER, Job
from memory import recall, remember
from outputs import Answer, check, write, write_group
from seeking import Seeking
from settings import Choices, Wish, read_choices, read_wish
from sketch import Sketch
from target import Target, same_hole
from translation import _, label
from widening import widen


@dataclass(frozen=True, slots=True)
class Filling:
    """A command that fills.

    `find` tells what is to be filled, also anew when a setting has changed; `write` puts the answer into the
    image and returns its layer. `arguments` are the command's own ones. With `seeking`, what `find` tells is
    the place where the engine looks for what is to be filled.
    """

    title: str
    find: Callable[[Job], Target]
    write: Callable[[Answer, str], Gimp.Layer] = write
    arguments: tuple[str, ...] = ()
    seeking: Seeking | None = None

    def run(self, job: Job) -> Gimp.Layer:
        """Fill, after a dialog when the run is interactive, and return the layer with the fill."""
        engine = Engine(FOLDER)  # it starts while the hole is looked for
        try:
            return self._run(job, engine)
        finally:
            engine.leave_one_waiting()

    def _run(self, job: Job, engine: Engine) -> Gimp.Layer:
        keeps = job.run_mode != Gimp.RunMode.NONINTERACTIVE
        if keeps:
            recall(job)
        with engine:
            sketches: tuple[Sketch, ...] = ()
            if job.interactive:
                self.find(job)  # what cannot be filled at all is said before a dialog opens
                from dialog import FillDialog  # noqa: PLC0415 - GTK, and only where there is a display

                dialog = FillDialog(
                    job,
                    engine,
                    lambda job: self._find(job, read_wish(job.config)),
                    self.title,
                    self.arguments,
                    seeking=self.seeking,
                    several=self.write is write,
                )
                sketches = dialog.run()
            chosen = read_choices(job.config, job.catalogue)
            if keeps:
                remember(job)
            if len(sketches) > 1:
                return write_group(self._fill_all(sketches, engine, job))
            answer = _fill(self._take(engine, job, chosen), engine, job, chosen, *sketches)
        return self.write(answer, chosen.output)

    def _fill_all(self, sketches: Sequence[Sketch], engine: Engine, job: Job) -> list[Answer]:
        """Fill as in each sketch, with content from where it has it."""
        wishes = {sketch.chosen.wish: sketch.chosen for sketch in sketches}
        targets = {wish: self._take(engine, job, chosen) for wish, chosen in wishes.items()}
        return [_fill(targets[sketch.chosen.wish], engine, job, sketch.chosen, sketch) for sketch in sketches]

    def _find(self, job: Job, wish: Wish) -> Target:
        """Return what is to be filled, its content from where the person wants it."""
        target = origin.apply(self.find(job), wish)
        if self.seeking is None:
            origin.check(target)
        return target

    def _take(self, engine: Engine, job: Job, chosen: Choices) -> Target:
        """Return what is to be filled now (another selection may have been made), as it was chosen."""
        target = self._find(job, chosen.wish)
        check(target, chosen.output)
        if self.seeking is None:
            return target
        Gimp.progress_init(_("Inpaint: looking for spots"))
        return self.seeking.take(target, engine.search(self.seeking.ask(target, job), report))


def _fill(target: Target, engine: Engine, job: Job, chosen: Choices, sketch: Sketch | None = None) -> Answer:
    """Fill at full size, the large structures as in the sketch if that is of the same hole."""
    target = widen(target, chosen.grow, chosen.feather)
    Gimp.progress_init(_("Inpaint: reading the picture"))
    previews = {}
    if sketch is not None and job.catalogue.find(chosen.method).guided and same_hole(sketch.target, target):
        previews = sketch.previews
    region, result = fill(target, engine, chosen, previews)
    Gimp.progress_set_text(_("Inpaint: writing the result"))
    Gimp.progress_end()
    words = ": ".join(str(each) for each in (label(result.label), chosen.options.get(MODEL)) if each)
    return Answer(
        target, region, result, _("Inpaint: {label}, seed {seed}").format(label=words, seed=chosen.seed)
    )
