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
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path

DOMAIN = "gimp-inpaint"
LOCALE = "locale"
"""The folder beside this file where the installer puts the catalogues."""
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_UNTRANSLATED = re.compile(r"(en|C|POSIX)\b|en_")
_NUMBER = re.compile(r"\d+")
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


def stage(words: str) -> str:
    """Return what the engine is doing, such as ``Level 2 of 4``, in the person's language."""
    message = _NUMBER.sub("{}", words)
    translated = _(message)
    return words if translated == message else translated.format(*_NUMBER.findall(words))


def label(words: str) -> str:
    """Return the engine's name for a result, such as ``Smooth (thin), Patches``, in the person's language."""
    return ", ".join(_parts(words))


def _parts(words: str) -> Iterator[str]:
    for part in words.split(", "):
        found = _NAMED.fullmatch(part)
        yield f"{_(found['name'])} ({_(found['reason'])})" if found else _(part)
