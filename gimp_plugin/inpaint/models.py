"""*Models…*: the networks that the method “deep” can use, through the engine's own command."""

from __future__ import annotations

import json
from typing import Any

from engine_program import EngineProgram
from fill import report
from gi.repository import Gimp
from job import Job
from model_commands import ADD, FETCH, LIST, REMOVE, command
from refusal import Refusal
from translation import _


def run(job: Job) -> str:
    """Show the window, or do one thing; return what the engine said of it, as JSON."""
    if job.interactive:
        from models_dialog import ModelsDialog  # noqa: PLC0415 - GTK, and only where there is a display

        ModelsDialog().run()
        return json.dumps(do(command(LIST)), ensure_ascii=False)
    config = job.config
    action, model = config.get_property("action"), config.get_property("model")
    file = config.get_property("file")
    path = "" if file is None else file.get_path()
    if action in (FETCH, REMOVE) and not model:
        raise Refusal(_("Say which model is meant: its id is missing."))
    if action == ADD and not path:
        raise Refusal(_("Say which file to add."))
    accepted = config.get_property("accept-licence")
    return json.dumps(do(command(action, model, path, accepted=accepted)), ensure_ascii=False)


def do(words: list[str]) -> dict[str, Any]:
    """Run the engine's command, its progress in GIMP's progress bar."""
    Gimp.progress_init(_("Inpaint: models"))
    with EngineProgram(words) as program:
        while (news := program.news(wait=True)) is None or news["type"] != "result":
            if news is not None:
                report(str(news["stage"]), float(news["fraction"]))
    Gimp.progress_end()
    return news
