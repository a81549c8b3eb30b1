"""``inpaint batch``: every picture that can be filled is, and the others are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inpaint_core import inpaint
from inpaint_core.cli import batch, main
from inpaint_core.picture_files import Picture, read_picture, write_picture


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two pictures and their masks, made the current one."""
    (tmp_path / "masks").mkdir()
    for number, name in enumerate(("one", "two")):
        pixels = np.random.default_rng(number).integers(0, 256, (30, 40, 3), dtype=np.uint8)
        mask = np.zeros((30, 40), np.uint8)
        mask[10:14, 8 + 9 * number : 14 + 9 * number] = 255
        write_picture(tmp_path / f"{name}.png", Picture(pixels))
        write_picture(tmp_path / "masks" / f"{name}.png", Picture(mask))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    try:
        return main(["batch", *arguments])
    except SystemExit as end:  # argparse
        return int(end.code or 0)


def test_each_picture_is_filled_by_its_own_mask(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("one.png", "two.png", "--mask", "masks/{stem}.png", "-o", "out/deep", "--method", "harmonic")
    assert run(*asked) == 0
    assert capsys.readouterr() == ("", "")
    for name in ("one", "two"):
        mask = read_picture(Path("masks", f"{name}.png")).pixels > 0
        wanted = inpaint(read_picture(Path(f"{name}.png")).pixels, mask, "harmonic")
        assert np.array_equal(read_picture(Path("out/deep", f"{name}.png")).pixels, wanted)


def test_what_fails_is_named_and_the_rest_is_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("masks/one.png").unlink()
    Path("broken.png").write_bytes(b"no picture")
    asked = ("one.png", "broken.png", "two.png", "--mask", "{folder}/masks/{name}", "-o", "out", "--json")
    assert run(*asked, "--explain", "--method", "harmonic") == 1
    out, err = capsys.readouterr()
    documents = [json.loads(line) for line in out.splitlines()]
    assert [document["image"] for document in documents] == ["one.png", "broken.png", "two.png"]
    assert "There is no file masks" in documents[0]["error"]
    assert "broken.png is no PNG" in documents[1]["error"]
    assert documents[2]["filled_pixels"] == 24
    lines = err.splitlines()
    names = ("one.png: ", "broken.png ", "two.png: ")
    assert all(line.startswith(f"inpaint: {name}") for line, name in zip(lines, names, strict=True))
    assert lines[2].endswith("1 hole: Smooth (harmonic); as asked")
    assert [path.name for path in Path("out").iterdir()] == ["two.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("one.png", "masks/one.png", "--mask", "alpha", "-o", "out"), "would have the same name"),
        (("one.png", "--mask", "alpha", "-o", "out", "--method", "magic"), "no method 'magic'"),
        (("--mask", "alpha", "-o", "out"), "required: IMAGE"),
    ],
)
def test_wrong_requests_are_refused_before_anything_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert run(*arguments) == 2
    assert words in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_picture_is_not_written_over_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("one.png", "--mask", "masks/{name}", "-o", ".") == 1
    assert "one.png is also an input" in capsys.readouterr().err


def test_stopped_in_the_middle_says_how_many_were_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = batch.fill_file

    def fill_file(request):
        if request.image.name == "two.png":
            raise KeyboardInterrupt
        return done(request)

    monkeypatch.setattr(batch, "fill_file", fill_file)
    assert run("one.png", "two.png", "--mask", "masks/{name}", "-o", "out") == 130
    assert capsys.readouterr().err == "inpaint: Stopped; 1 of 2 pictures were written.\n"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("one.png", "--mask", "masks/{stm}.png", "-o", "out"), "{stm} stands for nothing; {stem}, {name}"),
        (("one.png", "--mask", "masks/{stem", "-o", "out"), "{stem stands for nothing"),
        (("one.png", "--mask", "masks/{stem}.png", "-o", "two.png"), "two.png is a file; name a folder"),
        (("one.png", "one.png", "--mask", "masks/{stem}.png", "-o", "out"), "one.png is named twice"),
    ],
)
def test_a_slip_is_told_before_anything_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], words: str
) -> None:
    assert run(*asked) == 2
    assert words in capsys.readouterr().err
    assert not Path("out").exists()


def test_no_empty_folder_stays_behind(folder: Path) -> None:
    assert run("one.png", "--mask", "nowhere/{stem}.png", "-o", "out") == 1
    assert not Path("out").exists()


def test_a_name_with_braces_stands_for_itself() -> None:
    """What a placeholder stands for is not looked through for others."""
    assert batch.mask_of(Path("in/{stem}.png"), "{folder}/masks/{name}") == "in/masks/{stem}.png"
