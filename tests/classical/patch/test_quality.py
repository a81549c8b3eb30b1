"""Draft, normal and best; and copying with and without adapting brightness."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import inpaint
from inpaint_core.classical.patch import candidates, crew, fill
from inpaint_core.classical.patch.pyramid import build

QUALITIES = ["draft", "normal", "best"]


def middle(side, width):
    hole = np.zeros((side, side), bool)
    begin = (side - width) // 2
    hole[begin : begin + width, begin : begin + width] = True
    return hole


def emptied(image, hole):
    return np.where(hole[..., None], np.uint8(0), image)


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("patch_size", [3, 7])
def test_every_quality_recovers_a_periodic_texture(quality, patch_size):
    tile = np.random.default_rng(1).integers(0, 256, (9, 8, 3)).astype(np.uint8)
    image, hole = np.tile(tile, (20, 20, 1))[:150, :150], middle(150, 50)
    filled = inpaint(emptied(image, hole), hole, "patch", quality=quality, patch_size=patch_size)
    np.testing.assert_array_equal(filled, image)


def test_the_best_does_not_depend_on_the_number_of_threads(monkeypatch):
    image, hole = np.random.default_rng(2).integers(0, 256, (180, 180, 3)).astype(np.uint8), middle(180, 90)
    image[:, 60:] //= 2
    fills = []
    for count in (1, 3):
        monkeypatch.setattr(crew, "threads", lambda count=count: count)
        fills.append(inpaint(emptied(image, hole), hole, "patch", quality="best", seed=4))
    np.testing.assert_array_equal(*fills)


@pytest.mark.parametrize("better", [0, 1, 3])
def test_the_candidate_of_least_score_is_refined(monkeypatch, better):
    image, hole = np.random.default_rng(3).integers(0, 256, (120, 120, 3)).astype(np.uint8), middle(120, 40)
    scores = [float(number != better) for number in range(len(candidates.CANDIDATES))]
    solved = []

    def score(level, *_):
        solved.append(level)
        return scores[len(solved) - 1]

    copy, refined = fill._copy, []
    monkeypatch.setattr(candidates, "score", score)
    monkeypatch.setattr(candidates, "dissent", lambda levels: [0.0] * len(levels))
    monkeypatch.setattr(fill, "_copy", lambda level, crew: refined.append(level) or copy(level, crew))
    inpaint(emptied(image, hole), hole, "patch", quality="best")
    assert refined == [solved[better]]


def test_a_fill_that_belongs_scores_better_than_one_that_does_not():
    rng = np.random.default_rng(5)
    image = np.tile(rng.random((6, 6, 3), np.float32), (16, 16, 1))
    hole = middle(96, 40)
    with crew.Crew(lambda _: None) as hands:
        fitting, foreign = (
            build(np.where(hole[..., None], np.float32(0.0), image), hole, ~hole, 7, hands)[0] for _ in "ab"
        )
        rest = np.s_[: image.shape[1]]
        fitting.work[:, rest, :3][hole] = np.rint(image[hole] * 255)
        foreign.work[:, rest, :3][hole] = rng.integers(0, 256, (hole.sum(), 3))
        assert candidates.score(fitting, hands, 0) < candidates.score(foreign, hands, 0)


def test_the_fill_that_others_agree_on_dissents_least():
    image, hole = np.zeros((60, 60, 3), np.float32), middle(60, 20)
    with crew.Crew(lambda _: None) as hands:
        levels = [build(image, hole, ~hole, 7, hands)[0] for _ in range(3)]
    for level, tone in zip(levels, (10, 20, 90), strict=True):
        level.work.reshape(-1, 4)[level.pixels, :3] = tone
    apart = candidates.dissent(levels)
    np.testing.assert_allclose(apart, np.log([1 + (10**2 + 80**2) / 2, 1 + (10**2 + 70**2) / 2, 1 + 5650.0]))
    assert candidates.dissent(levels[:1]) == [0.0]


def test_without_adapting_every_pixel_is_a_copy():
    y, x = np.mgrid[:100, :100].astype(np.float32)
    ramp = 0.5 + 0.3 * np.sin(y / 31) * np.cos(x / 37)
    image = np.stack([ramp, ramp * 0.5, 1 - ramp], axis=2)
    hole = middle(100, 30)
    blank = np.where(hole[..., None], np.float32(0.0), image)
    copied = inpaint(blank, hole, "patch", adapt_brightness=False)
    adapted = inpaint(blank, hole, "patch")
    colours = {tuple(colour) for colour in image[~hole].tolist()}
    assert {tuple(colour) for colour in copied[hole].tolist()} <= colours
    assert np.abs(adapted - image)[hole].mean() < 0.5 * np.abs(copied - image)[hole].mean()


def test_candidates_are_compared_in_the_small_alone():
    rng = np.random.default_rng(6)
    with crew.Crew(lambda _: None) as hands:
        for side, width in ((100, 40), (600, 200), (600, 6)):
            hole = middle(side, width)
            levels = build(rng.random((side, side, 3), np.float32), hole, ~hole, 7, hands)
            first = candidates.decided(levels)
            assert all(level.hole.size <= 600 * 600 / 16 for level in levels[first:])
            assert (first < len(levels)) == (width > 7)
