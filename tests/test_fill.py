"""`inpaint` keeps its promises for every dtype, number of channels and method."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from contracts import LAMA, card
from networks import write_network

from inpaint_core import Cancelled, FillError, InputError, NoSourceError, inpaint, methods
from inpaint_core.arrays import DTYPES
from inpaint_core.classical.diffusion import harmonic
from inpaint_core.deep import cards
from inpaint_core.fill import MAX_SEED

CHANNELS = [(), (1,), (2,), (3,), (4,)]
METHODS = [method.id for method in methods()]
EXEMPLAR = {"patch"}
INVENTIVE = {"deep"}
"""Methods that make up what they have not seen."""
TINY = [(1, 2), (2, 1), (1, 60), (60, 1), (3, 3)]


def scale_of(dtype: str) -> int:
    return int(np.iinfo(dtype).max) if np.dtype(dtype).kind == "u" else 1


def scene(dtype: str = "uint8", channels: tuple[int, ...] = (3,), side: int = 40) -> tuple[Any, Any]:
    """Return a smooth, slightly grainy picture, alpha included where there is one, and a hole in it."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:side, :side]
    grey = 0.5 + 0.25 * np.sin(x / 4) * np.cos(y / 5)
    picture = np.repeat(grey[..., None], channels[0] if channels else 1, axis=2)
    picture += 0.1 * rng.random(picture.shape)
    picture = (picture.reshape(side, side, *channels) * scale_of(dtype)).astype(dtype)
    hole = np.zeros((side, side), bool)
    hole[14:24, 12:27] = True
    return picture, hole


@pytest.fixture(autouse=True, scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Install a small network for `deep`, which fills a column of the hole with the mean of the column."""
    folder = tmp_path_factory.mktemp("models")
    write_network(folder / "net.onnx", LAMA)
    content = (folder / "net.onnx").read_bytes()
    written = card(LAMA, "net", bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    (folder / "net.toml").write_text(cards.dump(written), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INPAINT_MODELS", str(folder))
        yield


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", CHANNELS, ids=lambda channels: f"C{len(channels) and channels[0]}")
def test_known_pixels_are_bit_identical(method: str, dtype: str, channels: tuple[int, ...]) -> None:
    picture, hole = scene(dtype, channels)
    picture[hole] = 0
    before, marked = picture.copy(), hole.copy()
    filled = inpaint(picture, hole, method)
    assert filled.shape == picture.shape
    assert filled.dtype == picture.dtype
    assert filled[~hole].tobytes() == before[~hole].tobytes()
    assert np.array_equal(picture, before)
    assert np.array_equal(hole, marked)
    assert not np.shares_memory(filled, picture)
    assert 0.2 * scale_of(dtype) < filled[hole].min() <= filled[hole].max() < 0.95 * scale_of(dtype)


@pytest.mark.parametrize("method", METHODS)
def test_what_stood_in_the_hole_does_not_matter(method: str) -> None:
    picture, hole = scene("float32")
    other = picture.copy()
    other[hole] = np.nan
    assert np.array_equal(inpaint(picture, hole, method), inpaint(other, hole, method))


@pytest.mark.parametrize("method", METHODS)
def test_layout_and_writability_of_the_input_do_not_matter(method: str) -> None:
    picture, hole = scene()
    wanted = inpaint(picture, hole, method)
    strided = np.asfortranarray(picture)
    strided.flags.writeable = False
    assert np.array_equal(inpaint(strided, np.asfortranarray(hole), method), wanted)
    backwards = picture[::-1, ::-1][::-1, ::-1]
    assert np.array_equal(inpaint(backwards, hole.astype(np.float64) * -3, method), wanted)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_arguments_give_the_same_bytes(method: str) -> None:
    picture, hole = scene()
    assert np.array_equal(inpaint(picture, hole, method, seed=7), inpaint(picture, hole, method, seed=7))


def test_another_seed_gives_another_patch_fill() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    hole = np.zeros((64, 64), bool)
    hole[20:44, 20:44] = True
    fills = {inpaint(picture, hole, "patch", seed=seed).tobytes() for seed in (0, 1, 2, MAX_SEED)}
    assert len(fills) > 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_transparent_hole_in_an_opaque_picture_becomes_opaque(method: str, dtype: str) -> None:
    picture, hole = scene(dtype, (4,))
    picture[..., 3] = np.where(hole, 0, scale_of(dtype))
    filled = inpaint(picture, hole, method)
    assert (filled[..., 3] == scale_of(dtype)).all()


@pytest.mark.parametrize("method", METHODS)
def test_fully_transparent_pixels_are_no_source(method: str) -> None:
    picture, hole = scene("uint8", (4,))
    picture[..., :3] = 90
    picture[..., 3] = 255
    picture[:, 30:] = (255, 0, 0, 0)
    first = inpaint(picture, hole, method)
    picture[:, 30:] = (0, 255, 255, 0)
    second = inpaint(picture, hole, method)
    assert np.array_equal(first[hole], second[hole])
    visible = hole & (first[..., 3] > 10)
    assert np.abs(first[visible][:, :3].astype(int) - 90).max() <= 2


def test_varying_alpha_is_filled_like_a_channel() -> None:
    picture, hole = scene("uint8", (4,))
    picture[..., 3] = np.linspace(60, 250, 40).astype(np.uint8)
    filled = inpaint(np.where(hole[..., None], 0, picture).astype(np.uint8), hole, "harmonic")
    assert np.abs(filled[hole][:, 3].astype(int) - picture[hole][:, 3].astype(int)).max() <= 3


@pytest.mark.parametrize("method", sorted(set(METHODS) - INVENTIVE))
def test_source_limits_where_content_comes_from(method: str) -> None:
    picture = np.zeros((60, 90, 3), np.uint8)
    picture[:, :45] = (200, 30, 30)
    picture[:, 45:] = (30, 30, 200)
    hole = np.zeros((60, 90), bool)
    hole[20:40, 35:55] = True
    source = np.zeros((60, 90), np.uint8)
    source[:, :30] = 7
    filled = inpaint(picture, hole, method, source=source)
    assert np.abs(filled[hole].astype(int) - (200, 30, 30)).max() <= 2


def test_a_source_far_from_the_hole_is_found() -> None:
    picture = np.random.default_rng(0).integers(0, 40, (40, 900), dtype=np.uint8)
    picture[:, :60] = 222
    hole = np.zeros(picture.shape, bool)
    hole[15:25, 860:880] = True
    source = np.zeros(picture.shape, bool)
    source[:, :60] = True
    assert (inpaint(picture, hole, "patch", source=source)[hole] == 222).all()


@pytest.mark.parametrize("method", METHODS)
def test_holes_far_apart_are_both_filled(method: str) -> None:
    picture = np.full((40, 1200), 77, np.uint8)
    hole = np.zeros(picture.shape, bool)
    hole[10:20, 10:20] = hole[10:20, 1100:1120] = True
    assert (inpaint(np.where(hole, 0, picture).astype(np.uint8), hole, method) == 77).all()


@pytest.mark.parametrize("method", sorted(set(METHODS) - EXEMPLAR - INVENTIVE))
@pytest.mark.parametrize("shape", TINY)
def test_tiny_pictures_are_filled(method: str, shape: tuple[int, int]) -> None:
    picture = np.full(shape, 120, np.uint8)
    hole = np.zeros(shape, bool)
    hole[-1, -1] = True
    assert (inpaint(np.where(hole, 0, picture).astype(np.uint8), hole, method) == 120).all()


@pytest.mark.parametrize("method", sorted(set(METHODS) - EXEMPLAR - INVENTIVE))
def test_one_known_pixel_is_enough(method: str) -> None:
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[4, 5] = (10, 120, 240)
    hole = np.ones((20, 30), bool)
    hole[4, 5] = False
    assert (inpaint(picture, hole, method) == (10, 120, 240)).all()


@pytest.mark.parametrize("method", sorted(EXEMPLAR))
@pytest.mark.parametrize("shape", [*TINY, (20, 30)])
def test_patches_say_when_no_patch_is_left(method: str, shape: tuple[int, int]) -> None:
    hole = np.ones(shape, bool)
    hole[0, 0] = False
    with pytest.raises(NoSourceError, match="patch"):
        inpaint(np.full(shape, 9, np.uint8), hole, method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "given",
    [
        {"mask": np.ones((8, 8), bool)},
        {"source": np.zeros((8, 8), bool)},
        {"source": np.pad(np.ones((2, 2), bool), 3)},
        {"image": np.zeros((8, 8, 4), np.uint8)},
        {"image": np.zeros((1, 1), np.uint8), "mask": np.ones((1, 1), bool)},
    ],
    ids=["everything masked", "no source", "source within the hole", "all transparent", "one pixel"],
)
def test_no_source_left_is_said(method: str, given: dict[str, Any]) -> None:
    request = {"image": np.zeros((8, 8), np.uint8), "mask": np.pad(np.ones((2, 2), bool), 3), **given}
    with pytest.raises(NoSourceError, match="othing is left to take content from"):
        inpaint(request.pop("image"), request.pop("mask"), method, **request)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mask": np.zeros((40, 40))}, "The mask is empty"),
        ({"mask": np.ones((40, 39))}, r"\(40, 39\).*\(40, 40\)"),
        ({"source": np.ones((2, 2))}, r"The source has the shape \(2, 2\)"),
        ({"method": "magic"}, "no method 'magic'"),
        ({"method": "harmonic", "rounds": 3}, "no option rounds"),
        ({"patch_size": 99}, "patch_size is a whole number from 3 to 15, not 99"),
        ({"device": "toaster"}, "device is one of auto, cpu, .*; not 'toaster'"),
        *(
            ({"seed": seed}, "seed is a whole number from 0 to 2147483647")
            for seed in (-1, MAX_SEED + 1, 0.5, True, "one", None, float("nan"), float("inf"))
        ),
    ],
)
def test_bad_requests_are_refused_in_words(given: dict[str, Any], words: str) -> None:
    picture, hole = scene()
    request: dict[str, Any] = {"mask": hole, "method": "patch", **given}
    with pytest.raises(InputError, match=words):
        inpaint(picture, request.pop("mask"), request.pop("method"), **request)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused_outside_the_hole_only(bad: float) -> None:
    picture, hole = scene("float32")
    picture[15, 15] = bad
    assert np.isfinite(inpaint(picture, hole, "harmonic")).all()
    picture[2, 3] = bad
    with pytest.raises(InputError, match="x=3, y=2"):
        inpaint(picture, hole, "harmonic")


@pytest.mark.parametrize("method", METHODS)
def test_progress_runs_from_0_to_1_and_never_back(method: str) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 5000), dtype=np.uint8)
    hole = np.zeros(picture.shape, bool)
    hole[20:40, 20:40] = hole[20:40, 4900:4930] = True
    seen: list[tuple[str, float]] = []
    inpaint(picture, hole, method, progress=lambda stage, fraction: seen.append((stage, fraction)))
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert 0.4 <= fractions[-1] <= 1, "the second of two equal holes was reported too"
    assert all(stage for stage, _ in seen)


@pytest.mark.parametrize("method", METHODS)
def test_cancelled_stops_the_fill_and_reaches_the_caller(method: str) -> None:
    picture, hole = scene()
    calls = []

    def stop(stage: str, fraction: float) -> None:
        calls.append(fraction)
        raise Cancelled

    with pytest.raises(Cancelled):
        inpaint(picture, hole, method, progress=stop)
    assert len(calls) == 1


def test_a_method_that_gives_no_numbers_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(image: np.ndarray, *others: Any, **settings: Any) -> np.ndarray:
        return np.full_like(image, np.nan)

    monkeypatch.setattr(harmonic, "fill_harmonic", broken)
    picture, hole = scene()
    with pytest.raises(FillError, match="harmonic gave values that are no numbers"):
        inpaint(picture, hole, "harmonic")
