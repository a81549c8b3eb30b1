"""What a person does at GIMP's windows, done with xdotool."""

import subprocess
import time

from gi.repository import Gimp
from processes import engines, seconds_of_work, wait_for
from scene import EXCHANGE, add_layer, new_image, texture

PATIENCE = 60.0
IDLE_SECONDS = 1.5
"""An engine that has done nothing for so long has answered all it was asked."""


def xdotool(*words):
    return subprocess.run(["xdotool", *words], capture_output=True, text=True, check=False, timeout=30).stdout


def window(name):
    """Return the visible window whose title contains `name`."""
    found = xdotool("search", "--onlyvisible", "--name", name).split()
    return found[-1] if found else None


def photograph(name):
    subprocess.run(["import", "-window", "root", str(EXCHANGE / f"{name}.png")], check=False, timeout=30)


def show(width, height):
    """Open an image in a maximised window with nothing in front of it."""
    image = new_image(width, height)
    tile = texture(width, 40, 3)
    layer = add_layer(image, "photo", width, height, data=tile * (height // 40))
    display = Gimp.Display.new(image)
    main_window = wait_for(lambda: window("Untitled"))
    if len(Gimp.get_images()) == 1:
        dismiss_welcome()
    return image, layer, display, main_window


def dismiss_welcome():
    """Some GIMPs welcome everybody, whatever their settings say."""
    welcome = wait_for(lambda: window("Welcome to GIMP"), patience=2.0)
    if welcome:
        press(welcome, "Escape")
        wait_for(lambda: not window("Welcome to GIMP"))


def press(window_id, *keys):
    xdotool("windowactivate", "--sync", window_id)
    for key in keys:
        xdotool("key", "--clearmodifiers", key)
        time.sleep(0.3)


def wait_for_idle_engine():
    """Return when the engine has worked, and does no more."""
    deadline, worked, since = time.monotonic() + PATIENCE, 0.0, time.monotonic()
    while time.monotonic() < deadline and (not worked or time.monotonic() - since < IDLE_SECONDS):
        now = sum(map(seconds_of_work, engines()))
        if now != worked:
            worked, since = now, time.monotonic()
        time.sleep(0.1)
