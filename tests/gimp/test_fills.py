"""The new layer holds what `inpaint` gives for the same layer, in images of every kind; nothing else changes.

Colours are compared as the image stores them: in linear light where it is linear, display-encoded elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from host import Gimp
from numpy.typing import NDArray

FULL = {"u8": 255.0, "u16": 65535.0, "float": 1.0}
STEP = {"u8": 1 / 255, "u16": 1 / 65535, "u32": 0.0, "half": 2.0**-11, "float": 0.0, "double": 0.0}
"""Between two neighbouring values in 0…1; nothing worth telling for those finer than float32."""

ROUNDING = 1.5e-6
"""Measured, in parts of 1: at most 7.8e-7 (GIMP's conversions are float32) beyond the half step."""
PROFILED = {"u8": 8e-3, "u16": 2e-4, "float": 2e-4}
"""Measured with Adobe RGB, in sRGB's terms, where its steps are wider: at most 5.9e-3, 1.2e-4, 1.1e-4."""

EXPECTED_CASES = 60 + 2 + 4 + 6 + 6 + 5 + 1


@dataclass(frozen=True)
class Case:
    """One fill: what the script wrote down of it, and its arrays cut to the new layer."""

    facts: dict[str, Any]
    expected: NDArray[np.float64]
    alpha: NDArray[np.float64]
    got: NDArray[np.float64]
    palette: NDArray[np.float64]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Where the new layer shows something: elsewhere its colours mean nothing."""
        return self.alpha > 0


def load(folder: Path, facts: dict[str, Any]) -> Case:
    """Read the arrays of a case; colours in the light of the image, 0…1."""
    path = folder / facts["name"]
    (width, height), colours, full = facts["size"], facts["colours"], FULL[facts["component"]]
    filled = np.load(f"{path}.npy").astype(float).reshape(height, width, -1) / full
    cover = np.fromfile(f"{path}.cover", np.float32).reshape(height, width).astype(float)
    made = facts["made"]
    x, y = (made["offset"][axis] - facts["offset"][axis] for axis in (0, 1))
    box = np.s_[y : y + made["size"][1], x : x + made["size"][0]]
    linear = facts["light"] == "linear"
    got = np.fromfile(f"{path}.{'linear' if linear else 'out'}")
    expected = filled[box][..., :colours]
    source = np.fromfile(f"{path}.in", np.dtype({"u8": "u1", "u16": "u2", "float": "f4"}[facts["component"]]))
    return Case(
        facts,
        to_linear(expected) if linear else expected,
        cover[box] * (filled[box][..., -1] if facts["alpha"] else 1.0),
        got.reshape(*made["size"][::-1], colours + 1),
        np.unique(source.reshape(-1, colours + facts["alpha"])[:, :colours], axis=0) / full,
    )


def to_linear(encoded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decode sRGB (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0) + 0.055) / 1.055) ** 2.4)


@pytest.fixture(scope="module")
def cases(gimp: Gimp) -> dict[str, Case]:
    """Every case of ``fills.py``, filled by GIMP and by the engine alone."""
    answers = gimp.batch("fills", timeout=900)
    assert isinstance(answers, list), answers["failed"]
    assert [answer for answer in answers if answer["status"] != "success"] == []
    assert len(answers) == EXPECTED_CASES
    gimp.engine("expected")
    return {answer["name"]: load(gimp.exchange / "fills", answer) for answer in answers}


def test_colours_are_those_of_inpaint(cases: dict[str, Case]) -> None:
    worst = {
        name: float(np.abs(case.got[..., :-1] - case.expected)[case.seen].max()) - tolerance(case)
        for name, case in cases.items()
        if not name.startswith("indexed")
    }
    assert {name: beyond for name, beyond in worst.items() if beyond > 0} == {}


def tolerance(case: Case) -> float:
    """Return half a step of the image's precision, or what was measured where colours are converted."""
    depth = case.facts["depth"]
    if case.facts["name"].startswith("wide"):
        return PROFILED[depth]
    return STEP[depth] / 2 + ROUNDING


def test_alpha_is_the_coverage(cases: dict[str, Case]) -> None:
    worst = {
        name: float(np.abs(case.got[..., -1] - case.alpha).max()) - STEP[case.facts["depth"]] / 2 - ROUNDING
        for name, case in cases.items()
        if name != "indexed-feathered"
    }
    assert {name: beyond for name, beyond in worst.items() if beyond > 0} == {}


@pytest.mark.parametrize("name", ["indexed", "indexed-feathered"])
def test_indexed_takes_the_nearest_colour_of_the_palette(cases: dict[str, Case], name: str) -> None:
    case = cases[name]
    wanted, got = case.expected[case.seen], case.got[..., :-1][case.seen]
    distances = np.linalg.norm(wanted[:, None] - case.palette[None], axis=2)
    taken = np.abs(got[:, None] - case.palette[None]).max(axis=2)
    assert taken.min(axis=1).max() < ROUNDING, "a colour that is not in the palette"
    chosen = distances[np.arange(len(got)), taken.argmin(axis=1)]
    assert (chosen - distances.min(axis=1)).max() < 0.01


def test_nothing_else_changes(cases: dict[str, Case]) -> None:
    assert [name for name, case in cases.items() if not case.facts["unchanged"]] == []


def test_the_new_layer_lies_right_above_its_source_and_earlier_fills(cases: dict[str, Case]) -> None:
    places = {name: case.facts["made"]["above"] for name, case in cases.items()}
    again = {f"again-{number}": number for number in (1, 2, 3)}
    assert places == dict.fromkeys(cases, 1) | again
    assert all(case.facts["made"]["parent"] and case.facts["made"]["has_alpha"] for case in cases.values())


def test_the_new_layer_is_named_after_what_was_done(cases: dict[str, Case]) -> None:
    titles = {"patch": "Patches", "harmonic": "Smooth", "deep": "Network"}
    for case in cases.values():
        arguments = case.facts["arguments"]
        name = f"Inpaint: {titles[arguments['method']]}, seed {arguments.get('seed', 0)}"
        assert case.facts["made"]["name"].split(" #")[0] == name


def test_twice_the_same_is_the_same_and_another_seed_another(cases: dict[str, Case]) -> None:
    first, second, third = (cases[f"again-{number}"].got for number in (1, 2, 3))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)
