"""What the person sees: outside the hole nothing changes, inside the fill shows as its layer would.

The projection is compared before and after, as linear RGBA.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from host import Gimp
from numpy.typing import NDArray

SHAPE = (80, 90, 4)
HOLE = np.s_[24:50, 30:58]
LEFT, RIGHT = np.s_[24:50, 30:44], np.s_[24:50, 44:58]
ROUNDING = 2 / 255

NAMES = (  # noqa: SIM905 - a list of words reads best as words
    "normal half-opaque multiply screen-legacy overlay difference luminance spaces mask mask-half mask-white "
    "mask-off filter filters blur internal-filter hidden hidden-group locked locked-group text link vector"
).split()
NOT_IN_3_0 = {"link", "vector"}


@dataclass(frozen=True)
class Look:
    """A fill: what it took over, and the projection before and after it."""

    facts: dict[str, Any]
    before: NDArray[np.float32]
    after: NDArray[np.float32]


@dataclass(frozen=True)
class Gallery:
    """Every look of one GIMP, and what GIMP said meanwhile."""

    version: str
    looks: dict[str, Look]
    words: str

    def __getitem__(self, name: str) -> Look:
        if name in NOT_IN_3_0 and self.version == "3.0":
            pytest.skip(f"GIMP 3.0 has no {name} layers")
        return self.looks[name]


@pytest.fixture(scope="module")
def gallery(gimp: Gimp) -> Gallery:
    """What ``looks.py`` wrote down."""
    answers = gimp.batch("looks")
    assert isinstance(answers, list), answers["failed"]
    names = [name for name in NAMES if gimp.version != "3.0" or name not in NOT_IN_3_0]
    assert [answer["name"] for answer in answers if answer["status"] == "success"] == names, answers

    def seen(name: str) -> NDArray[np.float32]:
        return np.fromfile(gimp.exchange / "looks" / name, np.float32).reshape(SHAPE)

    looks = {
        answer["name"]: Look(answer, seen(f"{answer['name']}.before"), seen(f"{answer['name']}.after"))
        for answer in answers
    }
    return Gallery(gimp.version, looks, gimp.words)


@pytest.mark.parametrize("name", NAMES)
def test_outside_the_hole_nothing_changes(gallery: Gallery, name: str) -> None:
    outside = np.ones(SHAPE[:2], bool)
    outside[HOLE] = False
    look = gallery[name]
    assert np.array_equal(look.before[outside], look.after[outside])
    assert look.facts["unchanged"]
    assert np.isfinite(look.after).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_fill_takes_over_what_makes_the_layer_look_so(gallery: Gallery, name: str) -> None:
    source, made = gallery[name].facts["source"], gallery[name].facts["made"]
    for trait in ("mode", "opacity", "tag", "visible", "spaces"):
        assert made[trait] == source[trait], trait
    if name != "blur":
        assert made["filters"] == source["filters"]


def test_layers_of_every_kind_were_filled(gallery: Gallery) -> None:
    for name, kind in (("text", "TextLayer"), ("link", "LinkLayer"), ("vector", "VectorLayer")):
        if gallery.version != "3.0" or name not in NOT_IN_3_0:
            assert gallery[name].facts["kind"] == kind


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("hidden")])
def test_the_fill_shows_inside_the_hole(gallery: Gallery, name: str) -> None:
    look = gallery[name]
    assert not np.array_equal(look.before[HOLE], look.after[HOLE])


def test_a_mask_is_copied_where_it_hides_something(gallery: Gallery) -> None:
    for name, left, right in (("mask", 255, 0), ("mask-half", 255, 128)):
        mask = np.array(gallery[name].facts["made"]["mask"]).reshape(26, 28)
        assert (mask[:, :14] == left).all()
        assert (mask[:, 14:] == right).all()
    assert np.array_equal(gallery["mask"].before[RIGHT], gallery["mask"].after[RIGHT])
    assert np.array_equal(gallery["mask"].after[LEFT], gallery["normal"].after[LEFT])
    for name in ("mask-white", "mask-off", "normal"):
        assert gallery[name].facts["made"]["mask"] is None


def test_copied_live_filters_show_on_the_fill(gallery: Gallery) -> None:
    plain, brighter = gallery["normal"].after[HOLE][..., :3], gallery["filter"].after[HOLE][..., :3]
    expected = np.clip(2.0 * plain, 0.0, 1.0)  # one stop of exposure, in linear light
    assert np.abs(np.clip(brighter, 0.0, 1.0) - expected).max() < ROUNDING


def test_a_live_filter_that_reaches_across_pixels_is_named_instead(gallery: Gallery) -> None:
    assert gallery["blur"].facts["made"]["filters"] == []
    assert "These layer effects were not copied to the fill: “gegl:gaussian-blur”" in gallery.words


def test_a_hidden_layer_is_filled_with_a_notice(gallery: Gallery) -> None:
    assert "“photo” is hidden, and so is its fill." in gallery.words
    assert "“group” is hidden, and so is its fill." in gallery.words
    assert gallery["hidden"].facts["made"]["visible"] is False
