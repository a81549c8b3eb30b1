"""The messages of the plug-in: read from its source, and kept in the translators' catalogues.

``python tests/gimp/messages.py`` brings the catalogues up to date: new messages are added without a
translation, those that nobody uses any more go.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGIN = CHECKOUT / "gimp_plugin" / "inpaint"
CATALOGUES = CHECKOUT / "gimp_plugin" / "po"

sys.path[:0] = [str(CHECKOUT), str(PLUGIN)]

from catalogue import choice_title  # noqa: E402

from inpaint_core.cli.methods import document  # noqa: E402
from inpaint_core.deep.cards import Card, load  # noqa: E402
from inpaint_core.deep.catalogue import catalogue  # noqa: E402
from inpaint_core.deep.store import BUNDLED  # noqa: E402
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
    yield from (Message(card.description, "", "cards") for card in (*catalogue(), *_bundled()))
    yield from (Message(stage, "", "stages") for stage in stages())
    yield from sentences()


def _bundled() -> Iterator[Card]:
    yield from map(load, sorted(BUNDLED.glob("*.toml")))


COMPOSED = (
    "Searching patches, level {0} of {1}",
    "Candidate {0} of {1}: searching patches, level {2} of {3}",
    "Blending colours",
    "Continuing slopes",
)
"""Stages that are not written where they are reported."""


def stages() -> Iterator[str]:
    """Yield the stages that the engine reports."""
    yield from COMPOSED
    for path in sorted((CHECKOUT / "inpaint_core").rglob("*.py")):
        if "training" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            said = template(node.args[0], {}) if name in {"progress", "_progress", "begin"} else ""
            if said and not said.startswith("{"):
                yield said


SPOKEN = (
    *("answering", "cores", "explanation", "fill", "jit", "passes", "source", "worker", "cli/doctor"),
    *("classical/bayes/fill", "classical/patch/fill", "deep/adding", "deep/catalogue", "deep/fetching"),
    *("classical/diffusion/conjugate", "classical/diffusion/domain", "classical/diffusion/planes"),
    *("classical/diffusion/primal_dual", "deep/guessing", "deep/network", "deep/onnx_file", "deep/session"),
    *("deep/store", "deep/trial"),
)
"""Modules of the engine whose sentences a person can meet in GIMP."""

SENTENCE = re.compile(r"(?!The request)[A-Z{].* .*[.…]|gave .*|failed \(.*", re.DOTALL)
"""A sentence for a person, or what a device did."""


def sentences() -> Iterator[Message]:
    """Yield the sentences of the engine's modules, with a number for each value in them."""
    for place in SPOKEN:
        module = ast.parse((CHECKOUT / "inpaint_core" / f"{place}.py").read_text(encoding="utf-8"))
        constants = dict(_constants(module))
        described = {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}
        parts = {part for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(module):
            if node in described or node in parts or not (said := template(node, constants)):
                continue
            if SENTENCE.fullmatch(said) and said not in constants.values():
                yield Message(said, "", place)


def template(node: ast.AST, constants: Mapping[str, str]) -> str:
    """Return a text as it stands in the source, its values numbered; empty for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    numbers: dict[str, int] = {}
    said = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = ast.unparse(part.value)
            said += constants.get(value) or f"{{{numbers.setdefault(ast.unparse(part), len(numbers))}}}"
        else:
            said += template(part, constants)
    return said


def _constants(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, template(node.value, {})


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
    for language in CATALOGUES.glob("*.po"):
        update(language)
