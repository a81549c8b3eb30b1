"""The one place that acts on a contract: exact in what it feeds and in what it reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from contracts import CHANNELS_LAST, CONTRACTS, LAMA, MANGA, MIGAN, RAW_MIGAN
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core import FillError, InputError
from inpaint_core.deep.cards import Contract, Size
from inpaint_core.deep.contract import fitting, interpret, prepare

rng = np.random.default_rng(7)


def scene(height: int = 5, width: int = 7) -> tuple[np.ndarray, np.ndarray]:
    image = rng.random((height, width, 3), dtype=np.float32)
    hole = np.zeros((height, width), bool)
    hole[2, 3] = True
    return image, hole


def answered(contract: Contract, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Answer with what was fed, in the range of the output."""
    fed = feeds[contract.image.input].astype(np.float32)
    if contract.packed:
        axis = -3 if contract.layout == "nchw" else -1
        fed = (
            np.split(fed, [1], axis=axis)[1]
            if contract.packed == "mask-image"
            else np.split(fed, [3], axis=axis)[0]
        )
    share = (fed - contract.image.black) / (contract.image.white - contract.image.black)
    output = contract.output
    return {output.name: share * (output.white - output.black) + output.black}


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("colours", ["rgb", "bgr"])
def test_what_is_fed_is_read_back(name: str, colours: str) -> None:
    contract = replace(CONTRACTS[name], colours=colours, dilate=0)
    image, hole = scene(50, 61)
    back = interpret(contract, answered(contract, prepare(contract, image, hole)), hole.shape)
    assert back.dtype == np.float32
    assert back.shape == image.shape
    tolerance = 0.5 / 255 + 1e-6 if contract.image.dtype == "uint8" else 1e-3
    np.testing.assert_allclose(back[~hole], image[~hole], atol=tolerance)


def test_lama_is_fed_two_arrays_of_numbers_from_0_to_1() -> None:
    contract = replace(LAMA, size=Size())
    image, hole = scene()
    feeds = prepare(contract, image, hole)
    assert {name: (value.dtype.name, value.shape) for name, value in feeds.items()} == {
        "image": ("float32", (1, 3, 5, 7)),
        "mask": ("float32", (1, 1, 5, 7)),
    }
    np.testing.assert_array_equal(feeds["mask"][0, 0], hole)
    np.testing.assert_array_equal(feeds["image"][0, 1], np.where(hole, 0, image[..., 1]))
    assert all(value.flags.c_contiguous for value in feeds.values())


def test_migan_is_fed_bytes_and_255_means_keep() -> None:
    contract = replace(MIGAN, size=Size(), dilate=0)
    image, hole = scene()
    feeds = prepare(contract, image, hole)
    assert feeds["image"].dtype == feeds["mask"].dtype == np.uint8
    np.testing.assert_array_equal(feeds["mask"][0, 0], np.where(hole, 0, 255))
    np.testing.assert_array_equal(feeds["image"][0, 2], np.rint(image[..., 2] * 255))


def test_raw_migan_is_fed_four_channels_the_mask_first() -> None:
    contract = replace(RAW_MIGAN, size=Size())
    image, hole = scene()
    (fed,) = prepare(contract, image, hole).values()
    assert fed.shape == (1, 4, 5, 7)
    np.testing.assert_array_equal(fed[0, 0], np.where(hole, -0.5, 0.5))
    np.testing.assert_allclose(fed[0, 1:], ((2 * image - 1) * ~hole[..., None]).transpose(2, 0, 1), atol=1e-6)


def test_channels_last_without_a_batch() -> None:
    image, hole = scene(136, 144)
    feeds = prepare(CHANNELS_LAST, image, hole)
    assert feeds["x"].shape == (136, 144, 3)
    assert feeds["m"].shape == (136, 144, 1)
    assert feeds["x"].dtype == feeds["m"].dtype == np.float16


def test_the_hole_is_grown_by_what_the_card_says() -> None:
    contract = replace(MANGA, size=Size(), dilate=2)
    image = np.ones((9, 9, 3), np.float32)
    hole = np.zeros((9, 9), bool)
    hole[4, 4] = True
    feeds = prepare(contract, image, hole)
    expected = np.zeros((9, 9))
    expected[2:7, 2:7] = 1
    np.testing.assert_array_equal(feeds["mask"][0, 0], expected)
    np.testing.assert_array_equal(feeds["image"][0, 0], 1 - expected)


def test_what_is_beyond_the_range_is_clipped_on_both_ways() -> None:
    contract = replace(MANGA, size=Size())
    image, hole = np.full((2, 2, 3), 1.5, np.float32), np.zeros((2, 2), bool)
    image[0] = -0.5
    fed = prepare(contract, image, hole)["image"]
    assert (fed[0, :, 0] == 0).all()
    assert (fed[0, :, 1] == 1).all()
    output = np.array([-3, 0.25, 7, np.nan], np.float32).reshape(1, 1, 2, 2).repeat(3, 1)
    read = interpret(contract, {"output": output}, (2, 2))[..., 0]
    np.testing.assert_array_equal(read, [[0, 0.25], [1, np.nan]])


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    multiple=st.integers(1, 16),
    minimum=st.integers(1, 40),
)
def test_padding_reaches_the_sizes_a_network_takes(
    height: int, width: int, multiple: int, minimum: int
) -> None:
    size = Size(multiple=multiple, minimum=minimum)
    contract = replace(MANGA, size=size)
    image = np.random.default_rng(0).random((height, width, 3), dtype=np.float32)
    hole = np.zeros((height, width), bool)
    hole[0, 0] = True
    fed = prepare(contract, image, hole)["image"]
    for side, given_side in zip(fed.shape[2:], (height, width), strict=True):
        assert side % multiple == 0
        assert side >= max(minimum, given_side)
        assert side < max(minimum, given_side) + multiple
    back = interpret(contract, {"output": fed}, (height, width))
    np.testing.assert_array_equal(back[~hole], image[~hole])


def test_the_mask_is_mirrored_with_the_picture() -> None:
    contract = replace(MANGA, size=Size(multiple=4))
    image, hole = np.ones((4, 3, 3), np.float32), np.zeros((4, 3), bool)
    hole[:, 2] = True
    feeds = prepare(contract, image, hole)
    np.testing.assert_array_equal(feeds["mask"][0, 0, 0], [0, 0, 1, 1])
    np.testing.assert_array_equal(feeds["image"][0, 0, 0], [1, 1, 0, 0])


def test_nothing_given_is_changed() -> None:
    image, hole = scene(50, 61)
    before = image.copy(), hole.copy()
    for contract in CONTRACTS.values():
        prepare(contract, image, hole)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(hole, before[1])


def test_a_picture_larger_than_the_one_size_is_refused() -> None:
    assert fitting(LAMA.size, 20, 128) == (128, 128)
    with pytest.raises(InputError, match="takes pictures of 128 by 128 pixels; this one is of 129 by 20"):
        fitting(LAMA.size, 20, 129)


def test_an_answer_that_is_not_the_cards_is_refused() -> None:
    with pytest.raises(FillError, match="names the output output; the network has other"):
        interpret(LAMA, {"other": np.zeros(1)}, (128, 128))
    with pytest.raises(
        FillError, match=r"has the shape \(1, 1, 128, 128\); by its card it has \(1, 3, 128, 128\)"
    ):
        interpret(LAMA, {"output": np.zeros((1, 1, 128, 128))}, (128, 128))
