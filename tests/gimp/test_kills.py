"""A plug-in that is killed, as by GIMP's Cancel, leaves nothing behind; a killed engine is told in words."""

from __future__ import annotations

from typing import Any

import pytest
from host import Gimp

PLUGIN_KILLED = (
    "plug-in as it starts",
    "plug-in as its engine starts",
    "plug-in while it reads",
    "plug-in while the engine works",
    "plug-in while the layer is made",
)
"""The last three in a picture of 12 megapixels and 16 bits."""

ENGINE_KILLED = {
    "own engine while it works": ("The engine was killed before it was done",),
    "engine while it works": (
        "The engine ended before it was done",
        "The engine was killed before it was done",  # no resident one answered in time
    ),
}


@pytest.fixture(scope="module")
def ends(gimp: Gimp) -> dict[str, dict[str, Any]]:
    """How each run of ``kills.py`` ended."""
    answers: dict[str, dict[str, Any]] = gimp.batch("kills")
    assert "failed" not in answers, answers["failed"]
    return answers


@pytest.mark.parametrize("name", [*PLUGIN_KILLED, *ENGINE_KILLED])
def test_a_kill_leaves_nothing_behind(ends: dict[str, dict[str, Any]], name: str) -> None:
    end = ends[name]
    assert end["killed"], "nobody was there to be killed"
    assert end["status"] != "success"
    assert end["unchanged"]
    assert end["left"] == []


@pytest.mark.parametrize("name", ENGINE_KILLED)
def test_a_killed_engine_is_told_in_words(ends: dict[str, dict[str, Any]], name: str) -> None:
    assert ends[name]["message"].startswith(ENGINE_KILLED[name])
    assert "perhaps because memory ran out" in ends[name]["message"]
    assert "Diagnose… shows its log" in ends[name]["message"]


@pytest.mark.parametrize("name", ["own engine as it starts", "resident engine while another works"])
def test_a_run_outlives_an_engine_that_does_not_work_for_it(
    ends: dict[str, dict[str, Any]], name: str
) -> None:
    assert ends[name]["killed"]
    assert ends[name]["status"] == "success"
    assert ends[name]["left"] == []


def test_a_gimp_that_is_killed_takes_its_run_along_and_no_other(ends: dict[str, dict[str, Any]]) -> None:
    end = ends["another GIMP while it fills"]
    assert end["killed"]
    assert end["left"] == []
    assert end["residents"] == 1
    assert ends["the run after that"]["status"] == "success"
