"""How an unknown network wants to be spoken to is found out by running it; a wrong card is found out too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contracts import AOT, CONTRACTS, LAMA, MANGA, MIGAN, RAW_MIGAN
from networks import write_network

from inpaint_core import FillError, InputError
from inpaint_core.deep.cards import Contract
from inpaint_core.deep.guessing import guess
from inpaint_core.deep.session import Session
from inpaint_core.deep.signature import Runner, Tensor
from inpaint_core.deep.trial import check, run_trial

Change = Callable[[np.ndarray, Mapping[str, np.ndarray]], np.ndarray]
HOW = {"migan": {"output_dtype": "uint8", "keep_rim": 3}}


def silent(stage: str, fraction: float) -> None:
    assert stage
    assert 0 <= fraction <= 1


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contracts_in_use_are_found_out(tmp_path: Path, name: str) -> None:
    contract = CONTRACTS[name]
    network = Session(write_network(tmp_path / "net.onnx", contract, **HOW.get(name, {})))
    assert guess(network, None, silent) == contract
    assert check(network, contract) == ""


@pytest.mark.parametrize("sides", [("batch", "height", "width"), (1, "h", "w")])
def test_a_size_that_is_any_is_taken_up_to_a_multiple(tmp_path: Path, sides: Sequence[int | str]) -> None:
    network = Session(write_network(tmp_path / "net.onnx", MANGA, sides=sides))
    assert guess(network, None, silent).size == MANGA.size


def test_of_ranges_that_make_no_difference_the_usual_one_is_taken(tmp_path: Path) -> None:
    network = Session(write_network(tmp_path / "net.onnx", MANGA, bounded=False))
    assert guess(network, None, silent) == MANGA


def other_polarity(contract: Contract) -> Contract:
    return replace(contract, mask=replace(contract.mask, hole=contract.mask.known, known=contract.mask.hole))


@pytest.mark.parametrize(
    ("contract", "card", "sentence"),
    [
        (MANGA, other_polarity(MANGA), "leaves the hole as it was"),
        (AOT, other_polarity(AOT), "leaves the hole as it was"),
        (LAMA, replace(LAMA, output=replace(LAMA.output, white=1.0)), "do not come back"),
        (LAMA, replace(LAMA, image=replace(LAMA.image, white=255.0)), "do not come back"),
    ],
    ids=["polarity", "polarity, repainting", "output", "input"],
)
def test_a_wrong_card_is_found_out(tmp_path: Path, contract: Contract, card: Contract, sentence: str) -> None:
    network = Session(write_network(tmp_path / "net.onnx", contract))
    with pytest.raises(FillError, match=sentence):
        check(network, card)


def test_a_network_that_repaints_everything_is_doubted_alone(tmp_path: Path) -> None:
    network = Session(write_network(tmp_path / "net.onnx", RAW_MIGAN))
    assert check(network, RAW_MIGAN) == ""
    assert "do not come back" in check(network, replace(RAW_MIGAN, packed="image-mask"))


def test_red_stays_red(tmp_path: Path) -> None:
    network = Session(write_network(tmp_path / "net.onnx", MANGA, swap=True))
    with pytest.raises(FillError, match="Red comes back as blue"):
        check(network, MANGA)
    with pytest.raises(InputError, match="None of the usual ranges gives a sensible picture"):
        guess(network, None, silent)


def test_a_rim_of_old_colour_is_measured(tmp_path: Path) -> None:
    network = Session(write_network(tmp_path / "net.onnx", MIGAN, **HOW["migan"]))
    assert run_trial(network, replace(MIGAN, dilate=0)).depth == 3
    assert run_trial(network, MIGAN).depth == 0


class Altered:
    """A network whose signature or answer is another."""

    def __init__(self, network: Runner, change: Change, inputs: Sequence[Tensor] | None = None) -> None:
        self.inputs = network.inputs if inputs is None else inputs
        self.outputs = network.outputs
        self._run = network.run
        self._change = change

    def run(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: self._change(answer, feeds) for name, answer in self._run(feeds).items()}


def test_an_answer_without_numbers_is_refused(tmp_path: Path) -> None:
    network = Session(write_network(tmp_path / "net.onnx", MANGA))
    with pytest.raises(FillError, match="pixels that are no numbers"):
        check(Altered(network, lambda answer, _: answer * np.float32(np.nan)), MANGA)


@pytest.mark.parametrize("shape", [(1, 5, None, None), (3, None), (1, None, None, None)])
def test_no_inpainting_network_is_told(tmp_path: Path, shape: tuple[int | None, ...]) -> None:
    network = Session(write_network(tmp_path / "net.onnx", MANGA))
    odd = Altered(network, lambda answer, _: answer, [replace(network.inputs[0], shape=shape)])
    with pytest.raises(InputError, match=r"takes a picture of 3 channels .* this one takes image: float32"):
        guess(odd, None, silent)


def test_what_trials_cannot_tell_is_asked(tmp_path: Path) -> None:
    def brighter(answer: np.ndarray, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Answer a little brighter where the mask is 255 rather than 1: who knows what was meant?"""
        return np.where(feeds["mask"] == 255, np.clip(answer, 0, 250) + 4, answer).astype(np.uint8)

    contract = replace(MIGAN, mask=replace(MIGAN.mask, hole=1.0, known=0.0))
    path = write_network(tmp_path / "net.onnx", contract, output_dtype="uint8", binary=True)
    network = Altered(Session(path), brighter)
    asked: list[str] = []

    def second(question: str, answers: Sequence[str]) -> int:
        asked.extend([question, *answers])
        return 1

    found = guess(network, second, silent)
    assert asked[0] == "What does the network want?"
    assert [
        f"{value} in the mask for the hole" in text for value, text in zip((1, 255), asked[1:], strict=True)
    ]
    assert found.mask.hole in {1, 255}
    with pytest.raises(InputError, match=r"It cannot be told whether .* give that with --card"):
        guess(network, None, silent)
