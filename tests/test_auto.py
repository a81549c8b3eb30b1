"""`auto` looks at each hole by itself, fills thin ones first, and says what it did."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inpaint_core import InpaintWarning, inpaint
from inpaint_core.auto import LARGE, THIN, Choice, choose
from inpaint_core.deep import store
from inpaint_core.explanation import Explanation, Reason
from inpaint_core.methods import find
from inpaint_core.options import parse

THIN_METHOD, SMOOTH_METHOD = "non-local-bayes", "harmonic"


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "default", lambda: None)


def chosen(picture: np.ndarray, hole: np.ndarray, *, guided: bool = False) -> dict[Reason, Choice]:
    auto = find("auto")
    options = parse(auto.options, {"patch_size": 9}, "auto")
    choices = choose(picture, hole, auto, options, guided=guided)
    assert (sum(choice.hole.astype(int) for choice in choices) == hole).all(), "each pixel once"
    return {choice.reason: choice for choice in choices}


def half_grainy(side: int = 240) -> np.ndarray:
    """Return an even slope, with strong grain on its right half."""
    y, x = np.mgrid[:side, :side]
    slope = 90 + 60 * x / side + 30 * y / side
    grain = np.random.default_rng(3).normal(0, 20, (side, side)) * (x >= side // 2)
    return np.rint(np.repeat((slope + grain)[..., None], 3, axis=2)).clip(0, 255).astype(np.uint8)


def squares(picture: np.ndarray, *where: tuple[int, int, int]) -> np.ndarray:
    hole = np.zeros(picture.shape[:2], bool)
    for x, y, side in where:
        hole[y : y + side, x : x + side] = True
    return hole


def test_each_hole_gets_what_suits_it() -> None:
    picture = half_grainy()
    hole = squares(picture, (30, 30, 40), (170, 30, 40), (30, 150, THIN), (170, 150, THIN), (200, 200, 3))
    found = chosen(picture, hole)
    assert [(reason, choice.method.id, choice.count) for reason, choice in found.items()] == [
        (Reason.THIN, THIN_METHOD, 3),
        (Reason.SMOOTH, SMOOTH_METHOD, 1),
        (Reason.TEXTURE, "patch", 1),
    ]
    assert found[Reason.THIN].width == THIN
    assert found[Reason.TEXTURE].hole[40, 180]
    assert found[Reason.SMOOTH].hole[40, 40]


def test_at_a_border_a_hole_is_told_as_wide_as_seen_and_chosen_for_as_if_it_went_on() -> None:
    picture = half_grainy()
    hole = np.zeros(picture.shape[:2], bool)
    hole[:6, 20:100] = True
    hole[-12:, 150:] = True  # what is there is told by one side alone, as in one twice as wide
    hole[100:110, :30] = True
    found = chosen(picture, hole)
    assert {reason: (choice.width, choice.count) for reason, choice in found.items()} == {
        Reason.THIN: (10, 2),
        Reason.TEXTURE: (12, 1),
    }


def test_with_a_model_large_holes_and_those_across_edges_go_to_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = half_grainy(400)
    picture[:90, 250:350] = np.where(np.arange(250, 350) % 24 < 12, 40, 210)[:, None]  # a fence
    hole = squares(picture, (280, 30, 40), (225, 150, 40), (215, 300, LARGE + 2), (20, 20, LARGE + 2))
    assert list(chosen(picture, hole)) == [Reason.SMOOTH, Reason.TEXTURE]
    monkeypatch.setattr(store, "default", lambda: SimpleNamespace(bundled=True))
    assert list(chosen(picture, hole)) == [Reason.SMOOTH, Reason.TEXTURE]
    monkeypatch.setattr(store, "default", lambda: SimpleNamespace(bundled=False))
    found = chosen(picture, hole)
    assert [(reason, choice.method.id, choice.count) for reason, choice in found.items()] == [
        (Reason.SMOOTH, "harmonic", 1),
        (Reason.STRUCTURE, "deep", 2),
        (Reason.TEXTURE, "patch", 1),
    ]
    assert found[Reason.STRUCTURE].hole[40, 290]
    assert found[Reason.STRUCTURE].options.patch_size == 9
    assert list(chosen(picture, hole, guided=True)) == [Reason.SMOOTH, Reason.TEXTURE]


@pytest.mark.parametrize(
    "convert",
    [
        lambda picture: (picture * np.uint16(257)).astype(np.uint16),
        lambda picture: picture.astype(np.float32) / 255,
        lambda picture: picture[..., 0],
        lambda picture: np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]),
        lambda picture: picture.astype(np.float64) * 1000,
    ],
    ids=["uint16", "float32", "grey", "RGBA", "float beyond 1"],
)
def test_the_choice_is_that_of_the_picture_not_of_its_encoding(convert: Callable[[Any], Any]) -> None:
    picture = half_grainy()
    hole = squares(picture, (30, 30, 40), (170, 30, 40))
    assert list(chosen(convert(picture), hole)) == [Reason.SMOOTH, Reason.TEXTURE]


def test_a_scratch_is_thin_at_any_length_and_a_hole_at_the_border_is_twice_as_wide() -> None:
    picture = half_grainy()
    scratch = np.zeros(picture.shape[:2], bool)
    scratch[np.arange(240), np.arange(240)] = scratch[np.arange(239) + 1, np.arange(239)] = True
    assert list(chosen(picture, scratch)) == [Reason.THIN]
    scratch[30:38] = True
    assert list(chosen(picture, scratch)) == [Reason.THIN], "where scratches cross they are wider"
    edge = np.zeros_like(scratch)
    edge[100:180, 240 - THIN :] = True
    assert list(chosen(picture, edge)) == [Reason.TEXTURE]


def test_what_was_in_the_hole_or_is_transparent_does_not_matter() -> None:
    picture = np.dstack([half_grainy(), np.full((240, 240), 255, np.uint8)])
    hole = squares(picture, (30, 30, 40))
    picture[hole] = np.random.default_rng(0).integers(0, 256, (1600, 4), dtype=np.uint8)
    picture[75:80, 20:80] = (255, 0, 255, 0)
    assert list(chosen(picture, hole)) == [Reason.SMOOTH]


def test_thin_holes_are_context_for_the_others_but_never_a_source() -> None:
    """The scratch is the only way to colours between those of the two halves."""
    rng = np.random.default_rng(6)
    picture = np.zeros((90, 120, 3), np.uint8)
    picture[:45] = rng.integers(20, 60, (45, 120, 3))
    picture[45:] = rng.integers(180, 220, (45, 120, 3))
    hole = squares(picture, (50, 8, 30))
    hole[43:47] = True
    explanations: list[Explanation] = []
    filled = inpaint(picture, hole, explain=explanations.append)
    assert [step.method for step in explanations[0].steps] == [THIN_METHOD, "patch"]
    between = (filled > 90) & (filled < 150)
    assert between[43:47].any(), "the scratch blends both"
    assert not between[8:38, 50:80].any(), "the blob copies one"


def test_where_no_patch_is_free_the_fill_is_smooth_and_says_so() -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    hole = np.ones((40, 40), bool)
    hole[:3] = hole[:, :3] = False
    explanations: list[Explanation] = []
    with pytest.warns(InpaintWarning, match=r"filled smoothly \(harmonic\)"):
        inpaint(picture, hole, explain=explanations.append)
    assert [(step.method, step.reason) for step in explanations[0].steps] == [("harmonic", Reason.NO_PATCH)]


def test_the_explanation_in_words() -> None:
    picture = half_grainy()
    spots = [(x, y, 2) for x in range(10, 230, 20) for y in range(10, 230, 25)]
    hole = squares(picture, (170, 30, 40), *spots)
    seen: list[Explanation] = []
    inpaint(picture, hole, explain=seen.append)
    thin, texture = str(seen[0]).splitlines()
    count = seen[0].steps[0].holes
    assert thin == f"{count} holes: {find(THIN_METHOD).title} ({THIN_METHOD}); thin, at most 2 pixels wide"
    assert texture == "1 hole: Patches (patch); in textured surroundings, at most 40 pixels wide"
    assert seen[0].label == f"{find(THIN_METHOD).title} (thin), Patches (texture)"
    assert seen[0].method == "patch"
    assert sum(step["pixels"] for step in seen[0].document()) == hole.sum()
    inpaint(picture, hole, "harmonic", explain=seen.append)
    assert str(seen[1]) == f"{count + 1} holes: Smooth (harmonic); as asked"
    assert seen[1].label == "Smooth"
