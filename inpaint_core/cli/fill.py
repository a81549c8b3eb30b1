"""``inpaint fill``: a picture file and a mask in, the filled picture out."""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core import Option, describe, inpaint, methods
from inpaint_core.cli.methods import flag, valid
from inpaint_core.cli.progress import Meter
from inpaint_core.cli.quiet import native_complaints_unsaid
from inpaint_core.deep.devices import DEVICES
from inpaint_core.errors import InpaintWarning, InputError
from inpaint_core.explanation import Explanation
from inpaint_core.fill import MAX_SEED
from inpaint_core.methods import VARIANT, understand
from inpaint_core.source import WORDS

SUMMARY = "fill parts of a picture"
DESCRIPTION = """\
Fill the parts of IMAGE that a mask marks, and write the result to OUT. PNG, JPEG, TIFF and WebP are read and
written. Pixels outside the mask stay as they are, and so do depth, colour profile, EXIF (without its
thumbnail), other captions, orientation and resolution. OUT's suffix tells its format: PNG and TIFF are
lossless; WebP is, unless IMAGE is a lossy file; JPEG takes over the compression of a JPEG file, else it is of
quality 95 at full colour resolution. A file that is already at OUT is replaced at once when the new one is
complete."""
ALPHA = "alpha"
_OPTION = "option_"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes; the methods' own options come from their dataclasses."""
    parser.add_argument("image", metavar="IMAGE", type=Path, help="the picture to fill")
    parser.add_argument(
        "--mask",
        metavar="MASK",
        required=True,
        help="a picture as large as IMAGE is shown: at or above half of its range = fill; colours count by "
        "their luminance, what is transparent is kept (but where all that is visible is of one colour, as "
        f"if painted on an empty layer, it is filled). Or the word {ALPHA}: fill what is not fully opaque "
        f"(a file of that name is ./{ALPHA})",
    )
    parser.add_argument("-o", "--output", metavar="OUT", required=True, type=Path, help="where to write")
    parser.add_argument(
        "--reference",
        metavar="FILE",
        type=Path,
        help="a picture as large as IMAGE is shown: content is taken from it instead, pieces that go on from "
        "the rim of the hole (patch, auto); --source and --exclude speak of it then",
    )
    parser.add_argument(
        "--guide",
        metavar="FILE",
        type=Path,
        help="a picture as large as IMAGE is shown, inside the mask a rough or blurred idea of the result: "
        f"it steers the large structures ({', '.join(method.id for method in methods() if method.guided)})",
    )
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add how to fill, and what to say of it."""
    parser.add_argument(
        "--method",
        metavar="ID",
        default="auto",
        help=f"{', '.join(method.id for method in methods())}; auto if not given (see inpaint methods); "
        f"{VARIANT}:ID for a network by its id (see inpaint models list)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help=f"another seed, another fill: 0 to {MAX_SEED}; 0 if not given",
    )
    parser.add_argument(
        "--source",
        metavar="SOURCE",
        type=_source,
        default="auto",
        help="where content may be taken from: auto (the surroundings of each hole; if not given), whole "
        "(the whole picture), a number (at most so many pixels from a hole), or a mask file, read as --mask "
        "is (a file named like a word or a number is ./64)",
    )
    parser.add_argument(
        "--exclude",
        metavar="MASK",
        type=Path,
        help="a mask file, read as --mask is: content never comes from there, whatever --source says",
    )
    parser.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        metavar="DEVICE",
        help=f"what networks run on: {', '.join(DEVICES)}, as far as this machine has it (inpaint doctor "
        "tells); auto, the quickest, if not given",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="let OUT be IMAGE or one of the masks, which is refused else"
    )
    parser.add_argument(
        "--explain", action="store_true", help="say which method filled which holes, and why (standard error)"
    )
    parser.add_argument("--json", action="store_true", help="for programs: what was done, as JSON")
    group = parser.add_argument_group("options of the methods")
    for kinds in _options():
        abouts = [f"{', '.join(ids)}: {option.help} ({valid(option)})" for option, ids in kinds.items()]
        add_option(group, next(iter(kinds)), " ".join(abouts))


def _options() -> Iterator[dict[Option, list[str]]]:
    """Yield every option once, in each of its kinds, with the methods that have it so."""
    owners: dict[str, dict[Option, list[str]]] = {}
    for method in methods():
        for option in describe(method.options):
            owners.setdefault(option.name, {}).setdefault(option, []).append(method.id)
    yield from owners.values()


def _source(text: str) -> str | float | Path:
    """Return a word, a radius, or else the path of a mask."""
    if text in WORDS:
        return text
    try:
        return float(text)
    except ValueError:
        return Path(text)


def add_option(group: argparse._ActionsContainer, option: Option, about: str) -> None:
    """Add one option under its own name; `options_given` finds it again."""
    text = about.replace("%", "%%")
    dest = _OPTION + option.name
    if option.kind is bool:
        group.add_argument(
            flag(option),
            dest=dest,
            action=argparse.BooleanOptionalAction,
            default=argparse.SUPPRESS,
            help=text,
        )
        return
    free = "TEXT" if option.kind is str else "N"
    metavar = "{" + ",".join(option.choices) + "}" if option.choices else free
    group.add_argument(
        flag(option), dest=dest, type=option.kind, metavar=metavar, default=argparse.SUPPRESS, help=text
    )


def run(parsed: argparse.Namespace) -> int:
    """Fill one file."""
    done = fill_file(parsed)
    if parsed.explain:
        sys.stderr.write(f"{done.explanation}\n")
    for notice in done.notices:
        sys.stderr.write(f"inpaint: {notice}\n")
    if parsed.json:
        sys.stdout.write(json.dumps(done.document, ensure_ascii=False) + "\n")
    return 0


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, for a person, and as JSON takes it."""

    explanation: Explanation
    notices: list[str]
    document: dict[str, Any]


def fill_file(parsed: argparse.Namespace) -> Done:
    """Read, fill and write what the arguments name."""
    from inpaint_core.picture_files import (  # noqa: PLC0415 - quick --help
        read_guide,
        read_mask,
        read_picture,
        read_reference,
        write_picture,
    )

    begun = time.perf_counter()
    options = options_given(parsed)
    _check_request(parsed, options)
    with native_complaints_unsaid():
        picture = read_picture(parsed.image)
        hole, source = _masks(parsed, picture)
        excluded = None if parsed.exclude is None else read_mask(parsed.exclude, picture, "exclusion")
        guide = None if parsed.guide is None else read_guide(parsed.guide, picture)
        reference = None if parsed.reference is None else read_reference(parsed.reference, picture)
    _check_result(parsed.output, picture, hole)
    explanations: list[Explanation] = []
    with warnings.catch_warnings(record=True) as caught, Meter(sys.stderr) as meter:
        warnings.simplefilter("always", InpaintWarning)
        filled = inpaint(
            picture.pixels,
            hole,
            parsed.method,
            source=source,
            exclude=excluded,
            reference=reference,
            guide=guide,
            seed=parsed.seed,
            device=parsed.device,
            progress=meter,
            explain=explanations.append,
            **options,
        )
        write_picture(parsed.output, replace(picture, pixels=filled))
    explanation, notices = explanations[0], _notices(caught)
    height, width = hole.shape
    document = {
        "output": str(parsed.output),
        "method": explanation.method,
        "explanation": explanation.document(),
        "seed": parsed.seed,
        "width": width,
        "height": height,
        "filled_pixels": int(np.count_nonzero(hole)),
        "seconds": round(time.perf_counter() - begun, 3),
        "notices": notices,
    }
    return Done(explanation, notices, document)


def options_given(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the options that stood on the command line."""
    return {
        name.removeprefix(_OPTION): value for name, value in vars(parsed).items() if name.startswith(_OPTION)
    }


def _check_request(parsed: argparse.Namespace, options: dict[str, Any]) -> None:
    """Say what is wrong before anything is read."""
    from inpaint_core.picture_files import check_output  # noqa: PLC0415

    understand(parsed.method, options)
    check_output(parsed.output)
    mask = None if parsed.mask == ALPHA else Path(parsed.mask)
    for path in (parsed.image, mask, parsed.source, parsed.exclude, parsed.reference, parsed.guide):
        if isinstance(path, Path) and not parsed.overwrite and is_same_file(path, parsed.output):
            raise InputError(
                f"{parsed.output} is also an input; name another output, or add --overwrite to replace it."
            )


def is_same_file(one: Path, other: Path) -> bool:
    """Tell whether both are there and are one file."""
    return one.exists() and other.exists() and one.samefile(other)


def _masks(
    parsed: argparse.Namespace, picture: Any
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | str | float]:
    from inpaint_core.picture_files import read_mask, transparent  # noqa: PLC0415

    if parsed.mask == ALPHA:
        hole = transparent(picture, parsed.image)
    else:
        hole = read_mask(Path(parsed.mask), picture, "mask")
        if not hole.any():
            raise InputError(f"The mask {parsed.mask} marks nothing: no pixel reaches half of its range.")
    if isinstance(parsed.source, Path):
        return hole, read_mask(parsed.source, picture, "source mask")
    return hole, parsed.source


def _check_result(path: Path, picture: Any, hole: NDArray[np.bool_]) -> None:
    """Refuse a format that cannot hold the result before the work is done: known alpha stays as it is."""
    from inpaint_core.picture_files import check_fits  # noqa: PLC0415

    known = picture.pixels[~hole]
    check_fits(path, picture, opaque=not picture.has_alpha or bool((known[..., -1] >= picture.opaque).all()))


def _notices(caught: list[warnings.WarningMessage]) -> list[str]:
    words = [str(item.message) for item in caught if issubclass(item.category, InpaintWarning)]
    return list(dict.fromkeys(words))
