"""Samples: varied, and always the same for the same number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inpaint_core import InputError
from inpaint_core.training.configuration import DataSettings, MaskSettings
from inpaint_core.training.samples import training_sample, validation_sample

RNG = np.random.default_rng(0)
PHOTOGRAPHS = [RNG.integers(0, 256, (90, 130, 3), np.uint8), RNG.integers(0, 256, (40, 50, 3), np.uint8)]
DATA = DataSettings(size=64, zoom=2.0)


def test_a_number_tells_all_of_a_sample() -> None:
    samples = [training_sample(PHOTOGRAPHS, DATA, MaskSettings(), 3, index) for index in range(12)]
    for index, (picture, hole) in enumerate(samples):
        again, same_hole = training_sample(PHOTOGRAPHS, DATA, MaskSettings(), 3, index)
        np.testing.assert_array_equal(picture, again)
        np.testing.assert_array_equal(hole, same_hole)
        assert (picture.shape, picture.dtype, hole.dtype) == ((64, 64, 3), np.uint8, bool)
        assert 0 < hole.mean() <= 0.5
    assert len({picture.tobytes() for picture, _ in samples}) == 12


def test_without_variation_a_sample_is_a_piece_of_the_photograph_or_its_mirror_image() -> None:
    data = replace(DATA, zoom=1.0, turn=0.0, colour=0.0)
    photograph = PHOTOGRAPHS[:1]
    windows = np.lib.stride_tricks.sliding_window_view(photograph[0], (64, 64), (0, 1)).transpose(
        0, 1, 3, 4, 2
    )
    for index in range(6):
        picture, _ = training_sample(photograph, data, MaskSettings(), 0, index)
        same = [(windows == each).all((2, 3, 4)).any() for each in (picture, picture[:, ::-1])]
        assert any(same)


def test_a_turned_piece_lies_within_the_photograph() -> None:
    flat = [np.full((90, 130, 3), 77, np.uint8)]
    data = replace(DATA, turn=45.0, colour=0.0)
    for index in range(20):
        picture, _ = training_sample(flat, data, MaskSettings(), 0, index)
        assert (picture == 77).all()


def test_validation_is_unvaried_and_takes_turns_with_the_masks() -> None:
    widths = []
    for index in range(2):
        picture, hole = validation_sample(PHOTOGRAPHS, DATA, index)
        np.testing.assert_array_equal(picture, validation_sample(PHOTOGRAPHS, DATA, index)[0])
        widths.append(hole.mean())
    assert min(widths) > 0


def test_no_mask_at_all_is_said() -> None:
    nothing = MaskSettings(*[0.0] * 6)
    with pytest.raises(InputError, match="weight zero"):
        training_sample(PHOTOGRAPHS, DATA, nothing, 0, 0)
