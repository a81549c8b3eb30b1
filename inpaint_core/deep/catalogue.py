"""The catalogue: cards of public models whose weights have a clear licence.

To add one, put its card into the folder `published`: size and checksum pin the file, whatever its address
gives one day.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from inpaint_core.deep import cards
from inpaint_core.deep.cards import Card
from inpaint_core.errors import InputError

FOLDER = Path(__file__).parent / "published"


@cache
def catalogue() -> tuple[Card, ...]:
    """Return the cards of the catalogue, by id."""
    return tuple(sorted((cards.load(path) for path in FOLDER.glob("*.toml")), key=lambda card: card.id))


def catalogued(name: str) -> Card:
    """Return the card with this id, or raise `InputError` with the ids there are."""
    for card in catalogue():
        if card.id == name:
            return card
    ids = ", ".join(card.id for card in catalogue())
    raise InputError(f"The catalogue has no model {name!r}; it has {ids}.")
