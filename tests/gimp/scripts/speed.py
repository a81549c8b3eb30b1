"""Time the procedure on a 12-megapixel layer, from its call to the new layer."""

import time

from gi.repository import Gimp
from scene import EXCHANGE, add_layer, answer, call, new_image, read, texture

WIDTH, HEIGHT = 4000, 3000
HOLE = (1400, 1000, 775, 775)
TILE = 500
RUNS = 5


def main():
    answer(run)


def run():
    image = new_image(WIDTH, HEIGHT)
    tile = texture(TILE, TILE, 3)
    rows = [tile[y * TILE * 3 : (y + 1) * TILE * 3] * (WIDTH // TILE) for y in range(TILE)]
    layer = add_layer(image, "photo", WIDTH, HEIGHT, data=b"".join(rows) * (HEIGHT // TILE))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    (EXCHANGE / "speed.raw").write_bytes(read(layer, "R'G'B' u8"))
    return {
        "size": [WIDTH, HEIGHT],
        "hole": list(HOLE),
        "seconds": {
            method: [timed(image, layer, method) for _ in range(RUNS)] for method in ("patch", "harmonic")
        },
    }


def timed(image, layer, method):
    begin = time.perf_counter()
    status, message, _ = call(image, [layer], method=method)
    if status != "success":
        raise RuntimeError(message)
    return time.perf_counter() - begin
