"""Pasting writes the hole and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core.arrays import DTYPES, to_working
from inpaint_core.composite import paste


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [(), (1,), (2,), (3,), (4,)])
def test_only_the_hole_is_written(dtype: str, channels: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    scale = np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1
    picture = (rng.random((6, 7, *channels)) * scale).astype(dtype)
    hole = rng.random((6, 7)) < 0.4
    before = picture.copy()
    working = to_working(picture, hole)
    paste(picture, hole, np.ones_like(working.pixels), working)
    assert np.array_equal(picture[~hole], before[~hole])
    assert (picture[hole] == scale).all()


def test_a_view_of_the_picture_is_written_into() -> None:
    picture = np.zeros((8, 8), np.uint16)
    view = picture[2:5, 3:6]
    hole = np.eye(3, dtype=bool)
    working = to_working(view, hole)
    paste(view, hole, np.ones_like(working.pixels), working)
    assert np.argwhere(picture).tolist() == [[2, 3], [3, 4], [4, 5]]
    assert picture.max() == 65535
