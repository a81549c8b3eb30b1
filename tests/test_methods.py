"""The list of methods, and that each entry leads to a function."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import InputError, Method, inpaint, methods
from inpaint_core.methods import find


def test_ids_are_unique_and_auto_is_first() -> None:
    ids = [method.id for method in methods()]
    assert ids[0] == "auto"
    assert len(set(ids)) == len(ids)
    assert {"patch", "harmonic"} <= set(ids)


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.id)
def test_every_method_leads_to_its_function(method: Method) -> None:
    assert callable(method.load())
    assert find(method.id) is method
    assert method.title
    assert method.description.endswith(".")


@pytest.mark.parametrize(
    "method", [method for method in methods() if not method.networked], ids=lambda method: method.id
)
def test_only_what_leaves_something_to_chance_heeds_the_seed(method: Method) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    hole = np.zeros((64, 64), bool)
    hole[20:44, 20:44] = True
    first, second = (inpaint(picture, hole, method.id, seed=seed) for seed in (1, 2))
    assert np.array_equal(first, second) is not method.chance


def test_an_unknown_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="no method 'magic'; the methods are auto, patch, deep, harmonic"):
        find("magic")
