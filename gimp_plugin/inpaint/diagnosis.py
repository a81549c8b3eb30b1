"""*Diagnose…*: everything that someone who helps would ask for, as one text."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine_place import AGAIN, EngineError, find_python, log_file
from engine_program import ask_doctor
from gi.repository import Gimp
from job import FOLDER, Job
from translation import _, told

LOG_LINES = 40


def run(job: Job) -> str:
    """Return the text, and show it when the run is interactive."""
    text = diagnose()
    if job.interactive:
        from text_dialog import show_text  # noqa: PLC0415 - GTK, and only where there is a display

        show_text(_("Diagnose GIMP Inpaint"), text)
    return text


def diagnose() -> str:
    """Return what is wrong and what to do; then versions, paths, the device and the end of the log."""
    facts = {
        "GIMP": Gimp.version(),
        "plug-in": str(FOLDER),
        "GIMP's Python": platform.python_version(),
        "system": platform.platform(),
    }
    log = log_file()
    try:
        facts["engine's Python path"], facts["engine asked for"] = find_python()
        doctor = ask_doctor()
    except EngineError as error:
        problems = [str(error)]
    else:
        problems = _problems(doctor, facts["engine asked for"])
        facts |= _facts(doctor)
        log = Path(doctor["log"])
    return "\n".join([*problems, "", _table(facts), "", *_log(log), ""])


def _problems(doctor: dict[str, Any], version: str) -> list[str]:
    """Return what is wrong with the engine, which should be of this version; or that nothing is."""
    problems = [told(problem) for problem in doctor["problems"]]
    if doctor["engine"] != version:
        different = _("The plug-in wants an engine of version {wanted}, and this one is of version {there}.")
        problems.insert(0, different.format(wanted=version, there=doctor["engine"]) + f" {AGAIN}")
    return problems or [told("All is well.")]


def _facts(doctor: dict[str, Any]) -> dict[str, str]:
    """Return every single fact that the engine tells of itself."""
    facts: dict[str, str] = {}
    for name, value in doctor.items():
        if isinstance(value, dict):
            facts |= {str(key): str(each) for key, each in value.items()}
        elif name != "problems":
            words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            facts["engine" if name == "engine" else f"engine's {name.replace('_', ' ')}"] = words
    return facts


def _table(facts: dict[str, str]) -> str:
    width = max(map(len, facts))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in facts.items())


def _log(path: Path) -> Iterator[str]:
    yield _("The end of {path}:").format(path=path)
    try:
        yield from path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError as error:
        yield _("(it cannot be read: {reason})").format(reason=error.strerror)
