"""Kill the plug-in, or an engine, at several moments; look at the image and for what is left running."""

import hashlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from gi.repository import Gimp
from processes import at_work, engines, memory, plugins, residents, wait_for, wait_for_nobody, waits
from scene import add_layer, answer, call, new_image, read, texture


def main():
    answer(run)


def run():
    small = Case(1000, 1000, (200, 200, 600, 600), Gimp.Precision.U8_NON_LINEAR, "patch")
    ends = {
        "plug-in as it starts": small.run(plugins, plugins),
        "plug-in as its engine starts": small.run(engines, plugins),
        "own engine as it starts": small.run(engines, engines),
    }
    wait_for(waits)
    ends["engine while it works"] = small.run(at_work, engines)
    ends["resident engine while another works"] = small.run(at_work, residents)
    ends["own engine while it works"] = small.run(at_work, engines)
    wait_for(waits)
    large = Case(4000, 3000, (400, 400, 2400, 2000), Gimp.Precision.U16_NON_LINEAR, "harmonic")
    ends["plug-in while it reads"] = large.run(Reading(), plugins)
    ends["plug-in while the engine works"] = large.run(at_work, plugins)
    ends["plug-in while the layer is made"] = large.run(EngineGone(), plugins)
    ends["another GIMP while it fills"] = kill_another_gimp()
    ends["the run after that"] = small.run(engines, list)
    return ends


def kill_another_gimp():
    """Have a second GIMP fill a large picture, and kill it; both use one resident engine."""
    line = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import kills; kills.fill_large()"
    words = ["gimp-console", "-id", "--batch-interpreter=python-fu-eval", "-b", line, "--quit"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as gimp:
        killed = {}
        kill(at_work, lambda: [gimp.pid], killed)
    return killed | {"left": wait_for_nobody(), "residents": len(residents())}


def fill_large():
    """Fill for many seconds."""
    Case(4000, 3000, (400, 400, 2400, 2000), Gimp.Precision.U16_NON_LINEAR, "patch").run(lambda: True, list)


class Case:
    """A picture with a selection that is filled again and again, disturbed each time."""

    def __init__(self, width, height, selected, precision, method):
        self._image = new_image(width, height, precision=precision)
        tile = texture(width, 40, 3)
        self._layer = add_layer(self._image, "photo", width, height, data=tile * (height // 40))
        self._image.select_rectangle(Gimp.ChannelOps.REPLACE, *selected)
        self._method = method
        self._before = self._stock()

    def run(self, moment, victims):
        """Fill; kill the victims at the moment; tell how it ended, and for how long somebody was left."""
        killed = {}
        killer = threading.Thread(target=kill, args=(moment, victims, killed))
        killer.start()
        status, message, made = call(self._image, [self._layer], method=self._method)
        killer.join()
        left = wait_for_nobody()
        if made is not None:
            self._image.remove_layer(made)
        unchanged = self._stock() == self._before
        return killed | {"status": status, "message": message, "unchanged": unchanged, "left": left}

    def _stock(self):
        layers = [layer.get_name() for layer in self._image.get_layers()]
        drawables = ((self._layer, "R'G'B' u16"), (self._image.get_selection(), "Y u8"))
        return layers, [hashlib.sha256(read(*each)).hexdigest() for each in drawables]


def kill(moment, victims, killed):
    """Wait for the moment, then kill; tell whether somebody was there, and when all were gone."""
    wait_for(moment)
    found = victims()
    for process in found:
        os.kill(process, signal.SIGKILL)
    begin = time.monotonic()
    wait_for(lambda: not plugins() + engines())
    killed |= {"killed": len(found), "seconds": time.monotonic() - begin}


class Reading:
    """The moment when the plug-in reads the picture: it has grown by a third of it."""

    def __init__(self):
        self._small = None

    def __call__(self):
        if not engines() or not plugins():
            return False
        size = max(map(memory, plugins()))
        self._small = min(size, self._small or size)
        return size > self._small + (24 << 20)


class EngineGone:
    """The moment when the engine has given its answer and left: the new layer is being made."""

    def __init__(self):
        self._seen = False

    def __call__(self):
        there = bool(engines())
        self._seen = self._seen or there
        return self._seen and not there
