"""Options are declared once; every value from outside is checked against that."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core import InputError, describe, methods
from inpaint_core.options import Option, option, parse


@dataclass(frozen=True, slots=True)
class Sample:
    rounds: int = option(3, "Rounds", "How often.", low=1, high=9)
    weight: float = option(0.5, "Weight", "How much.", low=0.0, high=2.0)
    sharp: bool = option(True, "Sharp", "Whether.")
    shape: Literal["round", "square"] = option("round", "Shape", "Which.")


def test_an_option_is_described_as_it_is_declared() -> None:
    assert describe(Sample) == (
        Option("rounds", int, 3, "Rounds", "How often.", 1, 9),
        Option("weight", float, 0.5, "Weight", "How much.", 0.0, 2.0),
        Option("sharp", bool, True, "Sharp", "Whether."),
        Option("shape", str, "round", "Shape", "Which.", choices=("round", "square")),
    )


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "rounds": st.integers(1, 9),
            "weight": st.floats(0, 2),
            "sharp": st.booleans(),
            "shape": st.sampled_from(["round", "square"]),
        },
    )
)
def test_valid_values_arrive_and_the_rest_are_defaults(values: dict[str, Any]) -> None:
    assert asdict(parse(Sample, values, "sample")) == {**asdict(Sample()), **values}


@given(st.integers() | st.floats() | st.text(max_size=3) | st.none() | st.booleans())
def test_a_number_outside_its_range_or_of_another_kind_is_refused(value: Any) -> None:
    fits = not isinstance(value, bool | str) and value is not None and 1 <= value <= 9 and value == int(value)
    if fits:
        checked = parse(Sample, {"rounds": value}, "sample").rounds
        assert checked == value
        assert type(checked) is int
    else:
        with pytest.raises(InputError, match="rounds is a whole number from 1 to 9"):
            parse(Sample, {"rounds": value}, "sample")


def test_numpy_numbers_are_numbers() -> None:
    values = {"rounds": np.int64(4), "weight": np.float32(0.25)}
    assert parse(Sample, values, "sample") == Sample(rounds=4, weight=0.25)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sharp": 1}, "sharp is either true or false, not 1"),
        ({"shape": "oval"}, "shape is one of round, square; not 'oval'"),
        ({"shape": ["round"]}, "shape is one of"),
        ({"shape": np.array(["round", "oval"])}, "shape is one of"),
        ({"weight": float("nan")}, "weight is a number from 0 to 2, not nan"),
        ({"weight": "1"}, "weight is a number"),
        ({"rounds": 10**400}, "rounds is a whole number"),
        (
            {"colour": 1},
            "The method sample has no option colour; its options are rounds, weight, sharp, shape",
        ),
    ],
)
def test_bad_values_are_refused_in_words(values: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse(Sample, values, "sample")


def test_a_method_without_options_says_so() -> None:
    with pytest.raises(InputError, match="The method harmonic has no option rounds; it has none"):
        parse(next(m for m in methods() if m.id == "harmonic").options, {"rounds": 1}, "harmonic")


def test_a_field_without_help_is_a_fault_of_the_program() -> None:
    @dataclass
    class Bare:
        rounds: int = field(default=1)

    with pytest.raises(TypeError, match="option"):
        describe(Bare)


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.id)
def test_every_option_of_every_method_is_complete(method: Any) -> None:
    for item in describe(method.options):
        assert item.title
        assert item.help.endswith(".")
        assert item.check(item.default) == item.default
        if item.kind in (int, float):
            assert item.low is not None
            assert item.high is not None
            assert item.low < item.high
