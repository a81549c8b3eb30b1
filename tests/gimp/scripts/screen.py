"""In full GIMP on a virtual screen: the dialog, undo and redo by keys, and GIMP's own cancel.

This script runs beside GIMP's windows; the window manager has no compositor.
"""

import json
import os
import threading
import time
from pathlib import Path

import mishaps
from gi.repository import Gimp
from person import photograph, press, show, wait_for_idle_engine, window, xdotool
from processes import at_work, called, engines, plugins, wait_for, wait_for_nobody
from scene import PROCEDURE, answer, call, read, stock, write

DOCK = 232
"""Width in pixels of the dock right of the image, with GIMP's own settings."""

PAUSE = "until the preview is there"
METHODS = Path(Gimp.directory()) / "plug-ins" / "inpaint" / "methods.json"


def keys_to(method):
    """Return the keys that choose this method."""
    listed = [each["id"] for each in json.loads(METHODS.read_text())["methods"]]
    return ["alt+m", "Home", *["Down"] * listed.index(method)]


def main():
    scenes = (menu, dialog, sources, undo, cancel, *mishaps.SCENES)
    answer(lambda: {scene.__name__: scene() for scene in scenes})


def menu():
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    return [procedure.get_menu_paths(), procedure.get_menu_label()]


def dialog():
    """Confirm the dialog as it opens, then with another method chosen by keys, then cancel it.

    At the end, run once more with the last values and no dialog.
    """
    image, layer, display, _ = show(400, 320)
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 120, 100, 90, 80)
    runs = {
        "plain": by_hand(image, layer, "plain", "alt+o"),
        "variants": by_hand(image, layer, "variants", PAUSE, *(2 * ["alt+a", PAUSE]), "alt+k")
        | variants(image),
        "smooth": by_hand(image, layer, "smooth", *keys_to("harmonic"), "alt+o"),
        "given up": by_hand(image, layer, "given-up", "Escape"),
        "last": report(*call(image, [layer], Gimp.RunMode.WITH_LAST_VALS)),
        "again": again(image, layer),
    }
    display.delete()
    return runs


def sources():
    """Change where content comes from between variants: keep all of them, then go on from an older one.

    The picture is red on the left and green on the right, each with a channel; the hole is between. The
    second dialog begins with the channel that was chosen last, the red one; before the thumbnails, the keys
    pass "Keep all".
    """
    image, layer, display, _ = show(400, 320)
    halves = (b"\xc8\x14\x14" * 200 + b"\x14\xc8\x14" * 200) * 320
    write(layer, "R'G'B' u8", halves)
    for x in (0, 200):
        image.select_rectangle(Gimp.ChannelOps.REPLACE, x, 0, 200, 320)
        Gimp.Selection.save(image)
    image.set_selected_layers([layer])
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 180, 140, 40, 40)
    channel = ("alt+n", "alt+e", *4 * ["Down"], "Tab", "Down", PAUSE, "Down", PAUSE)
    kept = by_hand(image, layer, "sources", *keys_to("patch"), PAUSE, *channel, "alt+k")
    variants = image.get_layers()[0].get_children() if kept["made"] else []
    kept["colours"] = [colour(variant) for variant in variants]
    visible = ("alt+n", "alt+e", "Up", PAUSE)
    first = ("alt+m", *3 * ["shift+Tab"], "space", "alt+a", PAUSE, "alt+o")
    chosen = by_hand(image, layer, "older", PAUSE, *visible, *first)
    chosen["colour"] = colour(image.get_layers()[0])
    display.delete()
    return {"kept": kept, "older": chosen}


def colour(layer):
    """Return the mean red and green of a layer."""
    pixels = read(layer, "R'G'B' u8")
    return [sum(pixels[channel::3]) * 3 // len(pixels) for channel in (0, 1)]


def again(image, layer):
    """Fill with the last settings, and count the processes that GIMP starts for it."""
    earlier, seen, done = set(called()), set(), threading.Event()  # the run before may be about to end

    def watch():
        while not done.wait(0.01):
            seen.update(called())

    watcher = threading.Thread(target=watch)
    watcher.start()
    answered = report(*call(image, [layer], name="plug-in-inpaint-fill-again"))
    done.set()
    watcher.join()
    return answered | {"processes": len(seen - earlier)}


def by_hand(image, layer, name, *keys):
    """Call the plug-in interactively while another thread presses `keys` in its dialog."""
    seen = []

    def person():
        xdotool("mousemove", "0", "0")  # no tooltip in the pictures
        opened = wait_for(lambda: window("^Fill Selection$"))
        seen.append(opened)
        for key in keys:
            if key == PAUSE:
                wait_for_idle_engine()
                continue
            if key == keys[-1]:
                time.sleep(0.5)
                photograph(f"dialog-{name}")
            press(opened, key)
        while not wait_for(lambda: not window("^Fill Selection$")):
            press(opened, "Escape")  # which may close a list only

    hand = threading.Thread(target=person)
    hand.start()
    answered = report(*call(image, [layer], Gimp.RunMode.INTERACTIVE))
    hand.join()
    return answered | {"opened": seen != [None]}


def variants(image):
    """Tell which layers of the group at the top are visible, and take it away.

    GIMP adds a number to a name that another layer has already.
    """
    group = image.get_layers()[0]
    visible = {layer.get_name().partition(" #")[0]: layer.get_visible() for layer in group.get_children()}
    image.remove_layer(group)
    return {"visible": visible, "cores": len(os.sched_getaffinity(0))}


def report(status, message, made):
    return {"status": status, "message": message, "made": made and made.get_name()}


def press_cancel(main_window):
    """Click on the button at the right end of the status bar, under the image; return when that was."""
    shell = dict(line.split("=") for line in xdotool("getwindowgeometry", "--shell", main_window).split())
    x, y = int(shell["WIDTH"]) - DOCK - 48, int(shell["HEIGHT"]) - 20
    xdotool("windowactivate", "--sync", main_window)
    for step in (8, 0):  # a button wants to see the pointer come
        xdotool("mousemove", "--window", main_window, str(x + step), str(y))
        time.sleep(0.2)
    xdotool("click", "1")
    return time.monotonic()


def undo():
    """Fill, press Ctrl+Z, press Ctrl+Y, and take stock each time."""
    image, layer, display, main_window = show(400, 320)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 120, 100, 60, 50)
    before = stock(image)
    status, message, made = call(image, [layer], method="patch")
    filled, pixels = stock(image), read(made, "R'G'B'A u8")
    press(main_window, "ctrl+z")
    wait_for(lambda: len(image.get_layers()) == 1)
    undone = stock(image)
    press(main_window, "ctrl+y")
    wait_for(lambda: len(image.get_layers()) == 2)
    redone = stock(image)
    again = len(image.get_layers()) == 2 and read(image.get_layers()[0], "R'G'B'A u8") == pixels
    display.delete()
    return {
        "status": status,
        "message": message,
        "changed": filled != before,
        "undone": undone == before,
        "redone": redone["layers"] == filled["layers"] and again,
    }


def cancel():
    """Start a long fill by its shortcut key, and press Cancel beside its progress bar."""
    image, _, display, main_window = show(2400, 2000)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 300, 300, 1500, 1400)
    before = stock(image)
    press(main_window, "ctrl+alt+i")
    press(wait_for(lambda: window("^Fill Selection$")), "alt+o")
    working = wait_for(at_work)
    photograph("progress")
    pressed = press_cancel(main_window)
    gone = wait_for(lambda: not plugins() + engines(), patience=5.0)
    seconds = time.monotonic() - pressed
    photograph("cancelled")
    answered = {
        "working": working,
        "gone": gone,
        "seconds": seconds,
        "left": wait_for_nobody(),
        "unchanged": stock(image) == before,
    }
    display.delete()
    return answered
