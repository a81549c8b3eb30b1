"""Time the procedure on a layer of the size that the environment names, from its call to the new layer."""

import os
import time

from gi.repository import Gimp
from processes import wait_for, waits
from scene import EXCHANGE, add_layer, answer, call, new_image, read, texture

SIZES = {"1 MP": ((1000, 1000), (400, 350, 224, 224)), "12 MP": ((4000, 3000), (1400, 1000, 775, 775))}
(WIDTH, HEIGHT), HOLE = SIZES[os.environ["SIZE"]]
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
    if "XDG_RUNTIME_DIR" not in os.environ:
        call(image, [layer], method=method)
        wait_for(waits)
    begin = time.perf_counter()
    status, message, _ = call(image, [layer], method=method)
    if status != "success":
        raise RuntimeError(message)
    return time.perf_counter() - begin
