"""A model at work: an accelerator is believed only once it has agreed with the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts import CONTRACTS, LAMA, card
from networks import write_network
from numpy.typing import NDArray

from inpaint_core.deep import network, session
from inpaint_core.deep.network import Network, Tick, disagreement, open_network, open_session
from inpaint_core.deep.store import Installed
from inpaint_core.errors import FillError, InpaintWarning, InputError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (network, session):
        monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def installed(folder: Path, name: str = "lama") -> Installed:
    contract = CONTRACTS[name]
    dtype = "uint8" if contract.image.dtype == "uint8" else "float32"
    file = write_network(folder / "net.onnx", contract, output_dtype=dtype)
    return Installed(card(contract, "net", bytes=file.stat().st_size, sha256="0" * 64), file, bundled=False)


def question() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    picture = np.random.default_rng(0).random((100, 90, 3), np.float32)
    hole = np.zeros((100, 90), bool)
    hole[40:60, 30:50] = True
    return picture, hole


def nothing() -> None:
    pass


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_whatever_the_contract_the_answer_is_the_same(name: str, tmp_path: Path) -> None:
    model = installed(tmp_path, name)
    contract = model.card.contract
    picture, hole = question()
    height, width = contract.size.fixed if contract.size.is_fixed else (136, 136)
    padding = ((0, height - 100), (0, width - 90))
    mirrored = np.pad(picture, (*padding, (0, 0)), "symmetric")
    answer = Network(model, "cpu").answer(picture, hole, nothing)
    assert answer.shape == picture.shape
    wide = np.pad(hole, padding, "symmetric")
    expected = np.where(wide[..., None], 0, mirrored)
    if contract.dilate:
        grown = np.zeros_like(wide)
        for y, x in np.argwhere(wide):
            grown[max(y - 4, 0) : y + 5, max(x - 4, 0) : x + 5] = True
        wide = grown
        expected = np.where(wide[..., None], 0, mirrored)
    columns = expected.sum(axis=0) / (~wide).sum(axis=0)[:, None]
    step = 1.5 / 255 if contract.image.dtype == "uint8" else 2e-3
    np.testing.assert_allclose(
        answer[hole], np.broadcast_to(columns, mirrored.shape)[:100, :90][hole], atol=step
    )


class Fake:
    """An accelerator whose answers are those of the CPU, spoilt."""

    def __init__(self, model: Installed, spoil: Any) -> None:
        self.real = open_session(model, "cpu", nothing)
        self.inputs, self.outputs = self.real.inputs, self.real.outputs
        self.spoil = spoil

    def run(
        self, feeds: Mapping[str, NDArray[Any]], tick: Tick | None = None, *, release: bool = False
    ) -> dict[str, NDArray[Any]]:
        outputs = self.real.run(feeds, tick, release=release)
        return {name: self.spoil(value) for name, value in outputs.items()}


class Bench:
    """Opens sessions, on the device `cuda` spoilt ones, and remembers which."""

    def __init__(self, spoil: Any) -> None:
        self.spoil = spoil
        self.opened: list[str] = []

    def __call__(self, model: Installed, device: str, _: Tick) -> Any:
        self.opened.append(device)
        return Fake(model, self.spoil if device == "cuda" else lambda value: value)


def fail(value: NDArray[Any]) -> NDArray[Any]:
    raise FillError("The driver went away.")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (np.zeros_like, "gave a black picture"),
        (lambda value: value * np.float32(np.nan), "gave values that are no numbers"),
        (lambda value: 255 - value, r"gave another picture than the CPU \(\d+ levels of 255 apart"),
        (fail, r"failed \(The driver went away\.\)"),
    ],
    ids=["black", "NaN", "other", "failing"],
)
def test_an_accelerator_that_errs_is_replaced_by_the_cpu(spoil: Any, words: str, tmp_path: Path) -> None:
    model, bench = installed(tmp_path), Bench(spoil)
    picture, hole = question()
    right = Network(model, "cpu").answer(picture, hole, nothing)
    asked = Network(model, "cuda", bench)
    with pytest.warns(InpaintWarning, match=f"The device cuda {words}.*so the model net runs on the CPU"):
        np.testing.assert_array_equal(asked.answer(picture, hole, nothing), right)
    np.testing.assert_array_equal(asked.answer(picture, hole, nothing), right)  # and no second notice
    assert asked.device == "cpu"


def test_an_accelerator_that_disappears_is_replaced_by_the_cpu(tmp_path: Path) -> None:
    there = [True]
    model, bench = installed(tmp_path), Bench(lambda value: value if there[0] else fail(value))
    asked = Network(model, "cuda", bench)
    right = asked.answer(*question(), nothing)
    there[0] = False
    with pytest.warns(
        InpaintWarning, match=r"The device cuda failed \(The driver went away\.\), so the model"
    ):
        np.testing.assert_array_equal(asked.answer(*question(), nothing), right)
    assert asked.device == "cpu"


def test_what_was_found_is_remembered_for_the_next_process(tmp_path: Path) -> None:
    model, bench = installed(tmp_path), Bench(np.zeros_like)
    for opened in (["cuda", "cpu", "cpu"], ["cpu"]):
        bench.opened.clear()
        with pytest.warns(InpaintWarning, match="black picture"):
            Network(model, "cuda", bench).answer(*question(), nothing)
        assert bench.opened == opened


def test_an_accelerator_that_agrees_is_compared_once(tmp_path: Path) -> None:
    model, bench = installed(tmp_path), Bench(lambda value: value + 0.5)  # half a level of 255
    for opened in (["cuda", "cpu"], ["cuda"]):
        bench.opened.clear()
        asked = Network(model, "cuda", bench)
        asked.answer(*question(), nothing)
        asked.answer(*question(), nothing)
        assert bench.opened == opened
        assert asked.device == "cuda"


def test_small_differences_are_none() -> None:
    reference = np.random.default_rng(0).random((8, 8, 3), np.float32)
    assert disagreement(reference, reference + np.float32(0.01)) == ""
    assert disagreement(np.zeros_like(reference), np.zeros_like(reference)) == ""
    assert "apart" in disagreement(reference, reference + np.float32(0.05))


def test_a_network_that_gives_nan_is_told_of(tmp_path: Path) -> None:
    model = installed(tmp_path)
    asked = Network(model, "cpu", lambda *_: Fake(model, lambda value: value * np.float32(np.nan)))
    with pytest.raises(FillError, match=r"model net gave pixels that are no numbers.*models verify net"):
        asked.answer(*question(), nothing)


def test_a_card_that_is_not_the_networks_is_told_of(tmp_path: Path) -> None:
    model = installed(tmp_path)
    other = replace(LAMA, image=replace(LAMA.image, input="picture"))
    wrong = replace(model, card=replace(model.card, contract=other))
    with pytest.raises(InputError, match=r"The network takes image.*which its card does not name"):
        Network(wrong, "cpu").answer(*question(), nothing)


def test_a_file_that_was_cut_short_is_told_of(tmp_path: Path) -> None:
    model = installed(tmp_path)
    model.file.write_bytes(model.file.read_bytes()[:200])
    with pytest.raises(InputError, match=r"net\.onnx"):
        Network(model, "cpu").answer(*question(), nothing)


def test_a_network_stays_open_for_the_next_fill(tmp_path: Path) -> None:
    model = installed(tmp_path)
    assert open_network(model, "cpu") is open_network(model, "cpu")
    others = [replace(model, card=replace(model.card, id=f"n{i}"), file=tmp_path / f"{i}") for i in range(3)]
    first = open_network(model, "cpu")
    for other in others:
        open_network(other, "cpu")
    assert open_network(model, "cpu") is not first
