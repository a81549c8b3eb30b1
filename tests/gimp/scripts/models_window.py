"""In full GIMP on a virtual screen: the window for models, driven by keys alone.

A catalogued model is fetched from a server on the loopback, cancelled once; verified and removed; and a file
of the person's own is added. At last fills are made by models chosen in the dialog's list of methods.
"""

import hashlib
import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gi.repository import Gimp
from person import PATIENCE, photograph, press, show, wait_for_idle_engine, window, xdotool
from processes import _running, wait_for
from scene import EXCHANGE, PROCEDURE, answer, call

POINTER = Path(Gimp.directory()) / "plug-ins" / "inpaint" / "engine.json"
NETWORK, CARD, OWN = EXCHANGE / "a-net.onnx", EXCHANGE / "a-net.toml", EXCHANGE / "own.onnx"
COMMAND = "inpaint_core\0models"
LAST = Path(Gimp.directory()) / "plug-in-settings" / f"GimpProcedureConfigRun-{PROCEDURE}.last"
FIRST = 64
"""Bytes that the server sends of its first answer; then it keeps its client waiting."""


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        content = NETWORK.read_bytes()
        first = not self.server.asked
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:FIRST] if first else content)
        if first:
            self.server.ended.wait(60)

    def log_message(self, *_):
        pass


def main():
    answer(run)


def run():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads, server.asked, server.ended = True, [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    published = _catalogue() / CARD.name
    try:
        published.write_text(_card(server.server_address[1]), encoding="utf-8")
        return by_hand(server)
    finally:
        published.unlink(missing_ok=True)
        server.ended.set()
        server.shutdown()


def _catalogue():
    python = json.loads(POINTER.read_text())["python"]
    words = "from inpaint_core.deep.catalogue import FOLDER; print(FOLDER)"
    done = subprocess.run([python, "-I", "-c", words], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def _card(port):
    content = NETWORK.read_bytes()
    facts = {":9/": f":{port}/", "0" * 64: hashlib.sha256(content).hexdigest(), "7777": str(len(content))}
    text = CARD.read_text(encoding="utf-8")
    for mark, value in facts.items():
        text = text.replace(mark, value)
    return text


def models(run_mode=Gimp.RunMode.NONINTERACTIVE, **arguments):
    """Call the procedure, and return what it says."""
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-inpaint-models")
    config = procedure.create_config()
    config.set_property("run-mode", run_mode)
    for name, value in arguments.items():
        config.set_property(name, value)
    return json.loads(procedure.run(config).index(1))


def by_hand(server):
    """Call the procedure interactively while another thread presses keys in its window."""
    before = models()
    place = [each["id"] for each in before["models"]].index("a-net")
    folder = Path(before["folder"])
    seen = {}

    def person():
        opened = wait_for(lambda: window("^Inpaint: Models$"))
        try:
            seen.update(work(opened, place, folder, server))
        except Exception as error:
            seen["person"] = repr(error)
        finally:
            photograph("models-end")
            leave()

    hand = threading.Thread(target=person)
    hand.start()
    after = models(Gimp.RunMode.INTERACTIVE)
    hand.join()
    seen["filled"] = [filled(2), filled(3)]
    for path in folder.iterdir():  # a model that stayed would be the automatic method's choice
        path.unlink()
    LAST.unlink()  # what other tests find is what a new user finds
    return seen | {"after": [each["id"] for each in after["models"] if each["installed"]]}


def work(opened, place, folder, server):
    """Press the keys, and tell what became of each."""
    seen = {}
    settle()
    press(opened, "Home", *["Down"] * place)
    photograph("models-list")
    press(opened, "alt+f")
    confirm(opened, "alt+a")
    seen["asked"] = bool(wait_for(lambda: server.asked))
    pressed = time.monotonic()
    press(opened, "alt+c")
    settle()
    seen["cancelled in"] = time.monotonic() - pressed
    seen["left"] = files(folder)
    press(opened, "alt+f")
    confirm(opened, "alt+a")
    wait_for((folder / "a-net.toml").exists)
    settle()
    seen["fetched"] = files(folder)
    press(opened, "alt+v")
    seen["verified"] = bool(wait_for(lambda: _running("verify"), patience=10.0))
    settle()
    photograph("models-verified")
    press(opened, "alt+r")
    confirm(opened, "alt+r")
    wait_for(lambda: not (folder / "a-net.toml").exists())
    settle()
    seen["removed"] = files(folder)
    press(opened, "alt+a")
    chooser = wait_for(lambda: window("^Add a model$"))
    press(chooser, "slash")  # begins to ask for a path; what follows at once would be lost
    time.sleep(1.0)
    press(chooser, "ctrl+a")
    xdotool("type", "--delay", "20", str(OWN))
    press(chooser, "Return")
    wait_for((folder / "own.toml").exists, patience=60.0)
    settle()
    seen["added"] = files(folder)
    return seen


def filled(place):
    """Fill by the method at this place of the dialog's list; return the layer's name and the last values."""
    image, layer, display, _ = show(200, 160)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 80, 60, 40, 40)

    def person():
        opened = wait_for(lambda: window("^Fill Selection$"))
        wait_for_idle_engine()
        press(opened, "alt+m", "Home", *["Down"] * place)
        wait_for_idle_engine()
        photograph(f"models-fill-{place}")
        press(opened, "alt+o")
        while not wait_for(lambda: not window("^Fill Selection$")):
            press(opened, "Escape")

    hand = threading.Thread(target=person)
    hand.start()
    call(image, [layer], Gimp.RunMode.INTERACTIVE)
    hand.join()
    name = image.get_layers()[0].get_name()
    display.delete()
    return name, LAST.read_text(encoding="utf-8")


def confirm(opened, key):
    """Press a key in the question that the window asks."""
    asking = wait_for(lambda: (xdotool("getactivewindow").strip() or opened) != opened, patience=5.0)
    time.sleep(0.3)
    xdotool("key", "--clearmodifiers", key)
    wait_for(lambda: xdotool("getactivewindow").strip() == opened, patience=5.0)
    return asking


def settle():
    """Wait until no command for models runs; the window lists the models after each."""
    calm = 0
    while calm < 6:
        calm = 0 if _running(COMMAND) else calm + 1
        time.sleep(0.1)


def leave():
    """Close what is still open, questions first, until the window itself is closed."""
    deadline = time.monotonic() + PATIENCE
    while window("^Inpaint: Models$") and time.monotonic() < deadline:
        xdotool("key", "--clearmodifiers", "Escape")
        time.sleep(0.5)


def files(folder):
    return sorted(path.name for path in folder.glob("*") if path.name != ".lock")
