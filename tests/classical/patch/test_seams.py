"""The correction of copied pieces: exact at a rim, no drift where a hole is open to the border."""

from __future__ import annotations

import numpy as np

from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.seams import NONE, correction


def correct(image: np.ndarray, hole: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the correction where each pixel of the hole is copied from a column of its own row.

    Parameters
    ----------
    image : (H, W) float
    hole : (H, W) bool
    columns : (W,) int
        Whence each column is copied.
    """
    y, x = np.nonzero(hole)
    origins = (y * hole.shape[1] + columns[x]).astype(np.int32)
    picture = image[..., None].astype(np.float32)
    with Crew(lambda _: None) as crew:
        change = correction(
            picture, hole, ~hole, origins, span=1.0, cycles=12, crew=crew, report=lambda _: None
        )
    out = np.zeros(hole.shape)
    if change is not NONE:
        out[hole] = change[:-1, 0]
    return out


def test_a_piece_takes_the_light_of_its_rim() -> None:
    wall = np.repeat(np.linspace(0.3, 0.5, 96)[None], 64, axis=0)
    hole = np.zeros(wall.shape, bool)
    hole[20:40, 50:70] = True
    columns = np.arange(96) - 40
    filled = wall[:, columns] + correct(wall, hole, columns)
    np.testing.assert_allclose(filled[hole], wall[hole], atol=5e-3)


def test_light_does_not_run_away_where_a_hole_is_open_to_the_border() -> None:
    """A shaded piece copied side by side leaves steps; without them the light would go on growing."""
    shade = np.repeat((0.3 + 0.01 * (np.arange(120) % 12))[None], 64, axis=0)
    hole = np.zeros(shade.shape, bool)
    hole[:, 60:] = True
    columns = 24 + np.arange(120) % 11  # no piece goes on in the next
    drift = correct(shade, hole, columns)
    assert np.abs(drift).max() > 0.01
    assert np.abs(drift[:, -1]).max() < 0.02
    assert np.abs(drift).max() < 0.12


def test_what_goes_on_as_it_should_is_left_alone() -> None:
    hole = np.zeros((64, 96), bool)
    hole[20:40, 50:70] = True
    assert not correct(np.full(hole.shape, 0.4), hole, np.arange(96) - 30).any()
