"""``inpaint models``: what networks there are, and how to get, check and remove them.

With ``--json`` each command prints one JSON object a line: any number of ``{"type": "progress", "stage":
words, "fraction": 0…1}``, then ``{"type": "result", "notices": sentences, …}`` or ``{"type": "failure",
"kind": …, "message": …}``. A command that is killed leaves nothing half-written.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from inpaint_core.cli.progress import Meter
from inpaint_core.deep import cards, store
from inpaint_core.deep.cards import Card
from inpaint_core.deep.catalogue import catalogue, catalogued
from inpaint_core.deep.store import Installed
from inpaint_core.errors import Cancelled, InpaintError, InpaintWarning, InputError
from inpaint_core.places import models_folder
from inpaint_core.progress import Progress

SUMMARY = "list, fetch, add, check and remove networks"
DESCRIPTION = """\
The networks that the method deep can use. Those of the catalogue are fetched from their authors' pages when
you ask for it, and at no other time; their weights have licences of their own, which are shown before. Any
other ONNX file for inpainting can be added."""
SECONDS_BETWEEN = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands and what each takes."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, text: str, action: Any) -> argparse.ArgumentParser:
        ours: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=action.__doc__, allow_abbrev=False
        )
        ours.add_argument("--json", action="store_true", help="for programs: a JSON object a line")
        ours.set_defaults(action=action)
        return ours

    command("list", "say which models are installed, and which can be fetched", _list)
    show = command("show", "say everything about one model", _show)
    show.add_argument("id", metavar="ID")
    fetch = command("fetch", "fetch a model of the catalogue and install it", _fetch)
    fetch.add_argument("id", metavar="ID", help="of the catalogue, or the path of a card (.toml)")
    fetch.add_argument(
        "--from", dest="source", metavar="FILE", type=Path, help="install this file instead; nothing connects"
    )
    fetch.add_argument(
        "--accept-licence", action="store_true", help="do not ask whether the licence of the weights is fine"
    )
    add = command("add", "install an ONNX file of your own", _add)
    add.add_argument("file", metavar="FILE", type=Path)
    add.add_argument(
        "--id", metavar="NAME", default="", help="how to call it; made of FILE's name if not given"
    )
    add.add_argument(
        "--card",
        metavar="CARD",
        type=Path,
        help="its card; if not given, the .toml of the same name beside it, or found out by trials",
    )
    add.add_argument("--licence", metavar="TEXT", default="", help="of its weights, if it has no card")
    verify = command("verify", "check files, and let each model fill a test picture", _verify)
    verify.add_argument("ids", metavar="ID", nargs="*", help="all that are installed if not given")
    remove = command("remove", "remove models of yours", _remove)
    remove.add_argument("ids", metavar="ID", nargs="+")
    default = command("default", "say or set which model is used if none is named", _default)
    default.add_argument("id", metavar="ID", nargs="?")


def run(parsed: argparse.Namespace) -> int:
    """Run one of the commands; what is wrong is also a line of JSON where a program reads."""
    try:
        with _terminated_like_cancelled(), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", InpaintWarning)
            parsed.caught = caught
            status: int = parsed.action(parsed)
    except (InpaintError, OSError) as error:
        if parsed.json:
            _line("failure", kind=type(error).__name__, message=str(error))
        raise
    if not parsed.json:
        sys.stderr.writelines(f"inpaint: {notice}\n" for notice in _notices(parsed))
    return status


@contextmanager
def _terminated_like_cancelled() -> Iterator[None]:
    """Let a request to end (SIGTERM) tidy up as every failure does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Cancelled("Stopped; nothing was changed.")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _list(parsed: argparse.Namespace) -> int:
    """Say which models are installed, and which can be fetched."""
    store.sweep()
    installed, broken = store.survey()
    default = store.default()
    entries = [_entry(model.card, model, default) for model in installed]
    there = {model.card.id for model in installed}
    entries += [_entry(card, None, default) for card in catalogue() if card.id not in there]
    if parsed.json:
        _result(
            parsed,
            folder=str(models_folder()),
            default=None if default is None else default.card.id,
            models=entries,
            problems=list(broken.values()),
        )
        return 0
    _write(_table(entries))
    for problem in broken.values():
        sys.stderr.write(f"inpaint: {problem}\n")
    return 0


def _entry(card: Card, model: Installed | None, default: Installed | None) -> dict[str, Any]:
    return {
        "id": card.id,
        "title": card.title,
        "description": card.description,
        "licence": card.weights.licence,
        "trained_on": card.weights.trained_on,
        "url": card.weights.url,
        "bytes": card.weights.bytes,
        "installed": model is not None,
        "bundled": model is not None and model.bundled,
        "catalogued": any(card.id == each.id for each in catalogue()),
        "default": model is not None and model == default,
        "file": None if model is None else str(model.file),
    }


def _table(entries: Sequence[dict[str, Any]]) -> str:
    rows = [
        (
            entry["id"],
            _state(entry),
            f"{entry['bytes'] / 1e6:.0f} MB",
            entry["licence"],
            entry["title"],
        )
        for entry in entries
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in rows
    )


def _state(entry: dict[str, Any]) -> str:
    if not entry["installed"]:
        return "can be fetched"
    if entry["default"]:
        return "default"
    return "part of the engine" if entry["bundled"] else "installed"


def _show(parsed: argparse.Namespace) -> int:
    """Say everything about one model: its card, and where its file is."""
    models = {model.card.id: model for model in store.installed()}
    model = models.get(parsed.id)
    if model is None and all(card.id != parsed.id for card in catalogue()):
        store.find(parsed.id)  # says what there is
    card = catalogued(parsed.id) if model is None else model.card
    if parsed.json:
        _result(parsed, model=_entry(card, model, store.default()), card=asdict(card))
        return 0
    _write(cards.dump(card))
    _write(f"\n# {'not installed' if model is None else model.file}\n")
    return 0


def _fetch(parsed: argparse.Namespace) -> int:
    """Fetch a model of the catalogue, check it and install it; the licence of its weights is shown first."""
    from inpaint_core.deep.adding import install_fetched  # noqa: PLC0415 - quick --help

    card = cards.load(Path(parsed.id)) if parsed.id.endswith(".toml") else catalogued(parsed.id)
    for model in store.installed():
        if model.card == card:
            return _done(parsed, model, f"{card.title} is installed already.")
    _ask_licence(card, parsed)
    with _progress(parsed) as progress:
        model = install_fetched(card, parsed.source, progress)
    return _done(parsed, model, f"{card.title} is installed: {model.file}")


def _ask_licence(card: Card, parsed: argparse.Namespace) -> None:
    """Show the licence of the weights, and go on if it is accepted."""
    weights = card.weights
    if parsed.accept_licence:
        return
    facts = f"The weights of {card.title} ({weights.bytes / 1e6:.0f} MB) have the licence {weights.licence}"
    origin = f", from {weights.url}" if weights.url else ""
    if parsed.json or not sys.stdin.isatty():
        raise InputError(f"{facts}{origin}. Add --accept-licence if that is fine with you.")
    sys.stderr.write(f"{facts}{origin}.\n")
    if _answer("Fetch and use them under this licence? [y/N] ").lower() not in {"y", "yes"}:
        raise Cancelled("Nothing was fetched.")


def _add(parsed: argparse.Namespace) -> int:
    """Install an ONNX file of your own.

    What its card would say is read off the file and found out by trial runs on a test picture: with the right
    card, known pixels come back, holes do not, and red stays red. What cannot be found out is asked on a
    terminal.
    """
    from inpaint_core.deep.adding import install_own  # noqa: PLC0415 - quick --help
    from inpaint_core.deep.session import Session  # noqa: PLC0415

    may_ask = sys.stdin.isatty() and not parsed.json
    card = None if parsed.card is None else cards.load(parsed.card)
    with _progress(parsed) as progress:
        model = install_own(
            parsed.file,
            Session,
            progress,
            card=card,
            name=parsed.id,
            licence=parsed.licence,
            ask=_ask if may_ask else None,
        )
    return _done(parsed, model, f"{model.card.title} is installed as {model.card.id}: {model.file}")


def _ask(question: str, answers: Sequence[str]) -> int:
    """Put a question on the terminal until it has an answer."""
    sys.stderr.write(f"\n{question}\n")
    for number, answer in enumerate(answers, 1):
        sys.stderr.write(f"  {number}  {answer}\n")
    while True:
        given = _answer(f"1 to {len(answers)} [1]: ") or "1"
        if given.isdecimal() and 1 <= int(given) <= len(answers):
            return int(given) - 1


def _answer(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    given = sys.stdin.readline()
    if not given:
        raise Cancelled("There was no answer; nothing was changed.")
    return given.strip()


def _verify(parsed: argparse.Namespace) -> int:
    """Check that files are those of their cards, and let each model fill a test picture."""
    from inpaint_core.deep.adding import verify  # noqa: PLC0415 - quick --help
    from inpaint_core.deep.session import Session  # noqa: PLC0415

    models = [store.find(name) for name in parsed.ids] or list(store.installed())
    problems = {}
    with _progress(parsed) as progress:
        for index, model in enumerate(models):
            progress(f"Checking {model.card.title}", index / len(models))
            try:
                verify(model, Session)
            except InpaintError as error:
                problems[model.card.id] = str(error)
    if parsed.json:
        _result(parsed, verified=[model.card.id for model in models], problems=problems)
    else:
        for model in models:
            _write(f"{model.card.id}: {problems.get(model.card.id, 'all is well')}\n")
    return 1 if problems else 0


def _remove(parsed: argparse.Namespace) -> int:
    """Remove models of yours; those that came with the engine stay."""
    gone = [str(path) for name in parsed.ids for path in store.remove(name)]
    if parsed.json:
        _result(parsed, removed=gone)
    else:
        _write("".join(f"Removed {path}\n" for path in gone))
    return 0


def _default(parsed: argparse.Namespace) -> int:
    """Say or set which model is used if none is named."""
    model = store.choose("") if parsed.id is None else store.set_default(parsed.id)
    return _done(parsed, model, f"{model.card.id}: {model.card.title}")


def _done(parsed: argparse.Namespace, model: Installed, sentence: str) -> int:
    if parsed.json:
        _result(parsed, model=_entry(model.card, model, store.default()))
    else:
        _write(f"{sentence}\n")
    return 0


@contextmanager
def _progress(parsed: argparse.Namespace) -> Iterator[Progress]:
    """Show progress as lines of JSON or on the terminal."""
    if parsed.json:
        yield _Lines()
        return
    with Meter(sys.stderr) as meter:
        yield meter


class _Lines:
    """Progress for programs: a line when the stage changes, and ten a second at most."""

    def __init__(self) -> None:
        self._stage = ""
        self._next = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        now = time.monotonic()
        if stage != self._stage or now >= self._next:
            self._stage, self._next = stage, now + SECONDS_BETWEEN
            _line("progress", stage=stage, fraction=round(min(fraction, 1.0), 4))


def _result(parsed: argparse.Namespace, **content: object) -> None:
    _line("result", **content, notices=_notices(parsed))


def _notices(parsed: argparse.Namespace) -> list[str]:
    return [str(each.message) for each in parsed.caught if issubclass(each.category, InpaintWarning)]


def _line(what: str, /, **content: object) -> None:
    _write(json.dumps({"type": what, **content}) + "\n")  # ASCII, for a pipe of whatever encoding


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
