"""The measures: known values, ranges, and the order in which they put fills."""

import math

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from inpaint_core import InputError
from inpaint_core.evaluation.metrics import gradient_similarity, psnr, seam, ssim, texture_distance

ALL = [psnr, ssim, gradient_similarity, texture_distance, seam]


@pytest.fixture
def truth():
    rng = np.random.default_rng(0)
    return np.clip(0.5 + 0.15 * cv2.GaussianBlur(rng.standard_normal((96, 120, 3)), (0, 0), 0.8), 0, 1)


@pytest.fixture
def hole():
    mask = np.zeros((96, 120), bool)
    mask[25:65, 30:80] = True
    return mask


def within(truth, hole, fill):
    return np.where(hole[..., None], fill, truth)


@pytest.mark.parametrize(
    ("measure", "best"),
    [(psnr, math.inf), (ssim, 1.0), (gradient_similarity, 1.0), (texture_distance, 0.0), (seam, 0.0)],
)
@pytest.mark.parametrize("grey", [False, True])
def test_the_truth_itself_is_best(truth, hole, measure, best, grey):
    picture = truth[..., 0] if grey else truth
    assert measure(picture, picture, hole) == pytest.approx(best, abs=1e-6)


def test_psnr_of_a_known_error(truth, hole):
    assert psnr(within(truth, hole, truth + 0.1), truth, hole) == pytest.approx(20.0, abs=1e-4)


def test_psnr_looks_at_the_hole_alone(truth, hole):
    noisy = np.where(hole[..., None], truth, 0.0)
    assert psnr(noisy, truth, hole) == math.inf


def test_ssim_agrees_with_scikit_image(truth, hole):
    other = within(truth, hole, cv2.GaussianBlur(truth, (0, 0), 2))
    luma = [(picture @ [0.299, 0.587, 0.114]).astype(np.float32) for picture in (other, truth)]
    _, expected = structural_similarity(
        *luma, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0, full=True
    )
    assert ssim(other, truth, hole) == pytest.approx(expected[hole].mean(), abs=1e-3)


def test_gradient_similarity_of_a_flat_fill_on_a_ramp():
    ramp = np.tile(np.linspace(0, 1, 51), (40, 1))
    hole = np.zeros((40, 51), bool)
    hole[10:30, 10:40] = True
    flat = np.where(hole, 0.5, ramp)
    inner = np.zeros_like(hole)
    inner[12:28, 12:38] = True
    c, slope = 170 / 255**2, 0.04
    assert gradient_similarity(flat, ramp, inner) == pytest.approx(c / (slope**2 + c), rel=1e-3)


def test_a_flat_fill_has_texture_distance_one(truth):
    hole = np.ones(truth.shape[:2], bool)
    assert texture_distance(np.full_like(truth, 0.5), truth, hole) == pytest.approx(1.0, abs=1e-6)


def test_texture_distance_likes_moved_texture_better_than_blur(truth, hole):
    moved = within(truth, hole, np.roll(truth, 30, axis=0))
    blurred = within(truth, hole, cv2.GaussianBlur(truth, (0, 0), 3))
    assert texture_distance(moved, truth, hole) < 0.25 * texture_distance(blurred, truth, hole)
    assert psnr(moved, truth, hole) < psnr(blurred, truth, hole)


def test_texture_distance_ignores_colour(truth, hole):
    assert texture_distance(truth + 0.2, truth, hole) == pytest.approx(0.0, abs=1e-5)


def test_texture_distance_of_flat_areas_is_zero(hole):
    flat = np.full((96, 120, 3), 0.3)
    assert texture_distance(flat, flat + 0.1, hole) == pytest.approx(0.0, abs=1e-3)


def test_seam_is_the_step_that_neither_side_has(hole):
    flat = np.full((96, 120, 3), 0.3)
    assert seam(within(flat, hole, flat + 0.1), flat, hole) == pytest.approx(0.1, abs=1e-6)


def test_seam_sees_no_harm_in_a_ramp_continued():
    ramp = np.tile(np.linspace(0, 1, 50), (50, 1))
    hole = np.zeros((50, 50), bool)
    hole[20:30, 20:30] = True
    assert seam(np.where(hole, ramp, ramp), np.full_like(ramp, 0.5), hole) == pytest.approx(0.0, abs=1e-6)


def test_seam_of_a_hole_without_rim_is_zero(truth):
    assert seam(truth, truth, np.ones(truth.shape[:2], bool)) == 0.0


@pytest.mark.parametrize("measure", ALL)
def test_one_masked_pixel_in_a_tiny_picture(measure):
    rng = np.random.default_rng(1)
    hole = np.zeros((3, 4), bool)
    hole[1, 1] = True
    assert math.isfinite(measure(rng.random((3, 4, 3)), rng.random((3, 4, 3)), hole))


@pytest.mark.parametrize("measure", ALL)
def test_bad_input_gets_words(measure, truth, hole):
    with pytest.raises(InputError, match="one size"):
        measure(truth, truth[1:], hole)
    with pytest.raises(InputError, match="one size"):
        measure(truth, truth, hole[1:])
    with pytest.raises(InputError, match="floating point"):
        measure((truth * 255).astype(np.uint8), truth, hole)
    with pytest.raises(InputError, match="empty"):
        measure(truth, truth, np.zeros_like(hole))
