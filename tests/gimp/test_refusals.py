"""What cannot be filled is refused with one clear sentence, and nothing in the image changes."""

from __future__ import annotations

from typing import Any

import pytest
from host import Gimp

WORDS = {
    "nothing selected": "Nothing is selected. Select what is to be filled",
    "everything selected": "All of the layer “photo” is to be filled",
    "selection outside the layer": "The selection lies outside the layer “small”.",
    "selection around the layer": "The selection lies outside the layer “small”.",
    "group": "“folder” is a layer group. Select one layer inside it.",
    "layer mask": "The layer's mask is active, not the layer.",
    "channel": "“saved” is a channel.",
    "Quick Mask": "Quick Mask is on. Turn it off",
    "several layers": "Not one layer but 2 are selected in the Layers panel.",
    "no layer": "No layer is selected in the Layers panel.",
    "floating selection": "There is a floating selection. Anchor it",
    "empty layer": "Nothing is left to take content from",
    "one pixel": "All of the layer “dot” is to be filled",
    "NaN": "NaN, infinite",
    "no display": "There is no display to show a dialog on.",
    "engine.json missing": "GIMP Inpaint is not completely installed",
    "engine.json damaged": "engine.json cannot be read",
    "engine gone": "The engine of GIMP Inpaint is gone: there is no /nowhere/bin/python.",
    "engine of another version": "Run the installer again",
}


@pytest.fixture(scope="module")
def refusals(gimp: Gimp) -> dict[str, dict[str, Any]]:
    """What the plug-in answered to every case of ``refusals.py``."""
    answers: dict[str, dict[str, Any]] = gimp.batch("refusals")
    assert "failed" not in answers, answers["failed"]
    assert answers.keys() == WORDS.keys()
    return answers


@pytest.mark.parametrize("name", WORDS)
def test_a_refusal_is_one_sentence_and_changes_nothing(
    refusals: dict[str, dict[str, Any]], name: str
) -> None:
    answer = refusals[name]
    assert WORDS[name] in answer["message"]
    assert "Traceback" not in answer["message"]
    assert answer["message"].endswith(".")
    assert answer["status"] == "execution-error"
    assert not answer["made"]
    assert answer["unchanged"]


def test_a_missing_engine_names_the_one_command(refusals: dict[str, dict[str, Any]]) -> None:
    for name in ("engine.json missing", "engine.json damaged", "engine gone"):
        assert "python3 install" in refusals[name]["message"]
