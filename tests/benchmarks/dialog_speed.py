"""How long a person waits for the dialog, in real GIMP on a virtual screen: medians of ten rounds.

    python tests/benchmarks/dialog_speed.py 3.2 ROOT

ROOT is a Debian folder with that GIMP in it (`python3 install test` makes and names them), or ``system``.
Keys are pressed, and the screen is looked at until it has changed. The hole is 5 % of the picture.
Of the first round, which finds no resident engine, only the time to the first preview is shown, as "cold".
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parents[1]), str(FOLDER.parent / "gimp")]

from host import SYSTEM, Gimp  # noqa: E402 - found through the path above

STEPS = ("key to window", "key to preview", "parameter to preview", "OK to layer")


def main(version: str, place: str) -> None:
    """Print the table's rows for one GIMP."""
    with tempfile.TemporaryDirectory() as scratch:
        gimp = Gimp(version, None if place == SYSTEM else Path(place), Path(scratch) / "gimp")
        gimp.install()
        measured = gimp.on_screen("dialog_speed")
    print(f"| GIMP | picture | {', s | '.join(STEPS)}, s | cold: key to preview, s |\n|{'---|' * 7}")
    for size, (cold, *rounds) in measured.items():
        medians = (f"{statistics.median(each[step] for each in rounds):.2f}" for step in STEPS)
        print(f"| {version} | {size} | {' | '.join(medians)} | {cold['key to preview']:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
