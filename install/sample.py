"""Fill a sample through the worker, exactly as the plug-in does: started by `proof` with a plug-in's folder.

It says what happened as one JSON object on standard output.
"""

from __future__ import annotations

import json
import math
import random
import struct
import sys
import time
import zlib
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 240, 160
BRICK_WIDTH, BRICK_HEIGHT, MORTAR = 40, 20, 3
PAINT = (222, 38, 120)
GAP = 6


def main(folder: str, picture: str) -> None:
    """Fill the sample with the plug-in in `folder`, and write ``before | after`` to `picture`."""
    sys.path.insert(0, folder)
    try:
        answer = prove(Path(picture))
    except Exception as error:
        answer = {"error": str(error) or type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def prove(picture: Path) -> dict[str, Any]:
    """Compile every kernel, fill the sample, judge it, and write the picture."""
    from engine import Engine  # noqa: PLC0415 - the plug-in's, not ours
    from wire import RawArray  # noqa: PLC0415

    wall = draw_wall()
    mask = draw_mask()
    painted = bytearray(wall)
    for i in range(WIDTH * HEIGHT):
        if mask[i]:
            painted[3 * i : 3 * i + 3] = bytes(PAINT)
    with Engine() as engine:
        begin = time.monotonic()
        warm_up(engine)
        compiled = time.monotonic()
        filled = fill(engine, RawArray("uint8", (HEIGHT, WIDTH, 3), painted), bytes(mask))
        end = time.monotonic()
    judge(bytes(wall), bytes(painted), filled, mask)
    write_png(picture, beside(bytes(painted), filled), 2 * WIDTH + GAP, HEIGHT)
    return {"compile_seconds": compiled - begin, "fill_seconds": end - compiled}


def warm_up(engine: Any) -> None:
    """Fill a few pixels with every method, in each kind of picture that has kernels of its own."""
    from wire import RawArray  # noqa: PLC0415 - the plug-in's, not ours

    catalogue = json.loads((Path(sys.path[0]) / "methods.json").read_text(encoding="utf-8"))
    chance = random.Random(7)  # noqa: S311 - a texture
    side = 48
    mask = bytes(20 <= i % side < 28 and 20 <= i // side < 28 for i in range(side * side))
    for method in (entry["id"] for entry in catalogue["methods"] if entry["id"] != "auto"):
        for channels in (1, 2, 3, 4):
            shape = (side, side, channels)
            data = chance.randbytes(side * side * channels)
            floats = struct.pack(f"<{len(data)}f", *(value / 255 for value in data))
            fill(engine, RawArray("uint8", shape, data), mask, method)
            fill(engine, RawArray("float32", shape, floats), mask, method)


def fill(engine: Any, image: Any, mask: bytes, method: str = "auto") -> bytes:
    """Send one picture, a `wire.RawArray`, to the worker and return the filled one."""
    from engine import Request  # noqa: PLC0415 - the plug-in's
    from wire import RawArray  # noqa: PLC0415

    request = Request(image, RawArray("uint8", image.shape[:2], mask), method, 0, {})
    return bytes(engine.fill(request, lambda _stage, _fraction: None).image.data)


def draw_wall() -> bytearray:
    """Draw a brick wall, RGB: every brick of its own colour, and grain everywhere."""
    chance = random.Random(1)  # noqa: S311 - a texture
    shades: dict[tuple[int, int], tuple[int, int, int]] = {}
    pixels = bytearray()
    for y in range(HEIGHT):
        row = y // BRICK_HEIGHT
        for x in range(WIDTH):
            shifted = x + (row % 2) * BRICK_WIDTH // 2
            brick = (row, shifted // BRICK_WIDTH)
            if brick not in shades:
                light = chance.randint(-14, 14)
                shades[brick] = (160 + light, 84 + light, 62 + light)
            joint = y % BRICK_HEIGHT < MORTAR or shifted % BRICK_WIDTH < MORTAR
            grain = round(chance.gauss(0, 5))
            colour = (196, 188, 176) if joint else shades[brick]
            pixels += bytes(min(max(value + grain, 0), 255) for value in colour)
    return pixels


def draw_mask() -> bytearray:
    """Draw a blot: 1 where paint was spilt."""
    mask = bytearray(WIDTH * HEIGHT)
    for i in range(WIDTH * HEIGHT):
        x, y = i % WIDTH - 128, i // WIDTH - 82
        radius = 26 + 6 * math.sin(5 * math.atan2(y, x))
        mask[i] = math.hypot(x, y) < radius
    return mask


def judge(wall: bytes, painted: bytes, filled: bytes, mask: bytearray) -> None:
    """Raise when a known pixel changed, or the hole looks no more like the wall than the paint did."""
    inside = [3 * i + c for i in range(WIDTH * HEIGHT) if mask[i] for c in range(3)]
    hole = set(inside)
    if any(filled[i] != painted[i] for i in range(len(painted)) if i not in hole):
        raise ValueError("The sample was changed outside the hole.")
    paint = sum(abs(painted[i] - wall[i]) for i in inside) / len(inside)
    error = sum(abs(filled[i] - wall[i]) for i in inside) / len(inside)
    if error > paint / 2:
        raise ValueError(
            f"The sample was filled badly: {error:.0f} steps from the wall, the paint was {paint:.0f}."
        )


def beside(left: bytes, right: bytes) -> bytes:
    """Put two pictures side by side, white between them."""
    stride = 3 * WIDTH
    rows = range(0, HEIGHT * stride, stride)
    return b"".join(
        left[row : row + stride] + b"\xff" * (3 * GAP) + right[row : row + stride] for row in rows
    )


def write_png(path: Path, rgb: bytes, width: int, height: int) -> None:
    """Write 8-bit RGB as PNG, beside and then renamed."""
    stride = 3 * width
    rows = b"".join(b"\0" + rgb[stride * y : stride * (y + 1)] for y in range(height))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    beside_it = path.with_suffix(".new")
    beside_it.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )
    beside_it.replace(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
