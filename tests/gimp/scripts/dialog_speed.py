"""Time the dialog as a person sees it: keys are pressed, and the screen is looked at until it has changed.

The layer has a green mark, which shows where the preview is, and a magenta hole, which shows that it is not
yet filled; a layer above hides both from the image's own window.
"""

import time

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gimp  # noqa: E402
from person import press, show, window, xdotool  # noqa: E402
from processes import plugins, wait_for, waits  # noqa: E402
from scene import add_layer, answer, texture, write  # noqa: E402

SIZES = {"1 MP": (1160, 880), "12 MP": (4000, 3000)}
SHARE = 0.05
ROUNDS = 10
GREEN, MAGENTA = b"\x00\xff\x00", b"\xff\x00\xff"
PATIENCE = 20.0
SETTLING = 0.7
"""Seconds after a change before the next one."""
DOCKS = 240
"""Width in pixels of what is not looked at on either side: the docks show small pictures of the layers."""


def main():
    Gdk.init([])
    answer(lambda: {name: measure(*size) for name, size in SIZES.items()})


def measure(width, height):
    """Return the seconds of each round; the first one finds no resident engine."""
    image, layer, display, main_window = show(width, height)
    side = int((SHARE * width * height) ** 0.5)
    hole = ((width - side) // 2, (height - side) // 2, side, side)
    mark = (hole[0] - side // 3, hole[1], side // 4, side // 4)
    write(layer, "R'G'B' u8", MAGENTA * (side * side), hole)
    write(layer, "R'G'B' u8", GREEN * (mark[2] * mark[3]), mark)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *hole)
    add_layer(image, "cover", width, height, data=texture(width, 10, 3) * (height // 10))
    image.set_selected_layers([layer])
    Gimp.displays_flush()
    time.sleep(2.0)
    rounds = []
    for _ in range(ROUNDS + 1):
        rounds.append(one_round(image, main_window, mark, hole))
        wait_for(lambda: not plugins())
        wait_for(waits)
    display.delete()
    return rounds


def one_round(image, main_window, mark, hole):
    xdotool("windowactivate", "--sync", main_window)
    time.sleep(0.5)
    begin = time.perf_counter()
    xdotool("key", "--clearmodifiers", "ctrl+alt+i")
    opened = wait_for(lambda: window("^Fill Selection$") and time.perf_counter(), PATIENCE)
    seen = wait_for(lambda: Screen().shows_fill() and time.perf_counter(), PATIENCE)
    time.sleep(SETTLING)
    place = Screen().place(mark, hole)
    former = Screen()
    press(window("^Fill Selection$"), "alt+m", "End")  # the last method, which is not the first one's fill
    wait_for(lambda: former.differs(place), PATIENCE)
    time.sleep(SETTLING)
    former = Screen()
    changed = time.perf_counter()
    xdotool("key", "--clearmodifiers", "Home")
    anew = wait_for(lambda: former.differs(place) and time.perf_counter(), PATIENCE)
    time.sleep(SETTLING)
    layers = len(image.get_layers())
    confirmed = time.perf_counter()
    xdotool("key", "--clearmodifiers", "alt+o")
    made = wait_for(lambda: len(image.get_layers()) > layers and time.perf_counter(), PATIENCE)
    wait_for(lambda: not plugins())
    if made:
        image.remove_layer(next(each for each in image.get_layers() if each.get_name().startswith("Inpaint")))
    return {
        "key to window": opened - begin,
        "key to preview": seen - begin,
        "parameter to preview": anew - changed,
        "OK to layer": made - confirmed,
    }


class Screen:
    """What is to be seen on the screen now."""

    def __init__(self):
        root = Gdk.get_default_root_window()
        picture = Gdk.pixbuf_get_from_window(root, DOCKS, 0, root.get_width() - 2 * DOCKS, root.get_height())
        self._pixels, self._row = picture.get_pixels(), picture.get_rowstride()

    def shows_fill(self):
        return GREEN * 8 in self._pixels and MAGENTA * 8 not in self._pixels

    def place(self, mark, hole):
        """Return where the hole is, given where both are in the picture."""
        first = self._pixels.index(GREEN * 8)
        x, y = first % self._row // 3, first // self._row
        width = 0
        while self._pixels[first + 3 * width : first + 3 * width + 3] == GREEN:
            width += 1
        scale = width / mark[2]
        left, top = x + (hole[0] - mark[0]) * scale, y + (hole[1] - mark[1]) * scale
        inner = hole[2] * scale / 4
        return int(left + inner), int(top + inner), int(2 * inner)

    def differs(self, place):
        """Tell whether a square of the screen is another now."""
        return self._square(place) != Screen()._square(place)

    def _square(self, place):
        x, y, side = place
        starts = (line * self._row + 3 * x for line in range(y, y + side))
        return [self._pixels[start : start + 3 * side] for start in starts]
