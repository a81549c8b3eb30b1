"""The folder of models: what is there, which one is the default, and that no change leaves half of one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from contracts import card

from inpaint_core import InputError
from inpaint_core.deep import cards, store
from inpaint_core.deep.cards import Card
from inpaint_core.deep.store import Installed


def install(name: str, content: bytes = b"model") -> Installed:
    made = card(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    with store.changing() as staging:
        file = staging / "model"
        file.write_bytes(content)
        return store.install(made, file, staging)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != store.LOCK)


def ids() -> list[str]:
    return [model.card.id for model in store.installed() if not model.bundled]


@pytest.fixture(autouse=True)
def nothing_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bundled"
    monkeypatch.setattr(store, "BUNDLED", folder)
    return folder


def bundle(folder: Path, made: Card) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{made.id}.toml").write_text(cards.dump(made), encoding="utf-8")
    (folder / f"{made.id}.onnx").write_bytes(b"model")


def test_without_a_folder_there_is_nothing(models: Path) -> None:
    assert store.installed() == ()
    assert store.default() is None
    with pytest.raises(InputError, match=r"No model is installed\. Fetch one .* or add an \.onnx file"):
        store.choose("")
    with pytest.raises(InputError, match=r"There is no model 'mine'. None is installed\. Fetch one"):
        store.choose("mine")
    with pytest.raises(InputError, match=r"lama is not installed\. To fetch it: inpaint models fetch lama\."):
        store.choose("lama")
    assert not models.exists()


def test_what_is_installed_is_found(models: Path) -> None:
    made = install("lama-b")
    install("lama")
    assert ids() == ["lama", "lama-b"]
    assert store.find("lama-b") == made
    assert made.file == models / "lama-b.onnx"
    assert made.file.read_bytes() == b"model"
    assert names(models) == ["default", "lama-b.onnx", "lama-b.toml", "lama.onnx", "lama.toml"]
    with pytest.raises(InputError, match=r"There is no model 'other'\. Installed: lama, lama-b"):
        store.find("other")


def test_the_first_is_the_default_until_another_is_chosen() -> None:
    install("zebra")
    install("ant")
    assert store.choose("").card.id == "zebra"
    store.set_default("ant")
    assert store.choose("").card.id == "ant"
    assert store.choose("zebra").card.id == "zebra"
    store.remove("ant")
    assert store.choose("").card.id == "zebra"
    with pytest.raises(InputError, match="There is no model 'ant'"):
        store.set_default("ant")


def test_a_default_that_makes_no_sense_is_none(models: Path) -> None:
    install("lama")
    (models / "default").write_bytes(b"\xff\xfe")
    assert store.choose("").card.id == "lama"


def test_bundled_models_come_after_the_users(nothing_bundled: Path) -> None:
    bundle(nothing_bundled, card(name="own", bytes=5, sha256="0" * 64))
    assert store.choose("").bundled
    install("lama")
    assert [model.card.id for model in store.installed()] == ["lama", "own"]
    assert store.choose("").card.id == "lama"
    install("own")
    assert [(model.card.id, model.bundled) for model in store.installed()] == [
        ("lama", False),
        ("own", False),
    ]
    store.remove("own")
    with pytest.raises(InputError, match="The model own came with the engine and stays"):
        store.remove("own")


def test_a_model_is_replaced_as_a_whole(models: Path) -> None:
    install("lama", b"old")
    made = install("lama", b"new one")
    assert store.find("lama") == made
    assert made.file.read_bytes() == b"new one"
    assert made.card.weights.bytes == 7
    assert names(models) == ["default", "lama.onnx", "lama.toml"]


def test_a_file_that_cannot_be_moved_leaves_the_old_model(models: Path) -> None:
    before = install("lama", b"old")
    with pytest.raises(FileNotFoundError), store.changing() as staging:
        store.install(replace(before.card, title="New"), staging / "none", staging)
    assert store.find("lama") == before
    assert names(models) == ["default", "lama.onnx", "lama.toml"]


def test_a_change_that_fails_leaves_nothing(models: Path) -> None:
    def fail() -> None:
        with store.changing() as staging:
            (staging / "half").write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(models) == []


def test_what_a_killed_process_left_is_swept_away(models: Path) -> None:
    (models / store.STAGING / "deep").mkdir(parents=True)
    (models / store.STAGING / "deep" / "half").write_bytes(b"half")
    store.sweep()
    assert names(models) == []


def test_one_change_at_a_time(models: Path) -> None:
    with store.changing() as staging:
        (staging / "mine").write_bytes(b"work")
        with pytest.raises(InputError, match="Another program is fetching, adding or removing a model"):
            install("lama")
        store.sweep()
        assert (staging / "mine").exists()
    install("lama")
    assert ids() == ["lama"]


def test_a_folder_that_cannot_be_written_is_said(models: Path) -> None:
    models.write_text("a file stands in its place", encoding="utf-8")
    with pytest.raises(InputError, match=r"The folder of models .* cannot be written \(.*INPAINT_MODELS"):
        install("lama")


def test_broken_cards_are_told_and_do_no_harm(models: Path) -> None:
    install("good")
    install("lost").file.unlink()
    install("odd")
    (models / "odd.toml").rename(models / "other.toml")
    (models / "bad.toml").write_text("x = 1", encoding="utf-8")
    unpinned = card(name="unpinned")
    (models / "unpinned.toml").write_text(cards.dump(unpinned), encoding="utf-8")
    found, broken = store.survey()
    assert [model.card.id for model in found] == ["good"]
    assert {path.stem for path in broken} == {"bad", "lost", "other", "unpinned"}
    with pytest.raises(InputError, match="has a card, but its file"):
        store.find("lost")
    with pytest.raises(InputError, match=r"is of a model odd; name the file odd\.toml"):
        store.find("other")
    with pytest.raises(InputError, match="has no checksum; move it elsewhere, and add it with its file"):
        store.find("unpinned")
    store.remove("lost")
    store.remove("bad")
    assert {path.stem for path in store.survey()[1]} == {"other", "unpinned"}


def test_a_folder_that_cannot_be_read_is_told_and_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_folder = tmp_path / "models"
    no_folder.write_bytes(b"precious")
    monkeypatch.setenv("INPAINT_MODELS", str(no_folder))
    store.sweep()
    _, broken = store.survey()
    assert "cannot be read" in broken[no_folder]
    assert no_folder.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["../outside", "default", "", "a/b"])
def test_only_models_are_removed(models: Path, name: str) -> None:
    install("lama")
    (models.parent / "outside.onnx").write_bytes(b"precious")
    with pytest.raises(InputError):
        store.remove(name)
    assert (models.parent / "outside.onnx").exists()
    assert names(models) == ["default", "lama.onnx", "lama.toml"]
