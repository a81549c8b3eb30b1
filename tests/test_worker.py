"""The worker as the plug-in sees it: a real process, real frames."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inpaint_core import find_spots, inpaint
from inpaint_core.cores import threads
from inpaint_core.deep import store
from inpaint_core.places import log_file
from inpaint_core.wire import MAGIC, VERSION, Frame, RawArray, WireError, read_frame, write_frame

ENDS = ("result", "models", "failure")
"""The types of a request's last answer."""
ENDS_WITHIN = 1.0
"""Seconds that a busy machine may take to end a process."""


def raw(array: np.ndarray) -> RawArray:
    return RawArray(array.dtype.name, array.shape, array.tobytes())


def fill_request(image: np.ndarray, mask: np.ndarray, **header: Any) -> Frame:
    arrays = {"image": raw(image), "mask": raw(mask)}
    return Frame({"type": "fill", "id": 1, **header}, arrays)


def picture(side: int = 48) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:side, :side]
    image = np.stack([128 + 80 * np.sin(x / 5), 128 + 80 * np.cos(y / 7), 90 + x], axis=2).astype(np.uint8)
    mask = np.zeros((side, side), bool)
    mask[side // 3 : side // 2, side // 3 : side // 2] = True
    return image, mask


def long_job() -> Frame:
    """Return a request that keeps the worker busy for many seconds: noise has no quick answer."""
    image = np.random.default_rng(0).random((2200, 2200, 3), np.float32)
    mask = np.zeros(image.shape[:2], bool)
    mask[200:2000, 200:2000] = True
    return fill_request(image, mask, method="patch")


@contextmanager
def worker(environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "inpaint_core.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):  # what was never flushed has no reader
                stream.close()


def answers(process: subprocess.Popen[bytes]) -> Iterator[Frame]:
    while (frame := read_frame(process.stdout)) is not None:
        yield frame


def final(process: subprocess.Popen[bytes]) -> Frame:
    return next(frame for frame in answers(process) if frame.header["type"] in ENDS)


def ask(process: subprocess.Popen[bytes], request: Frame) -> Frame:
    write_frame(process.stdin, request)
    return final(process)


def to_array(array: RawArray) -> np.ndarray:
    return np.frombuffer(array.data, array.dtype).reshape(array.shape)


@pytest.fixture(scope="module")
def shared() -> Iterator[subprocess.Popen[bytes]]:
    """One process for the tests that leave it running."""
    with worker() as process:
        yield process


@pytest.mark.parametrize("method", ["auto", "patch", "harmonic"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_answers_what_inpaint_answers(shared: subprocess.Popen[bytes], method: str, dtype: str) -> None:
    image, mask = picture()
    image = image.astype(dtype) if dtype == "uint8" else (image / 255).astype(dtype)
    answer = ask(shared, fill_request(image, mask, method=method, seed=5))
    assert answer.header["type"] == "result", answer.header
    assert answer.header["method"] == ("non-local-bayes" if method == "auto" else method)
    assert np.array_equal(to_array(answer.arrays["image"]), inpaint(image, mask, method, seed=5))


def test_further_seeds_are_filled_with_on_further_cores(shared: subprocess.Popen[bytes]) -> None:
    image, mask = picture()
    answer = ask(shared, fill_request(image, mask, method="patch", seed=5, also=[6, 5, 9]))
    seeds = [5, *answer.header["also"]]
    assert set(answer.header["also"]) == {6, 5, 9}.intersection([6, 5, 9][: threads() - 1]) - {5}
    assert list(answer.arrays) == ["image", *(f"image-{seed}" for seed in seeds[1:])]
    for seed, filled in zip(seeds, answer.arrays.values(), strict=True):
        assert np.array_equal(to_array(filled), inpaint(image, mask, "patch", seed=seed))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="a process cannot be kept to one core here")
def test_on_one_core_no_further_seed_is_filled_with() -> None:
    with worker() as process:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        answer = ask(process, fill_request(*picture(), method="harmonic", also=[6]))
    assert answer.header["also"] == []
    assert list(answer.arrays) == ["image"]


def test_tells_what_was_chosen_and_why(shared: subprocess.Popen[bytes]) -> None:
    image, mask = picture()
    header = ask(shared, fill_request(image, mask)).header
    assert header["label"].endswith(" (thin)")
    assert "; thin, at most 8 pixels wide" in header["explanation"]
    assert header["steps"][0]["pixels"] == mask.sum()


@pytest.mark.parametrize("source", ["whole", 20, 33.5])
def test_the_source_may_be_a_word_or_a_radius(shared: subprocess.Popen[bytes], source: str | float) -> None:
    image, mask = picture()
    answer = ask(shared, fill_request(image, mask, method="patch", source=source))
    assert np.array_equal(to_array(answer.arrays["image"]), inpaint(image, mask, "patch", source=source))


def test_passes_the_source_and_the_options_on(shared: subprocess.Popen[bytes]) -> None:
    image, mask = picture()
    source = np.zeros_like(mask)
    source[:, 30:] = True
    request = fill_request(image, mask, method="patch", options={"patch_size": 5})
    request = Frame(request.header, {**request.arrays, "source": raw(source)})
    answer = ask(shared, request)
    assert np.array_equal(
        to_array(answer.arrays["image"]), inpaint(image, mask, "patch", source=source, patch_size=5)
    )


def test_passes_exclusion_and_reference_on_and_tells_the_source(shared: subprocess.Popen[bytes]) -> None:
    image, mask = picture()
    excluded = np.zeros_like(mask)
    excluded[:, :9] = True
    request = fill_request(image, mask, method="patch", area=True)
    arrays = {"exclude": raw(excluded), "reference": raw(image[::-1].copy())}
    answer = ask(shared, Frame(request.header, {**request.arrays, **arrays}))
    wanted = inpaint(image, mask, "patch", exclude=excluded, reference=image[::-1])
    assert np.array_equal(to_array(answer.arrays["image"]), wanted)
    assert np.array_equal(to_array(answer.arrays["area"]), ~excluded)


def test_finds_spots(shared: subprocess.Popen[bytes]) -> None:
    image = np.full((60, 70, 3), 128, np.uint8)
    image[20:23, 30:33] = image[40:43, 50:53] = 255
    within = np.zeros((60, 70), np.uint8)
    within[:, :40] = 255
    header = {"type": "spots", "id": 1, "options": {"tone": "light"}}
    answer = ask(shared, Frame(header, {"image": raw(image), "mask": raw(within)}))
    assert answer.header["count"] == 1
    assert np.array_equal(to_array(answer.arrays["mask"]), find_spots(image, within))
    refused = ask(
        shared, Frame({**header, "options": {"size": 0}}, {"image": raw(image), "mask": raw(within)})
    )
    assert "size is a whole number" in refused.header["message"]


def test_tells_the_models(shared: subprocess.Popen[bytes]) -> None:
    answer = ask(shared, Frame({"type": "models", "id": 0}))
    assert answer.header["models"] == {model.card.id: model.card.title for model in store.installed()}
    assert answer.header["default"] in answer.header["models"]


def test_the_heartbeat_comes_ten_times_a_second_and_the_fraction_grows() -> None:
    with worker() as process:
        write_frame(process.stdin, long_job())
        beats, fractions = [], []
        for frame in answers(process):
            if frame.header["type"] == "progress":
                assert frame.header["stage"]
                fractions.append(frame.header["fraction"])
            beats.append(time.monotonic())
            seconds = beats[-1] - beats[0]
            if (seconds > 2.0 and len(set(fractions)) > 3) or seconds > 30.0:
                break
    assert len(beats) >= 10 * seconds
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 3


def test_end_of_input_ends_the_process_in_the_middle_of_a_fill() -> None:
    with worker() as process:
        write_frame(process.stdin, long_job())
        next(frame for frame in answers(process) if frame.header["type"] == "progress")
        process.stdin.close()
        assert process.wait(ENDS_WITHIN) == 0


def test_end_of_input_ends_an_idle_process() -> None:
    with worker() as process:
        ask(process, fill_request(*picture(), method="harmonic"))
        process.stdin.close()
        assert process.wait(ENDS_WITHIN) == 0


def test_a_reader_that_is_gone_ends_the_process() -> None:
    with worker() as process:
        write_frame(process.stdin, long_job())
        next(answers(process))
        process.stdout.close()
        assert process.wait(ENDS_WITHIN) is not None


def seconds_of_work(process: int) -> float:
    """Return what a process has computed, whatever else is at work; 0 where that is not told."""
    if sys.platform != "linux":
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_cancelled_run_fails_and_the_next_one_is_served() -> None:
    image, mask = picture()
    with worker() as process:
        job = long_job()
        write_frame(process.stdin, Frame({**job.header, "also": [1, 2]}, job.arrays))
        next(
            frame
            for frame in answers(process)
            if frame.header["type"] == "progress" and frame.header["fraction"]
        )
        before = seconds_of_work(process.pid)
        write_frame(process.stdin, Frame({"type": "cancel", "id": 1}))
        answer = final(process)
        assert (answer.header["type"], answer.header["kind"]) == ("failure", "Cancelled")
        assert seconds_of_work(process.pid) - before <= 0.3 * threads(), "it went on, at all its seeds"
        answer = ask(
            process, Frame({**fill_request(image, mask).header, "id": 2}, fill_request(image, mask).arrays)
        )
        assert (answer.header["type"], answer.header["id"]) == ("result", 2)


@pytest.mark.parametrize(
    ("header", "kind", "words"),
    [
        ({"method": "magic"}, "InputError", "no method"),
        ({"method": "harmonic", "options": {"patch_size": 7}}, "InputError", "no option patch_size"),
        ({"method": "patch", "options": {"source": True}}, "InputError", "no option source"),
        ({"method": "patch", "options": {"patch_size": 4096}}, "InputError", "patch_size is"),
        ({"options": []}, "InputError", "an object"),
        ({"seed": -1}, "InputError", "seed"),
        ({"seed": "x"}, "InputError", "whole number"),
        ({"also": 6}, "InputError", "a list of whole numbers"),
        ({"also": [True, "x"]}, "InputError", "a list of whole numbers"),
        ({"source": "moon"}, "InputError", "not the word 'moon'"),
        ({"source": -3}, "InputError", "from 1 to"),
        ({"source": [1]}, "InputError", "or an array"),
        ({"type": "paint"}, "InputError", "knows no request"),
        ({"engine": "0.0.0"}, "InputError", "Run the installer again"),
    ],
)
def test_a_bad_request_gets_a_sentence(
    shared: subprocess.Popen[bytes], header: dict[str, Any], kind: str, words: str
) -> None:
    answer = ask(shared, fill_request(*picture(), **header))
    assert answer.header["type"] == "failure"
    assert answer.header["kind"] == kind
    assert words in answer.header["message"]
    assert answer.header["message"].endswith(".")


def test_nothing_to_take_content_from_is_told_apart(shared: subprocess.Popen[bytes]) -> None:
    image, mask = picture()
    answer = ask(shared, fill_request(image, np.ones_like(mask)))
    assert answer.header["kind"] == "NoSourceError"


def test_a_request_without_a_picture_gets_a_sentence(shared: subprocess.Popen[bytes]) -> None:
    answer = ask(shared, Frame({"type": "fill", "id": 1}))
    assert "lacks the picture" in answer.header["message"]


def other_version() -> bytes:
    return struct.pack("<4sIIQ", MAGIC, VERSION + 1, 2, 0) + b"{}"


def absurd_sizes() -> bytes:
    return struct.pack("<4sIIQ", MAGIC, VERSION, 2**32 - 1, 2**63)


def cut_short() -> bytes:
    stream = io.BytesIO()
    write_frame(stream, fill_request(*picture()))
    return stream.getvalue()[:-100]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (other_version(), "Run the installer again"),
        (absurd_sizes(), "over the limit"),
        (cut_short(), "cut short"),
        (b"GET / HTTP/1.1\r\n\r\n some more", "no frame"),
    ],
)
def test_what_is_no_frame_is_refused_and_ends_the_process(sent: bytes, words: str) -> None:
    with worker() as process:
        process.stdin.write(sent)
        process.stdin.close()
        answer = final(process)
        assert answer.header["kind"] == "WireError"
        assert words in answer.header["message"]
        assert process.wait(ENDS_WITHIN) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="the log's place comes from the registry there")
def test_what_a_library_prints_goes_to_the_log(tmp_path: Path) -> None:
    chatty = tmp_path / "sitecustomize.py"
    chatty.write_text(
        "import threading, os, sys\n"
        "def talk():\n"
        "    while not os.path.exists(os.environ['TALK']): pass\n"
        "    print('printed by a library'); os.system('echo printed by its child')\n"
        "threading.Thread(target=talk, daemon=True).start()\n"
    )
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    talk = tmp_path / "talk"
    environment = {**home, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path.cwd())]), "TALK": str(talk)}
    with worker(environment) as process:
        assert ask(process, fill_request(*picture(), method="harmonic")).header["type"] == "result"
        talk.touch()
        time.sleep(0.5)
        assert ask(process, fill_request(*picture(), method="harmonic")).header["type"] == "result"
    logs = list((tmp_path / "state").rglob(log_file().name))
    assert len(logs) == 1
    assert "printed by a library" in logs[0].read_text()
    assert "printed by its child" in logs[0].read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_killed_worker_leaves_a_cut_stream() -> None:
    with worker() as process:
        write_frame(process.stdin, long_job())
        next(answers(process))
        process.send_signal(signal.SIGKILL)
        seen = []
        with suppress(WireError):  # where the cut falls inside a frame
            seen.extend(frame.header["type"] for frame in answers(process))
        assert set(seen) <= {"alive", "progress"}
        assert process.wait(ENDS_WITHIN) == -signal.SIGKILL
