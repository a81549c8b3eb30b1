"""A plug-in that is killed leaves the image as it was and no process behind; so does a killed engine."""

from __future__ import annotations

from typing import Any

import pytest
from host import Gimp

PLUGIN_KILLED = (
    "plug-in as it starts",
    "plug-in as the engine starts",
    "plug-in while the engine works",
    "plug-in while the layer is made",
)
ENGINE_KILLED = ("engine as it starts", "engine while it works")


@pytest.fixture(scope="module")
def ends(gimp: Gimp) -> dict[str, dict[str, Any]]:
    """How each run of ``kills.py`` ended."""
    answers = gimp.batch("kills")
    assert isinstance(answers, list), answers["failed"]
    return {answer["name"]: answer for answer in answers}


@pytest.mark.parametrize("name", PLUGIN_KILLED + ENGINE_KILLED)
def test_a_kill_leaves_nothing_behind(ends: dict[str, dict[str, Any]], name: str) -> None:
    end = ends[name]
    assert end["killed"], "nobody was there to be killed"
    assert end["status"] != "success"
    assert end["unchanged"]
    assert end["left"] == []


@pytest.mark.parametrize("name", ENGINE_KILLED)
def test_a_killed_engine_is_told_in_words(ends: dict[str, dict[str, Any]], name: str) -> None:
    assert ends[name]["message"].startswith("The engine was killed before it was done")
    assert "inpaint doctor" in ends[name]["message"]
