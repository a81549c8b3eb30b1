"""Photographs: decoded once, skipped when damaged, split by photograph."""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_core import InputError
from inpaint_core.training.photographs import MANIFEST, Credit, prepare


def jpeg(shade: int, width: int = 80, height: int = 70) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (shade, shade // 2, 255 - shade)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Four good pictures of three photographs, one cut short, one too small; a manifest beside them."""
    contents = {f"{name}.jpg": jpeg(40 * number) for number, name in enumerate(["a", "b1", "b2", "c"])}
    contents |= {"cut.jpg": jpeg(9)[:200], "small.jpg": jpeg(1, 30, 30), "notes.txt": b"no picture"}
    path = tmp_path / "photos.tar"
    with tarfile.open(path, "w") as tar:
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    rows = ["file,photo_id,licence_class,author,licence,source_repo,path"]
    rows += [
        "a.jpg,A,public-domain,Ann,CC0,somewhere,a",
        "b1.jpg,B,permissive,Bob,MIT,somewhere,b",
        "b2.jpg,B,permissive,Bob,MIT,somewhere,b",
        "c.jpg,C,share-alike,Cy,CC-BY-SA,elsewhere,c",
    ]
    (tmp_path / MANIFEST).write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_tar_is_decoded_and_what_is_damaged_is_counted(archive: Path, tmp_path: Path) -> None:
    found = prepare([archive], tmp_path / "cache", side=50)
    assert (len(found), found.skipped) == (4, 2)
    assert found[0].shape == (50, 57, 3)
    np.testing.assert_allclose(found[1].mean((0, 1)), [40, 20, 215], atol=3)
    assert dict(found.credits())["B"] == Credit("Bob", "MIT", "somewhere", "b")


def test_it_is_decoded_once_and_travels_by_name(archive: Path, tmp_path: Path, monkeypatch) -> None:
    first = prepare([archive], tmp_path / "cache", side=50)
    monkeypatch.setattr("inpaint_core.training.photographs._decode_all", None)
    again = prepare([archive], tmp_path / "cache", side=50)
    np.testing.assert_array_equal(again[2], first[2])
    sent = pickle.dumps(first)
    assert len(sent) < 2000
    np.testing.assert_array_equal(pickle.loads(sent)[3], first[3])  # noqa: S301 - our own bytes


def test_classes_of_licences_can_be_left_out(archive: Path, tmp_path: Path) -> None:
    found = prepare([archive], tmp_path / "cache", side=50, without=["share-alike"])
    assert {name for name, _ in found.credits()} >= {"A", "B"}
    assert "C" not in {name for name, _ in found.credits()}


def test_pictures_of_one_photograph_are_on_one_side(archive: Path, tmp_path: Path) -> None:
    found = prepare([archive], tmp_path / "cache", side=50, without=["share-alike"])
    for share in (0.01, 0.5):
        train, held_out = ({entry.photograph for entry in part.entries} for part in found.split(share))
        assert train
        assert held_out
        assert not train & held_out
    assert len(found.split(0.0)[1]) == 0


def test_a_folder_is_searched_with_its_subfolders(tmp_path: Path) -> None:
    (tmp_path / "photos" / "trip").mkdir(parents=True)
    (tmp_path / "photos" / "trip" / "x.JPG").write_bytes(jpeg(100))
    (tmp_path / "photos" / "broken.png").write_bytes(b"\x89PNG")
    found = prepare([tmp_path / "photos"], tmp_path / "cache", side=320)
    assert (len(found), found.skipped) == (1, 1)
    assert found[0].shape == (70, 80, 3)


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no photograph to learn from in .*empty: no picture files"):
        prepare([tmp_path / "empty"], tmp_path / "cache", side=50)
    with pytest.raises(InputError, match="no folder or archive"):
        prepare([tmp_path / "nowhere"], tmp_path / "cache", side=50)
    assert not list((tmp_path / "cache").glob("*"))


def test_a_damaged_tar_is_said(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for damaged in (whole[:3000], b"no archive" * 100):
        archive.write_bytes(damaged)
        with pytest.raises(InputError, match=r"photos.tar is damaged or cut short"):
            prepare([archive], tmp_path / "cache", side=50)
    assert not list((tmp_path / "cache").glob("*"))
