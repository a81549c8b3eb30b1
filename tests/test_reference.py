"""Content from another picture: only from it, and going on from the rim as it is."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import InputError, NoSourceError, inpaint

HOLE = np.s_[24:46, 30:62]


def stripes(height: int = 72, width: int = 96, phase: int = 0) -> np.ndarray:
    """Return vertical stripes of 12 pixels, dark red and light, with some grain."""
    x = (np.arange(width) + phase) // 6 % 2
    grain = np.random.default_rng(phase).integers(0, 6, (height, width, 1))
    return (np.array([[90, 20, 20], [180, 170, 160]])[x] + grain).astype(np.uint8)


def hole_of(picture: np.ndarray) -> np.ndarray:
    hole = np.zeros(picture.shape[:2], bool)
    hole[HOLE] = True
    return hole


@pytest.mark.parametrize("method", ["patch", "auto"])
def test_what_is_copied_comes_from_the_reference_alone(method: str) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 60, (72, 96, 3), dtype=np.uint8)
    reference = rng.integers(140, 200, picture.shape, dtype=np.uint8)
    reference[:, 70:] = 255
    excluded = np.zeros(picture.shape[:2])
    excluded[:, 70:] = 1
    hole = hole_of(picture)
    filled = inpaint(picture, hole, method, reference=reference, exclude=excluded, adapt_brightness=False)
    assert 140 <= filled[hole].min() <= filled[hole].max() < 200
    assert np.array_equal(filled[~hole], picture[~hole])


def test_the_fill_goes_on_from_the_rim() -> None:
    picture, reference = stripes(), stripes(phase=5)
    hole = hole_of(picture)
    filled = inpaint(picture, hole, "patch", reference=reference)
    as_it_lies = np.abs(reference[hole].astype(int) - picture[hole]).mean()
    assert np.abs(filled[hole].astype(int) - picture[hole]).mean() < as_it_lies / 3


def test_where_the_picture_is_transparent_the_reference_is_its_surroundings() -> None:
    seen = np.dstack([stripes(), np.full((72, 96), 255, np.uint8)])
    empty = np.zeros_like(seen)
    hole = hole_of(seen)
    filled = inpaint(empty, hole, "patch", reference=seen)
    assert (filled[hole][:, 3] == 255).all()
    assert np.abs(filled[hole].astype(int) - seen[hole])[:, :3].mean() < 25
    assert not filled[~hole].any()


def test_what_is_wrong_is_said_in_words() -> None:
    picture = stripes()
    hole = hole_of(picture)
    with pytest.raises(InputError, match="from the rim of the hole, not from another picture"):
        inpaint(picture, hole, "harmonic", reference=picture)
    with pytest.raises(InputError, match="shape and dtype of the one to fill"):
        inpaint(picture, hole, "patch", reference=picture[:-1])
    with pytest.raises(NoSourceError):
        inpaint(picture, hole, "patch", reference=picture, exclude=np.ones(hole.shape))
