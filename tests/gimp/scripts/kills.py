"""Kill the plug-in, or its engine, at several moments; look at the image and for what is left running."""

import os
import signal
import threading
import time
from pathlib import Path

from gi.repository import Gimp
from scene import add_layer, answer, call, new_image, stock, texture

ENGINE, PLUGIN = "inpaint_core.worker", "plug-ins/inpaint/inpaint.py"
SIDE = 1400


def main():
    answer(lambda: [run(name, moment, victim) for name, (moment, victim) in CASES.items()])


def run(name, moment, victim):
    image = new_image(SIDE, SIDE)
    tile = texture(SIDE, 40, 3)
    layer = add_layer(image, "photo", SIDE, SIDE, data=tile * (SIDE // 40))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 300, 300, 800, 800)
    before = stock(image)
    killed = []
    killer = threading.Thread(target=lambda: killed.append(kill(moment, victim)))
    killer.start()
    started = time.monotonic()
    status, message, _ = call(image, [layer], method="patch")
    seconds = time.monotonic() - started
    killer.join()
    left = wait_for_nobody()
    after = stock(image)
    image.delete()
    return {
        "name": name,
        "killed": killed[0],
        "status": status,
        "message": message,
        "unchanged": after == before,
        "left": left,
        "seconds": seconds,
    }


def kill(moment, victim):
    """Wait for the moment, then kill; tell whether there was somebody to kill."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if moment():
            found = processes(victim)
            for process in found:
                os.kill(process, signal.SIGKILL)
            return bool(found)
        time.sleep(0.005)
    return False


def processes(needle):
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if needle in words and state != "Z":
                found.append(int(folder.name))
    return found


def seconds_of_work(process):
    try:
        fields = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plugin_started():
    return bool(processes(PLUGIN))


def engine_started():
    return bool(processes(ENGINE))


def engine_at_work():
    return any(seconds_of_work(process) > 1.0 for process in processes(ENGINE))


class EngineGone:
    """The moment when the engine has given its answer and left: the new layer is being made."""

    def __init__(self):
        self.seen = False

    def __call__(self):
        there = engine_started()
        self.seen = self.seen or there
        return self.seen and not there


def wait_for_nobody():
    """Give processes half a second to notice, then return those that are still there."""
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline and (processes(ENGINE) or processes(PLUGIN)):
        time.sleep(0.02)
    return processes(ENGINE) + processes(PLUGIN)


CASES = {
    "plug-in as it starts": (plugin_started, PLUGIN),
    "plug-in as the engine starts": (engine_started, PLUGIN),
    "plug-in while the engine works": (engine_at_work, PLUGIN),
    "plug-in while the layer is made": (EngineGone(), PLUGIN),
    "engine as it starts": (engine_started, ENGINE),
    "engine while it works": (engine_at_work, ENGINE),
}
