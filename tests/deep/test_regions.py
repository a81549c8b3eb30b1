"""Pictures of any size: what a network sees of them, and that its answers come back to the right pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from contracts import CONTRACTS, FIXED, LAMA, card
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import write_network
from numpy.typing import NDArray

from inpaint_core.deep.cards import Contract
from inpaint_core.deep.cards import Size as ModelSize
from inpaint_core.deep.network import Network
from inpaint_core.deep.regions import plan, predict
from inpaint_core.deep.store import Installed
from inpaint_core.errors import Cancelled
from inpaint_core.geometry import Box

SMALL = ModelSize(fixed=(64, 64))
LOOSE = ModelSize(multiple=8, minimum=16, preferred=64)


def ramp(height: int, width: int) -> NDArray[np.float32]:
    """Return a picture that every network of the tests fills rightly: it is the same in all rows."""
    x = np.linspace(0.1, 0.9, width, dtype=np.float32)
    row = np.stack([x, 1 - x, 0.5 * x + 0.2], axis=1)
    return np.ascontiguousarray(np.broadcast_to(row, (height, width, 3)))


class Column:
    """A network that fills each column of the hole with the mean of the column's known pixels."""

    def __init__(self, contract: Contract = LAMA) -> None:
        self.card = SimpleNamespace(contract=contract)
        self.asked: list[tuple[int, int]] = []
        self.released: list[bool] = []

    def answer(
        self, image: NDArray[np.float32], hole: NDArray[np.bool_], tick: Any, *, release: bool = False
    ) -> NDArray[np.float32]:
        tick()
        self.asked.append(hole.shape)
        self.released.append(release)
        count = np.maximum((~hole).sum(axis=0), 1)[:, None]
        column = np.where(hole[..., None], 0, image).sum(axis=0) / count
        return np.where(hole[..., None], column, image).astype(np.float32)


def fill(network: Any, picture: NDArray[np.float32], hole: NDArray[np.bool_], **given: Any) -> Any:
    planned = plan(network.card.contract.size, hole, hole)
    settings = {"match": True, "detail": True, "release": False, "progress": lambda *_: None, **given}
    empty = np.where(hole[..., None], np.float32(0), picture)
    return predict(planned, network, empty, hole, **settings), planned


@settings(max_examples=40, deadline=None)
@given(
    st.integers(20, 260),
    st.integers(20, 260),
    st.sampled_from([SMALL, LOOSE, ModelSize(fixed=(48, 80)), ModelSize(multiple=16, minimum=32)]),
    st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=6),
    st.booleans(),
)
def test_every_hole_is_filled_and_nothing_else(
    height: int, width: int, size: ModelSize, places: list[tuple[float, ...]], detail: bool
) -> None:
    picture, hole = ramp(height, width), np.zeros((height, width), bool)
    for y, x, tall, wide in places:
        top, left = int(y * (height - 10)), int(x * (width - 4))
        down = min(top + 1 + int(tall * 0.8 * height), height - 6)
        hole[top:down, left : left + 1 + int(wide * 0.9 * width)] = True
    network = Column(replace(LAMA, size=size))
    filled, planned = fill(network, picture, hole, detail=detail)
    np.testing.assert_array_equal(filled[~hole], picture[~hole])
    assert np.isfinite(filled).all()
    assert sum(int(group.hole.sum()) for group in planned.groups) == int(hole.sum())
    for group in planned.groups:
        assert group.box in group.crop
        assert group.crop in Box(0, 0, width, height)
    limit = size.fixed if size.is_fixed else (max(size.preferred or 512, size.minimum),) * 2
    assert all(asked[0] <= limit[0] and asked[1] <= limit[1] for asked in network.asked)


@pytest.mark.parametrize("detail", [False, True], ids=["coarse", "tiles"])
@pytest.mark.parametrize("size", [SMALL, LOOSE], ids=["fixed", "loose"])
@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ((90, 100), Box(40, 30, 60, 50)),
        ((300, 320), Box(100, 80, 150, 130)),
        ((300, 320), Box(60, 60, 240, 220)),
        ((40, 400), Box(150, 10, 300, 30)),
        ((30, 28), Box(20, 4, 28, 20)),
    ],
    ids=["native", "reduced", "larger than the network", "long", "tiny"],
)
def test_what_the_network_knows_arrives(
    shape: tuple[int, int], box: Box, size: ModelSize, detail: bool
) -> None:
    picture, hole = ramp(*shape), np.zeros(shape, bool)
    hole[box.slices] = True
    filled, planned = fill(Column(replace(LAMA, size=size)), picture, hole, detail=detail)
    at_border = box.x1 == shape[1]  # a slope cannot be continued beyond what is seen
    assert np.abs(filled - picture).max() <= (0.03 if at_border else 0.01)
    assert planned.is_reduced == (2 * max(box.width, box.height) > 64 and max(shape) > 64)


def test_a_small_hole_is_seen_at_full_size_and_a_large_one_with_as_much_around_it() -> None:
    hole = np.zeros((400, 600), bool)
    hole[100:110, 100:120] = True
    hole[200:300, 300:420] = True
    small, large = plan(SMALL, hole, hole).groups
    assert (small.crop.width, small.crop.height) == (64, 64)
    assert (large.crop.width, large.crop.height) == (240, 240)
    assert large.crop == Box(240, 130, 480, 370)


def test_holes_close_together_are_seen_at_once_and_others_alone() -> None:
    hole = np.zeros((400, 600), bool)
    for x in (100, 115, 130, 400):
        hole[100:106, x : x + 6] = True
    planned = plan(SMALL, hole, hole)
    assert [group.box for group in planned.groups] == [Box(100, 100, 136, 106), Box(400, 100, 406, 106)]


def test_a_hole_inside_a_box_of_another_group_stays_that_groups_own() -> None:
    hole = np.zeros((200, 200), bool)
    hole[20:180, 20:30] = hole[170:180, 20:180] = True  # an angle, and a spot within its box
    hole[60:64, 120:124] = True
    picture = ramp(200, 200)
    filled, planned = fill(Column(replace(LAMA, size=SMALL)), picture, hole)
    assert np.abs(filled - picture).max() < 0.02
    assert sum(int(group.hole.sum()) for group in planned.groups) == int(hole.sum())


def test_what_must_not_be_seen_is_not() -> None:
    picture, hole = ramp(80, 80), np.zeros((80, 80), bool)
    hole[30:50, 30:50] = True
    unknown = hole.copy()
    unknown[:30] = True
    spoilt = picture.copy()
    spoilt[:30] = 7.0
    network = Column(replace(LAMA, size=SMALL))
    filled = predict(
        plan(SMALL, unknown, hole),
        network,
        np.where(hole[..., None], np.float32(0), spoilt),
        unknown,
        match=True,
        detail=True,
        release=False,
        progress=lambda *_: None,
    )
    assert np.abs(filled[hole] - picture[hole]).max() < 0.02


def test_a_network_that_repaints_with_another_contrast_is_matched() -> None:
    class Pale(Column):
        def answer(self, *given: Any, **named: Any) -> NDArray[np.float32]:
            return 0.85 * super().answer(*given, **named) + np.float32(0.1)

    hole = np.zeros((60, 60), bool)
    hole[20:40, 20:40] = True
    picture = ramp(60, 60)
    contract = replace(LAMA, size=SMALL, composites=False)
    assert np.abs(fill(Pale(contract), picture, hole)[0] - picture).max() < 0.01
    assert np.abs(fill(Pale(contract), picture, hole, match=False)[0] - picture).max() > 0.02


def test_progress_grows_and_the_caller_may_give_up() -> None:
    hole = np.zeros((300, 300), bool)
    hole[60:220, 60:240] = True
    said: list[float] = []
    network = Column(replace(LAMA, size=SMALL))
    fill(network, ramp(300, 300), hole, progress=lambda _, fraction: said.append(fraction), release=True)
    assert said == sorted(said)
    assert 0.0 == said[0] < said[-1] < 1.0
    assert network.released == [False] * (len(network.asked) - 1) + [True]

    def give_up(*_: object) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        fill(network, ramp(300, 300), hole, progress=give_up)


@pytest.mark.parametrize("name", ["lama", "migan", "raw migan", "manga"])
def test_real_networks_of_every_kind_fill_any_size(name: str, tmp_path: Path) -> None:
    contract = CONTRACTS[name]
    dtype = "uint8" if contract.image.dtype == "uint8" else "float32"
    file = write_network(tmp_path / "net.onnx", contract, output_dtype=dtype)
    network = Network(Installed(card(contract, "net"), file, bundled=False), "cpu")
    picture, hole = ramp(300, 340), np.zeros((300, 340), bool)
    hole[90:210, 100:260] = True
    filled, planned = fill(network, picture, hole, detail=False)
    assert np.abs(filled - picture)[hole].max() < 0.03
    assert planned.is_reduced == (contract.size == FIXED)
