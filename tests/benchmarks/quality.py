"""Compare every method with what a person could take instead, on one's own photographs.

    python -m tests.benchmarks.quality PHOTOS --out FOLDER [--megapixels 0.4 2] [--kinds dust blobs]

PHOTOS is a folder of photographs. Each is brought to each size, holes of each kind are cut, and every tool
fills them. FOLDER gets `quality.md` (medians over the photographs), `quality.csv` (every fill) and one
contact sheet for each kind and size: the hole, the truth, and the fills, seen around the hole. A tool that
is too slow for a hole is left out there and shown as a dash.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from inpaint_core.evaluation import metrics
from inpaint_core.evaluation.masks import KINDS, WIDTHS
from tests.benchmarks.measuring import machine, measure
from tests.benchmarks.sheets import Sheet
from tests.benchmarks.tools import Fill, Mask, Picture, ToolFailedError, ours, peers, perfect

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}

ALL_KINDS = KINDS | WIDTHS

SLOW = {"scikit-image biharmonic": 20_000, "opencv xphoto FSR best": 15_000, "opencv xphoto FSR fast": 60_000}
"""Hole pixels above which a tool takes minutes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fill."""

    megapixels: float
    kind: str
    photo: str
    tool: str
    psnr: float
    ssim: float
    gradient: float
    texture: float
    seam: float
    seconds: float
    megabytes: float | None


HEADS = {
    "psnr": "PSNR dB",
    "ssim": "SSIM",
    "gradient": "gradient similarity",
    "texture": "texture distance",
    "seam": "seam, levels of 255",
    "seconds": "seconds",
    "megabytes": "MB",
}


def main(arguments: list[str]) -> int:
    """Run the comparison."""
    asked = _parse(arguments)
    photos = sorted(path for path in asked.photos.iterdir() if path.suffix.lower() in SUFFIXES)
    photos = photos[:: max(len(photos) // asked.limit, 1)][: asked.limit] if asked.limit else photos
    tools = ours() | peers(asked.xphoto_python)
    if asked.tools:
        tools = {name: tools[name] for name in asked.tools}
    warm_up(tools)
    asked.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for megapixels in asked.megapixels:
        for kind in asked.kinds:
            sheet = Sheet(["hole", "truth", *tools])
            for seed, photo in enumerate(photos):
                truth = load(photo, megapixels)
                hole = ALL_KINDS[kind](truth, seed)
                answers = [perfect(truth, pixels) for pixels in asked.perfect]
                compared = tools | {name: fill for answer in answers for name, fill in answer.items()}
                fills = dict(_fill_all(compared, truth, hole, (megapixels, kind, photo.stem), rows))
                if seed < asked.sheet_rows:
                    sheet.add(truth, hole, fills)
            sheet.save(asked.out / f"{kind.replace(' ', '-')}-{megapixels:g}mp.jpg")
            _write(asked.out, rows, len(photos))
            sys.stderr.write(f"{kind}, {megapixels:g} MP: done\n")
    return 0


def load(path: Path, megapixels: float) -> Picture:
    """Return an RGB picture of about so many pixels."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    scale = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
    size = (round(picture.width * scale), round(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), np.uint8)


def warm_up(tools: dict[str, Fill]) -> None:
    """Let every tool load and compile before its time is taken."""
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    mask = np.zeros((64, 64), bool)
    mask[28:36, 28:36] = True
    for fill in tools.values():
        fill(image, mask)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.quality", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("photos", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.4, 2.0, 12.0])
    parser.add_argument("--kinds", nargs="+", choices=list(ALL_KINDS), default=list(KINDS))
    parser.add_argument("--tools", nargs="+", help="only these")
    parser.add_argument(
        "--perfect", type=int, nargs="+", default=[], help="and networks of this size that know the truth"
    )
    parser.add_argument("--limit", type=int, default=0, help="so many photographs, spread over the folder")
    parser.add_argument("--sheet-rows", type=int, default=6)
    parser.add_argument("--xphoto-python", help="a Python with opencv-contrib, for xphoto")
    return parser.parse_args(arguments)


def _fill_all(
    tools: dict[str, Fill], truth: Picture, hole: Mask, job: tuple[float, str, str], rows: list[Row]
) -> Iterator[tuple[str, Picture]]:
    blank = np.where(hole[..., None], np.uint8(0), truth)
    for name, fill in tools.items():
        if hole.sum() > SLOW.get(name, sys.maxsize):
            continue
        try:
            measured = measure(lambda fill=fill: fill(blank, hole))
        except ToolFailedError as failure:
            sys.stderr.write(f"{name} failed on {job}: {failure}\n")
            continue
        result = np.where(hole[..., None], measured.result, truth)
        rows.append(_score(job, name, result, truth, hole, measured.seconds, measured.megabytes))
        yield name, result


def _score(  # noqa: PLR0917
    job: tuple[float, str, str],
    tool: str,
    result: Picture,
    truth: Picture,
    hole: Mask,
    seconds: float,
    megabytes: float | None,
) -> Row:
    a, b = (picture.astype(np.float32) / 255 for picture in (result, truth))
    return Row(
        *job,
        tool,
        psnr=metrics.psnr(a, b, hole),
        ssim=metrics.ssim(a, b, hole),
        gradient=metrics.gradient_similarity(a, b, hole),
        texture=metrics.texture_distance(a, b, hole),
        seam=255 * metrics.seam(a, b, hole),
        seconds=seconds,
        megabytes=None if tool.startswith(("gmic", "opencv xphoto")) else megabytes,
    )


def _write(out: Path, rows: list[Row], photos: int) -> None:
    with (out / "quality.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [*Row.__dataclass_fields__])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    tables = defaultdict(lambda: defaultdict(list))
    for row in rows:
        tables[f"{row.kind}, {row.megapixels:g} megapixels"][row.tool].append(row)
    lines = [f"Medians over {photos} photographs; {machine()}.", ""]
    for title, tools in tables.items():
        lines += [f"### {title}", "", f"| tool | {' | '.join(HEADS.values())} |", "|---" * 8 + "|"]
        lines += [_line(tool, group) for tool, group in tools.items()]
        lines.append("")
    (out / "quality.md").write_text("\n".join(lines), encoding="utf-8")


def _line(tool: str, rows: list[Row]) -> str:
    cells = []
    for name, pattern in zip(
        HEADS, ("{:.1f}", "{:.3f}", "{:.3f}", "{:.3f}", "{:.2f}", "{:.3g}", "{:.0f}"), strict=True
    ):
        values = [getattr(row, name) for row in rows]
        known = [value for value in values if value is not None]
        cells.append(pattern.format(statistics.median(known)) if known else "-")
    return f"| {tool} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
