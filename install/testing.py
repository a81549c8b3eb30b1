"""`python3 install test`: a test environment, real GIMPs, and the whole suite."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from install import engine, gimp, sandbox
from install.console import InstallError, clean_environment, say, step
from install.places import CHECKOUT, Places, venv_python

SYSTEM = "system"
"""What a variable says instead of a folder when the system's own GIMP is to be used."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a GIMP for the tests is, or why there is none."""

    minor: str
    place: str | None
    reason: str = ""

    @property
    def variable(self) -> str:
        """The environment variable by which the tests learn of it."""
        return f"INPAINT_GIMP_{self.minor.replace('.', '_')}"


def main(arguments: Sequence[str]) -> int:
    """Make everything ready, run pytest with `arguments`, and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python3 install test",
        description="Run the test suite, with real GIMPs where there are any; other arguments go to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--remove", action="store_true", help="remove the test environment and the sandboxes instead"
    )
    parsed, for_pytest = parser.parse_known_args(arguments)
    places = Places.here()
    if parsed.remove:
        return remove(places)
    begin = time.monotonic()
    with ThreadPoolExecutor() as pool:
        environment = pool.submit(make_environment, places)
        gimps = gather_gimps(places)
        python = environment.result()
    status = run_pytest(python, gimps, for_pytest)
    missing = [ready for ready in gimps if ready.place is None]
    for ready in missing:
        say(f"Not tested: GIMP {ready.minor}, because {ready.reason}.")
    say(f"In all: {time.monotonic() - begin:.0f} s")
    if status == 0 and os.environ.get("CI") == "true" and any(ready.minor == "3.0" for ready in missing):
        say("Under CI=true a missing GIMP 3.0 is a failure.")
        return 1
    return status


def remove(places: Places) -> int:
    """Remove what this command keeps in the cache."""
    for folder in [*places.cache.glob("test-env-*"), places.cache / "sandboxes"]:
        if folder.exists():
            with step(f"Removing {folder}"):
                sandbox.remove(folder)
    return 0


def make_environment(places: Places) -> Path:
    """Return the Python of an environment with this checkout in it, editable, and what its tests need."""
    problem = engine.missing_venv()
    if problem is not None:
        raise InstallError(problem)
    venv = places.cache / f"test-env-{_short_hash(str(CHECKOUT))}"
    python, stamp, log = venv_python(venv, places.system), venv / "stamp.json", venv.with_suffix(".log")
    wanted = {"checkout": str(CHECKOUT), "recipe": _recipe()}
    _remove_orphans(places.cache)
    if _read_stamp(stamp) != wanted or not python.exists():
        begin = time.monotonic()
        venv.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")
        engine.succeed([sys.executable, "-I", "-m", "venv", "--clear", venv], log)
        engine.succeed(engine.pip_install([python], "--editable", f"{CHECKOUT}[test]"), log)
        stamp.write_text(json.dumps(wanted), encoding="utf-8")
        say(f"The test environment: {time.monotonic() - begin:.0f} s")
    return python


def _remove_orphans(cache: Path) -> None:
    """Remove the environments of checkouts that are gone."""
    for stamp in cache.glob("test-env-*/stamp.json"):
        if not Path(_read_stamp(stamp).get("checkout", CHECKOUT)).exists():
            shutil.rmtree(stamp.parent)


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        document = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _recipe() -> str:
    return _short_hash(
        sys.version, sys.base_prefix, (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    )


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def gather_gimps(places: Places) -> list[Ready]:
    """Get a real GIMP of every version: in sandboxes, else the system's own."""
    if places.system != "linux":
        return system_gimps(places, "sandboxes need Linux")
    reason = sandbox.why_not()
    if reason is not None:
        return system_gimps(places, reason)
    folder = places.cache / "sandboxes"
    say(f"GIMP for the tests, in private Debian systems kept in {folder}")
    begin = time.monotonic()

    def tell(words: str) -> None:
        say(f"  {time.monotonic() - begin:3.0f} s  {words}")

    def build(recipe: sandbox.Recipe) -> Ready:
        try:
            root = sandbox.build(recipe, folder, tell)
        except (InstallError, OSError, subprocess.SubprocessError) as error:
            return Ready(recipe.gimp, None, str(error).rstrip("."))
        tell(f"GIMP {recipe.gimp} is ready")
        return Ready(recipe.gimp, str(root))

    with _sign_of_life(begin), ThreadPoolExecutor() as pool:
        return list(pool.map(build, sandbox.RECIPES))


@contextlib.contextmanager
def _sign_of_life(begin: float, seconds: float = 20.0) -> Iterator[None]:
    """Say now and then that work goes on."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(seconds):
            say(f"  {time.monotonic() - begin:3.0f} s  …")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def system_gimps(places: Places, reason: str) -> list[Ready]:
    """Use the GIMPs that are installed on this system."""
    own = {item.minor for item in gimp.find(places).gimps if item.argv}
    return [
        Ready(recipe.gimp, SYSTEM)
        if recipe.gimp in own
        else Ready(recipe.gimp, None, f"{reason}, and this system has no GIMP {recipe.gimp} of its own")
        for recipe in sandbox.RECIPES
    ]


def run_pytest(python: Path, gimps: Sequence[Ready], arguments: Sequence[str]) -> int:
    """Run pytest in the checkout, telling it where the GIMPs are."""
    variables = {ready.variable: ready.place for ready in gimps if ready.place is not None}
    say("Running the tests")
    sharing = ("--numprocesses=auto", "--dist=loadscope", "--no-loadscope-reorder")  # see tests/conftest.py
    done = subprocess.run(
        [python, "-m", "pytest", *sharing, *arguments],
        cwd=CHECKOUT,
        env=clean_environment() | variables,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode
