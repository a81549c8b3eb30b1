"""Dominant offsets: found where a picture repeats, and nowhere else; what repeats goes on repeating."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inpaint_core import inpaint
from inpaint_core.classical.patch import crew, offsets
from inpaint_core.classical.patch.pyramid import build

DOWN, ACROSS = 46, 34


def facade(height=300, width=360):
    """Return rows of windows, no two alike: (H, W, 3) uint8."""
    rng = np.random.default_rng(0)
    picture = np.full((height, width, 3), (150, 130, 110), np.uint8)
    for y in range(0, height, DOWN):
        cv2.line(picture, (0, y), (width, y), (95, 85, 75), 1)
        for x in range(0, width, ACROSS):
            glass = np.clip(rng.normal((60, 70, 90), 20), 0, 255)
            cv2.rectangle(picture, (x + 8, y + 10), (x + ACROSS - 9, y + DOWN - 9), glass.tolist(), -1)
            cv2.rectangle(picture, (x + 8, y + 10), (x + ACROSS - 9, y + DOWN - 9), (210, 205, 200), 2)
            if rng.random() < 0.3:
                cv2.rectangle(picture, (x + 10, y + 12), (x + ACROSS - 11, y + 23), (190, 180, 150), -1)
    return np.clip(picture + rng.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8)


def hole(picture, width=140):
    mask = np.zeros(picture.shape[:2], bool)
    mask[80 : 80 + width, 110 : 110 + width] = True
    return mask


def found(picture, mask):
    blank = np.where(mask[..., None], np.float32(0.0), picture.astype(np.float32) / 255)
    with crew.Crew(lambda _: None) as hands:
        return offsets.dominant(build(blank, mask, ~mask, 7, hands))


def test_windows_repeat_by_their_periods():
    picture = facade()
    dominant = found(picture, hole(picture))
    periods = dominant.ways * 2**dominant.number / (DOWN, ACROSS)
    assert len(periods) >= offsets.LEAST_COUNT
    np.testing.assert_allclose(periods, np.rint(periods), atol=0.1)
    assert {(1, 0), (0, 1)} <= {tuple(way) for way in np.abs(np.rint(periods)).astype(int).tolist()}


@pytest.mark.parametrize("grain", [0.5, 4.0])
def test_a_picture_without_periods_has_none(grain):
    picture = np.random.default_rng(1).normal(0, 1, (300, 360, 3)).astype(np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), grain)
    picture = np.clip(128 + 50 * picture / picture.std(), 0, 255)
    assert not len(found(picture, hole(picture)).ways)


def test_a_hole_thinner_than_a_patch_needs_none():
    picture = facade()
    assert not len(found(picture, hole(picture, 5)).ways)


def test_hops_are_told_only_where_they_are_exact():
    picture = facade()
    mask = hole(picture)
    dominant = offsets.Offsets(np.array([[4, -6], [0, 0]], np.int32), 1)
    with crew.Crew(lambda _: None) as hands:
        levels = build(picture.astype(np.float32) / 255, mask, ~mask, 7, hands)
    assert not len(dominant.hops(levels[0], 0))
    assert dominant.hops(levels[1], 1).tolist() == [4 * levels[1].stride - 6]
    assert dominant.hops(levels[2], 2).tolist() == [2 * levels[2].stride - 3]


def test_what_repeats_goes_on_repeating(monkeypatch):
    picture = facade()
    mask = hole(picture)
    blank = np.where(mask[..., None], np.uint8(0), picture)

    def error():
        return np.abs(inpaint(blank, mask, "patch").astype(float) - picture)[mask].mean()

    repeated = error()
    monkeypatch.setattr(offsets, "SIMILAR", 2.0)
    assert repeated < 0.7 * error()
