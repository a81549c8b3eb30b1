"""What GIMP adds to a fill: from the procedure's call to the new layer, on a 12-megapixel layer.

    python tests/benchmarks/gimp_speed.py 3.2 ROOT

ROOT is a Debian folder with that GIMP in it (`python3 install test` makes and names them), or ``system``.
The procedure and the fill alone, in a warm process, are timed one after the other; medians are shown.
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


def main(version: str, place: str) -> None:
    """Print the table's rows for one GIMP."""
    with tempfile.TemporaryDirectory() as scratch:
        gimp = Gimp(version, None if place == SYSTEM else Path(place), Path(scratch) / "gimp")
        gimp.install()
        called = gimp.batch("speed")["seconds"]
        alone = json.loads(gimp.engine("speed_alone"))
    print("| GIMP | method | procedure, s | fill alone, s | GIMP adds, s |\n|---|---|---|---|---|")
    for method, seconds in called.items():
        total, fill = statistics.median(seconds), statistics.median(alone[method])
        print(f"| {version} | {method} | {total:.2f} | {fill:.2f} | {total - fill:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
