"""What may go wrong while the dialog is open or a fill is under way, in full GIMP on a virtual screen."""

import os
import signal
import subprocess
import threading

from gi.repository import Gimp
from person import press, show, wait_for_idle_engine, window
from processes import at_work, engines, plugins, wait_for, wait_for_nobody
from scene import add_layer, call, items, stock, write

HOLE = (120, 100, 60, 50)
OTHER = (220, 180, 40, 30)
DIALOG, SPOTS, MESSAGE = "^Fill Selection$", "^Remove Spots$", "GIMP Message"
TEAL = bytes([20, 130, 140])


def closed():
    """Close the image while its dialog is open, then confirm."""
    image, _, display, main_window = show(400, 320)
    dialog = opened(image, main_window)
    display.delete()
    return confirmed(dialog) | {"image": image.is_valid()}


def deleted():
    """Delete the layer while its dialog is open, then confirm."""
    image, layer, display, main_window = show(400, 320)
    add_layer(image, "beneath", 400, 320, position=1, data=bytes(400 * 320 * 3))
    image.set_selected_layers([layer])
    dialog = opened(image, main_window)
    image.remove_layer(layer)
    before = stock(image)
    end = confirmed(dialog) | {"unchanged": stock(image) == before}
    display.delete()
    return end


def selected():
    """Select something else while the dialog is open, then confirm: that is filled."""
    image, _, display, main_window = show(400, 320)
    dialog = opened(image, main_window)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *OTHER)
    end = confirmed(dialog) | {"made": box(items(image)[0]), "layers": len(items(image))}
    display.delete()
    return end


def killed():
    """Kill the engine while the dialog is open, then choose another method and confirm."""
    image, _, display, main_window = show(400, 320)
    dialog = opened(image, main_window)
    for process in engines():
        os.kill(process, signal.SIGKILL)
    press(dialog, "alt+m", "Home")
    anew = wait_for(engines, patience=5.0)
    wait_for_idle_engine()
    end = confirmed(dialog) | {"made": box(items(image)[0]), "layers": len(items(image)), "anew": bool(anew)}
    display.delete()
    return end


def both():
    """Fill another image while one is being filled."""
    image, _, display, main_window = show(2400, 2000)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 300, 300, 1500, 1400)
    press(main_window, "ctrl+alt+i")
    press(wait_for(lambda: window(DIALOG)), "alt+o")
    wait_for(at_work)
    first = plugins()
    other = Gimp.Image.new(200, 200, Gimp.ImageBaseType.RGB)
    layer = add_layer(other, "photo", 200, 200)
    other.select_rectangle(Gimp.ChannelOps.REPLACE, 80, 80, 30, 30)
    status, message, made = call(other, [layer], method="patch")
    meanwhile = bool(set(first) & set(plugins()))
    wait_for(lambda: len(items(image)) == 2)
    end = {
        "meanwhile": meanwhile,
        "made": [box(items(image)[0]), made and box(made)],
        "status": status,
        "message": message,
        "left": wait_for_nobody(5.0),
    }
    display.delete()
    other.delete()
    return end


def no_spots():
    """Look for spots where there are none, then confirm; tell how much the dialog shows of the picture."""
    image, layer, display, _ = show(400, 320)
    write(layer, "R'G'B' u8", TEAL * (400 * 320))
    before = stock(image)
    shown = []

    def person():
        dialog = wait_for(lambda: window(SPOTS))
        wait_for_idle_engine()
        shown.append(teal_pixels(dialog))
        press(dialog, "alt+o")

    hand = threading.Thread(target=person)
    hand.start()
    status, message, _ = call(image, [layer], Gimp.RunMode.INTERACTIVE, "plug-in-inpaint-spots")
    hand.join()
    end = {"status": status, "message": message, "unchanged": stock(image) == before, "shown": shown}
    display.delete()
    return end


def teal_pixels(window_id):
    """Return how many pixels of a window are as those of the picture."""
    picture = subprocess.run(
        ["import", "-window", window_id, "-depth", "8", "rgb:-"], capture_output=True, check=False, timeout=30
    )
    return picture.stdout.count(TEAL)


def opened(image, main_window):
    """Open the dialog for a hole, and return it when its preview is there."""
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    press(main_window, "ctrl+alt+i")
    dialog = wait_for(lambda: window(DIALOG))
    wait_for_idle_engine()
    return dialog


def confirmed(dialog):
    """Press OK; tell whether GIMP showed a message, which is closed again, and what is left running."""
    press(dialog, "alt+o")
    left = wait_for_nobody(20.0)
    told = wait_for(lambda: window(MESSAGE), patience=1.0)
    if told:
        press(told, "Escape")
        wait_for(lambda: not window(MESSAGE))
    return {"told": bool(told), "left": left, "dialog": bool(window(DIALOG))}


def box(layer):
    return [*list(layer.get_offsets())[1:], layer.get_width(), layer.get_height()]


SCENES = (closed, deleted, selected, killed, both, no_spots)
