"""What every classical method keeps of the contract in `inpaint_core.methods.Fill`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inpaint_core import Cancelled, Method, NoSourceError, inpaint, methods

METHODS = pytest.mark.parametrize(
    "method",
    [method for method in methods() if method.id != "auto" and not method.networked],
    ids=lambda method: method.id,
)
SIZE = (60, 70)


def ignore(stage: str, fraction: float) -> None:
    pass


def fill(method: Method, image: np.ndarray, hole: np.ndarray, source: np.ndarray, **heard: Any) -> np.ndarray:
    """Call the method's function as `inpaint` does."""
    known = np.where(hole[..., None], 0, image).astype(np.float32)
    return method.load()(
        known, hole, source, options=method.options(), seed=0, **{"progress": ignore, **heard}
    )


@pytest.fixture
def hole() -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[22:36, 30:44] = True
    return mask


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).random((*SIZE, 3), np.float32)


@METHODS
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_every_picture_keeps_its_type_and_what_is_known(
    method: Method, dtype: str, channels: int | None, hole: np.ndarray
) -> None:
    shape = SIZE if channels is None else (*SIZE, channels)
    full = np.iinfo(dtype).max if dtype.startswith("u") else 1
    image = (np.random.default_rng(5).random(shape) * full).astype(dtype)
    filled = inpaint(image, hole, method.id)
    assert filled.dtype == image.dtype
    assert filled.shape == image.shape
    np.testing.assert_array_equal(filled[~hole], image[~hole])
    if channels not in {2, 4}:  # colours of nearly transparent pixels are anything
        rounding = np.finfo(np.float32).eps
        assert image[~hole].min() - rounding <= filled[hole].min()
        assert filled[hole].max() <= image[~hole].max() + rounding


@METHODS
def test_pixels_that_are_neither_hole_nor_source_never_show(
    method: Method, picture: np.ndarray, hole: np.ndarray
) -> None:
    source = ~hole
    source[:, 46:52] = False
    source[40:, :24] = False
    poisoned = np.where((source | hole)[..., None], picture, np.float32(1e6))
    want, got = fill(method, picture, hole, source), fill(method, poisoned, hole, source)
    assert got[hole].max() <= picture[source].max()
    if method.local:  # others may heed what they may not take
        np.testing.assert_array_equal(got[hole], want[hole])


@METHODS
def test_no_source_is_told_in_words(method: Method, picture: np.ndarray, hole: np.ndarray) -> None:
    with pytest.raises(NoSourceError, match=r"source|whole patch"):
        fill(method, picture, hole, np.zeros_like(hole))


@METHODS
def test_what_is_given_stays_as_it_was(method: Method, picture: np.ndarray, hole: np.ndarray) -> None:
    picture[hole] = 0
    before = picture.copy()
    method.load()(picture, hole, ~hole, options=method.options(), seed=0, progress=ignore)
    np.testing.assert_array_equal(picture, before)


@METHODS
def test_can_be_stopped_wherever_it_reports(method: Method, picture: np.ndarray, hole: np.ndarray) -> None:
    heard: list[tuple[str, float]] = []
    fill(method, picture, hole, ~hole, progress=lambda stage, fraction: heard.append((stage, fraction)))
    assert all(stage and 0 <= fraction <= 1 for stage, fraction in heard)
    for calls in {1, len(heard)}:
        left = iter(range(calls - 1))

        def stop(stage: str, fraction: float, left: Any = left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            fill(method, picture, hole, ~hole, progress=stop)
