"""The messages of the plug-in: read from its source, and kept in the translators' catalogues.

``python tests/gimp/messages.py`` brings the catalogues up to date: new messages are added without a
translation, those that nobody uses any more go.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGIN = CHECKOUT / "gimp_plugin" / "inpaint"
CATALOGUES = CHECKOUT / "gimp_plugin" / "po"

sys.path[:0] = [str(CHECKOUT), str(PLUGIN)]

from catalogue import choice_title  # noqa: E402

from inpaint_core.cli.methods import document  # noqa: E402
from inpaint_core.explanation import Reason  # noqa: E402
from install.translations import Entry, read  # noqa: E402


@dataclass(frozen=True, slots=True)
class Message:
    """What the source says, its plural if it has one, and where."""

    text: str
    plural: str
    place: str


def messages() -> dict[str, Message]:
    """Return every message by its text."""
    found: dict[str, Message] = {}
    for message in (*of_plugin(), *of_engine()):
        found.setdefault(message.text, message)
    return found


def of_plugin() -> Iterator[Message]:
    """Yield what stands in calls of the functions `_` and `ngettext`."""
    for path in sorted(PLUGIN.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                words = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if node.func.id == "_" and words:
                    yield Message(words[0], "", path.name)
                elif node.func.id == "ngettext":
                    yield Message(words[0], words[1], path.name)


def of_engine() -> Iterator[Message]:
    """Yield what the engine says that the plug-in shows: methods, options, reasons and stages."""
    described = document()
    options = list(described["spots"]["options"])
    for method in described["methods"]:
        yield from (Message(method[key], "", "methods") for key in ("title", "description"))
        options += method["options"]
    for option in options:
        yield from (Message(option[key], "", "options") for key in ("title", "help"))
        yield from (Message(choice_title(choice), "", "options") for choice in option["choices"])
    yield from (Message(reason.short, "", "reasons") for reason in Reason if reason.short)
    yield from (Message(stage, "", "stages") for stage in stages())


COMPOSED = (
    "Searching patches, level {} of {}",
    "Candidate {} of {}: searching patches, level {} of {}",
    "Blending colours",
    "Continuing slopes",
)
"""Stages that are not written where they are reported; each number in them stands as ``{}``."""


def stages() -> Iterator[str]:
    """Yield the stages that the engine reports, but for those that name a model."""
    yield from COMPOSED
    for path in sorted((CHECKOUT / "inpaint_core").rglob("*.py")):
        if "training" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name in {"progress", "_progress", "begin"} and isinstance(first, ast.Constant):
                yield str(first.value)


def update(path: Path) -> None:
    """Bring a catalogue up to date."""
    header, *entries = read(path)
    known = {entry.message: entry for entry in entries}
    forms = 1 if "nplurals=1" in header.forms[0] else 2
    blocks = [_written("", header)]
    for message in messages().values():
        empty = Entry(message.text, message.plural, [""] * (forms if message.plural else 1))
        blocks.append(_written(message.place, known.get(message.text, empty)))
    path.write_text("\n".join(blocks), encoding="utf-8")


def _written(place: str, entry: Entry) -> str:
    lines = [f"#: {place}"] if place else []
    lines.append(f"msgid {_quoted(entry.message)}")
    if entry.plural:
        lines.append(f"msgid_plural {_quoted(entry.plural)}")
        lines += [f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(entry.forms)]
    else:
        lines.append(f"msgstr {_quoted(entry.forms[0])}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    if "\n" not in text:
        return json.dumps(text, ensure_ascii=False)
    return "\n".join(
        ['""', *(json.dumps(line, ensure_ascii=False) for line in text.splitlines(keepends=True))]
    )


if __name__ == "__main__":
    for catalogue in CATALOGUES.glob("*.po"):
        update(catalogue)
