"""``inpaint spots``: a picture file in, a mask file of its dust and scratches out."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from inpaint_core import describe
from inpaint_core.cli.fill import add_option, is_same_file, options_given
from inpaint_core.cli.methods import valid
from inpaint_core.cli.progress import Meter
from inpaint_core.cli.quiet import native_complaints_unsaid
from inpaint_core.errors import InputError
from inpaint_core.spots import SpotOptions, find_spots

SUMMARY = "find dust and scratches"
DESCRIPTION = """\
Find dust and scratches in IMAGE by their contrast and size, and write OUT, a mask with them in white, for
inpaint fill --mask; correct it by hand first where it is wrong. Without spots in IMAGE it is all black."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes; what counts as a spot comes from its dataclass."""
    parser.add_argument("image", metavar="IMAGE", type=Path, help="the picture to look at")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, type=Path, help="where to write")
    parser.add_argument(
        "--within", metavar="MASK", type=Path, help="a mask file, read as inpaint fill does: look there alone"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="let OUT be IMAGE or MASK, which is refused else"
    )
    parser.add_argument("--json", action="store_true", help="for programs: what was found, as JSON")
    for option in describe(SpotOptions):
        add_option(parser, option, f"{option.help} ({valid(option)})")


def run(parsed: argparse.Namespace) -> int:
    """Find and write."""
    from inpaint_core.picture_files import (  # noqa: PLC0415 - quick --help
        Picture,
        check_output,
        read_mask,
        read_picture,
        write_picture,
    )

    check_output(parsed.output)
    for path in (parsed.image, parsed.within):
        if path is not None and not parsed.overwrite and is_same_file(path, parsed.output):
            raise InputError(f"{parsed.output} is also an input; name another output, or add --overwrite.")
    with native_complaints_unsaid():
        picture = read_picture(parsed.image)
        within = None if parsed.within is None else read_mask(parsed.within, picture, "mask")
    if within is not None and not within.any():
        raise InputError(f"The mask {parsed.within} marks nothing: no pixel reaches half of its range.")
    with Meter(sys.stderr) as meter:
        found = find_spots(picture.pixels, within, progress=meter, **options_given(parsed))
    write_picture(parsed.output, Picture(np.where(found, np.uint8(255), np.uint8(0))))
    count = cv2.connectedComponents(found.view(np.uint8), connectivity=8)[0] - 1
    if parsed.json:
        document = {"output": str(parsed.output), "spots": count, "pixels": int(np.count_nonzero(found))}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"inpaint: {count} {'spot' if count == 1 else 'spots'} found.\n")
    return 0
