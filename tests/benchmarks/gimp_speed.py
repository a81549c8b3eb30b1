"""What GIMP adds to a fill without a dialog: from the procedure's call to the new layer.

    python tests/benchmarks/gimp_speed.py 3.2 ROOT

ROOT is a Debian folder with that GIMP in it (`python3 install test` makes and names them), or ``system``.
The procedure is timed with an engine of its own for each run and with the resident engine, and the fill alone
in a warm process; medians are shown.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parents[1]), str(FOLDER.parent / "gimp")]

from host import SYSTEM, Gimp  # noqa: E402 - found through the path above

COLUMNS = (
    "GIMP",
    "picture",
    "method",
    "own engine, s",
    "resident, s",
    "fill alone, s",
    "own adds",
    "resident adds",
)
NOWHERE = {"XDG_RUNTIME_DIR": "/nowhere"}
"""Where no engine can wait, each run has its own."""


def main(version: str, place: str) -> None:
    """Print the table's rows for one GIMP."""
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory() as scratch:
        gimp = Gimp(version, None if place == SYSTEM else Path(place), Path(scratch) / "gimp")
        gimp.install()
        for size in ("1 MP", "12 MP"):
            show(gimp, size)


def show(gimp: Gimp, size: str) -> None:
    """Print the rows for pictures of one size."""
    own = gimp.batch("speed", SIZE=size, **NOWHERE)["seconds"]
    resident = gimp.batch("speed", SIZE=size)["seconds"]
    alone = json.loads(gimp.engine("speed_alone"))
    for method in own:
        first, second, fill = (statistics.median(each[method]) for each in (own, resident, alone))
        seconds = (first, second, fill, first - fill, second - fill)
        print(f"| {gimp.version} | {size} | {method} | {' | '.join(f'{each:.2f}' for each in seconds)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
