"""The window for models in real GIMP, by keys alone: fetch, cancel, verify, remove, add."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from contracts import LAMA_PACKED, MANGA, card
from host import Gimp
from networks import write_network

from inpaint_core.deep import cards

ADDRESS = "http://127.0.0.1:9/a-net.onnx"


@pytest.fixture(scope="module")
def seen(gimp: Gimp) -> dict[str, Any]:
    """What ``models_window.py`` saw."""
    if gimp.version != "3.2":
        pytest.skip("one GIMP is enough for what is GTK's")
    write_network(gimp.exchange / "a-net.onnx", MANGA)
    write_network(gimp.exchange / "own.onnx", LAMA_PACKED)
    made = replace(card(MANGA, "a-net", bytes=7777, sha256="0" * 64, url=ADDRESS), title="A net")
    (gimp.exchange / "a-net.toml").write_text(cards.dump(made), encoding="utf-8")
    answered: dict[str, Any] = gimp.on_screen("models_window")
    assert "failed" not in answered, answered["failed"]
    assert "person" not in answered, answered["person"]
    return answered


def test_a_cancelled_fetch_leaves_nothing(seen: dict[str, Any]) -> None:
    assert seen["asked"]
    assert seen["left"] == []


def test_a_model_is_fetched_verified_and_removed_by_keys(seen: dict[str, Any]) -> None:
    assert seen["fetched"] == ["a-net.onnx", "a-net.toml", "default"]
    assert seen["verified"]
    assert seen["removed"] == []


def test_a_file_of_ones_own_is_added_by_keys(seen: dict[str, Any]) -> None:
    assert seen["added"] == ["default", "own.onnx", "own.toml"]
    assert "own" in seen["after"]


def test_a_model_is_chosen_in_the_list_of_methods(seen: dict[str, Any]) -> None:
    (own, last), (bundled, changed) = seen["filled"]
    assert own.startswith("Inpaint: Network")
    assert '(model "")' in last  # the one that is used when none is named
    assert bundled.startswith("Inpaint: Network: structure")
    assert '(model "structure")' in changed
