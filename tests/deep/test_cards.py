"""Cards: what is written is read again, and what is wrong is refused in a sentence."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import get_type_hints

import pytest
from contracts import CONTRACTS, LAMA, RAW_MIGAN, card
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core import InputError
from inpaint_core.deep import cards
from inpaint_core.deep.cards import Card, Contract, ImageInput, MaskInput, Output, Size, Weights
from inpaint_core.deep.catalogue import catalogue, catalogued

printable = st.characters(categories=["L", "M", "N", "P", "S"], include_characters=" ")
texts = st.text(printable, max_size=40)
names = st.text(printable, min_size=1, max_size=40)
values = st.floats(-300, 300, width=32)
pairs = st.tuples(values, values).filter(lambda pair: pair[0] != pair[1])
sizes = st.one_of(
    st.builds(Size, fixed=st.tuples(st.integers(1, 4096), st.integers(1, 4096))),
    st.builds(Size, multiple=st.integers(1, 64), minimum=st.integers(1, 512), preferred=st.integers(0, 1024)),
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    image, mask, output = draw(pairs), draw(pairs), draw(pairs)
    packed = draw(st.sampled_from(["", "mask-image", "image-mask"]))
    port = draw(names)
    dtype = draw(st.sampled_from(["float32", "float16"]))
    return Contract(
        ImageInput(port, dtype, *image, hole=draw(st.none() | values)),
        MaskInput(port if packed else f"{port} mask", dtype, *mask),
        Output(draw(names), *output),
        draw(sizes),
        layout=draw(st.sampled_from(["nchw", "nhwc"])),
        colours=draw(st.sampled_from(["rgb", "bgr"])),
        batch=draw(st.booleans()),
        packed=packed,
        composites=draw(st.booleans()),
        dilate=draw(st.integers(0, 64)),
    )


weights = st.builds(
    Weights,
    licence=names,
    bytes=st.integers(1, 1 << 31),
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    url=st.sampled_from(["", "https://example.org/a b.onnx".replace(" ", "%20")]),
    revision=texts,
    trained_on=texts,
)


@settings(max_examples=60, deadline=None)
@given(st.builds(Card, st.just("a-net_2"), names, weights, contracts(), texts))
def test_a_written_card_is_read_again(written: Card) -> None:
    assert cards.parse(cards.dump(written).encode(), "it") == written


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contracts_in_use_can_be_written(name: str) -> None:
    written = card(CONTRACTS[name])
    assert cards.parse(cards.dump(written).encode(), "it") == written


GOOD = cards.dump(card(RAW_MIGAN, bytes=5, sha256="0" * 64))


@pytest.mark.parametrize(
    ("found", "put", "sentence"),
    [
        ('title = "Net"', 'title = "Net"\nplugin = "x.so"', "plugin is no key of a card; remove it."),
        ("[weights]", "[weights]\nlibrary = 1", "weights.library is no key of a card; remove it."),
        (
            "[contract.size]",
            "[contract.size]\nstep = 4",
            "contract.size.step is no key of a card; remove it.",
        ),
        ('id = "net"\n', "", "id is missing."),
        ('input = "input"\nblack', "black", "contract.image.input is missing."),
        ("fixed = [128, 128]", "fixed = [128]", "contract.size.fixed is a list of two whole numbers"),
        ("fixed = [128, 128]", "fixed = [0, 128]", "contract.size.fixed is from 1 to 8192, not 0."),
        ("fixed = [128, 128]", "fixed = [8, 8]\nmultiple = 8", "multiple and minimum say nothing"),
        ("fixed = [128, 128]", "multiple = 0", "contract.size.multiple is from 1 to 8192, not 0."),
        (
            "black = -1.0",
            'black = "dark"',
            "contract.image.black is a number from -65504 to 65504, not 'dark'.",
        ),
        (
            "black = -1.0",
            f"black = 1{'0' * 400}",
            "contract.image.black is a number from -65504 to 65504, not 1",
        ),
        ("black = -1.0", "black = nan", "contract.image.black is from -65504 to 65504"),
        ("black = -1.0", "black = 1.0", "contract.image.black and contract.image.white are the same value."),
        ("known = 0.5", "known = -0.5", "contract.mask.hole and contract.mask.known are the same value."),
        ('packed = "mask-image"', "", "share the input input"),
        ('packed = "mask-image"', 'packed = "both"', "contract.packed is one of mask-image, image-mask"),
        ('packed = "mask-image"', "packed = 1", "contract.packed is one of"),
        (
            "[contract.mask]",
            '[contract.mask]\ndtype = "uint8"',
            "contract.mask.hole is from 0 to 255 in uint8",
        ),
        ("format = 1", "format = 2", "format is 2, and this engine reads 1"),
        ('id = "net"', 'id = "../net"', "A model's id is made of"),
        ('id = "net"', 'id = "nul"', "A model's id is made of"),
        ('licence = "MIT"', 'licence = ""', "weights.licence is empty"),
        ('licence = "MIT"', 'licence = "MIT\\u001b[2J"', "licence is one line of at most"),
        ("bytes = 5", "bytes = 2147483649", "weights.bytes is at most"),
        ("bytes = 5", "bytes = true", "weights.bytes is a whole number, not True."),
        ("bytes = 5\n", "", "weights has bytes and sha256, or neither."),
        ('sha256 = "0', 'sha256 = "G', "weights.sha256 is 64 hexadecimal digits"),
        ("[weights]", '[weights]\nurl = "http://example.org/x"', "begins with https://"),
        ("[weights]", '[weights]\nurl = "file:///etc/passwd"', "begins with https://"),
        ("format = 1", "format = ", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said(found: str, put: str, sentence: str) -> None:
    assert found in GOOD
    with pytest.raises(InputError) as refused:
        cards.parse(GOOD.replace(found, put, 1).encode(), "net.toml")
    assert sentence in str(refused.value)
    assert "net.toml" in str(refused.value)


@pytest.mark.parametrize(
    "text", ["x = 1" + "0" * 5000, "x = " + "[" * 3000, "\0", "id = 2020-01-01\n" + GOOD], ids=range(4)
)
def test_odd_toml_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"The card net is not"):
        cards.parse(text.encode(), "net")


def test_a_table_that_is_a_value_is_refused() -> None:
    with pytest.raises(InputError, match=r"weights is a table, written \[weights\]"):
        cards.parse(b'id = "x"\ntitle = "x"\nweights = 3\n[contract]', "it")


def test_files_that_are_no_cards_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        cards.load(tmp_path / "none.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * (cards.MAX_CARD_BYTES + 1))
    with pytest.raises(InputError, match="larger than"):
        cards.load(tmp_path / "large.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not TOML"):
        cards.load(tmp_path / "binary.toml")


def test_a_card_made_in_python_is_checked_too() -> None:
    with pytest.raises(InputError, match=r"contract\.dilate is from 0 to 64"):
        replace(LAMA, dilate=65)


def test_the_catalogue_is_pinned_and_licensed() -> None:
    facts = {
        each.id: (each.weights.licence, each.weights.bytes, each.weights.sha256[:8]) for each in catalogue()
    }
    assert facts == {
        "lama": ("Apache-2.0", 208_044_816, "1faef530"),
        "lama-opencv": ("Apache-2.0", 92_591_623, "7df918ac"),
        "migan": ("MIT", 28_079_181, "6f1f3530"),
    }
    for each in catalogue():
        assert each.weights.is_pinned
        assert each.weights.url.startswith("https://")
        assert each.weights.trained_on
        assert each.description


def test_an_id_that_is_not_catalogued_names_those_that_are() -> None:
    with pytest.raises(InputError, match="it has lama, lama-opencv, migan"):
        catalogued("mat")


PAGE = (Path(__file__).parents[2] / "docs" / "MODELS.md").read_text(encoding="utf-8")


def test_the_card_that_is_documented_is_valid() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    read = cards.parse(example.encode(), "docs/MODELS.md")
    assert read.contract.size == Size(multiple=8, minimum=64, preferred=512)
    assert not read.weights.is_pinned


def test_every_key_of_a_contract_is_documented() -> None:
    for part, kind in get_type_hints(Contract).items():
        inner = [f"contract.{part}.{item.name}" for item in fields(kind)] if is_dataclass(kind) else []
        for key in inner or [f"contract.{part}"]:
            name = key.replace("contract.output.black", "contract.output").replace(
                "contract.output.white", "contract.output"
            )
            assert f"`{name}`" in PAGE, key


def test_the_documented_catalogue_is_the_catalogue() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| .+? \| (\d+) MB \| (.+?) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (each.id, f"{each.weights.bytes / 1e6:.0f}", each.weights.licence) for each in catalogue()
    ]
