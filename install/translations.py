"""Catalogues of messages: from the text that translators write to the form that gettext reads.

Both are described in GNU gettext's manual ("The Format of PO Files", "The Format of GNU MO Files").
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from install.console import InstallError

DOMAIN = "gimp-inpaint"
MAGIC = 0x950412DE


@dataclass(slots=True)
class Entry:
    """One message: what the source says, its plural if it has one, and the translation's forms."""

    message: str = ""
    plural: str = ""
    forms: list[str] = field(default_factory=list)
    fuzzy: bool = False

    @property
    def is_translated(self) -> bool:
        """Whether a person has translated it, and nobody doubts it."""
        return bool(self.forms) and all(self.forms) and not self.fuzzy


def place(source: Path, folder: Path) -> None:
    """Compile each ``<language>.po`` in `source` to where gettext looks for it below `folder`.

    Raises
    ------
    InstallError
        When one of them is not as it should be.
    """
    for path in sorted(source.glob("*.po")):
        target = folder / path.stem / "LC_MESSAGES" / f"{DOMAIN}.mo"
        target.parent.mkdir(parents=True)
        target.write_bytes(compiled(read(path)))


def read(path: Path) -> list[Entry]:
    """Return the entries of a catalogue; the first, of the empty message, is its header.

    Raises
    ------
    InstallError
        When a line is none of such a file.
    """
    entries: list[Entry] = []
    texts: list[str] = []
    fuzzy = False

    def keep() -> None:
        if texts:
            _assign(entries, texts)
            texts.clear()

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        keyword, _, rest = line.strip().partition(" ")
        if not keyword or keyword.startswith("#"):
            fuzzy = fuzzy or (keyword == "#," and "fuzzy" in rest)
            continue
        if not keyword.startswith('"'):
            keep()
            texts.append(keyword)
            if keyword == "msgid":
                entries.append(Entry(fuzzy=fuzzy))
                fuzzy = False
        try:
            texts.append(_unquoted(rest if not keyword.startswith('"') else line.strip()))
        except (ValueError, SyntaxError):
            raise InstallError(f"Line {number} of {path} is none of a catalogue of messages.") from None
    keep()
    return entries


def _assign(entries: list[Entry], texts: list[str]) -> None:
    keyword, text = texts[0], "".join(texts[1:])
    match keyword:
        case "msgid":
            entries[-1].message = text
        case "msgid_plural":
            entries[-1].plural = text
        case _:
            entries[-1].forms.append(text)


def _unquoted(text: str) -> str:
    if not (text.startswith('"') and text.endswith('"')):
        raise ValueError(text)
    return str(ast.literal_eval(text))


def compiled(entries: Iterable[Entry]) -> bytes:
    """Return a catalogue as gettext reads it; what is not translated is left out."""
    pairs = sorted(_pairs(entries))
    keys = [key for key, _ in pairs]
    values = [value for _, value in pairs]
    tables = 7 * 4
    texts = tables + 16 * len(pairs)
    lengths: list[int] = []
    for text in (*keys, *values):
        lengths += [len(text), texts]
        texts += len(text) + 1
    header = (MAGIC, 0, len(pairs), tables, tables + 8 * len(pairs), 0, 0)
    numbers = struct.pack(f"<{len(header) + len(lengths)}I", *header, *lengths)
    return numbers + b"".join(text + b"\0" for text in (*keys, *values))


def _pairs(entries: Iterable[Entry]) -> Iterator[tuple[bytes, bytes]]:
    for entry in entries:
        if entry.is_translated:
            key = f"{entry.message}\0{entry.plural}" if entry.plural else entry.message
            yield key.encode(), "\0".join(entry.forms).encode()
