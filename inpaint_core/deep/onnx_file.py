"""What an ``.onnx`` file is made of, read without running or believing it.

A model file is untrusted input. Before ONNX Runtime opens one, the file is walked here: it must be whole, of
a sane size, made of ONNX's own operators, and any data that it keeps in other files must lie in its own
folder. The walk reads protobuf's wire format (a few rules, see protobuf.dev/programming-guides/encoding) over
a memory map and steps over the weights: 200 MB take a tenth of a second. The `onnx` package would copy the
whole of it, and would be one more large library for these hundred lines.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.deep.cards import MAX_MODEL_BYTES
from inpaint_core.errors import InputError

MAX_FIELDS = 1_000_000
MAX_DEPTH = 32
DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Where operators that ONNX Runtime brings itself come from; others would need a library of somebody's."""
LOADS_FILES = frozenset({"EPContext"})
"""Operators that make a provider load a compiled file of its own."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZE = {_FIXED64: 8, _FIXED32: 4}
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "tensor": {13: "entry"},
    "entry": {},
}
"""The messages of onnx.proto in which nodes and tensors can be, by field number."""
_RAW_DATA, _EXTERNAL_DATA, _DATA_LOCATION = 9, 13, 14


class _Broken(Exception):  # noqa: N818 - becomes a sentence in `_said_of`
    """The bytes are not what a whole ONNX file has."""


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    value: int | memoryview
    whole: memoryview

    @property
    def text(self) -> str:
        if isinstance(self.value, int):
            raise _Broken
        try:
            return str(self.value, "utf-8")
        except UnicodeDecodeError:
            raise _Broken from None


@dataclass(frozen=True, slots=True)
class _Message:
    kind: str
    fields: tuple[_Field, ...]

    def text(self, number: int) -> str:
        return next((item.text for item in self.fields if item.number == number), "")


@dataclass(frozen=True, slots=True)
class _External:
    """A tensor's data in another file."""

    path: Path
    offset: int
    length: int


def check(path: Path) -> bool:
    """Refuse a model file that must not be opened; tell whether its weights lie in other files.

    Raises
    ------
    InputError
        When the file is missing, empty, cut short, no ONNX model, larger than `MAX_MODEL_BYTES`, uses
        operators of a custom library, or names data outside its own folder.
    """
    with _said_of(path):
        messages = tuple(_walk(_map(path)))
        if not any(message.kind == "node" for message in messages):
            raise InputError(f"{path.name} holds no network: it has no operators. Get another file.")
        _check_operators(messages, path)
        return bool([_external(message, path) for message in messages if _is_external(message)])


def write_whole(path: Path, target: Path) -> None:
    """Write a checked model as one file, with the data that it keeps in other files put inside.

    Raises
    ------
    InputError
        As `check` does, and when the whole is larger than `MAX_MODEL_BYTES`.
    OSError
        When `target` cannot be written.
    """
    with _said_of(path):
        chunks = _rewritten(_map(path), "model", path)
    size = sum(len(chunk) for chunk in chunks)
    if size > MAX_MODEL_BYTES:
        raise InputError(f"{path.name} and its data are {_size(size)}; a model has at most {_size()}.")
    with target.open("wb") as file:
        file.writelines(chunks)


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Say in a sentence that the file's bytes make no sense."""
    try:
        yield
    except _Broken:
        raise InputError(f"{path.name} is no ONNX model, or it is cut short; get it once more.") from None


def _map(path: Path) -> memoryview:
    """Map the file into memory; it is closed when the last part of it is forgotten."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the .onnx file in it.")
    if path.exists() and not path.is_file():  # to open a pipe would wait for its other end
        raise InputError(f"{path} is no file on a disk; name an .onnx file.")
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > MAX_MODEL_BYTES:
                raise InputError(f"{path.name} is {_size(size)}; a model has at most {_size()}.")
            if size == 0:
                raise InputError(f"{path.name} is empty, so it is no model.")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


def _size(size: int = MAX_MODEL_BYTES) -> str:
    return f"{size / (1 << 30):.1f} GiB"


def _fields(view: memoryview) -> Iterator[_Field]:
    """Split a message into its fields."""
    position = 0
    while position < len(view):
        begin = position
        key, position = _varint(view, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(view, position)
            yield _Field(number, value, view[begin:position])
            continue
        if kind == _BYTES:
            size, position = _varint(view, position)
        elif kind in _FIXED_SIZE:
            size = _FIXED_SIZE[kind]
        else:
            raise _Broken
        if size > len(view) - position:
            raise _Broken
        content, position = view[position : position + size], position + size
        yield _Field(number, content, view[begin:position])


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(view):
            raise _Broken
        byte = view[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _Broken


def _walk(view: memoryview) -> Iterator[_Message]:
    """Yield every message of the model that matters here, outer ones first."""
    waiting: list[tuple[memoryview, str, int]] = [(view, "model", 0)]
    seen = 0
    while waiting:
        content, kind, depth = waiting.pop()
        fields = []
        for item in _fields(content):
            seen += 1
            if seen > MAX_FIELDS or depth > MAX_DEPTH:
                raise _Broken
            fields.append(item)
            child = _CHILDREN[kind].get(item.number)
            if child is not None:
                if isinstance(item.value, int):
                    raise _Broken
                waiting.append((item.value, child, depth + 1))
        if kind == "model" and not any(item.number == 7 for item in fields):
            raise _Broken
        yield _Message(kind, tuple(fields))


def _check_operators(messages: tuple[_Message, ...], path: Path) -> None:
    """Refuse operators that are neither ONNX's, nor ONNX Runtime's, nor functions of the model itself."""
    own = {(each.text(10), each.text(1)) for each in messages if each.kind == "function"}
    for node in messages:
        if node.kind != "node":
            continue
        domain, operator = node.text(7), node.text(4)
        if operator in LOADS_FILES or (domain not in DOMAINS and (domain, operator) not in own):
            raise InputError(
                f"{path.name} needs the operator {operator!r} of {domain!r}, which is no part of ONNX; "
                "libraries of operators are not loaded. Export the model with standard operators."
            )


def _is_external(message: _Message) -> bool:
    return message.kind == "tensor" and any(
        item.number == _EXTERNAL_DATA or (item.number == _DATA_LOCATION and item.value == 1)
        for item in message.fields
    )


def _external(tensor: _Message, path: Path) -> _External:
    """Return where a tensor's data is, or refuse it."""
    entries = {
        entry.text(1): entry.text(2)
        for entry in (
            _Message("entry", tuple(_fields(item.value)))
            for item in tensor.fields
            if item.number == _EXTERNAL_DATA and not isinstance(item.value, int)
        )
    }
    location = entries.get("location", "")
    folder = path.resolve().parent
    try:
        file = (folder / location).resolve()
        offset, length = int(entries.get("offset", "0")), int(entries.get("length", "-1"))
    except (ValueError, OSError):
        raise _Broken from None
    if not location or not file.is_relative_to(folder):
        raise InputError(
            f"{path.name} wants to read {location!r}, which is outside its own folder; that is not allowed."
        )
    if not file.is_file():
        raise InputError(f"{path.name} keeps data in {location!r}, which is missing beside it; get that too.")
    available = file.stat().st_size - offset
    length = available if length < 0 else length
    if offset < 0 or length > available:
        raise InputError(f"{location} is shorter than {path.name} says; get it once more.")
    return _External(file, offset, length)


def _rewritten(view: memoryview, kind: str, path: Path) -> list[bytes | memoryview]:
    """Return a message in pieces, with external data turned into a tensor's own."""
    fields = tuple(_fields(view))
    message = _Message(kind, fields)
    external = _external(message, path) if _is_external(message) else None
    pieces: list[bytes | memoryview] = []
    for item in fields:
        child = _CHILDREN[kind].get(item.number)
        if external is not None and item.number in {_EXTERNAL_DATA, _DATA_LOCATION}:
            continue
        if child is None or isinstance(item.value, int):
            pieces.append(item.whole)
        else:
            pieces += _enclosed(item.number, _rewritten(item.value, child, path))
    if external is not None:
        pieces += _enclosed(_RAW_DATA, [_read(external)])
    return pieces


def _enclosed(number: int, pieces: list[bytes | memoryview]) -> list[bytes | memoryview]:
    return [_as_varint(number << 3 | _BYTES), _as_varint(sum(map(len, pieces))), *pieces]


def _as_varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def _read(external: _External) -> bytes:
    with external.path.open("rb") as file:
        file.seek(external.offset)
        return file.read(external.length)
