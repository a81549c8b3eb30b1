"""What runs beside GIMP: the plug-in, the engines that serve its runs, and the resident engine."""

import os
import tempfile
import time
from pathlib import Path

PLUGIN, OWN, RESIDENT = "plug-ins/inpaint/inpaint.py", "inpaint_core.worker", "inpaint_core.resident"


def plugins():
    return _running(PLUGIN)


def called():
    """Return the plug-in's processes that GIMP itself started: not those that become engines."""
    return [process for process in plugins() if _field(process, 1) == os.getppid()]


def engines():
    """Return the engines that serve a run: a plug-in's own, and the resident's forks."""
    waiting = _running(RESIDENT)
    return _running(OWN) + [process for process in waiting if _field(process, 1) in waiting]


def residents():
    """Return the resident engines that wait."""
    waiting = _running(RESIDENT)
    return [process for process in waiting if _field(process, 1) not in waiting]


def waits():
    """Tell whether a resident engine listens."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return bool(residents()) and any(folder.glob("gimp-inpaint-*/engine"))


def at_work():
    """Tell whether an engine has begun to compute."""
    own = _running(OWN)
    return any(seconds_of_work(each) > (1.0 if each in own else 0.15) for each in engines())


def seconds_of_work(process):
    return (_field(process, 11) + _field(process, 12)) / os.sysconf("SC_CLK_TCK")


def wait_for_nobody(patience=0.5):
    """Give plug-ins and engines some time to go, then return those that are still there."""
    deadline = time.monotonic() + patience
    while (there := plugins() + engines()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return there


def wait_for(what, patience=30.0):
    """Return the first true value of `what`, or its last one when patience ends."""
    deadline = time.monotonic() + patience
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def memory(process):
    """Return the bytes that belong to a process alone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("RssAnon:")[2].split()[0]) << 10 if "RssAnon:" in status else 0


def _running(needle):
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


def _field(process, number):
    """Return a number of ``/proc/…/stat``, counted from the state."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[number])
    except OSError:
        return 0
