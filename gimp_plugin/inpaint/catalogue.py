"""The methods and their options, as the engine printed them into ``methods.json`` when it was installed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a method; numbers lie in ``low <= value <= high``, text is one of `choices`."""

    name: str
    kind: str
    default: Value
    title: str
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]

    @property
    def argument(self) -> str:
        """The name that GIMP's procedures call it by."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Method:
    """A way to fill."""

    id: str
    title: str
    description: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every method there is; none when the plug-in is not completely installed."""

    methods: tuple[Method, ...] = ()
    seeds: tuple[int, int] = (0, 0)

    @property
    def options(self) -> tuple[Option, ...]:
        """The options of all methods; those of the same name are one option."""
        by_name = {option.name: option for method in self.methods for option in method.options}
        return tuple(by_name.values())

    def find(self, method: str) -> Method:
        """Return the method with this id."""
        return next(candidate for candidate in self.methods if candidate.id == method)


def load(path: Path) -> Catalogue:
    """Read the catalogue; an empty one when the file is missing or damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        seed = document["seed"]
        return Catalogue(
            tuple(_parse_method(entry) for entry in document["methods"]),
            (int(seed["low"]), int(seed["high"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Catalogue()


def with_mnemonic(title: str, taken: set[str]) -> str:
    """Mark the first letter of `title` that no other label uses, and add it to `taken`."""
    for place, letter in enumerate(title.lower()):
        if letter.isalpha() and letter not in taken:
            taken.add(letter)
            return f"{title[:place]}_{title[place:]}"
    return title


def _parse_method(entry: dict[str, Any]) -> Method:
    return Method(
        entry["id"],
        entry["title"],
        entry["description"],
        tuple(_parse_option(option) for option in entry["options"]),
    )


def _parse_option(entry: dict[str, Any]) -> Option:
    return Option(
        entry["name"],
        entry["kind"],
        entry["default"],
        entry["title"],
        entry["help"],
        entry["low"],
        entry["high"],
        tuple(entry["choices"]),
    )
