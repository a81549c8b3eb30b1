"""The engine that waits between runs: private, cancelled by a closed connection, gone when not needed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from plugin_side import CHECKOUT, loaded, make_folder

from inpaint_core import __version__, inpaint

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each run starts its own engine")

PATIENCE = 30.0
"""Seconds that a busy machine may take to start one."""

ENDS_WITHIN = 5.0
"""Seconds that a busy machine may take to end a process that is at work."""

HASTY = """
from inpaint_core import resident
resident.IDLE_SECONDS, resident.LOOK_SECONDS = {idle}, 0.05
resident.main(resident.Path({socket!r}), resident.Path({pointer!r}), {gimp})
"""


@dataclass(frozen=True, slots=True)
class Side:
    """The plug-in's side: its folder, and its modules."""

    folder: Path
    engine: ModuleType
    resident: ModuleType

    @property
    def socket(self) -> Path:
        """Where its engine waits."""
        path: Path = self.resident._socket(self.folder)
        return path


@pytest.fixture(scope="module")
def side() -> Iterator[Side]:
    """A plug-in whose engine is this checkout; its runtime folder has a short name, as sockets need."""
    place = Path(tempfile.mkdtemp(prefix="inpaint-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(place))
        folder = make_folder(place)
        python = place / "python"
        python.write_text(f'#!/bin/sh\nshift\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (folder / "engine.json").write_text(json.dumps({"python": str(python), "version": __version__}))
        with loaded(folder) as engine:
            yield Side(folder, engine, sys.modules["engine_resident"])
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def waiting(side: Side) -> Iterator[subprocess.Popen[bytes]]:
    """A resident engine that waits for the tests that leave it waiting."""
    with started(side) as process:
        yield process


@contextmanager
def started(side: Side) -> Iterator[subprocess.Popen[bytes]]:
    with side.resident.leave_waiting(side.folder) as process:
        try:
            assert soon(lambda: lets_in(side))
            yield process
        finally:
            process.kill()
            shutil.rmtree(side.socket.parent, ignore_errors=True)


@contextmanager
def hasty(side: Side, gimp: int, idle: float = PATIENCE) -> Iterator[subprocess.Popen[bytes]]:
    """A resident engine that soon sees that it is not wanted any more."""
    pointer = str(side.folder / "engine.json")
    code = HASTY.format(idle=idle, socket=str(side.socket), pointer=pointer, gimp=gimp)
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdin=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def soon(what: Callable[[], Any], patience: float = PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while not (found := what()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(found)


def picture(side: int = 48) -> tuple[np.ndarray, np.ndarray]:
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    mask = np.zeros((side, side), bool)
    mask[side // 4 : side // 2, side // 4 : side // 2] = True
    return image, mask


def request(side: Side, size: int = 48, seed: int = 3) -> Any:
    image, mask = picture(size)
    raw = side.engine.RawArray
    return side.engine.Request(
        raw("uint8", image.shape, image.tobytes()), raw("bool", mask.shape, mask.tobytes()), "patch", seed, {}
    )


def wait_for_result(side: Side, running: Any, run: Any) -> Any:
    while not isinstance(news := running.news(run, wait=True), side.engine.Result):
        assert news is not None
    return news


def at_work(running: Any, run: Any) -> bool:
    news = running.news(run)
    return news is not None and news.fraction > 0


def lets_in(side: Side, version: str = __version__) -> bool:
    """Tell whether the plug-in gets a visit at the resident engine."""
    visit = side.resident.visit(side.folder, version)
    if visit is not None:
        visit.hang_up()
        assert visit.wait(PATIENCE)
        visit.close()
    return visit is not None


def resident_bytes(process: int) -> int:
    words = Path(f"/proc/{process}/statm").read_text().split()
    return int(words[1]) * os.sysconf("SC_PAGE_SIZE")


def test_two_runs_at_once_are_served_each_by_a_process_of_its_own(
    side: Side, waiting: subprocess.Popen[bytes]
) -> None:
    image, mask = picture()
    with side.engine.Engine(side.folder) as one, side.engine.Engine(side.folder) as two:
        visits = [running._line for running in (one, two)]
        assert [type(visit).__name__ for visit in visits] == ["Visit", "Visit"]
        runs = [(one, one.submit(request(side, seed=1))), (two, two.submit(request(side, seed=2)))]
        for seed, (running, run) in enumerate(runs, start=1):
            filled = np.frombuffer(wait_for_result(side, running, run).image.data, np.uint8).reshape(
                image.shape
            )
            assert np.array_equal(filled, inpaint(image, mask, "patch", seed=seed))
    assert waiting.poll() is None


def test_a_closed_connection_ends_that_run_and_its_memory_comes_back(
    side: Side, waiting: subprocess.Popen[bytes]
) -> None:
    before = resident_bytes(waiting.pid)
    with side.engine.Engine(side.folder) as running:
        run = running.submit(request(side, 2000))
        assert soon(lambda: at_work(running, run))
        running._line._connection.shutdown(socket.SHUT_RDWR)  # as when GIMP kills the plug-in
        assert running._line.wait(ENDS_WITHIN)
    assert resident_bytes(waiting.pid) < before + (16 << 20)
    assert waiting.poll() is None


def test_run_after_run_it_stays_as_it_is(side: Side, waiting: subprocess.Popen[bytes]) -> None:
    def holds() -> tuple[int, int]:
        return resident_bytes(waiting.pid), len(list(Path(f"/proc/{waiting.pid}/fd").iterdir()))

    def fill() -> None:
        with side.engine.Engine(side.folder) as running:
            assert type(running._line).__name__ == "Visit"
            assert running.fill(request(side, 400), lambda *_: None).label

    fill()
    size, files = holds()
    for _ in range(6):
        fill()
    assert soon(lambda: holds()[1] <= files)
    assert holds()[0] <= size + (1 << 20)


def test_a_killed_run_is_told_in_words_and_harms_no_other(
    side: Side, waiting: subprocess.Popen[bytes]
) -> None:
    with side.engine.Engine(side.folder) as running:
        run = running.submit(request(side, 2000))
        assert soon(lambda: at_work(running, run))
        running._line.kill()
        with pytest.raises(side.engine.EngineError, match=r"ended before it was done, perhaps because"):
            wait_for_result(side, running, run)
    with side.engine.Engine(side.folder) as running:
        assert running.fill(request(side), lambda *_: None).label
    assert waiting.poll() is None


def test_another_version_is_not_visited(side: Side, waiting: subprocess.Popen[bytes]) -> None:
    assert not lets_in(side, "0.0.1")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can be another user")
def test_another_user_is_sent_away(side: Side, waiting: subprocess.Popen[bytes]) -> None:
    """Even one who got as far as the socket."""
    path = str(side.socket)
    opened = (side.folder.parent, side.socket.parent, side.socket)
    former = [place.stat().st_mode for place in opened]
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            for place in opened:
                place.chmod(0o777)
            os.seteuid(65534)
            connection.connect(path)
        finally:
            os.seteuid(0)
            for place, mode in zip(opened, former, strict=True):
                place.chmod(mode)
        assert connection.recv(1) == b""


def test_a_folder_that_others_may_enter_is_not_trusted(side: Side, waiting: subprocess.Popen[bytes]) -> None:
    side.socket.parent.chmod(0o755)
    try:
        assert not lets_in(side)
    finally:
        side.socket.parent.chmod(0o700)


def test_a_second_one_leaves_at_once(side: Side, waiting: subprocess.Popen[bytes]) -> None:
    with side.resident.leave_waiting(side.folder) as second:
        assert second.wait(PATIENCE) == 0
    assert lets_in(side)


def test_one_that_is_stuck_is_not_waited_for(
    side: Side, waiting: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side.resident, "ANSWER_SECONDS", 0.1)
    waiting.send_signal(signal.SIGSTOP)
    try:
        assert not lets_in(side)
    finally:
        waiting.send_signal(signal.SIGCONT)


def test_what_a_killed_one_left_is_replaced(side: Side, waiting: subprocess.Popen[bytes]) -> None:
    waiting.kill()
    waiting.wait()
    assert side.socket.exists()
    assert not lets_in(side)
    with started(side):
        assert len(list(side.folder.parent.glob("gimp-inpaint-*"))) == 1


def test_it_leaves_with_gimp(side: Side) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as gimp, hasty(side, gimp.pid) as process:
        assert soon(side.socket.exists)
        gimp.communicate()
        assert process.wait(PATIENCE) == 0
    assert not side.socket.parent.exists()


def test_it_leaves_when_nobody_comes(side: Side) -> None:
    with hasty(side, os.getpid(), idle=0.1) as process:
        assert process.wait(PATIENCE) == 0
    assert not side.socket.parent.exists()


def test_it_leaves_when_another_engine_was_installed_and_is_not_found_any_more(side: Side) -> None:
    pointer = side.folder / "engine.json"
    with hasty(side, os.getpid()) as process:
        assert soon(side.socket.exists)
        former = side.socket
        text = pointer.read_text()
        pointer.unlink()
        pointer.write_text(text)
        assert side.socket != former
        assert not lets_in(side)
        assert process.wait(PATIENCE) == 0
    assert not former.parent.exists()
