"""In full GIMP on a virtual screen, with keys and mouse: the dialog, undo and redo, GIMP's own cancel."""

from __future__ import annotations

from typing import Any

import pytest
from host import Gimp


@pytest.fixture(scope="module")
def screen(gimp: Gimp) -> dict[str, Any]:
    """What ``screen.py`` saw."""
    seen: dict[str, Any] = gimp.on_screen("screen")
    assert "failed" not in seen, seen["failed"]
    return seen | {"words": gimp.words}


def test_the_command_stands_in_a_menu_of_its_own(screen: dict[str, Any]) -> None:
    assert screen["menu"] == [["<Image>/Filters/Inpaint"], "Fill _Selection…"]


def test_the_dialog_is_built_without_a_warning(screen: dict[str, Any]) -> None:
    assert "LibGimpUI" not in screen["words"]


def test_the_dialog_opens_and_its_choice_is_what_runs(screen: dict[str, Any]) -> None:
    plain, smooth = screen["dialog"]["plain"], screen["dialog"]["smooth"]
    assert plain == {
        "status": "success",
        "message": "",
        "made": "Inpaint: Patches (texture), seed 0",
        "opened": True,
    }
    assert smooth == plain | {"made": "Inpaint: Smooth, seed 1"}


def test_all_variants_are_kept_in_a_group_and_one_is_visible(screen: dict[str, Any]) -> None:
    variants = screen["dialog"]["variants"]
    assert variants["status"] == "success"
    assert variants["made"] == "Inpaint: 2 variants"
    assert variants["visible"] == [True, False]


def test_a_dialog_given_up_does_nothing(screen: dict[str, Any]) -> None:
    assert screen["dialog"]["given up"]["status"] == "cancel"
    assert screen["dialog"]["given up"]["made"] is None


@pytest.mark.parametrize("run", ["last", "again"])
def test_the_last_values_are_kept(screen: dict[str, Any], run: str) -> None:
    assert screen["dialog"][run]["status"] == "success"
    assert screen["dialog"][run]["made"].startswith("Inpaint: Smooth, seed 1")


def test_one_undo_takes_the_fill_back_and_one_redo_brings_it_again(screen: dict[str, Any]) -> None:
    assert screen["undo"] == {
        "status": "success",
        "message": "",
        "changed": True,
        "undone": True,
        "redone": True,
    }


def test_gimps_own_cancel_ends_plugin_and_engine(screen: dict[str, Any]) -> None:
    cancel = screen["cancel"]
    assert cancel["working"], "the engine was not at work when Cancel was pressed"
    assert cancel["gone"]
    assert cancel["left"] == []
    assert cancel["unchanged"]
