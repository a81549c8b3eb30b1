"""Catalogues of messages are read as translators write them, and compiled to what gettext reads."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest

from install import translations
from install.console import InstallError

TEXT = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: somewhere
msgid "A \"layer\" "
"of two lines"
msgstr "Eine „Ebene“\n"

msgid "{count} hole"
msgid_plural "{count} holes"
msgstr[0] "{count} Loch"
msgstr[1] "{count} Löcher"

#, fuzzy
msgid "doubtful"
msgstr "zweifelhaft"

msgid "not yet"
msgstr ""
"""


def test_gettext_reads_what_is_compiled(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    path.write_text(TEXT, encoding="utf-8")
    translations.place(tmp_path, tmp_path / "locale")
    compiled = tmp_path / "locale" / "de" / "LC_MESSAGES" / f"{translations.DOMAIN}.mo"
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    assert catalogue.gettext('A "layer" of two lines') == "Eine „Ebene“\n"
    assert catalogue.ngettext("{count} hole", "{count} holes", 1) == "{count} Loch"
    assert catalogue.ngettext("{count} hole", "{count} holes", 3) == "{count} Löcher"
    assert catalogue.gettext("doubtful") == "doubtful"
    assert catalogue.gettext("not yet") == "not yet"


def test_a_damaged_catalogue_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    path.write_text('msgid ""\nmsgstr ""\nmsgid oops\n', encoding="utf-8")
    with pytest.raises(InstallError, match=r"Line 3 of .*de\.po"):
        translations.read(path)
