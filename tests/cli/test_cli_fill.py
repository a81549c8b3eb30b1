"""``inpaint fill`` from file to file, as a process of its own where that matters."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_core import inpaint
from inpaint_core.cli import main
from inpaint_core.picture_files import Picture, read_picture, write_picture

not_on_windows = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no file limits, terminals or links as tested here"
)
PROGRAM = [sys.executable, "-m", "inpaint_core", "fill"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a picture and a mask, made the current one."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    mask = np.zeros((48, 64), np.uint8)
    mask[16:28, 20:36] = 255
    write_picture(tmp_path / "photo.png", Picture(pixels))
    write_picture(tmp_path / "mask.png", Picture(mask))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(*arguments: str, image: str = "photo.png", mask: str = "mask.png", out: str = "out.png") -> int:
    try:
        return main(["fill", image, "--mask", mask, "-o", out, *arguments])
    except SystemExit as end:  # argparse
        return int(end.code or 0)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line on standard error."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("inpaint: ")
    return said.err


def test_the_file_holds_what_python_gets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fill("--method", "patch", "--seed", "3", "--patch-size", "5") == 0
    assert capsys.readouterr() == ("", "")
    picture, mask = read_picture(Path("photo.png")).pixels, read_picture(Path("mask.png")).pixels
    out = read_picture(Path("out.png")).pixels
    assert np.array_equal(out, inpaint(picture, mask > 0, "patch", seed=3, patch_size=5))
    assert np.array_equal(out[mask == 0], picture[mask == 0])
    assert names(folder) == ["mask.png", "out.png", "photo.png"]


def test_json_says_what_was_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fill("--json", out="out.tif") == 0
    done = json.loads(capsys.readouterr().out)
    assert done.pop("seconds") > 0
    assert done == {
        "output": "out.tif",
        "method": "non-local-bayes",
        "explanation": [
            {"method": "non-local-bayes", "reason": "thin", "holes": 1, "pixels": 192, "width": 12}
        ],
        "seed": 0,
        "width": 64,
        "height": 48,
        "filled_pixels": 192,
        "notices": [],
    }


def test_explain_says_what_was_chosen_and_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fill("--explain") == 0
    assert capsys.readouterr() == (
        "",
        "1 hole: Thin repairs (non-local-bayes); thin, at most 12 pixels wide\n",
    )


@pytest.mark.parametrize("source", ["auto", "whole", "30", "./64"])
def test_source_is_a_word_a_radius_or_a_file(folder: Path, source: str) -> None:
    left = np.zeros((48, 64), np.uint8)
    left[:, :20] = 255
    write_picture(folder / "64.png", Picture(left))
    (folder / "64.png").rename(folder / "64")
    assert fill("--source", source, "--method", "patch") == 0
    picture, mask = read_picture(Path("photo.png")).pixels, read_picture(Path("mask.png")).pixels > 0
    setting = {"30": 30, "./64": left}.get(source, source)
    assert np.array_equal(
        read_picture(Path("out.png")).pixels, inpaint(picture, mask, "patch", source=setting)
    )


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_a_guide_file_steers_the_fill(folder: Path, channels: tuple[int, ...]) -> None:
    guide = np.full((48, 64, *channels), 200, np.uint8)
    write_picture(folder / "guide.png", Picture(guide))
    assert fill("--guide", "guide.png", "--method", "patch") == 0
    picture, mask = read_picture(Path("photo.png")).pixels, read_picture(Path("mask.png")).pixels > 0
    wanted = inpaint(picture, mask, "patch", guide=np.full((48, 64, 3), 200, np.uint8))
    assert np.array_equal(read_picture(Path("out.png")).pixels, wanted)


def test_a_guide_that_does_not_fit_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_picture(folder / "guide.png", Picture(np.zeros((4, 4), np.uint8)))
    assert fill("--guide", "guide.png", "--method", "patch") == 2
    assert "4x4 pixels and the picture 64x48" in refusal(capsys)
    write_picture(folder / "guide.png", Picture(np.zeros((48, 64, 3), np.uint8)))
    assert fill("--guide", "guide.png", "--method", "harmonic") == 2
    assert "harmonic cannot be guided; those that can be guided are auto, patch" in refusal(capsys)


def test_exclusion_and_reference_are_read_from_files(folder: Path) -> None:
    left = np.zeros((48, 64), np.uint8)
    left[:, :30] = 255
    write_picture(folder / "left.png", Picture(left))
    write_picture(folder / "other.png", Picture(np.full((48, 64), 65535, np.uint16)))
    picture, mask = (read_picture(Path(name)).pixels for name in ("photo.png", "mask.png"))
    for arguments, keywords in (
        (["--exclude", "left.png"], {"exclude": left}),
        (["--reference", "other.png"], {"reference": np.full_like(picture, 255)}),
    ):
        assert fill(*arguments, "--method", "patch") == 0
        wanted = inpaint(picture, mask, "patch", **keywords)
        assert np.array_equal(read_picture(Path("out.png")).pixels, wanted)


def test_a_source_mask_limits_where_content_comes_from(folder: Path) -> None:
    pixels = np.full((48, 64, 3), 200, np.uint8)
    pixels[:, 32:] = 20
    write_picture(folder / "photo.png", Picture(pixels))
    source = np.zeros((48, 64), np.uint8)
    source[:, :14] = 255
    write_picture(folder / "source.png", Picture(source))
    assert fill("--source", "source.png", "--method", "harmonic") == 0
    assert (read_picture(folder / "out.png").pixels[16:28, 20:36] == 200).all()


def test_transparency_is_filled_and_becomes_opaque(folder: Path) -> None:
    pixels = np.full((20, 20, 4), (90, 120, 150, 255), np.uint8)
    pixels[5:9, 6:12] = (0, 0, 0, 0)
    pixels[9, 6:12, 3] = 254
    write_picture(folder / "logo.png", Picture(pixels))
    for out in ("opaque.png", "opaque.jpg"):
        assert fill("--method", "harmonic", image="logo.png", mask="alpha", out=out) == 0
    assert (read_picture(folder / "opaque.png").pixels == (90, 120, 150, 255)).all()
    assert np.abs(read_picture(folder / "opaque.jpg").pixels.astype(int) - (90, 120, 150)).max() <= 2


def test_a_turned_picture_is_filled_where_it_is_seen(folder: Path) -> None:
    stored = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(stored).save("turned.png", exif=exif)
    mask = np.zeros((64, 48), np.uint8)
    mask[2:10, 30:44] = 255
    write_picture(folder / "mask.png", Picture(mask))
    assert fill("--method", "harmonic", image="turned.png") == 0
    with Image.open("out.png") as image:
        assert image.getexif()[274] == 6
        changed = (np.asarray(image) != stored).any(axis=2)
    hole = np.rot90(mask > 0)  # what turning clockwise undoes
    assert not changed[~hole].any()
    assert changed[hole].mean() > 0.9


def test_rounding_to_8_bits_is_a_notice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_picture(folder / "deep.png", Picture(np.full((48, 64), 30_000, np.uint16)))
    assert fill("--json", image="deep.png", out="out.webp") == 0
    said = capsys.readouterr()
    assert "WebP files have 8 bits a channel" in said.err
    assert "WebP files have 8 bits a channel" in json.loads(said.out)["notices"][0]


@pytest.mark.parametrize(
    ("arguments", "files", "words"),
    [
        ((), {"image": "nothing.png"}, "There is no file nothing.png."),
        ((), {"mask": "nothing.png"}, "There is no file nothing.png."),
        ((), {"out": "nowhere/out.png"}, "There is no folder"),
        ((), {"out": "out.bmp"}, "it must end in .png, .jpg"),
        ((), {"out": "photo.png"}, "photo.png is also an input"),
        ((), {"out": "mask.png"}, "mask.png is also an input"),
        ((), {"mask": "alpha"}, "has no transparency"),
        ((), {"image": "."}, "is a folder"),
        (("--method", "magic"), {}, "no method 'magic'; the methods are auto"),
        (("--patch-size", "99"), {}, "patch_size is a whole number from 3 to 15"),
        (("--patch-size", "big"), {}, "invalid int value: 'big'; see inpaint fill --help"),
        (("--method", "harmonic", "--patch-size", "5"), {}, "The method harmonic has no option patch_size"),
        (("--seed", "-1"), {}, "seed is a whole number"),
        (("--seed", "x"), {}, "invalid int value: 'x'"),
        (("--nonsense",), {}, "unrecognized arguments: --nonsense"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    files: dict[str, str],
    words: str,
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert fill(*arguments, **files) == 2
    assert words in refusal(capsys)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def empty(mask: np.ndarray) -> np.ndarray:
    return mask * 0


def full(mask: np.ndarray) -> np.ndarray:
    return np.full_like(mask, 255)


def larger(mask: np.ndarray) -> np.ndarray:
    return np.pad(mask, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (empty, "The mask mask.png marks nothing"),
        (full, "The mask marks the whole picture"),
        (larger, "The mask mask.png has 66x50 pixels and the picture 64x48"),
    ],
)
def test_a_mask_that_cannot_be_is_one_line_and_status_2(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[np.ndarray], np.ndarray],
    words: str,
) -> None:
    mask = read_picture(Path("mask.png")).pixels
    write_picture(folder / "mask.png", Picture(change(mask)))
    assert fill() == 2
    assert words in refusal(capsys)
    assert not Path("out.png").exists()


@pytest.mark.parametrize("content", [b"no picture at all", b"\x89PNG\r\n\x1a\nbroken", b"\xff\xd8\xff\xe0"])
def test_a_broken_file_is_one_line_and_status_2(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    Path("photo.png").write_bytes(content)
    Path("out.png").write_bytes(b"precious")
    assert fill() == 2
    assert "photo.png" in refusal(capsys)
    assert Path("out.png").read_bytes() == b"precious"


def test_what_libraries_print_about_a_broken_file_is_not_shown(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_picture(folder / "photo.tif", read_picture(folder / "photo.png"))
    data = bytearray((folder / "photo.tif").read_bytes())
    data[-400:] = bytes(400)  # within the deflated pixels
    (folder / "photo.tif").write_bytes(data)
    assert fill(image="photo.tif") == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "photo.tif is damaged or cut short" in said


def test_transparency_into_jpeg_is_refused_before_the_work(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_picture(folder / "logo.png", Picture(np.full((48, 64, 4), 100, np.uint8)))
    assert fill(image="logo.png", out="out.jpg") == 2
    assert "A JPEG file cannot hold transparency" in refusal(capsys)


def test_overwrite_replaces_the_input(folder: Path) -> None:
    before = read_picture(Path("photo.png")).pixels
    assert fill("--overwrite", out="photo.png") == 0
    after = read_picture(Path("photo.png")).pixels
    assert (after != before).any(axis=2).sum() > 100
    assert names(folder) == ["mask.png", "photo.png"]


@not_on_windows
def test_an_input_is_known_under_other_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("link.png").symlink_to("photo.png")
    assert fill(out="link.png") == 2
    assert "is also an input" in refusal(capsys)


def run(*arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    def small_files() -> None:
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
        preexec_fn=None if limit is None else small_files,
    )


@not_on_windows
def test_a_full_disk_is_one_line_and_status_1(folder: Path) -> None:
    Path("out.tif").write_bytes(b"precious")
    done = run("photo.png", "--mask", "mask.png", "-o", "out.tif", "--method", "harmonic", limit=4096)
    assert done.returncode == 1
    assert done.stderr.startswith("inpaint: The filled picture could not be written to out.tif: ")
    assert done.stderr.count("\n") == 1
    assert Path("out.tif").read_bytes() == b"precious"
    assert names(folder) == ["mask.png", "out.tif", "photo.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_that_is_full_is_no_place_for_a_picture(folder: Path) -> None:
    Path("full.png").symlink_to("/dev/full")
    done = run("photo.png", "--mask", "mask.png", "-o", "full.png", "--method", "harmonic")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert Path("/dev/full").is_char_device()


@not_on_windows
def test_ctrl_c_ends_with_130_and_leaves_nothing(folder: Path) -> None:
    import pty  # noqa: PLC0415 - not on Windows

    rng = np.random.default_rng(0)
    write_picture(folder / "large.png", Picture(rng.integers(0, 256, (1800, 1800, 3), dtype=np.uint8)))
    mask = np.zeros((1800, 1800), np.uint8)
    mask[100:1700, 100:1700] = 255
    write_picture(folder / "large-mask.png", Picture(mask))
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "large.png", "--mask", "large-mask.png", "-o", "out.png"],
        stderr=terminal,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    os.close(terminal)
    said = b""
    while b"%" not in said:  # a terminal is shown progress: the fill is under way
        said += os.read(master, 1000)
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    assert process.wait(timeout=60) == 130
    assert time.monotonic() - begun < 10
    rest = b""
    try:
        while piece := os.read(master, 1000):
            rest += piece
    except OSError:  # the terminal is gone
        pass
    os.close(master)
    assert b"inpaint: Stopped" in rest
    assert b"Traceback" not in rest
    assert names(folder) == ["large-mask.png", "large.png", "mask.png", "photo.png"]


def test_both_ways_to_call_are_one_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inpaint_core", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("inpaint ")


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert "see inpaint --help" in refusal(capsys)
