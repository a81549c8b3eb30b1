"""A network's answer, finished: colours met at the rim, grain as around it, patches where it was reduced."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts import FIXED, LAMA, card
from networks import write_network
from numpy.typing import NDArray

from inpaint_core import InputError, inpaint
from inpaint_core.deep import cards, store
from inpaint_core.refine import grain, seam
from inpaint_core.refine.canvas import Canvas, hidden

GRAIN = 0.02


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("INPAINT_MODELS", str(folder))
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "none")
    return folder


def install(folder: Path, name: str = "net", side: int = FIXED.fixed[0]) -> None:
    """Install a network that fills each column of the hole with the mean of the column."""
    contract = replace(LAMA, size=replace(FIXED, fixed=(side, side)))
    write_network(folder / f"{name}.onnx", contract)
    content = (folder / f"{name}.onnx").read_bytes()
    made = card(contract, name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    (folder / f"{name}.toml").write_text(cards.dump(made), encoding="utf-8")


def grainy(side: int, seed: int = 0) -> NDArray[np.float32]:
    """Return a slope of grey with soft noise on it."""
    noise = np.random.default_rng(seed).normal(0, GRAIN, (side, side, 3))
    slope = np.linspace(0.3, 0.7, side)[None, :, None]
    return (slope + noise).astype(np.float32)


def block(side: int, start: int, end: int) -> NDArray[np.bool_]:
    hole = np.zeros((side, side), bool)
    hole[start:end, start:end] = True
    return hole


def test_a_guide_stands_for_the_answer_where_patches_finish_it(models: Path) -> None:
    install(models)
    picture, hole = grainy(96), block(96, 30, 60)
    guide = np.full_like(picture, 0.9)
    guided = inpaint(picture, hole, "deep", guide=guide, patch_size=5)
    assert np.array_equal(guided, inpaint(picture, hole, "patch", guide=guide, patch_size=5))
    blended = inpaint(picture, hole, "deep", refine="blend", guide=guide)
    assert np.array_equal(blended, inpaint(picture, hole, "deep", refine="blend"))


def test_without_a_model_one_sentence_tells_how_to_get_one() -> None:
    words = r"No model is installed\. Fetch one .*inpaint models fetch ID.*inpaint models add FILE"
    with pytest.raises(InputError, match=words):
        inpaint(grainy(40), block(40, 10, 20), "deep")


def test_a_model_is_taken_by_its_name(models: Path) -> None:
    install(models)
    install(models, "other")
    picture, hole = grainy(60), block(60, 20, 40)
    named = inpaint(picture, hole, "deep:other", refine="off")
    np.testing.assert_array_equal(named, inpaint(picture, hole, "deep", model="other", refine="off"))
    np.testing.assert_array_equal(named, inpaint(picture, hole, "deep:other", model="other", refine="off"))
    for method, options in (("deep:none", {}), ("deep", {"model": "none"})):
        with pytest.raises(InputError, match=r"There is no model 'none'\. Installed: net, other"):
            inpaint(picture, hole, method, **options)
    with pytest.raises(InputError, match="a colon and the id of a model follow deep alone"):
        inpaint(picture, hole, "patch:other")
    with pytest.raises(InputError, match="the option model does not name another one"):
        inpaint(picture, hole, "deep:other", model="net")
    with pytest.raises(InputError, match="cannot use the device openvino; it offers"):
        inpaint(picture, hole, "deep", device="openvino")


def test_off_gives_the_networks_own_pixels(models: Path) -> None:
    install(models)
    picture, hole = grainy(128), block(128, 40, 80)
    filled = inpaint(picture, hole, "deep", refine="off")
    columns = np.where(hole[..., None], 0, picture).sum(axis=0) / (~hole).sum(axis=0)[:, None]
    np.testing.assert_allclose(filled[hole], np.broadcast_to(columns, picture.shape)[hole], atol=1e-5)


def test_blend_has_the_grain_of_the_surroundings(models: Path) -> None:
    install(models)
    picture, hole = grainy(128), block(128, 32, 96)
    filled = inpaint(picture, hole, "deep", refine="blend")
    rest = (filled - np.linspace(0.3, 0.7, 128)[None, :, None])[hole]
    assert 0.85 * GRAIN < rest.std() < 1.2 * GRAIN
    other = inpaint(picture, hole, "deep", refine="blend", seed=1)
    assert np.abs(filled - other)[hole].mean() > 0.5 * GRAIN


@pytest.mark.parametrize(("side", "same"), [(128, "blend"), (64, "patch")])
def test_patches_finish_what_was_reduced(side: int, same: str, models: Path) -> None:
    install(models, side=side)
    picture, hole = grainy(120), block(120, 40, 80)
    auto, asked = (inpaint(picture, hole, "deep", refine=refine) for refine in ("auto", same))
    np.testing.assert_array_equal(auto, asked)
    other = inpaint(picture, hole, "deep", refine="patch" if same == "blend" else "blend")
    assert np.abs(auto - other)[hole].mean() > 0.2 * GRAIN


def test_the_options_of_patches_reach_them(models: Path) -> None:
    install(models, side=32)
    picture, hole = grainy(96), block(96, 32, 64)
    usual = inpaint(picture, hole, "deep")
    for option in ({"quality": "draft"}, {"adapt_brightness": False}, {"adapt": "mirror"}, {"patch_size": 5}):
        assert (inpaint(picture, hole, "deep", **option) != usual).any()


def test_where_no_patch_is_free_auto_blends_and_patch_says_so(models: Path) -> None:
    install(models, side=32)
    picture, hole = grainy(60), np.ones((60, 60), bool)
    for row in range(4):
        hole[row::8] = False
    filled = inpaint(picture, hole, "deep")
    assert np.abs(filled - np.linspace(0.3, 0.7, 60)[None, :, None])[hole].max() < 0.15
    with pytest.raises(InputError, match="Nowhere is a whole patch"):
        inpaint(picture, hole, "deep", refine="patch")


@pytest.mark.parametrize(("dtype", "scale"), [("uint16", 65535), ("float32", 40.0)])
def test_depth_and_range_are_kept(dtype: str, scale: float, models: Path) -> None:
    install(models)
    row = np.linspace(0.2, 0.8, 128) * scale
    picture = np.broadcast_to(row[None, :, None], (128, 128, 3)).astype(dtype)
    hole = block(128, 50, 70)
    filled = inpaint(np.where(hole[..., None], 0, picture).astype(dtype), hole, "deep", refine="blend")
    assert filled.dtype == dtype
    assert np.abs(filled.astype(float) - picture)[hole].max() < 4e-5 * scale


def test_an_objects_outline_is_continued_in_alpha(models: Path) -> None:
    install(models)
    picture = np.zeros((128, 128, 4), np.uint8)
    picture[:, 40:90] = (200, 100, 50, 255)
    hole = np.zeros((128, 128), bool)
    hole[50:70, 20:110] = True
    filled = inpaint(np.where(hole[..., None], 0, picture).astype(np.uint8), hole, "deep", refine="off")
    assert np.abs(filled[hole].astype(int) - picture[hole]).max() <= 2


def test_colours_meet_at_the_rim_and_structure_stays() -> None:
    picture, hole = grainy(100), block(100, 30, 70)
    right = np.zeros_like(picture) + np.linspace(0.3, 0.7, 100, dtype=np.float32)[None, :, None]

    def matched(shift: float) -> NDArray[np.float32]:
        answer = np.where(hole[..., None], right + np.float32(shift), picture)
        return seam.matched(picture, hole, ~hole, answer, lambda *_: None)

    met = matched(0.04)
    assert abs((met - right)[hole].mean()) < 0.004
    np.testing.assert_array_equal(met[~hole], picture[~hole])
    assert (matched(0.5) - right)[hole].mean() > 0.45  # an object that ends at the rim


def test_grain_is_measured_with_its_size_and_colours() -> None:
    rng = np.random.default_rng(0)
    soft = rng.normal(0, 1, (3, 259, 259))
    soft = sum(soft[:, y : y + 256, x : x + 256] for y in range(2) for x in range(2)) / 2
    noise = (np.float64([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.2]]).T @ soft.reshape(3, -1)).T
    picture = (0.5 + 0.01 * noise.reshape(256, 256, 3)).astype(np.float32)
    whole = np.ones((256, 256), bool)
    hole = block(256, 64, 192)
    flat = np.full_like(picture, 0.5)
    added = grain.added(picture, hole, ~hole, flat.copy(), 3)
    wanted, got = (np.cov((plane - 0.5)[hole].T) for plane in (picture, added))
    np.testing.assert_allclose(got, wanted, atol=0.2 * wanted.max())
    beside = [
        np.mean((plane - 0.5)[64:192, 64:191, 0] * (plane - 0.5)[64:192, 65:192, 0]) / cov[0, 0]
        for plane, cov in ((picture, wanted), (added, got))
    ]
    assert abs(beside[0] - beside[1]) < 0.12
    again = grain.added(picture, hole, ~hole, picture.copy(), 3)  # it has its grain already
    assert np.abs(again - picture).mean() < 0.3 * np.abs(added - flat)[hole].mean()
    assert grain.measure(flat, whole) is not None
    np.testing.assert_array_equal(grain.added(flat, hole, ~hole, flat.copy(), 0), flat)


def test_texture_is_no_grain() -> None:
    picture = np.random.default_rng(0).random((96, 96, 3), np.float32)
    hole = block(96, 30, 60)
    flat = np.full_like(picture, 0.5)
    np.testing.assert_array_equal(grain.added(picture, hole, ~hole, flat.copy(), 0), flat)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_picture_comes_back_from_what_a_network_is_shown(channels: int) -> None:
    rng = np.random.default_rng(1)
    image: Any = rng.random((20, 24, channels), np.float32)
    source = np.ones((20, 24), bool)
    if channels in (2, 4):
        image[:5, :, -1] = 0.0
        image[..., :-1] *= image[..., -1:]
        source[:5] = False
    assert not hidden(image, ~np.ones((20, 24), bool), source).any()
    canvas = Canvas.of(image, source)
    np.testing.assert_allclose(canvas.back(canvas.pictures), image, atol=2e-6)
