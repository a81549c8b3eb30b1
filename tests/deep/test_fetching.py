"""Fetching: resumed, checked, and without a trace when it fails."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from contracts import LAMA, card
from networks import write_network
from server import Server, serving

from inpaint_core.deep import cards, fetching, store
from inpaint_core.deep.adding import install_fetched
from inpaint_core.deep.cards import Card
from inpaint_core.errors import Cancelled, FetchError, InputError
from inpaint_core.places import models_folder


class Heard:
    """Progress that is written down, and raises when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.fractions: list[float] = []
        self.stages: set[str] = set()
        self._error = error

    def __call__(self, stage: str, fraction: float) -> None:
        self.stages.add(stage)
        self.fractions.append(fraction)
        if self._error:
            raise self._error


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a real model, made larger than some chunks by a long note in it."""
    data = write_network(tmp_path_factory.mktemp("model") / "net.onnx", LAMA).read_bytes()
    note = bytes(range(256)) * 4096
    length = len(note)
    return data + bytes([0x32, length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14]) + note


@pytest.fixture
def server(content: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetching, "WAIT_SECONDS", 0.0)
    with serving(content) as running:
        yield running


@pytest.fixture
def wanted(server: Server) -> Card:
    return card(bytes=len(server.content), sha256=hashlib.sha256(server.content).hexdigest(), url=server.url)


def left(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir() if path.name != store.LOCK)


def test_a_model_is_fetched_and_installed(server: Server, wanted: Card) -> None:
    heard = Heard()
    model = install_fetched(wanted, None, heard)
    assert model.card == wanted
    assert model.file.read_bytes() == server.content
    assert len(server.asked) == 1
    assert heard.stages == {"Fetching Net"}
    assert heard.fractions == sorted(heard.fractions)
    assert len(heard.fractions) > 2
    assert heard.fractions[-1] == 1


def test_a_broken_connection_is_taken_up_where_it_broke(server: Server, wanted: Card) -> None:
    part = 4 * fetching.CHUNK
    server.breaks = [part, part, 0, 0]
    heard = Heard()
    assert install_fetched(wanted, None, heard).file.read_bytes() == server.content
    assert [asked for _, asked in server.asked] == [None, f"bytes={part}-", *[f"bytes={2 * part}-"] * 3]
    assert heard.fractions == sorted(heard.fractions)


@pytest.fixture
def broken(server: Server, wanted: Card) -> int:
    """Break a fetch for good; return how many bytes came."""
    part = 4 * fetching.CHUNK
    server.breaks = [part] + [0] * (fetching.TRIES - 1)
    with pytest.raises(FetchError, match="broke again and again"):
        install_fetched(wanted, None, Heard())
    server.asked.clear()
    return part


def test_the_next_fetch_asks_for_the_rest_alone(
    server: Server, wanted: Card, models: Path, broken: int
) -> None:
    heard = Heard()
    assert install_fetched(wanted, None, heard).file.read_bytes() == server.content
    assert [asked for _, asked in server.asked] == [f"bytes={broken}-"]
    assert heard.fractions[0] > broken / len(server.content)
    assert left(models) == ["default", "net.onnx", "net.toml"]


@pytest.mark.usefixtures("broken")
def test_a_part_that_does_not_fit_is_fetched_anew(server: Server, wanted: Card, models: Path) -> None:
    part = store.part_of(wanted)
    part.write_bytes(bytes(len(part.read_bytes())))
    assert install_fetched(wanted, None, Heard()).file.read_bytes() == server.content
    assert [asked is None for _, asked in server.asked] == [False, True]
    assert left(models) == ["default", "net.onnx", "net.toml"]


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("what", ["address", "checksum"])
def test_a_part_of_another_file_is_not_trusted(server: Server, wanted: Card, models: Path, what: str) -> None:
    if what == "address":
        weights = replace(wanted.weights, url=f"{server.url}?another")
    else:
        server.content = server.content[:-1] + b"?"
        weights = replace(wanted.weights, sha256=hashlib.sha256(server.content).hexdigest())
    assert install_fetched(replace(wanted, weights=weights), None, Heard()).file.is_file()
    assert [asked for _, asked in server.asked] == [None]
    assert left(models) == ["default", "net.onnx", "net.toml"]


@pytest.mark.usefixtures("broken")
def test_a_cancelled_fetch_leaves_no_part_either(wanted: Card, models: Path) -> None:
    with pytest.raises(Cancelled):
        install_fetched(wanted, None, Heard(Cancelled("enough")))
    assert left(models) == []


@pytest.mark.usefixtures("broken")
def test_a_part_goes_with_its_model_or_after_a_week(wanted: Card, models: Path) -> None:
    part = store.part_of(wanted)
    store.sweep()
    assert left(models) == [part.name]
    assert store.remove("net") == (part,)
    part.write_bytes(b"old")
    os.utime(part, (0, 0))
    store.sweep()
    assert left(models) == []


def test_a_server_without_ranges_begins_again(server: Server, wanted: Card) -> None:
    server.ranges = False
    server.breaks = [300_000]
    assert install_fetched(wanted, None, Heard()).file.read_bytes() == server.content


def test_a_busy_server_is_asked_again(server: Server, wanted: Card) -> None:
    server.statuses = [503, 429]
    assert install_fetched(wanted, None, Heard()).file.read_bytes() == server.content


@pytest.mark.parametrize(
    ("statuses", "breaks", "requests", "sentence"),
    [
        ([404], [], 1, "There is no file at http://127.0.0.1:{port}/net.onnx any more. Get net elsewhere"),
        ([403], [], 1, "127.0.0.1:{port} refuses to give http://127.0.0.1:{port}/net.onnx: 403 Forbidden."),
        ([503] * 4, [], 4, "127.0.0.1:{port} answers with 503 Service Unavailable; try again later."),
        (
            [],
            [fetching.CHUNK, 0, 0, 0],
            4,
            "The connection to 127.0.0.1:{port} broke again and again, at last after 0.1 MB. They are kept:",
        ),
    ],
)
def test_what_a_server_refuses_is_said(
    server: Server, wanted: Card, *, statuses: list[int], breaks: list[int], requests: int, sentence: str
) -> None:
    server.statuses, server.breaks = statuses, breaks
    with pytest.raises(FetchError) as failed:
        install_fetched(wanted, None, Heard())
    assert sentence.format(port=server.server_address[1]) in str(failed.value)
    assert len(server.asked) == requests
    assert left(models_folder()) == ([store.part_of(wanted).name] if "kept" in sentence else [])


def test_no_network_is_said(wanted: Card, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(fetching, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(socket.socket, "connect", unreachable)
    with pytest.raises(
        FetchError, match=r"cannot be reached\. Is this machine on the network, .* --from FILE"
    ):
        install_fetched(wanted, None, Heard())
    assert left(models) == []


@pytest.mark.parametrize("change", [b"wrong", b"", b"longer"])
def test_a_wrong_file_never_replaces_a_right_one(
    server: Server, wanted: Card, models: Path, change: bytes
) -> None:
    good = install_fetched(wanted, None, Heard())
    size = len(server.content)
    server.content = (change + server.content)[:size] if change != b"longer" else server.content + b"more"
    if not change:
        server.content = server.content[:-1]
    with pytest.raises(FetchError):
        install_fetched(wanted, None, Heard())
    assert left(models) == ["default", "net.onnx", "net.toml"]
    assert fetching.checksum(good.file) == wanted.weights.sha256


def test_a_model_from_elsewhere_is_not_replaced(wanted: Card, server: Server) -> None:
    model = install_fetched(wanted, None, Heard())
    other = replace(wanted, weights=replace(wanted.weights, url=server.url.replace("net", "other")))
    with pytest.raises(InputError, match=r"A model net from elsewhere is installed already. Remove it first"):
        install_fetched(other, None, Heard())
    assert store.find("net") == model
    assert len(server.asked) == 1


def test_the_sentence_of_a_wrong_checksum(server: Server, wanted: Card) -> None:
    server.content = server.content[:-1] + b"?"
    with pytest.raises(FetchError, match=r"is known by its size and checksum, and what .* is another file"):
        install_fetched(wanted, None, Heard())


def test_a_cancelled_fetch_leaves_nothing(wanted: Card, models: Path) -> None:
    with pytest.raises(Cancelled):
        install_fetched(wanted, None, Heard(Cancelled("enough")))
    assert left(models) == []


def test_a_fetched_file_must_be_a_model(server: Server, wanted: Card, models: Path) -> None:
    server.content = b"<html>Please log in</html>"
    page = card(bytes=len(server.content), sha256=hashlib.sha256(server.content).hexdigest(), url=server.url)
    with pytest.raises(InputError, match="is no ONNX model"):
        install_fetched(page, None, Heard())
    assert left(models) == []


def test_a_full_disk_is_said_before_and_during(
    wanted: Card, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(FetchError, match=r"needs 1\.0 MB, and .* has room for 0\.0 MB; make room"):
        install_fetched(wanted, None, Heard())
    monkeypatch.undo()
    monkeypatch.setenv("INPAINT_MODELS", str(models))
    with pytest.raises(FetchError, match="is full; make room and try again"):
        install_fetched(wanted, None, Heard(OSError(errno.ENOSPC, "No space left on device")))
    assert left(models) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
def test_a_write_that_fails_midway_leaves_nothing(server: Server, wanted: Card, models: Path) -> None:
    path = models.parent / "net.toml"
    path.write_text(cards.dump(wanted), encoding="utf-8")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000));"
        "from inpaint_core.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "models", "fetch", str(path), "--accept-licence"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("inpaint: The model cannot be written to ")
    assert done.stderr.count("\n") == 1
    assert left(models) == []


def test_a_proxy_of_the_environment_is_used(
    server: Server, wanted: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("http_proxy", server.url)
    behind = card(bytes=wanted.weights.bytes, sha256=wanted.weights.sha256, url="http://localhost:9/net.onnx")
    install_fetched(behind, None, Heard())
    assert server.asked[0][0].startswith("GET http://localhost:9/net.onnx ")


def test_a_file_carried_here_needs_no_network(wanted: Card, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "carried"
    path.write_bytes(server.content)
    heard = Heard()
    model = install_fetched(wanted, path, heard)
    assert model.file.read_bytes() == server.content
    assert path.exists()
    assert server.asked == []
    assert heard.fractions[-1] == 1


@pytest.mark.parametrize("size", [10, None])
def test_another_file_than_the_cards_is_refused(
    wanted: Card, server: Server, tmp_path: Path, models: Path, size: int | None
) -> None:
    path = tmp_path / "carried"
    path.write_bytes(server.content[:size] if size else server.content[:-1] + b"?")
    with pytest.raises(FetchError, match="is another file"):
        install_fetched(wanted, path, Heard())
    with pytest.raises(InputError, match="There is no file"):
        install_fetched(wanted, tmp_path / "none", Heard())
    assert left(models) == []


def test_a_card_without_address_or_checksum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks the address, the size or the checksum"):
        install_fetched(card(bytes=1, sha256="0" * 64), None, Heard())
    with pytest.raises(InputError, match="lacks the size and the checksum"):
        install_fetched(card(), tmp_path, Heard())
