"""``inpaint models`` from the first look to the last removal, also killed in the middle."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from contracts import LAMA, MANGA, MIGAN, RAW_MIGAN, card
from networks import write_network
from onnx import TensorProto
from server import Server, serving, wait_until

from inpaint_core.cli import main, models
from inpaint_core.deep import cards, store
from inpaint_core.deep.cards import Card

PROGRAM = [sys.executable, "-m", "inpaint_core", "models"]
not_on_windows = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of models of its own, which is not there yet."""
    path = tmp_path / "models"
    monkeypatch.setenv("INPAINT_MODELS", str(path))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    return path


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_network(tmp_path_factory.mktemp("network") / "My Net.onnx", MANGA)


@pytest.fixture
def server(network: Path) -> Iterator[Server]:
    with serving(network.read_bytes()) as running:
        yield running


@pytest.fixture
def published(server: Server, tmp_path: Path) -> Path:
    """Return the path of a card whose file the server has."""
    digest = hashlib.sha256(server.content).hexdigest()
    made = card(MANGA, "manga", bytes=len(server.content), sha256=digest, url=server.url)
    path = tmp_path / "manga.toml"
    path.write_text(cards.dump(made), encoding="utf-8")
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def answer(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> dict[str, Any]:
    """Run with ``--json`` and return the last line."""
    assert main(["models", *map(str, arguments), "--json"]) == status
    *progress, last = lines(capsys)
    assert all(line["type"] == "progress" and 0 <= line["fraction"] <= 1 for line in progress)
    assert last["type"] == ("failure" if status else "result")
    return last


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != store.LOCK)


def test_the_catalogue_can_be_fetched(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    said = answer(capsys, "list")
    assert said["folder"] == str(folder)
    assert said["default"] is None
    assert {each["id"]: (each["licence"], each["installed"]) for each in said["models"]} == {
        "lama": ("Apache-2.0", False),
        "lama-opencv": ("Apache-2.0", False),
        "migan": ("MIT", False),
    }
    assert main(["models", "list"]) == 0
    assert "lama-opencv  can be fetched" in capsys.readouterr().out
    assert not folder.exists()


def test_a_model_lives_from_fetch_to_removal(
    capsys: pytest.CaptureFixture[str], folder: Path, published: Path
) -> None:
    fetched = answer(capsys, "fetch", published, "--accept-licence")["model"]
    assert fetched["id"] == "manga"
    assert fetched["installed"]
    assert fetched["default"]
    assert Path(fetched["file"]) == folder / "manga.onnx"
    again = answer(capsys, "fetch", published)  # its licence was accepted, and nothing connects
    assert again["model"] == fetched
    assert answer(capsys, "list")["default"] == "manga"
    assert answer(capsys, "show", "manga")["card"]["contract"]["output"]["name"] == "output"
    assert answer(capsys, "verify") == {
        "type": "result",
        "verified": ["manga"],
        "problems": {},
        "notices": [],
    }
    assert answer(capsys, "default")["model"]["id"] == "manga"
    assert len(answer(capsys, "remove", "manga")["removed"]) == 2
    assert names(folder) == []


def test_the_licence_of_the_weights_comes_first(
    capsys: pytest.CaptureFixture[str], folder: Path, server: Server, published: Path
) -> None:
    failure = answer(capsys, "fetch", published, status=2)
    assert failure["kind"] == "InputError"
    assert "have the licence MIT" in failure["message"]
    assert "Add --accept-licence" in failure["message"]
    assert server.asked == []
    assert not folder.exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("said", "status"), [("y\n", 0), ("\n", 1), ("no\n", 1), ("", 1)])
def test_on_a_terminal_it_is_asked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    published: Path,
    said: str,
    status: int,
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    assert main(["models", "fetch", str(published)]) == status
    heard = capsys.readouterr()
    assert "The weights of Manga (0 MB) have the licence MIT" in heard.err
    assert ("is installed" in heard.out) == (status == 0)


def test_a_file_of_ones_own_is_added(capsys: pytest.CaptureFixture[str], network: Path, folder: Path) -> None:
    added = answer(capsys, "add", network)["model"]
    assert (added["id"], added["title"], added["licence"]) == ("my-net", "My Net", "not stated")
    assert cards.load(folder / "my-net.toml").contract == MANGA
    assert (folder / "my-net.onnx").read_bytes() == network.read_bytes()
    taken = answer(capsys, "add", network, status=2)
    assert "A model my-net is installed already. Give another id with --id" in taken["message"]
    other = answer(capsys, "add", network, "--id", "other", "--licence", "CC0-1.0")["model"]
    assert (other["id"], other["licence"], other["default"]) == ("other", "CC0-1.0", False)
    assert answer(capsys, "default", "other")["model"]["default"]
    assert answer(capsys, "list")["default"] == "other"


def test_a_card_answers_beforehand(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, network: Path, folder: Path
) -> None:
    own = replace(card(replace(MANGA, dilate=2), "own"), title="My own")
    path = tmp_path / "own.toml"
    path.write_text(cards.dump(own), encoding="utf-8")
    assert answer(capsys, "add", network, "--card", path)["model"]["title"] == "My own"
    written = cards.load(folder / "own.toml")
    assert written.contract == own.contract
    assert written.weights.sha256 == hashlib.sha256(network.read_bytes()).hexdigest()


def other_file(made: Card) -> Card:
    return replace(made, weights=replace(made.weights, bytes=1, sha256="0" * 64))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (other_file, "it is another file"),
        (lambda made: replace(made, contract=RAW_MIGAN), "takes image: float32 [any, 3, any, any], which"),
        (lambda made: replace(made, contract=MIGAN), "its card says uint8"),
        (lambda made: replace(made, contract=LAMA), "Or a range of the card is wrong"),
    ],
    ids=["checksum", "name", "dtype", "range"],
)
def test_a_card_that_is_wrong_installs_nothing(
    capsys: pytest.CaptureFixture[str], network: Path, folder: Path, *, change: Any, sentence: str
) -> None:
    path = folder.parent / "own.toml"
    path.write_text(cards.dump(change(card(MANGA, "own"))), encoding="utf-8")
    assert main(["models", "add", str(network), "--card", str(path)]) in {1, 2}
    assert sentence in capsys.readouterr().err
    assert names(folder) == []


def test_a_doubt_is_said_and_the_model_installed(
    capsys: pytest.CaptureFixture[str], network: Path, folder: Path
) -> None:
    path = folder.parent / "own.toml"
    doubtful = replace(MANGA, output=replace(MANGA.output, black=-1.0), composites=False)
    path.write_text(cards.dump(card(doubtful, "own")), encoding="utf-8")
    (notice,) = answer(capsys, "add", network, "--card", path)["notices"]
    assert "If fills look right, the network merely repaints what is known." in notice
    assert main(["models", "add", str(network), "--card", str(path), "--id", "again"]) == 0
    assert "inpaint: Known pixels of a test picture do not come back" in capsys.readouterr().err
    assert main(["models", "verify"]) == 0
    assert capsys.readouterr().err == ""


def test_a_file_that_onnx_runtime_cannot_open_installs_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: Path
) -> None:
    path = write_network(tmp_path / "new.onnx", MANGA, opset=17)
    proto = onnx.load(path)
    proto.opset_import[0].version = 9999
    path.write_bytes(proto.SerializeToString())
    said = answer(capsys, "add", path, status=1)
    assert "newer version of ONNX" in said["message"]
    proto.opset_import[0].version = 17
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    path.write_bytes(proto.SerializeToString())
    assert "this one takes image: tensor(double)" in answer(capsys, "add", path, status=2)["message"]
    path.write_bytes(path.read_bytes()[:300])
    assert "it is cut short" in answer(capsys, "add", path, status=2)["message"]
    assert names(folder) == []


def test_a_file_that_was_changed_is_found(
    capsys: pytest.CaptureFixture[str], network: Path, folder: Path
) -> None:
    answer(capsys, "add", network)
    (folder / "my-net.onnx").write_bytes(b"something else")
    assert main(["models", "verify", "--json"]) == 1
    (last,) = [line for line in lines(capsys) if line["type"] == "result"]
    assert "is not the one of its card" in last["problems"]["my-net"]
    assert main(["models", "verify", "my-net"]) == 1
    assert capsys.readouterr().out.startswith("my-net: The file of my-net is not the one of its card")


def test_questions_are_asked_until_they_are_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("x\n3\n2\n"))
    assert models._ask("Which?", ["one", "two"]) == 1
    assert capsys.readouterr().err.count("1 to 2 [1]: ") == 3


def test_programs_read_it_whatever_the_encoding(folder: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "show", "nix", "--json"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["message"].endswith("Filters ▸ Inpaint ▸ Models…")


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments, sentence in {
        ("show", "nix"): "There is no model 'nix'. None is installed.",
        ("fetch", "nix"): "The catalogue has no model 'nix'; it has lama, lama-opencv, migan.",
        ("remove", "nix"): "There is no model 'nix'",
        ("default",): "No model is installed. Fetch one of the catalogue",
        ("add", str(tmp_path / "nix.onnx")): "There is no file",
        ("fetch", str(tmp_path / "nix.toml")): "cannot be read",
    }.items():
        assert sentence in answer(capsys, *arguments, status=2)["message"]


def fetching(server: Server, published: Path, folder: Path) -> subprocess.Popen[str]:
    """Return a process that is in the middle of a fetch."""
    server.stalls = 1000
    process = subprocess.Popen(
        [*PROGRAM, "fetch", str(published), "--accept-licence", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: bool(server.asked) and any((folder / store.STAGING).iterdir()))
    return process


@not_on_windows
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_fetch_that_is_stopped_leaves_nothing(
    server: Server, published: Path, folder: Path, how: signal.Signals
) -> None:
    with fetching(server, published, folder) as process:
        process.send_signal(how)
        out, complaint = process.communicate(timeout=30)
    assert names(folder) == []
    assert complaint.startswith("inpaint: Stopped; nothing was ")
    assert process.returncode == (130 if how == signal.SIGINT else 1)
    assert ('"kind": "Cancelled"' in out) == (how == signal.SIGTERM)


def test_what_a_killed_fetch_left_is_gone_with_the_next_look(
    capsys: pytest.CaptureFixture[str], server: Server, published: Path, folder: Path
) -> None:
    with fetching(server, published, folder) as process:
        process.kill()
        process.communicate(timeout=30)
    answer(capsys, "list")
    assert names(folder) == []
