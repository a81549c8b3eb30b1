"""In full GIMP on a virtual screen, with keys and mouse: the dialog, undo and redo, cancel, and mishaps.

The screen has no compositor.
"""

from __future__ import annotations

import re
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


def test_the_dialogs_open_and_close_without_a_warning(screen: dict[str, Any]) -> None:
    said = re.compile(r"inpaint.*(WARNING|CRITICAL|mnemonic)|LibGimpUI")
    ended = "gimp_flush(): error: Broken pipe"  # GIMP ends a plug-in while that talks to it
    lines = (line for line in screen["words"].splitlines() if not line.endswith(ended))
    assert [line for line in lines if said.search(line)] == []


def test_the_dialog_opens_and_its_choice_is_what_runs(screen: dict[str, Any]) -> None:
    plain, smooth = screen["dialog"]["plain"], screen["dialog"]["smooth"]
    assert plain == {
        "status": "success",
        "message": "",
        "made": "Inpaint: Patches (texture), seed 0",
        "opened": True,
    }
    assert smooth == plain | {"made": "Inpaint: Smooth, seed 2"}


def test_another_goes_on_to_the_next_seed_and_tries_more_on_further_cores(screen: dict[str, Any]) -> None:
    variants = screen["dialog"]["variants"]
    assert variants["status"] == "success"
    seeds = range(1 + max(2, min(3, variants["cores"])))
    assert variants["made"] == f"Inpaint: {len(seeds)} variants"
    assert sorted(variants["visible"]) == [f"Inpaint: Patches (texture), seed {seed}" for seed in seeds]


def test_all_variants_are_kept_in_a_group_and_the_last_one_is_visible(screen: dict[str, Any]) -> None:
    visible = screen["dialog"]["variants"]["visible"]
    assert [name for name in visible if visible[name]] == ["Inpaint: Patches (texture), seed 2"]
    assert next(iter(visible)).endswith("seed 2")


def test_variants_from_several_sources_are_all_kept(screen: dict[str, Any]) -> None:
    kept = screen["sources"]["kept"]
    assert kept["status"] == "success", kept["message"]
    half_red = [red for red, _ in kept["colours"] if 50 < red < 170]
    all_red = [red for red, green in kept["colours"] if red > 180 and green < 40]
    all_green = [green for red, green in kept["colours"] if green > 180 and red < 40]
    assert half_red
    assert all_red
    assert all_green


def test_a_fill_after_an_older_variant_has_its_source(screen: dict[str, Any]) -> None:
    older = screen["sources"]["older"]
    assert older["status"] == "success", older["message"]
    assert older["made"].endswith("seed 3")  # the one after that of the variant
    red, green = older["colour"]
    assert red > 180
    assert green < 40


def test_a_dialog_given_up_does_nothing(screen: dict[str, Any]) -> None:
    assert screen["dialog"]["given up"]["status"] == "cancel"
    assert screen["dialog"]["given up"]["made"] is None


@pytest.mark.parametrize("run", ["last", "again"])
def test_the_last_values_are_kept(screen: dict[str, Any], run: str) -> None:
    assert screen["dialog"][run]["status"] == "success"
    assert screen["dialog"][run]["made"].startswith("Inpaint: Smooth, seed 2")


def test_a_fill_with_the_last_settings_is_one_process(screen: dict[str, Any]) -> None:
    assert screen["dialog"]["again"]["processes"] == 1


def test_where_no_spots_are_the_picture_is_shown_and_nothing_is_done(screen: dict[str, Any]) -> None:
    end = screen["no_spots"]
    assert end["status"] == "execution-error"
    assert "No spots were found. Raise the sensitivity or the size" in end["message"]
    assert end["unchanged"]
    assert end["shown"][0] > 100_000


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


def covers(made: list[int], selected: list[int]) -> bool:
    """Tell whether a layer is what was selected, or that grown by a pixel as some methods ask for."""
    x, y, width, height = selected
    return made in (selected, [x - 1, y - 1, width + 2, height + 2])


@pytest.mark.parametrize("scene", ["closed", "deleted", "selected", "killed"])
def test_what_happens_while_the_dialog_is_open_leaves_nothing_behind(
    screen: dict[str, Any], scene: str
) -> None:
    assert screen[scene]["left"] == []
    assert not screen[scene]["dialog"]


def test_an_image_that_is_closed_or_a_layer_that_is_deleted_under_the_dialog_is_told(
    screen: dict[str, Any],
) -> None:
    assert screen["closed"]["told"]
    assert screen["deleted"]["told"]
    assert screen["deleted"]["unchanged"]
    assert "Traceback" not in screen["words"]


def test_what_is_selected_last_is_filled(screen: dict[str, Any]) -> None:
    assert screen["selected"]["layers"] == 2
    assert covers(screen["selected"]["made"], [220, 180, 40, 30])


def test_an_engine_killed_under_the_dialog_is_started_anew(screen: dict[str, Any]) -> None:
    assert screen["killed"]["anew"], "the preview started no other engine"
    assert not screen["killed"]["told"]
    assert screen["killed"]["layers"] == 2
    assert covers(screen["killed"]["made"], [120, 100, 60, 50])


def test_two_images_are_filled_at_once(screen: dict[str, Any]) -> None:
    both = screen["both"]
    assert both["meanwhile"], "the first fill was done before the second one was"
    assert both["status"] == "success", both["message"]
    assert covers(both["made"][0], [300, 300, 1500, 1400])
    assert both["made"][1] == [80, 80, 30, 30]
    assert both["left"] == []
