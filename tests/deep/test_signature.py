"""Where a network and its card disagree, it is said before anything runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts import ANY, LAMA, RAW_MIGAN

from inpaint_core import InputError
from inpaint_core.deep.signature import Tensor, check_signature

IMAGE = Tensor("image", "float32", (None, 3, 128, 128))
MASK = Tensor("mask", "float32", (None, 1, 128, 128))
OUTPUT = Tensor("output", "float32", (None, 3, None, None))


def test_what_a_card_says_passes() -> None:
    check_signature(LAMA, [IMAGE, MASK], [OUTPUT])
    check_signature(LAMA, [MASK, IMAGE], [Tensor("loss", "float32", (1,)), OUTPUT])
    packed = Tensor("input", "float32", (1, 4, 128, 128))
    check_signature(RAW_MIGAN, [packed], [OUTPUT])


@pytest.mark.parametrize(
    ("inputs", "outputs", "sentence"),
    [
        ([IMAGE], [OUTPUT], "The card names the input mask; the network takes image: float32"),
        (
            [IMAGE, MASK, Tensor("noise", "float32", (1,))],
            [OUTPUT],
            "takes noise: float32 [1], which its card",
        ),
        (
            [replace(IMAGE, shape=(3, 128, 128)), MASK],
            [OUTPUT],
            "has image: float32 [3, 128, 128]; by its card",
        ),
        (
            [replace(IMAGE, shape=(1, 128, 128, 3)), MASK],
            [OUTPUT],
            "it would be image: float32 [1, 3, 128, 128]",
        ),
        ([replace(IMAGE, dtype="uint8"), MASK], [OUTPUT], "its card says float32"),
        ([IMAGE, replace(MASK, shape=(1, 1, 64, 64))], [OUTPUT], "has mask: float32 [1, 1, 64, 64]"),
        ([IMAGE, MASK], [], "The card names the output output; the network gives none."),
        ([IMAGE, MASK], [replace(OUTPUT, shape=(1, 1, 128, 128))], "has output: float32 [1, 1, 128, 128]"),
    ],
)
def test_what_it_does_not_say_is_refused(inputs: list[Tensor], outputs: list[Tensor], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        check_signature(LAMA, inputs, outputs)
    assert sentence in str(refused.value)


def test_a_network_of_one_size_is_none_of_many() -> None:
    with pytest.raises(InputError, match=r"by its card it would be image: float32 \[1, 3, any, any\]"):
        check_signature(replace(LAMA, size=ANY), [IMAGE, MASK], [OUTPUT])


def test_names_from_a_file_cannot_play_with_the_terminal() -> None:
    with pytest.raises(InputError) as refused:
        check_signature(LAMA, [Tensor("\x1b[2Jx", "float32", (1,))], [OUTPUT])
    assert str(refused.value).isprintable()
