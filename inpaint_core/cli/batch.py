"""``inpaint batch``: many picture files, each with its own mask, into one folder."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from inpaint_core.cli.fill import ALPHA, Done, add_settings, fill_file, options_given
from inpaint_core.cli.stopping import INTERRUPTED
from inpaint_core.errors import InpaintError, InputError, words_for
from inpaint_core.methods import understand

SUMMARY = "fill many pictures"
DESCRIPTION = """\
Fill the parts of each IMAGE that its own mask marks, and write the results to FOLDER under the same names.
Files are read and written as by inpaint fill. A picture that cannot be filled is named on standard error, and
the others are filled all the same; the exit status is 1 then."""
STEM, NAME, FOLDER = "{stem}", "{name}", "{folder}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("images", metavar="IMAGE", nargs="+", type=Path, help="the pictures to fill")
    parser.add_argument(
        "--mask",
        metavar="PATTERN",
        required=True,
        help=f"where the mask of a picture is: {FOLDER}, {NAME} and {STEM} stand for its folder, its file "
        f"name and that without its suffix, as in masks/{STEM}.png or {FOLDER}/{STEM}-mask.png; without any "
        f"of them all pictures have the same mask. Or the word {ALPHA}: fill what is not fully opaque",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        required=True,
        type=Path,
        help="the folder to write to; it is made where there is none",
    )
    add_settings(parser)


def run(parsed: argparse.Namespace) -> int:
    """Fill one picture after the other."""
    _check_names(parsed.images)
    _check_pattern(parsed.mask)
    understand(parsed.method, options_given(parsed))
    is_new = _make_folder(parsed.output)
    filled = 0
    try:
        for image in parsed.images:
            filled += _fill(image, parsed)
    except KeyboardInterrupt:
        sys.stderr.write(f"inpaint: Stopped; {filled} of {len(parsed.images)} pictures were written.\n")
        return INTERRUPTED
    finally:
        if is_new and not any(parsed.output.iterdir()):
            parsed.output.rmdir()
    return 0 if filled == len(parsed.images) else 1


def _check_pattern(pattern: str) -> None:
    """Refuse words in braces that stand for nothing."""
    plain = mask_of(Path(), pattern)
    if (unknown := re.search(r"\{[^{}/]*\}?", plain)) and not Path(plain).exists():
        raise InputError(
            f"In the pattern {pattern}, {unknown[0]} stands for nothing; {STEM}, {NAME} and {FOLDER} do."
        )


def _make_folder(path: Path) -> bool:
    """Make the folder where there is none, and tell whether there was none."""
    if path.is_dir():
        return False
    if path.exists():
        raise InputError(f"{path} is a file; name a folder to write to.")
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"The folder {path} cannot be made: {error.strerror}.") from None
    return True


def _check_names(images: list[Path]) -> None:
    seen: dict[str, Path] = {}
    for image in images:
        other = seen.setdefault(image.name, image)
        if other is not image and other == image:
            raise InputError(f"{image} is named twice.")
        if other is not image:
            raise InputError(
                f"{other} and {image} would have the same name in the folder of results; fill them in two "
                "runs."
            )


def _fill(image: Path, parsed: argparse.Namespace) -> bool:
    """Fill one picture, and tell whether that went well."""
    request = argparse.Namespace(
        **{
            **vars(parsed),
            "image": image,
            "mask": mask_of(image, parsed.mask),
            "output": parsed.output / image.name,
            "guide": None,
            "reference": None,
        }
    )
    try:
        done = fill_file(request)
    except (InpaintError, OSError, MemoryError) as error:
        sentence = _sentence(error)
        _say(image, sentence)
        _print(parsed, {"image": str(image), "error": sentence})
        return False
    _tell(image, done, parsed)
    return True


def _sentence(error: InpaintError | OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough memory for it."
    return words_for(error) if isinstance(error, OSError) else " ".join(str(error).split())


def mask_of(image: Path, pattern: str) -> str:
    """Return where the mask of a picture is."""
    if pattern == ALPHA:
        return ALPHA
    words = {STEM: image.stem, NAME: image.name, FOLDER: str(image.parent)}
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], pattern)


def _tell(image: Path, done: Done, parsed: argparse.Namespace) -> None:
    if parsed.explain:
        for line in str(done.explanation).splitlines():
            _say(image, line)
    for notice in done.notices:
        _say(image, notice)
    _print(parsed, {"image": str(image), **done.document})


def _say(image: Path, line: str) -> None:
    named = line.startswith(f"{image} ")
    sys.stderr.write(f"inpaint: {line}\n" if named else f"inpaint: {image}: {line}\n")


def _print(parsed: argparse.Namespace, document: dict[str, Any]) -> None:
    if parsed.json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stdout.flush()
