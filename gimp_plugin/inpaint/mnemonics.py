"""The letters that are pressed together with Alt, marked by an underscore in a label."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from string import ascii_letters, ascii_lowercase


def letters(labels: Iterable[str]) -> set[str]:
    """Return the letters that are marked in `labels`, small."""
    return {label[label.index("_") + 1].lower() for label in labels if "_" in label}


def mark(titles: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return the titles with a letter marked in each that no other one and none of `taken` has.

    As many as can be have a letter of their own words marked (a maximum matching, by augmenting paths). Words
    that are not written in letters get a free one behind them in brackets, as is usual there; others for
    which none is left stay without, and are reached by the key Tab.
    """
    owners: dict[str, int] = {}
    for number in range(len(titles)):
        _claim(number, titles, owners, set(taken))
    free = [letter for letter in ascii_lowercase if letter not in owners and letter not in taken]
    places = {number: letter for letter, number in owners.items()}
    return [
        _marked(title, places[number]) if number in places else _extended(title, free)
        for number, title in enumerate(titles)
    ]


def _claim(number: int, titles: Sequence[str], owners: dict[str, int], seen: set[str]) -> bool:
    """Find a letter for a title, if need be by moving others to other letters of theirs."""
    for letter in titles[number].lower():
        if letter not in ascii_lowercase or letter in seen:
            continue
        seen.add(letter)
        if letter not in owners or _claim(owners[letter], titles, owners, seen):
            owners[letter] = number
            return True
    return False


def _marked(title: str, letter: str) -> str:
    place = title.lower().index(letter)
    return f"{title[:place]}_{title[place:]}"


def _extended(title: str, free: list[str]) -> str:
    if not free or any(letter in ascii_letters for letter in title):
        return title
    return f"{title}(_{free.pop(0).upper()})"
