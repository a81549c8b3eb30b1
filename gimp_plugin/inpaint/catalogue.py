"""The methods and their options, as the engine printed them into ``methods.json`` when it was installed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translation import _

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a method; numbers lie in ``low <= value <= high``, text is one of `choices`, if any.

    `argument` is the name that GIMP's procedures call it by.
    """

    name: str
    argument: str
    kind: str
    default: Value
    title: str
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    advanced: bool


@dataclass(frozen=True, slots=True)
class Method:
    """A way to fill.

    With `chance` another seed may give another fill; `grow` is how many pixels wider a selection should be.
    """

    id: str
    title: str
    description: str
    options: tuple[Option, ...]
    guided: bool
    chance: bool
    grow: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every method there is; none when the plug-in is not completely installed."""

    methods: tuple[Method, ...] = ()
    seeds: tuple[int, int] = (0, 0)
    spots: tuple[Option, ...] = ()
    """What counts as a spot."""

    @property
    def options(self) -> tuple[Option, ...]:
        """The options of all methods; those that are the same for several are there once."""
        found: dict[str, Option] = {}
        for method in self.methods:
            for option in method.options:
                found.setdefault(option.argument, option)
        return tuple(found.values())

    def find(self, method: str) -> Method:
        """Return the method with this id."""
        return next(candidate for candidate in self.methods if candidate.id == method)


def load(path: Path) -> Catalogue:
    """Read the catalogue; an empty one when the file is missing or damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        seed = document["seed"]
        entries = document["methods"]
        shared = _shared(option for entry in entries for option in entry["options"])
        return Catalogue(
            tuple(_parse_method(entry, shared) for entry in entries),
            (int(seed["low"]), int(seed["high"])),
            tuple(_parse_option(option, option["name"]) for option in document["spots"]["options"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Catalogue()


def choice_title(value: str) -> str:
    """Return what a list shows for one of an option's choices, in English."""
    return value.replace("-", " ").capitalize()


def _shared(options: Iterable[dict[str, Any]]) -> set[str]:
    """Return the names that mean the same option wherever they stand."""
    meanings: dict[str, set[str]] = {}
    for option in options:
        meaning = {key: option[key] for key in ("kind", "default", "low", "high", "choices")}
        meanings.setdefault(option["name"], set()).add(json.dumps(meaning))
    return {name for name, found in meanings.items() if len(found) == 1}


def _parse_method(entry: dict[str, Any], shared: set[str]) -> Method:
    return Method(
        entry["id"],
        _(entry["title"]),
        _(entry["description"]),
        tuple(_parse_option(option, _argument(option, entry["id"], shared)) for option in entry["options"]),
        bool(entry["guided"]),
        bool(entry["chance"]),
        int(entry["grow"]),
    )


def _argument(option: dict[str, Any], method: str, shared: set[str]) -> str:
    name = str(option["name"])
    return name if name in shared else f"{method}-{name}"


def _parse_option(entry: dict[str, Any], argument: str) -> Option:
    return Option(
        entry["name"],
        argument.replace("_", "-"),
        entry["kind"],
        entry["default"],
        _(entry["title"]),
        _(entry["help"]),
        entry["low"],
        entry["high"],
        tuple(entry["choices"]),
        bool(entry["advanced"]),
    )
