"""What is expected in a hole: the rim's colours, and straight edges that cross it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from inpaint_core import inpaint
from inpaint_core.classical.patch import crew, lines, trend
from inpaint_core.classical.patch.pyramid import build

SIDE = 120
DARK, LIGHT = (70, 90, 140), (190, 150, 110)


def scene(angle, *, grain=12.0, seed=0):
    """Return two grainy colours that meet in a line through the middle, and each pixel's way from it."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    apart = x * np.sin(np.deg2rad(angle)) - y * np.cos(np.deg2rad(angle))
    picture = np.where(apart[..., None] > 0, LIGHT, DARK) + rng.normal(0, grain, (SIDE, SIDE, 1))
    return np.clip(picture, 0, 255).astype(np.uint8), apart


def square(width):
    hole = np.zeros((SIDE, SIDE), bool)
    begin = (SIDE - width) // 2
    hole[begin : begin + width, begin : begin + width] = True
    return hole


def prepared(picture, hole):
    blank = np.where(hole[..., None], np.float32(0.0), picture.astype(np.float32) / 255)
    with crew.Crew(lambda _: None) as hands:
        return build(blank, hole, ~hole, 7, hands)


@pytest.mark.parametrize("angle", [0, 27, 62, 90])
def test_an_edge_through_the_hole_is_found_where_it_is(angle):
    picture, apart = scene(angle)
    (line,) = lines.across(prepared(picture, square(50)))
    for point in line.points:
        y, x = np.rint(point).astype(int)
        assert abs(apart[y, x]) <= 1.5
    left_of_start, right_of_start = line.colours[0, :, :3]
    assert {tuple(left_of_start > 120), tuple(right_of_start > 120)} == {
        tuple(np.array(DARK) > 120),
        tuple(np.array(LIGHT) > 120),
    }


@pytest.mark.parametrize("shift", [0, 1, 2, 3, 5])
def test_a_line_is_placed_to_the_pixel_wherever_the_hole_begins(shift):
    rng = np.random.default_rng(4)
    picture = np.full((300, 320, 3), LIGHT, float)
    picture[151:] = DARK
    picture += rng.normal(0, 6.0, (300, 320, 1))
    hole = np.zeros((300, 320), bool)
    hole[60 + shift : 250 + shift, 90:230] = True
    levels = prepared(np.clip(picture, 0, 255), hole)
    assert len(levels) > 2
    (line,) = lines.across(levels)
    assert np.abs(line.points[:, 0] - 150.5).max() <= 1.0


def disc(radius):
    """Return a grainy disc whose rim crosses the hole in the middle, and each pixel's way from that rim."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    apart = np.hypot(x, y - radius) - radius
    picture = np.where(apart[..., None] > 0, LIGHT, DARK) + rng.normal(0, 8.0, (SIDE, SIDE, 1))
    return np.clip(picture, 0, 255).astype(np.uint8), apart


@pytest.mark.parametrize("radius", [45, 70])
def test_an_even_curve_is_found_and_continued(radius):
    picture, apart = disc(radius)
    hole = square(40)
    (line,) = lines.across(prepared(picture, hole))
    y, x = np.rint(line.points).astype(int).T
    assert np.abs(apart[y, x]).max() <= 2.5
    filled = inpaint(np.where(hole[..., None], np.uint8(0), picture), hole, "patch").astype(int)
    wrong = hole & ((filled[..., 0] > filled[..., 2]) != (apart > 0))
    assert not (wrong & (np.abs(apart) > 3.0)).any()


def test_grain_and_an_edge_that_ends_are_no_lines():
    rng = np.random.default_rng(1)
    grain = 128 + rng.normal(0, 12.0, (SIDE, SIDE, 1)) * np.ones(3)
    assert not lines.across(prepared(grain, square(50)))
    picture, _ = scene(0)
    picture[:, SIDE // 2 :] = DARK
    assert not lines.across(prepared(picture, square(50)))


@pytest.mark.parametrize("angle", [0, 27, 62])
def test_an_edge_is_continued_within_a_pixel(angle):
    picture, apart = scene(angle, seed=2)
    hole = square(50)
    filled = inpaint(np.where(hole[..., None], np.uint8(0), picture), hole, "patch").astype(int)
    wrong = hole & ((filled[..., 0] > filled[..., 2]) != (apart > 0))
    assert not (wrong & (np.abs(apart) > 1.1)).any()


def test_both_sides_of_a_line_keep_their_colours():
    picture, apart = scene(0, grain=0.0)
    hole = square(50)
    levels = prepared(picture, hole)
    expected = trend.expect(levels[0], lines.across(levels), coarsest=False, begins=False)
    wanted = np.where(apart[hole][:, None] > 0, LIGHT, DARK)
    assert np.abs(expected.colours[:, :3] - wanted).mean() < 8
    assert (expected.lined[np.abs(apart[hole]) <= 1.0] > 0).all()
    assert not expected.lined[np.abs(apart[hole]) > 5.0].any()


def test_nothing_is_expected_without_lines_unless_it_begins():
    picture, _ = scene(0)
    level = prepared(picture, square(50))[0]
    assert trend.expect(level, [], coarsest=False, begins=False) is None
    assert not trend.expect(level, [], coarsest=True, begins=True).lined.any()


def test_a_line_may_cover_all_of_a_hole():
    tile = np.random.default_rng(0).random((6, 2))
    image = np.tile(tile, (14, 41))[:80, :80]
    hole = np.zeros((80, 80), bool)
    hole[15:18, 8] = True
    levels = prepared(255 * np.repeat(image[..., None], 3, 2), hole)
    points = np.stack([np.linspace(14.0, 18.0, 5), np.full(5, 8.0)], axis=1)
    along = lines.Line(points, np.zeros((2, 2, 4), np.float32))
    assert (trend.expect(levels[0], [along], coarsest=False, begins=False).lined > 0).all()


def test_only_lines_draw_what_was_voted():
    picture, _ = scene(0)
    levels = prepared(picture, square(50))
    level, expected = levels[0], trend.expect(levels[0], lines.across(levels), coarsest=False, begins=False)
    work = level.work.reshape(-1, 4)
    before = work[level.pixels].copy()
    expected.mix(level)
    changed = (work[level.pixels, :3] != before[:, :3]).any(axis=1)
    assert changed.any()
    assert not (changed & (expected.lined[:, 0] == 0.0)).any()


def test_a_vignette_is_continued_without_a_step():
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    light = 0.9 - 1.1 * (x**2 + y**2)
    rng = np.random.default_rng(3)
    picture = (light[..., None] * [0.8, 0.9, 1.0] + rng.normal(0, 0.01, (SIDE, SIDE, 1))).astype(np.float32)
    hole = np.zeros((SIDE, SIDE), bool)
    hole[20:60, 60:100] = True
    filled = inpaint(np.where(hole[..., None], np.float32(0.0), picture), hole, "patch")
    error = (filled - picture)[hole].reshape(40, 40, 3)
    assert abs(error[:3].mean()) < 0.01
    assert np.abs(error.reshape(8, 5, 8, 5, 3).mean(axis=(1, 3))).max() < 0.05


def test_a_hole_leads_out_where_more_of_its_outline_is_border_than_rim():
    frame, strip, corner = np.ones((60, 90), bool), np.zeros((60, 90), bool), np.zeros((60, 90), bool)
    frame[10:-10, 10:-10] = False
    strip[:10] = True
    corner[:30, :30] = True
    assert trend.leads_out(frame)
    assert trend.leads_out(strip)
    assert not trend.leads_out(corner)
    assert not trend.leads_out(square(50))


@pytest.mark.parametrize("name", ["astronaut", "moon"])
def test_a_picture_is_continued_beyond_its_border_from_a_smooth_guess(name, monkeypatch):
    """From the rim inwards, mistakes would lead to the next ones."""
    truth = cv2.resize(getattr(skimage.data, name)(), (200, 160), interpolation=cv2.INTER_AREA)
    hole = np.ones(truth.shape[:2], bool)
    hole[20:-20, 25:-25] = False

    def error():
        blank = truth.copy()
        blank[hole] = 0
        filled = inpaint(blank, hole, "patch")
        return np.sqrt(np.mean((filled[hole].astype(float) - truth[hole]) ** 2))

    smooth = error()
    monkeypatch.setattr(trend, "leads_out", lambda _: False)
    assert smooth < 0.97 * error()
