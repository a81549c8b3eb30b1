"""The plug-in's side of the wire: engines that crash, fall silent, or talk nonsense are told in words.

Small scripts stand where the engine's Python is expected and behave badly in one way each; how the real
engine and GIMP get on is tested beside this.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from plugin_side import loaded, make_folder

from inpaint_core.places import log_file

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the engines that misbehave are POSIX scripts")

ANSWER = """
import os, signal, sys, time
sys.path.insert(0, {folder!r})
from wire import Frame, RawArray, read_frame, write_frame
request = read_frame(sys.stdin.buffer)
out, run = sys.stdout.buffer, request.header["id"]
def say(type_, arrays={{}}, **header):
    write_frame(out, Frame({{"type": type_, "id": run, **header}}, arrays))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


@pytest.fixture
def engine(folder: Path) -> Iterator[ModuleType]:
    """The plug-in's module `engine`."""
    with loaded(folder) as module:
        yield module


def put_engine(folder: Path, body: str, *, after_request: bool = True) -> None:
    """Make `folder` point to an engine that runs `body`."""
    start = ANSWER.format(folder=str(folder)) if after_request else ""
    program = folder.parent / "python"
    program.write_text(f"#!{sys.executable}\n{start}{textwrap.dedent(body)}", encoding="utf-8")
    program.chmod(0o755)
    pointer = {"python": str(program), "version": "0.1.0"}
    (folder / "engine.json").write_text(json.dumps(pointer), encoding="utf-8")


def fill(
    engine: ModuleType, folder: Path, side: int = 4, also: tuple[int, ...] = ()
) -> tuple[object, list[tuple[str, float]]]:
    """Ask for a fill of a black square."""
    steps: list[tuple[str, float]] = []
    raw = engine.RawArray("uint8", (side, side), bytes(side * side))
    request = engine.Request(raw, raw, "patch", 0, {}, also=also)
    with engine.Engine(folder) as running:
        try:
            return running.fill(request, lambda stage, done: steps.append((stage, done))), steps
        finally:
            process = running._line.process
            running.close()
            assert process.returncode is not None, "the engine is still running"


def why_not(engine: ModuleType, folder: Path, side: int = 4) -> str:
    """Ask for a fill that fails, and return the sentence."""
    with pytest.raises(engine.EngineError) as caught:
        fill(engine, folder, side)
    return str(caught.value)


def test_a_result_comes_back_with_its_progress(engine: ModuleType, folder: Path) -> None:
    put_engine(
        folder,
        """
        say("alive")
        say("progress", stage="Searching", fraction=0.5)
        say("news of a later version")
        say("result", request.arrays, label="Patches", notices=["Mind the step."])
        """,
    )
    result, steps = fill(engine, folder)
    assert result.label == "Patches"  # type: ignore[attr-defined]
    assert result.notices == ("Mind the step.",)  # type: ignore[attr-defined]
    assert steps == [("Searching", 0.5)]


def test_further_pictures_are_taken_if_they_were_asked_for(engine: ModuleType, folder: Path) -> None:
    put_engine(
        folder,
        """
        assert request.header["also"] == [1, 2]
        picture = request.arrays["image"]
        say("result", {"image": picture, "image-2": picture, "image-7": picture}, also=[2, 7])
        """,
    )
    result, _ = fill(engine, folder, also=(1, 2))
    assert list(result.also) == [2]  # type: ignore[attr-defined]


def test_a_failure_keeps_its_sentence_and_kind(engine: ModuleType, folder: Path) -> None:
    put_engine(folder, 'say("failure", kind="NoSourceError", message="Nothing is left.")')
    with pytest.raises(engine.EngineError, match=r"^Nothing is left\.$") as caught:
        fill(engine, folder)
    assert caught.value.kind == "NoSourceError"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "The engine was killed before it was done, perhaps because"),
        ("os._exit(3)", "The engine crashed before it was done (status 3)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "The engine crashed before it was done (status -11)"),
        ("raise ImportError('No module named numba')", "does not run: ImportError: No module named numba."),
        ("out.write(b'INPT' + bytes(3)); out.flush()", "The engine crashed before it was done (status 0)"),
        (
            "import struct; out.write(struct.pack('<4sIIQ', b'INPT', 2, 2, 0) + b'{}'); out.flush()",
            "version 2 of the wire, this side 1. Run the installer again",
        ),
        (
            "import struct; out.write(struct.pack('<4sIIQ', b'INPT', 1, 2, 1 << 60) + b'{}'); out.flush()",
            "The engine cannot be understood. A payload of 1152921504606846976 bytes is over the limit",
        ),
        (
            "import struct; out.write(struct.pack('<4sIIQ', b'INPT', 1, 1 << 31, 0)); out.flush()",
            "The engine cannot be understood. A header of 2147483648 bytes is over the limit",
        ),
        ("print('hello from a library, which is no frame'); sys.stdout.flush()", "What came is no frame"),
        ("say('result')", "The engine's answer is not what was asked for."),
        (
            "say('result', {'image': RawArray('uint8', (2, 2), bytes(4))})",
            "The engine's answer is not what was asked for.",
        ),
    ],
)
def test_an_engine_that_misbehaves_is_told_in_words(
    engine: ModuleType, folder: Path, body: str, words: str
) -> None:
    put_engine(folder, body)
    message = why_not(engine, folder)
    assert words in message
    assert message.endswith(".")


def test_a_silent_engine_is_ended(engine: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "START_SECONDS", 5.0)
    monkeypatch.setattr(engine, "SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(engine, "LEAVE_SECONDS", 0.3)
    put_engine(folder, "say('alive'); time.sleep(600)")
    assert "The engine has said nothing for 0 seconds and was ended" in why_not(engine, folder)


def test_an_engine_that_takes_nothing_in_is_ended(
    engine: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "START_SECONDS", 0.5)
    put_engine(folder, "import time; time.sleep(600)", after_request=False)
    assert "has said nothing" in why_not(engine, folder, side=2048)  # more than a pipe holds


def test_an_engine_that_dies_while_it_is_sent_a_picture(engine: ModuleType, folder: Path) -> None:
    put_engine(folder, "import sys; sys.exit(4)", after_request=False)
    assert "(status 4)" in why_not(engine, folder, side=2048)


def test_a_python_that_cannot_be_run(engine: ModuleType, folder: Path) -> None:
    put_engine(folder, "")
    (folder.parent / "python").chmod(0o644)
    assert "does not start" in why_not(engine, folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"python": 1}', "\udcff"])
def test_a_damaged_pointer_names_the_one_command(engine: ModuleType, folder: Path, text: str) -> None:
    (folder / "engine.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(engine.EngineError, match="python3 install"):
        engine.find_python(folder)


def test_the_engine_does_not_see_gimps_own_libraries(engine: ModuleType) -> None:
    place = sys.modules["engine_place"]
    bundle = {
        "LD_PRELOAD": "/app/libgimp.so",
        "LD_LIBRARY_PATH": "/app/lib",
        "DYLD_LIBRARY_PATH": "/app/lib",
        "PYTHONHOME": "/app",
        "PYTHONPATH": "/app/lib/python",
        "GI_TYPELIB_PATH": "/app/lib/girepository-1.0",
    }
    kept = {"PATH": "/usr/bin", "HOME": "/home/artist", "LD_BIND_NOW": "1"}
    assert place.clean_environment(bundle | kept) == kept


def test_the_log_of_a_broken_engine_is_known(engine: ModuleType) -> None:
    assert sys.modules["engine_place"].log_file() == log_file()
