"""Contact sheets: fills beside one another, to be looked at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inpaint_core.geometry import Box, Size
from inpaint_core.holes import bounding_box

CELL = 220
HEAD = 16


class Sheet:
    """A table of pictures: one row for each photograph, one column for each tool."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.rows: list[list[Image.Image | None]] = []

    def add(
        self, truth: NDArray[np.uint8], hole: NDArray[np.bool_], fills: dict[str, NDArray[np.uint8]]
    ) -> None:
        """Add a row, seen around the largest part of the hole; a tool without a fill leaves a gap."""
        box = _view(hole)
        marked = np.where(hole[..., None], np.uint8([255, 0, 255]), truth)
        pictures = {"hole": marked, "truth": truth, **fills}
        self.rows.append([_cell(pictures.get(name), box) for name in self.columns])

    def save(self, path: Path) -> None:
        """Write the sheet as JPEG."""
        sheet = Image.new("RGB", (CELL * len(self.columns), HEAD + CELL * len(self.rows)), "white")
        draw = ImageDraw.Draw(sheet)
        for column, name in enumerate(self.columns):
            draw.text((column * CELL + 3, 2), name, fill="black")
        for y, row in enumerate(self.rows):
            for x, cell in enumerate(row):
                if cell is not None:
                    sheet.paste(cell, (x * CELL, HEAD + y * CELL))
        sheet.save(path, quality=88)


def _view(hole: NDArray[np.bool_]) -> Box:
    """Return a square around the hole's largest part, half as wide again, at least `CELL` wide."""
    extent = Size(hole.shape[1], hole.shape[0])
    _, labels, stats, _ = cv2.connectedComponentsWithStats(hole.view(np.uint8))
    largest = bounding_box(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))
    side = max(round(1.5 * max(largest.width, largest.height)), CELL)
    side = min(side, extent.width, extent.height)
    x = min(max((largest.x0 + largest.x1 - side) // 2, 0), extent.width - side)
    y = min(max((largest.y0 + largest.y1 - side) // 2, 0), extent.height - side)
    return Box(x, y, x + side, y + side)


def _cell(picture: NDArray[np.uint8] | None, box: Box) -> Image.Image | None:
    if picture is None:
        return None
    return Image.fromarray(picture[box.slices]).resize((CELL - 2, CELL - 2), Image.Resampling.LANCZOS)
