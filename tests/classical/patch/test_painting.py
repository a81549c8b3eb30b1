"""Copying at the picture's own precision: what becomes brighter gets more contrast, within limits."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core.classical.patch.painting import paint


def painted(tile: np.ndarray, change: float, *, source: np.ndarray | None = None) -> np.ndarray:
    """Return the middle of a tile, copied onto itself and made brighter by `change`."""
    side = len(tile)
    known = np.ones(side * side, bool) if source is None else source.reshape(-1)
    inner = np.zeros(tile.shape, bool)
    inner[3:-3, 3:-3] = True
    places = np.flatnonzero(inner).astype(np.int32)
    changes = np.full((len(places) + 1, 4), change, np.float32)
    filled = np.zeros((side * side, 1), np.float32)
    low, high = np.full(1, -9, np.float32), np.full(1, 9, np.float32)
    colours = np.ascontiguousarray(tile.reshape(-1, 1), np.float32)
    paint(colours, known, side, places, places, changes, low, high, 0, len(places), filled)
    return filled[places, 0].reshape(side - 6, side - 6)


@pytest.mark.parametrize(("change", "gain"), [(0.04, 1.1), (0.3, 1.3), (-0.02, 0.95), (-0.3, 0.9)])
def test_contrast_grows_with_the_light(change: float, gain: float) -> None:
    tile = np.full((25, 25), 0.4) + np.tile([[0.1], [-0.1], [0.1], [-0.1], [0.0]], (5, 25))
    np.testing.assert_allclose(
        painted(tile, change), 0.4 + change + gain * (tile - 0.4)[3:-3, 3:-3], atol=1e-6
    )


def test_below_black_nothing_is_known_of_light() -> None:
    tile = np.random.default_rng(0).uniform(-2, -1, (12, 12))
    np.testing.assert_allclose(painted(tile, 0.25), tile[3:-3, 3:-3] + 0.25, atol=1e-6)


def test_what_is_no_source_does_not_count() -> None:
    tile = np.full((12, 12), 0.5)
    source = np.ones(tile.shape, bool)
    tile[:, 8:], source[:, 8:] = np.nan, False
    np.testing.assert_allclose(painted(tile, 0.1, source=source)[:, :5], 0.6, atol=1e-6)
