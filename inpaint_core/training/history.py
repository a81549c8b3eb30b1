"""What weights have learned from: in words for the card, and the credits of the photographs."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from inpaint_core.training import configuration
from inpaint_core.training.checkpoints import Checkpoint

CREDITS = "photographs.csv"
"""The file of the credits beside a checkpoint."""

Row = dict[str, str]
COLUMNS = ("photograph", "author", "licence", "source", "path")


def words(checkpoint: Checkpoint, credits_file: Path) -> str:
    """Return what the weights learned from, for how long, how good they are, and what they began as."""
    settings = configuration.parse(checkpoint["configuration"])
    said = [_photographs(read_credits(credits_file))] if credits_file.exists() else []
    size, run = settings.data.size, settings.run
    said.append(f"{checkpoint['step']} steps of {run.batch} samples at {size} by {size} pixels")
    measures = checkpoint.get("measures", {})
    if measures:
        values = ", ".join(f"{name} {value:.3f}" for name, value in measures.items())
        said.append(f"on held-out photographs, in holes of medium and great width: {values}")
    if checkpoint.get("before"):
        said.append(f"begun with weights that had learned from {checkpoint['before']}")
    return "; ".join(said)


def read_credits(file: Path) -> tuple[Row, ...]:
    """Return the rows of a file of credits; none where there is no file."""
    if not file.exists():
        return ()
    with file.open(encoding="utf-8", newline="") as stream:
        return tuple({name: row.get(name) or "" for name in COLUMNS} for row in csv.DictReader(stream))


def write_credits(rows: Iterable[Row], file: Path) -> None:
    """Write credits, each photograph once."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS)
        table.writeheader()
        table.writerows({row["photograph"]: row for row in rows}.values())


def _photographs(rows: tuple[Row, ...]) -> str:
    licences = Counter(row["licence"] or "licence not stated" for row in rows)
    kinds = ", ".join(f"{count} {licence}" for licence, count in licences.most_common())
    return f"{licences.total()} photographs ({kinds}), credited in the file beside this card"
