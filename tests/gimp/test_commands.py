"""The commands beside *Fill Selection…*, and what a fill can become, without a dialog."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from host import CHECKOUT, Gimp
from numpy.typing import NDArray

SIDE = 60
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)
"""Of the layers of ``commands.py``'s `origin`, without their grain."""
ROUNDING = 2 / 255
"""Two layers of 8 bits may each be rounded."""


@pytest.fixture(scope="module")
def commands(gimp: Gimp) -> dict[str, Any]:
    """What ``commands.py`` wrote down, and a function that reads what was seen."""
    answers: dict[str, Any] = gimp.batch("commands")
    assert "failed" not in answers, answers["failed"]

    def seen(name: str, height: int = SIDE, width: int = SIDE) -> NDArray[np.float32]:
        return np.fromfile(gimp.exchange / "commands" / name, np.float32).reshape(height, width, 4)

    return answers | {"seen": seen}


def test_every_way_to_write_a_fill_shows_the_same(commands: dict[str, Any]) -> None:
    seen = commands["seen"]
    before, layer = seen("before"), seen("new-layer")
    assert np.abs(layer - before).max() > 0.05
    assert np.abs(seen("layer-with-mask") - layer).max() < ROUNDING
    assert np.abs(seen("in-place") - layer).max() < ROUNDING
    assert np.abs(seen("in-place-wider") - seen("new-layer-wider")).max() < ROUNDING
    outside = np.abs(layer - before).max(axis=2) == 0
    assert (np.abs(seen("in-place") - before).max(axis=2)[outside] == 0).all()


def test_what_is_written_is_what_was_asked_for(commands: dict[str, Any]) -> None:
    outputs = commands["outputs"]
    assert all(each["status"] == "success" and each["else unchanged"] for each in outputs.values()), outputs
    assert [name for name, each in outputs.items() if each["same layer"]] == ["in-place", "in-place-wider"]
    assert [name for name, each in outputs.items() if each["mask"]] == ["layer-with-mask"]
    narrow, wide = outputs["new-layer"]["size"], outputs["new-layer-wider"]["size"]
    assert wide[0] >= narrow[0] + 6
    assert wide[1] >= narrow[1] + 6


def test_a_fill_goes_on_from_earlier_ones_of_its_layer(commands: dict[str, Any]) -> None:
    for status, message, (red, green) in commands["in parts"]:
        assert status == "success", message
        assert red < 60
        assert green > 180


def test_a_locked_layer_is_not_written_into(commands: dict[str, Any]) -> None:
    status, message = commands["locked"]
    assert status == "execution-error"
    assert "The pixels of the layer “photo” are locked." in message


def test_what_is_transparent_is_not_written_into_where_transparency_is_locked(
    commands: dict[str, Any],
) -> None:
    (clear, message), (opaque, _) = commands["transparency locked"]
    assert clear == "execution-error"
    assert "The transparency of the layer “photo” is locked" in message
    assert opaque == "success"


def test_what_is_transparent_becomes_opaque_and_nothing_else_changes(commands: dict[str, Any]) -> None:
    seen = commands["seen"]
    assert commands["transparent"] == ["success", ""]
    holed, mended = seen("holed"), seen("mended")
    opaque = holed[..., 3] == 1
    assert (mended[..., 3] == 1).all()
    assert np.array_equal(mended[opaque], holed[opaque])
    status, message = commands["nothing transparent"]
    assert status == "execution-error"
    assert "has no transparency" in message


def test_uncrop_continues_the_picture_into_a_larger_canvas(commands: dict[str, Any]) -> None:
    uncrop = commands["uncrop"]
    assert uncrop["status"] == ["success", ""]
    assert (uncrop["size"], uncrop["offset"]) == ([70, 84], [10, 4])
    after = commands["seen"]("uncropped", 84, 70)
    assert (after[..., 3] == 1).all()
    assert np.array_equal(after[4:64, 10:], commands["seen"]("cropped"))
    assert after[:4].std() > 0.02
    assert "The canvas would be as it is" in uncrop["nothing to do"][1]
    assert "covers all of the larger canvas" in uncrop["covered"][1]


def test_the_diagnosis_works_with_and_without_an_engine(commands: dict[str, Any]) -> None:
    well, gone, broken, other = commands["diagnose"]
    for fact in ("GIMP", "numpy", "plug-ins/inpaint", "worker.log", "All is well."):
        assert fact in well
    assert "engine.json is missing" in gone
    assert broken.startswith("The engine ended without a word.")
    assert other.startswith("The plug-in wants an engine of version 9.9")
    for text in (gone, broken, other):
        assert "python3 install" in text.splitlines()[0]
        assert "worker.log" in text


def test_the_source_is_what_was_asked_for(commands: dict[str, Any]) -> None:
    near, whole = commands["sources"]
    assert near[0] == "execution-error"
    assert "nothing is left to take content from" in near[1]
    assert whole == ["success", ""]


def test_content_comes_from_where_it_may_and_nowhere_else(commands: dict[str, Any]) -> None:
    origins = commands["origins"]
    red, green, blue = (tuple([value, value + 19] for value in colour) for colour in (RED, GREEN, BLUE))
    wanted = {"exclusion": green, "exclusion within a radius": green, "channel": red}
    wanted |= {"layer": blue, "all of it": blue}
    for name, colours in wanted.items():
        fill = origins[name]
        assert fill["status"] == "success"
        assert fill["unchanged"]
        for least, most, (low, high) in zip(fill["least"], fill["most"], colours, strict=True):
            assert low <= least <= most <= high, name


def test_what_is_seen_of_all_layers_is_filled_as_it_is_seen(commands: dict[str, Any]) -> None:
    fill = commands["origins"]["visible"]
    assert fill["status"] == "success"
    assert fill["unchanged"]
    assert fill["opacity"] == 100
    red, green, blue = fill["most"]
    assert 100 < blue < 200, "half blue from below"
    assert max(red, green) < RED[0], "half as strong as in the layer itself"


def test_a_source_that_is_not_there_is_told_in_words(commands: dict[str, Any]) -> None:
    for name, words in (
        ("no layer", "Choose the layer that content is to come from."),
        ("the layer itself", "Choose another layer"),
        ("another image's", "“elsewhere” belongs to another image."),
    ):
        status, message = commands["origins"][name]
        assert status == "execution-error"
        assert words in message


def test_spots_are_found_where_they_are_looked_for_and_filled(commands: dict[str, Any]) -> None:
    status, message, x, y, width, height = commands["spots"]["one"]
    assert (status, message) == ("success", "")
    assert 8 <= x < 13
    assert x + width < 24
    assert 20 < y < 28
    assert height < 20
    status, message, least, most, pixels = commands["spots"]["both"]
    assert (status, message) == ("success", "")
    assert 115 <= least <= most <= 145
    assert 2 * 16 <= pixels <= 2 * 80
    status, message = commands["spots"]["none"]
    assert status == "execution-error"
    assert "No spots were found." in message


def test_transparent_areas_that_are_not_selected_stay(commands: dict[str, Any]) -> None:
    *done, place, refused = commands["transparent and selected"]
    assert done == ["success", ""]
    assert place == [10, 20, 10, 10]
    assert refused[0] == "execution-error"
    assert "transparent where it is selected" in refused[1]


def test_the_examples_of_the_scripting_page_run(commands: dict[str, Any]) -> None:
    assert commands["examples"] == [7, "Without the lamp"]


def test_the_scripting_page_has_every_argument(commands: dict[str, Any]) -> None:
    page = (CHECKOUT / "docs" / "SCRIPTING.md").read_text(encoding="utf-8").splitlines()
    assert "method" in commands["arguments"]
    for name, values in commands["arguments"].items():
        lines = [line for line in page if f"`{name}`" in line]
        assert lines or name == "run-mode", name
        assert any(all(value in line for value in values) for line in lines) or not values, name


def test_models_are_listed_and_errors_told(commands: dict[str, Any]) -> None:
    status, message, text = commands["models"]
    assert (status, message) == ("success", "success")
    assert {"id", "licence", "installed"} <= json.loads(text)["models"][0].keys()
    status, message, _ = commands["no such model"]
    assert status == "execution-error"
    assert "nobody" in message
