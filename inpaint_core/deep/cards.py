"""Model cards: what a network is, where it comes from, and how it wants to be spoken to.

A model is an ``.onnx`` file and a card beside it, TOML of the same name. The card is this tree of
dataclasses, key by key::

    Card
    ├── format, id, title, description
    ├── weights: Weights                licence, origin, size and checksum of the file
    └── contract: Contract              layout, colours, batch, packed, composites, dilate
        ├── size: Size                  fixed, or a multiple of something
        ├── image: ImageInput           name, dtype, the values of black and white
        ├── mask: MaskInput             name, dtype, the values of "fill" and "keep"
        └── output: Output              name, the values of black and white

A card that exists is valid: whatever is wrong with one is said in a sentence when it is made. `deep.contract`
is the only place that acts on a contract.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from inpaint_core.errors import InputError

FORMAT = 1
MAX_CARD_BYTES = 1 << 16

KEPT_CARDS = 64
"""Cards that need not be read anew for the next fill."""
MAX_TEXT = 2000
MAX_MODEL_BYTES = 1 << 31
"""The largest model file: what one ONNX file without external data can be."""
MAX_SIDE = 8192
MAX_VALUE = 65504.0
"""The largest float16, so that every range can be fed in every dtype."""

Layout = Literal["nchw", "nhwc"]
Colours = Literal["rgb", "bgr"]
Dtype = Literal["float32", "float16", "uint8"]
Packing = Literal["", "mask-image", "image-mask"]

_ID = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")  # Windows keeps these names for devices
_URL = re.compile(r"https://[^/\s]+/\S+|http://(127\.0\.0\.1|localhost)(:\d+)?/\S+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORDS: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: f"a number from {-MAX_VALUE:g} to {MAX_VALUE:g}",
    tuple: "a list of two whole numbers, height and width",
}

Table = TypeVar("Table")


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the model file comes from, and how to recognise it.

    Attributes
    ----------
    licence
        Of the weights, not of the code: an SPDX identifier, or a sentence.
    bytes, sha256
        Of the ``.onnx`` file; 0 and empty in a card that is still to be added with its file.
    url
        The file's address, https (http on this machine itself); empty for one that was not fetched.
    revision
        Of the address, where it has one.
    trained_on
        The data it learned from, in words.
    """

    licence: str
    bytes: int = 0
    sha256: str = ""
    url: str = ""
    revision: str = ""
    trained_on: str = ""

    def __post_init__(self) -> None:
        _check_texts(self)
        _refuse(not self.licence, "weights.licence is empty; where it is unknown, say so in a word")
        _refuse(
            not 0 <= self.bytes <= MAX_MODEL_BYTES,
            f"weights.bytes is at most {MAX_MODEL_BYTES}, not {self.bytes}",
        )
        _refuse(
            self.sha256 != "" and not _SHA256.fullmatch(self.sha256),
            f"weights.sha256 is 64 hexadecimal digits in lower case, not {self.sha256!r}",
        )
        _refuse(
            self.url != "" and not _URL.fullmatch(self.url),
            f"weights.url is an address that begins with https://, not {self.url!r}",
        )
        _refuse((self.bytes == 0) != (self.sha256 == ""), "weights has bytes and sha256, or neither")

    @property
    def is_pinned(self) -> bool:
        """Whether the file can be recognised."""
        return self.sha256 != ""


@dataclass(frozen=True, slots=True)
class Size:
    """The sizes of picture that the network takes.

    Attributes
    ----------
    fixed
        (height, width) if it takes no other; (0, 0) if it takes many.
    multiple
        Else: height and width are multiples of it, and no less than `minimum`.
    preferred
        The side, in pixels, at which the network is at its best; 0 if nobody knows.
    """

    fixed: tuple[int, int] = (0, 0)
    multiple: int = 1
    minimum: int = 1
    preferred: int = 0

    def __post_init__(self) -> None:
        sides = [
            ("multiple", 1, self.multiple),
            ("minimum", 1, self.minimum),
            ("preferred", 0, self.preferred),
        ]
        if self.is_fixed:
            sides += [("fixed", 1, side) for side in self.fixed]
            _refuse(
                (self.multiple, self.minimum) != (1, 1),
                "contract.size has fixed, so multiple and minimum say nothing; remove them",
            )
        for name, low, side in sides:
            _refuse(
                not low <= side <= MAX_SIDE, f"contract.size.{name} is from {low} to {MAX_SIDE}, not {side}"
            )

    @property
    def is_fixed(self) -> bool:
        """Whether the network takes one size alone."""
        return self.fixed != (0, 0)


@dataclass(frozen=True, slots=True)
class ImageInput:
    """How the picture is fed.

    Attributes
    ----------
    input
        The name of the network's input.
    dtype
        Of the input.
    black, white
        The values that 0 and 1 become; what lies between is linear.
    hole
        The value fed inside the hole, in the input's own range; None feeds the picture as it is.
    """

    input: str
    dtype: Dtype = "float32"
    black: float = 0.0
    white: float = 1.0
    hole: float | None = None

    def __post_init__(self) -> None:
        _check_name(self.input, "contract.image.input")
        _check_values(self, "contract.image", ("black", "white"), self.dtype)
        if self.hole is not None:
            _check_value(self.hole, "contract.image.hole", self.dtype)


@dataclass(frozen=True, slots=True)
class MaskInput:
    """How the mask is fed: one channel that holds one of two values.

    Attributes
    ----------
    input
        The name of the network's input.
    dtype
        Of the input.
    hole, known
        The values that say "fill" and "keep".
    """

    input: str
    dtype: Dtype = "float32"
    hole: float = 1.0
    known: float = 0.0

    def __post_init__(self) -> None:
        _check_name(self.input, "contract.mask.input")
        _check_values(self, "contract.mask", ("hole", "known"), self.dtype)


@dataclass(frozen=True, slots=True)
class Output:
    """How the answer is read: `black` and `white` are the values that mean 0 and 1."""

    name: str
    black: float = 0.0
    white: float = 1.0

    def __post_init__(self) -> None:
        _check_name(self.name, "contract.output.name")
        _check_values(self, "contract.output", ("black", "white"), "float32")


@dataclass(frozen=True, slots=True)
class Contract:
    """How a network wants to be spoken to.

    Attributes
    ----------
    layout
        Order of the axes, of inputs and output.
    colours
        Order of the colours, of input and output.
    batch
        Whether the tensors have the batch axis; it is always fed with one picture.
    packed
        Where one input takes picture and mask as four channels: which of the two comes first. Empty where
        they are two inputs.
    composites
        Whether the network gives the known pixels back as they were.
    dilate
        By how many pixels, of those the network sees, the hole is grown before it is fed.
    """

    image: ImageInput
    mask: MaskInput
    output: Output
    size: Size = field(default_factory=Size)
    layout: Layout = "nchw"
    colours: Colours = "rgb"
    batch: bool = True
    packed: Packing = ""
    composites: bool = False
    dilate: int = 0

    def __post_init__(self) -> None:
        _refuse(not 0 <= self.dilate <= 64, f"contract.dilate is from 0 to 64, not {self.dilate}")
        if self.packed:
            _refuse(
                (self.image.input, self.image.dtype) != (self.mask.input, self.mask.dtype),
                "contract.packed is set, so image and mask have the same input and dtype",
            )
        else:
            _refuse(
                self.image.input == self.mask.input,
                f"image and mask share the input {self.image.input}; contract.packed then tells their order",
            )


@dataclass(frozen=True, slots=True)
class Card:
    """A model, told apart by its `id`: lower-case letters and digits, joined by ``-`` or ``_``."""

    id: str
    title: str
    weights: Weights
    contract: Contract
    description: str = ""
    format: int = FORMAT

    def __post_init__(self) -> None:
        _refuse(
            self.format != FORMAT,
            f"format is {self.format}, and this engine reads {FORMAT}; update the engine or the card",
        )
        check_id(self.id)
        _check_texts(self)
        _refuse(not self.title, "title is empty")


def check_id(name: str) -> str:
    """Return `name` if it can be the id of a model, else raise `InputError`."""
    if not _ID.fullmatch(name) or _RESERVED.fullmatch(name) or len(name) > 64:
        raise InputError(
            "A model's id is made of lower-case letters and digits, joined by - or _, for instance my-lama; "
            f"{name!r} cannot be one."
        )
    return name


def load(path: Path) -> Card:
    """Read a card from a TOML file.

    Raises
    ------
    InputError
        When the file cannot be read, is no TOML, or is no valid card: a key is unknown, missing or of
        another type, or values contradict each other.
    """
    if path.exists() and not path.is_file():  # to open a pipe would wait for its other end
        raise InputError(f"The card {path} cannot be read: it is no file on a disk.")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CARD_BYTES + 1)
    except OSError as error:
        raise InputError(f"The card {path} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_CARD_BYTES:
        raise InputError(f"The card {path} is larger than {MAX_CARD_BYTES} bytes, so it is none.")
    return parse(data, str(path))


@lru_cache(KEPT_CARDS)
def parse(data: bytes, name: str) -> Card:
    """Read a card from TOML; `name` tells the card in messages. Raises as `load` does."""
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:  # of bytes, of TOML, of numbers without end
        raise InputError(f"The card {name} is not TOML: {error}.") from None
    try:
        return _build(Card, table, "")
    except InputError as error:
        raise InputError(f"The card {name} is not valid: {error}") from None


def dump(card: Card) -> str:
    """Return the card as TOML; what has its default value is left out.

    ``parse(dump(card).encode(), ...)`` gives `card` again.
    """
    return "\n".join(_lines(card, "")) + "\n"


def _lines(table: Any, where: str) -> Iterator[str]:
    nested, own = [], []
    for item in fields(table):
        value = getattr(table, item.name)
        if is_dataclass(value):
            nested.append((value, f"{where}.{item.name}" if where else item.name))
        elif item.name == "format" or value != item.default:
            own.append(f"{item.name} = {_literal(value)}")
    if where and own:
        yield f"\n[{where}]"
    yield from own
    for value, name in nested:
        yield from _lines(value, name)


def _literal(value: object) -> str:
    """Write a value; on texts without control characters, JSON and TOML agree."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _build(kind: type[Table], table: Mapping[str, object], where: str) -> Table:
    """Make one dataclass of the tree from one table, key by key."""
    hints = get_type_hints(kind)
    items = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # always a dataclass
    unknown = sorted(table.keys() - items.keys())
    _refuse(bool(unknown), f"{where}{unknown[0] if unknown else ''} is no key of a card; remove it")
    for name, item in items.items():
        required = item.default is MISSING and item.default_factory is MISSING
        _refuse(required and name not in table, f"{where}{name} is missing")
    return kind(**{name: _value(hints[name], value, f"{where}{name}") for name, value in table.items()})


def _value(hint: Any, value: object, name: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise InputError(f"{name} is a table, written [{name}].")
        return _build(hint, value, f"{name}.")  # type: ignore[arg-type]
    if get_origin(hint) is UnionType:  # what may be left out is None then
        hint = get_args(hint)[0]
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        _refuse(value not in choices, f"{name} is one of {', '.join(filter(None, choices))}; not {value!r}")
        return value
    if get_origin(hint) is tuple:
        fits = isinstance(value, list) and len(value) == 2 and all(type(side) is int for side in value)
        _refuse(not fits, f"{name} is {_WORDS[tuple]}, not {value!r}")
        return tuple(value)  # type: ignore[arg-type]
    if hint is float and type(value) is int and abs(value) <= MAX_VALUE:
        return float(value)
    _refuse(type(value) is not hint, f"{name} is {_WORDS[hint]}, not {value!r}")
    return value


def _check_texts(table: Any) -> None:
    """Refuse texts that could confuse a terminal or a form: they are shown as they are."""
    for item in fields(table):
        value = getattr(table, item.name)
        if isinstance(value, str):
            _refuse(
                len(value) > MAX_TEXT or not value.isprintable(),
                f"{item.name} is one line of at most {MAX_TEXT} printable characters",
            )


def _check_name(name: str, where: str) -> None:
    _refuse(
        not name or len(name) > MAX_TEXT or not name.isprintable(),
        f"{where} is the name of a tensor, not {name!r}",
    )


def _check_values(table: Any, where: str, names: tuple[str, str], dtype: str) -> None:
    first, second = (getattr(table, name) for name in names)
    for name, value in zip(names, (first, second), strict=True):
        _check_value(value, f"{where}.{name}", dtype)
    _refuse(first == second, f"{where}.{names[0]} and {where}.{names[1]} are the same value")


def _check_value(value: float, where: str, dtype: str) -> None:
    low, high = (0.0, 255.0) if dtype == "uint8" else (-MAX_VALUE, MAX_VALUE)
    _refuse(not low <= value <= high, f"{where} is from {low:g} to {high:g} in {dtype}, not {value:g}")
    _refuse(dtype == "uint8" and value != int(value), f"{where} is a whole number in uint8, not {value:g}")


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise InputError(f"{why}.")
