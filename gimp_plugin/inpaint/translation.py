"""What a person reads, in their language: gettext with a domain of the plug-in's own.

The source is English. Standard library only; GIMP tells its plug-ins the language that is set in its
preferences in the environment.
"""

from __future__ import annotations

import gettext
import locale
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import takewhile
from pathlib import Path

DOMAIN = "gimp-inpaint"
LOCALE = "locale"
"""The folder beside this file where the installer puts the catalogues."""
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_UNTRANSLATED = re.compile(r"(en|C|POSIX)\b|en_")
_VALUE = re.compile(r"\{(\d)\}")
_NAMED = re.compile(r"(?P<name>[^()]*) \((?P<reason>[^()]*)\)")


def languages(environment: Mapping[str, str]) -> list[str]:
    """Return the languages to look for, the dearest first; none from English on, which needs no catalogue."""
    told = next(filter(None, map(environment.get, VARIABLES)), "") or _of_windows()
    return list(takewhile(lambda name: not _UNTRANSLATED.match(name), filter(None, told.split(":"))))


def _of_windows() -> str:
    """Return the language of Windows, which sets no variable."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - for Windows alone

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""


_catalogue = gettext.translation(
    DOMAIN, str(Path(__file__).with_name(LOCALE)), languages(os.environ), fallback=True
)


def _(message: str) -> str:
    """Return a message in the person's language, or as it is where nobody has translated it."""
    return _catalogue.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits the count, in the person's language."""
    return _catalogue.ngettext(one, many, count)


def told(words: str) -> str:
    """Return what the engine said, an error, a notice or a stage, in the person's language.

    The engine speaks English, and knows nothing of languages; what has values in it is known by the words
    around them. A value that is words of the engine's, not a name, is translated, too.
    """
    if (translated := _(words)) != words:
        return translated
    for message, expression in _composed():
        if found := expression.fullmatch(words):
            values = (told(value) if " " in value else value for value in found.groups())
            return _(message).format(*values)
    return words


@cache
def _composed() -> list[tuple[str, re.Pattern[str]]]:
    """Return the messages with numbered values, those with most words first, and what matches each."""
    known: Iterable[object] = getattr(_catalogue, "_catalog", ())  # gettext has no other way to list them
    messages = [message for message in known if isinstance(message, str) and _VALUE.search(message)]
    messages.sort(key=lambda message: len(_VALUE.sub("", message)), reverse=True)
    return [(message, _expression(message)) for message in messages]


def _expression(message: str) -> re.Pattern[str]:
    """Return what matches a message such as ``{0} of {1}``, with a group for each value."""
    words, *rest = _VALUE.split(message)
    parts, seen = [re.escape(words)], set[str]()
    for number, words in zip(rest[::2], rest[1::2], strict=True):
        parts.append(f"(?P=v{number})" if number in seen else f"(?P<v{number}>.*?)")
        parts.append(re.escape(words))
        seen.add(number)
    return re.compile("".join(parts), re.DOTALL)


def label(words: str) -> str:
    """Return the engine's name for a result, such as ``Smooth (thin), Patches``, in the person's language."""
    return ", ".join(_parts(words))


def _parts(words: str) -> Iterator[str]:
    for part in words.split(", "):
        found = _NAMED.fullmatch(part)
        yield f"{_(found['name'])} ({_(found['reason'])})" if found else _(part)
