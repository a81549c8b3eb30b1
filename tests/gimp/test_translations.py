"""The translations are complete, current and in good form, and GIMP shows them."""

from __future__ import annotations

import ast
import gettext
import importlib
import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from host import Gimp
from hypothesis import given
from hypothesis import strategies as st
from messages import CATALOGUES, PLUGIN, messages

from inpaint_core.deep import store
from inpaint_core.errors import InputError
from install.translations import DOMAIN, Entry, compiled, read

LANGUAGES = ("de", "fr", "zh_CN")
SAME = {
    "de": {
        "Radius",
        "Normal",
        "Telea",
        "Navier-Stokes",
        "_OK",
        "{size:.0f} MB",
        "Inpaint: {stage}",
        "_Diagnose…",
    },
    "fr": {"Action", "Telea", "Navier-Stokes", "texture", "structure"},
    "zh_CN": {"Telea", "Navier-Stokes", "{size:.0f} MB"},
}
"""What reads the same in both languages: names, units, and words that they share."""

GIMPS = ("_OK", "_Cancel", "_Reset", "_Load Saved Settings", "_Save Settings")
FORM = (
    "_Method",
    "See_d",
    "_Before",
    "Outl_ine",
    "So_urce",
    "_Another",
    "_Keep all",
    "More optio_ns",
    "Cont_ent from",
)
WINDOWS = {
    "fill": (*GIMPS, *FORM, "_Grow selection by", "_Feather", "_Write to"),
    "uncrop": (*GIMPS, *FORM, "Le_ft", "Ri_ght", "To_p", "Bo_ttom"),
    "models": ("_Fetch…", "Use as _default", "_Verify", "_Remove…", "_Add a file…", "_Cancel", "C_lose"),
    "fetching": ("_Cancel", "_Accept and fetch"),
    "removing": ("_Cancel", "_Remove"),
    "text": ("_Copy", "C_lose"),
    "menu": (
        *("Fill _Selection…", "Fill Selection (_Last Settings)", "Fill _Transparent Areas…", "_Uncrop…"),
        *("_Remove Spots…", "_Models…", "_Diagnose…"),
    ),
}
"""The labels that stand together."""

mnemonics: Any = importlib.import_module("mnemonics")
translation: Any = importlib.import_module("translation")


def entries(language: str) -> dict[str, Entry]:
    _, *found = read(CATALOGUES / f"{language}.po")
    return {entry.message: entry for entry in found}


def placeholders(text: str) -> set[tuple[str | None, str | None]]:
    return {(name, form) for _, name, form, _ in string.Formatter().parse(text) if name is not None}


def marks(text: str) -> int:
    """Return how many letters are marked; names of variables, such as ``HTTPS_PROXY``, mark none."""
    return re.sub(r"[A-Z]{2,}(_[A-Z]+)+", "", text).count("_")


def test_every_catalogue_is_tested() -> None:
    assert sorted(path.stem for path in CATALOGUES.glob("*.po")) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    """``python tests/gimp/messages.py`` adds and removes entries."""
    wanted, found = messages(), entries(language)
    assert found.keys() == wanted.keys()
    assert [text for text, entry in found.items() if not entry.is_translated] == []
    assert {text: entry.plural for text, entry in found.items()} == {
        text: message.plural for text, message in wanted.items()
    }
    assert {text for text, entry in found.items() if text in entry.forms} == SAME[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_letters_and_plurals(language: str) -> None:
    header = read(CATALOGUES / f"{language}.po")[0]
    plurals = 1 if "nplurals=1;" in header.forms[0] else 2
    for text, entry in entries(language).items():
        assert len(entry.forms) == (plurals if entry.plural else 1), text
        for form in entry.forms:
            assert placeholders(form) == placeholders(text), form
            assert marks(form) == marks(text) <= 1, form
            assert ("…" in form) == ("…" in text), form
            assert form == form.strip(), form


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("window", WINDOWS)
def test_no_letter_is_there_twice_in_a_window(language: str, window: str) -> None:
    found = {} if language == "en" else entries(language)
    labels = [found[label].forms[0] if found else label for label in WINDOWS[window]]
    assert len(mnemonics.letters(labels)) == len(labels), labels


def test_every_label_with_a_letter_belongs_to_a_window() -> None:
    alone = {"_Add"}  # of the system's own dialog for files
    listed = {label for labels in WINDOWS.values() for label in labels}
    assert {text for text in messages() if marks(text)} == listed | alone


TITLES = st.lists(st.text("aäbcéZ 方法", min_size=1), max_size=8)


@given(titles=TITLES, taken=st.sets(st.sampled_from("abcz")))
def test_marked_letters_are_unique_and_titles_stay(titles: list[str], taken: set[str]) -> None:
    marked = mnemonics.mark(titles, taken)
    assert len(marked) == len(titles)
    found = mnemonics.letters(marked)
    assert len(found) == sum("_" in label for label in marked)
    assert not found & taken
    for label in marked:
        assert (
            "_" in label or found | taken >= {letter for letter in label.lower() if letter in "abcz"} != set()
        )
    for title, label in zip(titles, marked, strict=True):
        assert label.replace("_", "").startswith(title)


def test_titles_make_room_for_each_other() -> None:
    assert mnemonics.mark(["ab", "a"], ()) == ["a_b", "_a"]
    assert mnemonics.mark(["ab", "a", "方法"], {"b", "c"}) == ["_ab", "a", "方法(_D)"]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"LANG": "de_AT.UTF-8"}, ["de_AT.UTF-8"]),
        ({"LANGUAGE": "fr:de", "LANG": "de_DE.UTF-8"}, ["fr", "de"]),
        ({"LANGUAGE": "en_GB:de"}, []),
        ({"LC_ALL": "C.UTF-8", "LANG": "de_DE"}, []),
        ({"LANG": "C"}, []),
        ({"LANGUAGE": "", "LANG": "zh_CN"}, ["zh_CN"]),
        ({}, []),
    ],
)
def test_the_language_is_the_one_that_gimp_tells(environment: dict[str, str], wanted: list[str]) -> None:
    assert translation.languages(environment) == wanted


@pytest.mark.parametrize("path", sorted(PLUGIN.glob("*.py")), ids=lambda path: path.stem)
def test_no_function_that_translates_calls_something_else_so(path: Path) -> None:
    """A value thrown away as ``_`` would hide the function of that name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            names = [each for each in ast.walk(node) if isinstance(each, ast.Name) and each.id == "_"]
            assert len({type(each.ctx) for each in names}) < 2, f"{path.name}: {node.name}"


@pytest.fixture(scope="module")
def seen(gimp: Gimp) -> dict[str, Any]:
    """What ``language.py`` saw where the language of the system is German."""
    answered: dict[str, Any] = gimp.batch("language", LANGUAGE="de")
    assert "failed" not in answered, answered["failed"]
    return answered


def test_gimp_speaks_german(seen: dict[str, Any]) -> None:
    """Menus, dialogs, names and errors."""
    german = entries("de")
    assert seen["menu"] == german["Fill _Selection…"].forms[0]
    assert seen["method"][0] == german["_Method"].forms[0]
    assert seen["method"][1] == german["How to fill"].forms[0]
    assert seen["quality"] == german["Quality"].forms[0]
    assert seen["layer"] == f"Inpaint: {german['Smooth'].forms[0]}, Startwert 3"
    assert (
        seen["refusal"]
        == german["Nothing is selected. Select what is to be filled, then try again."].forms[0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letters_of_gimps_own_buttons_are_known(seen: dict[str, Any], language: str) -> None:
    """They stand in every dialog, so nothing else there may have them."""
    catalogue = entries(language)
    assert seen["buttons"][language] == {label: catalogue[label].forms[0] for label in GIMPS}


def test_the_installer_and_the_plug_in_mean_the_same_catalogues() -> None:
    assert translation.DOMAIN == DOMAIN


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the plug-in's modules speak German."""
    catalogue = gettext.GNUTranslations(BytesIO(compiled(read(CATALOGUES / "de.po"))))
    monkeypatch.setattr(translation, "_catalogue", catalogue)
    translation._composed.cache_clear()
    yield
    translation._composed.cache_clear()


@pytest.mark.usefixtures("german")
def test_whatever_the_engine_says_is_known_by_its_words() -> None:
    """None is taken for another one, and its values are where the translation has them."""
    found = [entry for text, entry in entries("de").items() if "{0}" in text]
    assert len(found) > 50
    values = [f"/a b/ü.{number}" for number in range(4)]
    for entry in found:
        assert translation.told(entry.message.format(*values)) == entry.forms[0].format(*values)


@pytest.mark.usefixtures("german")
def test_an_error_of_the_engine_is_translated_with_its_values() -> None:
    with pytest.raises(InputError) as caught:
        store.find("{0} nix")
    german = translation.told(str(caught.value))
    assert german.startswith("Es gibt kein Modell '{0} nix'. Installiert: structure. Laden Sie")
    assert translation.told("Searching patches, level 2 of 14") == "Bildstücke werden gesucht, Stufe 2 von 14"
    assert translation.told("Never said {0} 2") == "Never said {0} 2"
