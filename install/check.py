"""What is wrong, and what to do about it, in words."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from install import engine, gimp, installation, launcher, plugin
from install.console import run, say
from install.places import Places, version

AGAIN = "Run “python3 install” again."


def report(places: Places, chosen: Path | None = None) -> int:
    """Print every finding; return 0 when there is none, else 1."""
    found = gimp.find(places, chosen)
    for item in found.gimps:
        say(f"{item.title}: {item.folder}")
    for folder in engine.installed(places)[-1:]:
        say(f"Engine: {folder}")
    findings = list(look(places, found))
    for finding in findings:
        say(f"• {finding}")
    if not findings:
        say(f"Everything is in order: GIMP Inpaint {_installed_version(found)} is installed.")
    return 1 if findings else 0


def look(places: Places, found: gimp.Found) -> Iterator[str]:
    """Yield each finding as a sentence with what to do."""
    yield from look_at_python(places)
    yield from look_at_gimp(found)
    for item in found.gimps:
        yield from look_at_plugin(item)
    yield from look_at_leftovers(places, found)
    yield from look_at_launcher(places)


def look_at_python(places: Places) -> Iterator[str]:
    """Yield what would keep an engine from being made; the network only where none works yet."""
    for problem in (engine.missing_venv(), engine.store_python(), engine.unwritable(places.data)):
        if problem is not None:
            yield problem
    engines = engine.installed(places)
    if any(engine.works(engine.Engine(folder, places.system).python) for folder in engines):
        return
    if not engines:
        yield f"GIMP Inpaint is not installed: there is no engine in {places.engines}. Run “python3 install”."
    full = engine.disk_full(places.data)
    if full is not None:
        yield full
    unreachable = network()
    if unreachable is not None:
        yield unreachable


def network() -> str | None:
    """Say that pip cannot reach its index with this person's settings; None when it can, or without pip."""
    pip = _pip()
    if pip is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        asked = [
            "download",
            "--no-input",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-cache-dir",
            "--retries=1",
        ]
        argv = [sys.executable, *pip, *asked, "--timeout=15", f"--dest={folder}", "platformdirs"]
        done = run(argv, timeout=120)
    if done.returncode == 0:
        return None
    return engine.explain(f"{done.stdout}\n{done.stderr}", Path("pip download platformdirs"))


def _pip() -> list[str] | None:
    """Return how to start pip: the installed one, or the one that `venv` would copy."""
    if importlib.util.find_spec("pip"):
        return ["-I", "-m", "pip"]
    specification = importlib.util.find_spec("ensurepip")
    folders = [Path("/usr/share/python-wheels")]
    if specification is not None and specification.origin is not None:
        folders.insert(0, Path(specification.origin).parent / "_bundled")
    wheels = [wheel for folder in folders if folder.is_dir() for wheel in sorted(folder.glob("pip-*.whl"))]
    return [str(wheels[-1] / "pip")] if wheels else None


def look_at_gimp(found: gimp.Found) -> Iterator[str]:
    """Yield what is wrong with the GIMPs themselves."""
    for minor in found.too_old:
        yield f"GIMP {minor} is too old for this plug-in: it needs GIMP 3.0 or newer."
    if found.snap:
        yield installation.SNAP
    if not found.gimps:
        yield installation.NO_GIMP


def look_at_plugin(item: gimp.Gimp) -> Iterator[str]:
    """Yield what is wrong with the plug-in in one GIMP."""
    final = plugin.target(item.folder)
    if not os.path.lexists(final):
        yield f"{item.title} does not have the plug-in yet. {AGAIN}"
        return
    if not plugin.is_ours(final):
        yield f"{final} is another plug-in of that name, or a damaged one. Move it away. {AGAIN}"
        return
    if not os.access(final / "inpaint.py", os.X_OK):
        yield f"{final / 'inpaint.py'} lacks the run bit, so GIMP passes it over in silence. {AGAIN}"
    missing = [
        name for name in (*plugin.SHARED, "methods.json", plugin.POINTER) if not (final / name).is_file()
    ]
    if missing:
        yield f"{final} is incomplete: {', '.join(missing)} is missing. {AGAIN}"
    if not os.access(final.parent, os.W_OK):
        yield f"{final.parent} cannot be written, so no upgrade can be put there. Make it yours with chown."
    yield from _look_at_engine(item)


def _look_at_engine(item: gimp.Gimp) -> Iterator[str]:
    placed = plugin.pointer(item.folder)
    if not placed:
        return
    python, number = Path(placed.get("python", "")), placed.get("version")
    if number != version():
        yield f"{item.title} has the plug-in of version {number}; this is version {version()}. {AGAIN}"
    if not os.path.lexists(python):
        yield f"The engine of {item.title} is gone: there is no {python}. {AGAIN}"
    elif not python.exists():
        yield (
            f"The Python that the engine was made with is gone, perhaps after a system upgrade: {python} "
            f"leads nowhere. {AGAIN}"
        )
    elif not engine.works(python):
        yield f"The engine of {item.title} does not start ({python}), perhaps after a system upgrade. {AGAIN}"


def look_at_leftovers(places: Places, found: gimp.Found) -> Iterator[str]:
    """Yield the engines that no plug-in starts any more, and plug-ins in places where no GIMP is left."""
    folders = [*(item.folder for item in found.gimps), *plugin.recorded(places)]
    used = [python for folder in folders if (python := plugin.engine_of(folder)) is not None]
    newest = engine.installed(places)[-1:]
    for folder in engine.installed(places):
        if folder not in newest and not any(folder.resolve() in python.parents for python in used):
            yield f"{folder} is left over from another version. “python3 install” removes it, or delete it."
    for folder in plugin.recorded(places):
        passed_over = folder not in [item.folder for item in found.gimps] and plugin.is_ours(
            plugin.target(folder)
        )
        if passed_over and plugin.pointer(folder).get("version") != version():
            again = f"“python3 install --gimp-dir {folder}”"
            yield f"{plugin.target(folder)} is another version's plug-in. Upgrade it with {again}."


def look_at_launcher(places: Places) -> Iterator[str]:
    """Yield what is wrong with the command `inpaint`."""
    link = places.launcher
    if link is None or not os.path.lexists(link):
        return
    if not launcher.is_ours(places):
        yield f"{link} is another program, so “inpaint” is not this one. Rename it. {AGAIN}"
    elif not link.exists():
        yield f"{link} points to an engine that is gone. {AGAIN}"


def _installed_version(found: gimp.Found) -> str:
    return next((plugin.pointer(item.folder).get("version", "?") for item in found.gimps), "")
