"""The array contract: what is let in, and that going to the working form and back loses nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from inpaint_core import InputError, inpaint
from inpaint_core.arrays import DTYPES, check_image, check_mask, from_working, has_alpha, to_working

shapes = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4)),
)


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    elements = None if dtype.kind == "u" else st.floats(0, 1, width=16)
    return draw(arrays_of.arrays(dtype, draw(shapes), elements=elements))


@given(pictures())
def test_what_the_contract_names_is_let_in_as_it_is(picture: np.ndarray) -> None:
    assert check_image(picture) is picture


@given(pictures().filter(lambda picture: not has_alpha(picture)))
def test_to_working_and_back_is_the_identity(picture: np.ndarray) -> None:
    hole = np.zeros(picture.shape[:2], bool)
    working = to_working(picture, hole)
    assert working.pixels.dtype == np.float32
    back = from_working(working.pixels.reshape(-1, working.pixels.shape[2]), working, picture)
    wanted = np.atleast_3d(picture).reshape(back.shape)
    if picture.dtype == np.float64:
        np.testing.assert_allclose(back, wanted, rtol=1e-6)
    else:
        assert np.array_equal(back, wanted)


@given(pictures().filter(has_alpha))
def test_alpha_survives_the_way_there_and_back(picture: np.ndarray) -> None:
    working = to_working(picture, np.zeros(picture.shape[:2], bool))
    back = from_working(working.pixels.reshape(-1, working.pixels.shape[2]), working, picture)
    wanted = picture.reshape(back.shape)
    np.testing.assert_allclose(back[:, -1], wanted[:, -1], rtol=1e-6)
    scale = float(np.iinfo(picture.dtype).max) if picture.dtype.kind == "u" else 1.0
    solid = wanted[:, -1] > 0.01 * scale
    step = 1.0 if picture.dtype.kind == "u" else 1e-3
    np.testing.assert_allclose(back[solid].astype(float), wanted[solid].astype(float), atol=step, rtol=1e-3)


def test_a_constant_alpha_is_left_out_of_the_work() -> None:
    picture = np.full((3, 3, 4), 200, np.uint8)
    working = to_working(picture, np.eye(3, dtype=bool))
    assert working.pixels.shape == (3, 3, 3)
    assert working.alpha == pytest.approx(200 / 255)


def test_the_hole_is_zero_whatever_stood_there() -> None:
    picture = np.full((4, 4, 3), np.nan)
    picture[:2] = 0.5
    hole = np.zeros((4, 4), bool)
    hole[2:] = True
    working = to_working(picture, hole)
    assert (working.pixels[hole] == 0).all()
    assert (working.pixels[~hole] == 0.5).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_known_pixel_that_is_no_number_is_named(bad: float, dtype: str) -> None:
    picture = np.zeros((4, 5, 3), dtype)
    picture[2, 3, 1] = bad
    with pytest.raises(InputError, match=r"1 pixels? outside the mask.*x=3, y=2"):
        to_working(picture, np.zeros((4, 5), bool))


def test_values_beyond_the_nominal_range_stay() -> None:
    picture = np.array([[-0.5, 3.0]], np.float32)
    working = to_working(picture, np.zeros((1, 2), bool))
    assert working.pixels.ravel().tolist() == [-0.5, 3.0]
    assert from_working(working.pixels.reshape(-1, 1), working, picture).ravel().tolist() == [-0.5, 3.0]


def test_integers_are_rounded_and_clipped() -> None:
    working = to_working(np.zeros((1, 4), np.uint8), np.zeros((1, 4), bool))
    filled = np.float32([[-1.0], [0.4 / 255], [0.6 / 255], [7.0]])
    assert from_working(filled, working, np.zeros((1, 4), np.uint8)).ravel().tolist() == [0, 0, 1, 255]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((3, 3), np.int32), "dtype uint8, .*int32"),
        (np.zeros((3, 3), bool), "bool"),
        (np.zeros((3, 3), complex), "complex"),
        (np.zeros(3, np.uint8), "shape"),
        (np.zeros((3, 3, 5), np.uint8), "1 to 4 channels"),
        (np.zeros((3, 3, 0), np.uint8), "1 to 4 channels"),
        (np.zeros((1, 3, 3, 3), np.uint8), "shape"),
        (np.zeros((0, 3), np.uint8), "no pixels"),
        (np.zeros((3, 0, 3), np.uint8), "no pixels"),
        ("a text", "dtype"),
        (None, "dtype"),
        (np.ma.masked_equal(np.zeros((3, 3), np.uint8), 0), "masked array"),
    ],
)
def test_other_pictures_are_refused_in_words(image: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_image(image)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32", "float64"])
def test_a_mask_marks_what_is_not_zero(dtype: str) -> None:
    mask = check_mask(np.array([[0, 1], [1, 0]], dtype), (2, 2, 3))
    assert mask.dtype == bool
    assert mask.tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.zeros((2, 3)), r"\(2, 3\).*\(3, 2\)"),
        (np.zeros((3, 2, 1)), r"\(3, 2, 1\)"),
        (np.full((3, 2), np.nan), "NaN"),
        (np.full((3, 2), "x"), "numbers or booleans"),
        (np.zeros((3, 2), complex), "numbers or booleans"),
    ],
)
def test_other_masks_are_refused_in_words(mask: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_mask(mask, (3, 2, 3))


def test_alpha_beyond_one_leaves_colours_as_they_are() -> None:
    picture = np.full((20, 20, 4), 0.5, np.float32)
    picture[:10, :, 3], picture[10:, :, 3] = 1.1, 1.2
    hole = np.zeros((20, 20), bool)
    hole[6:14, 6:14] = True
    filled = inpaint(picture, hole, "harmonic")
    assert np.abs(filled[hole][:, :3] - 0.5).max() < 1e-3
