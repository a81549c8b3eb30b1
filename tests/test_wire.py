"""Frames arrive as they were sent, and what is no frame is refused before anything is allocated."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core import wire
from inpaint_core.wire import Frame, RawArray, WireError, read_frame, write_frame

PREAMBLE = struct.Struct("<4sIIQ")

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
headers = st.dictionaries(st.text(max_size=8).filter(lambda key: key != "arrays"), json_values, max_size=4)


@st.composite
def raw_arrays(draw: st.DrawFn) -> RawArray:
    dtype = draw(st.sampled_from(sorted(wire.ITEM_SIZE)))
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
    size = wire.ITEM_SIZE[dtype]
    for side in shape:
        size *= side
    return RawArray(dtype, shape, draw(st.binary(min_size=size, max_size=size)))


frames = st.builds(Frame, headers, st.dictionaries(st.text(max_size=6), raw_arrays(), max_size=3))


def sent(frame: Frame) -> bytes:
    stream = io.BytesIO()
    write_frame(stream, frame)
    return stream.getvalue()


def raw_frame(content: Any, data: bytes = b"", **preamble: Any) -> bytes:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = {
        "magic": wire.MAGIC,
        "version": wire.VERSION,
        "header": len(text),
        "payload": len(data),
        **preamble,
    }
    return PREAMBLE.pack(*fields.values()) + text + data


@given(st.lists(frames, max_size=3))
def test_frames_arrive_as_they_were_sent(several: list[Frame]) -> None:
    stream = io.BytesIO(b"".join(sent(frame) for frame in several))
    for frame in several:
        received = read_frame(stream)
        assert received is not None
        assert {**received.header, "arrays": None} == {**frame.header, "arrays": None}
        assert received.arrays == frame.arrays
        assert list(received.arrays) == list(frame.arrays)
    assert read_frame(stream) is None


@given(frames, st.data())
def test_a_frame_cut_anywhere_is_no_frame(frame: Frame, data: st.DataObject) -> None:
    whole = sent(frame)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(WireError, match="cut short"):
        read_frame(io.BytesIO(whole[:cut]))


@given(st.binary(min_size=1, max_size=64))
def test_any_other_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(WireError):
        read_frame(io.BytesIO(data))


@given(st.binary(max_size=40))
def test_any_other_header_is_refused_and_nothing_else_happens(text: bytes) -> None:
    try:
        frame = read_frame(io.BytesIO(raw_frame(text)))
    except WireError:
        return
    assert frame is not None
    assert isinstance(frame.header, dict)


class Trickle(io.RawIOBase):
    """A pipe that gives one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._data.read(1)
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_slow_pipe_is_waited_for() -> None:
    frame = Frame({"type": "fill"}, {"image": RawArray("uint16", (2, 3), bytes(range(12)))})
    received = read_frame(io.BufferedReader(Trickle(sent(frame)), 1))
    assert received is not None
    assert received.arrays == frame.arrays


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (raw_frame({}, header=wire.MAX_HEADER + 1), "header of 1048577 bytes is over the limit"),
        (raw_frame({}, header=2**32 - 1), "over the limit"),
        (raw_frame({}, payload=2**64 - 1), "payload of 18446744073709551615 bytes is over the limit"),
        (raw_frame({}, payload=wire.MAX_PAYLOAD), "arrays need 0 bytes, the frame announces 17179869184"),
        (
            raw_frame({"arrays": [{"name": "image", "dtype": "uint8", "shape": [2**30, 2**30]}]}),
            "which no picture has",
        ),
        (
            raw_frame({"arrays": [{"name": "image", "dtype": "float64", "shape": [500_000, 500_000]}]}),
            "the frame announces 0",
        ),
    ],
)
def test_absurd_sizes_are_refused_before_anything_is_allocated(data: bytes, words: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match=words):
            read_frame(io.BytesIO(data))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("text", "arrays are not a list"),
        ([3], "no JSON object|not a JSON object"),
        ([{"name": "image"}], "without name, dtype and shape"),
        ([{"name": "image", "dtype": "object", "shape": []}], "dtype 'object'"),
        ([{"name": "image", "dtype": "uint8", "shape": [1, 1, 1, 1]}], "which no picture has"),
        ([{"name": "image", "dtype": "uint8", "shape": [-1]}], "which no picture has"),
        ([{"name": "image", "dtype": "uint8", "shape": [True]}], "which no picture has"),
        ([{"name": "image", "dtype": "uint8", "shape": [1.0]}], "which no picture has"),
        ([{"name": "image", "dtype": "uint8", "shape": [0]}] * 2, "twice"),
    ],
)
def test_a_wrong_listing_is_refused_in_words(listed: Any, words: str) -> None:
    with pytest.raises(WireError, match=words):
        read_frame(io.BytesIO(raw_frame({"arrays": listed})))


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_header_that_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(WireError, match="JSON"):
        read_frame(io.BytesIO(raw_frame(text)))


@pytest.mark.parametrize("version", [0, wire.VERSION + 1, 2**32 - 1])
def test_another_version_is_told_to_install_again(version: int) -> None:
    with pytest.raises(WireError, match=f"speaks version {version} .* Run the installer again"):
        read_frame(io.BytesIO(raw_frame({}, version=version)))


def test_unknown_keys_are_ignored() -> None:
    listed = [{"name": "a", "dtype": "uint8", "shape": [2], "colour": "red"}]
    frame = read_frame(io.BytesIO(raw_frame({"type": "fill", "arrays": listed, "news": 1}, b"ab")))
    assert frame is not None
    assert bytes(frame.arrays["a"].data) == b"ab"
    assert frame.header["news"] == 1


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame({}, {"a": RawArray("uint8", (3,), b"ab")}), "has 2 bytes, its shape 3"),
        (Frame({}, {"a": RawArray("int7", (3,), b"ab")}), "dtype 'int7'"),
        (Frame({"text": "x" * wire.MAX_HEADER}), "over the limit"),
    ],
)
def test_what_the_reader_would_refuse_is_not_sent(frame: Frame, words: str) -> None:
    stream = io.BytesIO()
    with pytest.raises(WireError, match=words):
        write_frame(stream, frame)
    assert stream.getvalue() == b""
