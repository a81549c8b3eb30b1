"""The engine: a virtual environment of its own in a new folder for each installation."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from install import device, plugin
from install.console import InstallError, run, step
from install.places import (
    APPLICATION,
    CHECKOUT,
    FLATPAK_ID,
    Places,
    System,
    venv_command,
    venv_python,
    version,
)

DISK_BYTES = 1_000_000_000
"""What an installation needs for a while: the environment is about half of it."""

TRAIN_DISK_BYTES = 8_000_000_000
"""What PyTorch needs on top, with the libraries for a GPU that its package brings along on Linux."""

TRAIN_RECORD = "train"
"""The file in an engine's folder that tells the next installation to bring PyTorch along."""

FLATPAK = ("flatpak", "run", "--command={program}", FLATPAK_ID)
_SOURCE = ("inpaint_core", "pyproject.toml", "README.md", "LICENSE")

_CHOOSER = """#!/bin/sh
# A Flatpak and a native GIMP share their plug-ins folder, but not their Python.
if [ -e /.flatpak-info ]; then exec {flatpak} "$@"; fi
exec {native} "$@"
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """An installed engine."""

    folder: Path
    system: System

    @property
    def venv(self) -> Path:
        """The virtual environment made with the Python that runs the installer."""
        return self.folder / "venv"

    @property
    def flatpak_venv(self) -> Path:
        """The virtual environment made with the Flatpak's Python, where there is a Flatpak."""
        return self.folder / "flatpak"

    @property
    def python(self) -> Path:
        """The Python for this side."""
        return venv_python(self.venv, self.system)

    @property
    def plugin_python(self) -> Path:
        """What the plug-in starts: the same Python, or a file that chooses one where there is a Flatpak."""
        return self.chooser if self.chooser.exists() else self.python

    @property
    def chooser(self) -> Path:
        """The file that starts the Python of the side it is started on; where there is a Flatpak."""
        return self.folder / "python"

    @property
    def command(self) -> Path:
        """The program `inpaint`."""
        return venv_command(self.venv, self.system)

    @property
    def plugin(self) -> Path:
        """The plug-in that belongs to this engine, complete, to be copied into GIMP's folders."""
        return self.folder / "inpaint"


def make(
    places: Places, checkout: Path = CHECKOUT, *, train: bool | None = None, wanted: str = "auto"
) -> Engine:
    """Make an engine in a new folder; on failure nothing of it is left.

    Parameters
    ----------
    places
        Where it goes.
    checkout
        What is installed.
    train
        Whether PyTorch comes along; None is as the last time, else not.
    wanted
        What networks are to run on, one of `device.DEVICES`.

    Raises
    ------
    InstallError
        Saying what is missing or went wrong, and what to do.
    """
    before = installed(places)
    train = can_train(before) if train is None else train
    refuse_if_impossible(places, DISK_BYTES + (TRAIN_DISK_BYTES if train else 0))
    what, size = (f"{checkout}[train]", "up to 3 GB") if train else (str(checkout), "about 100 MB")
    chosen = device.choose(wanted, places.system, before)
    engine = Engine(_new_folder(places, version(checkout)), places.system)
    with discarded_on_failure(engine, places.log):
        with step("Making an environment for the engine"):
            succeed([sys.executable, "-I", "-m", "venv", engine.venv], places.log)
        with step(f"Installing the engine and its libraries ({size} to download)"):
            succeed(pip_install([engine.python], what), places.log)
        exchange_runtime([engine.python], chosen, places.log)
        device.record(engine.folder, chosen)
        if train:
            (engine.folder / TRAIN_RECORD).touch()
    return engine


def can_train(engines: Sequence[Path]) -> bool:
    """Tell whether the last of these engines, oldest first, was made with what training needs."""
    return bool(engines) and (engines[-1] / TRAIN_RECORD).exists()


@contextmanager
def discarded_on_failure(engine: Engine, log: Path) -> Iterator[None]:
    """Remove the engine when the block fails, and turn what the system says into a sentence."""
    try:
        yield
    except OSError as error:
        discard(engine.folder)
        raise InstallError(explain(str(error), log)) from error
    except BaseException:
        discard(engine.folder)
        raise


def refuse_if_impossible(places: Places, disk_bytes: int = DISK_BYTES) -> None:
    """Raise `InstallError` where this Python or this disk cannot have an engine."""
    for problem in (
        missing_venv(),
        store_python(),
        unwritable(places.data),
        disk_full(places.data, disk_bytes),
    ):
        if problem is not None:
            raise InstallError(problem)


def missing_venv() -> str | None:
    """Say which package brings the module `venv` where this Python lacks it."""
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return None
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get"):
        return f"Python's venv module is missing. Run “sudo apt install {package}”, then this again."
    return "Python's venv module is missing. Install it from your system's packages, then run this again."


def store_python() -> str | None:
    """Say that the Microsoft Store's Python hides what it writes from other programs."""
    if "WindowsApps" not in sys.base_prefix:
        return None
    return (
        "The Python of the Microsoft Store hides the files it writes from GIMP. Install Python from "
        "python.org, and run this again with “py install”."
    )


def unwritable(folder: Path) -> str | None:
    """Say that a folder, or the one that it would be made in, cannot be written, judged by trying."""
    existing = _existing(folder)
    try:
        probe = existing / f".{APPLICATION}-writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return (
            f"{existing} cannot be written ({error.strerror}). Make it yours or writable (after a “sudo” it "
            "may belong to root), and run this again."
        )
    return None


def disk_full(folder: Path, needed: int = DISK_BYTES) -> str | None:
    """Say that there is too little room for an engine."""
    free = shutil.disk_usage(_existing(folder)).free
    if free >= needed:
        return None
    return (
        f"The disk with {folder} is full: an engine needs {needed / 1e9:.1f} GB for a while, and "
        f"{free / 1e9:.1f} GB are free. Make room, and run this again."
    )


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _new_folder(places: Places, number: str) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%S")
    for attempt in range(100):
        folder = places.engines / (f"{number}-{stamp}" + (f"-{attempt}" if attempt else ""))
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        # Where folders are links or redirected, GIMP needs the place where the files really are.
        return folder.resolve()
    raise InstallError(f"No new folder can be made in {places.engines}.")


def pip_install(python: Sequence[str | Path], *what: str) -> list[str | Path]:
    """Return the argv that installs with the pip of `python`, under the person's own pip settings."""
    options = ("--no-input", "--disable-pip-version-check", "--no-warn-script-location")
    return [*python, "-I", "-X", "utf8", "-m", "pip", "install", *options, *what]


def exchange_runtime(python: Sequence[str | Path], chosen: str, log: Path) -> None:
    """Replace the usual ONNX Runtime by the one for a device, where that is another package."""
    distribution = device.DISTRIBUTIONS[chosen]
    if distribution.package == device.USUAL:
        return
    with step(f"Installing ONNX Runtime for {chosen} (about {distribution.size} to download)"):
        pip = (*python, "-I", "-X", "utf8", "-m", "pip")
        succeed([*pip, "uninstall", "--yes", "--disable-pip-version-check", device.USUAL], log)
        succeed(pip_install(python, distribution.requirement), log)


def add_flatpak(engine: Engine, log: Path, checkout: Path = CHECKOUT) -> None:
    """Make the second environment, with the Flatpak's own Python, and the file that chooses between the two.

    The Flatpak does not see every folder, so the source is copied into ours.

    Raises
    ------
    InstallError
        When the Flatpak cannot have an engine; then the first environment stays as it was.
    """
    source = engine.folder / "source"
    python = venv_python(engine.flatpak_venv, engine.system)
    try:
        source.mkdir()
        for name in _SOURCE:
            origin = checkout / name
            (shutil.copytree if origin.is_dir() else shutil.copy)(origin, source / name)
        succeed([*in_flatpak("python3"), "-I", "-m", "venv", engine.flatpak_venv], log)
        succeed(pip_install(in_flatpak(str(python)), str(source)), log)
        exchange_runtime(in_flatpak(str(python)), device.choose("auto", engine.system, [engine.folder]), log)
        write_chooser(engine)
    except (OSError, InstallError) as error:
        shutil.rmtree(engine.flatpak_venv, ignore_errors=True)
        raise InstallError(f"The Flatpak of GIMP cannot have an engine: {error}") from error
    finally:
        shutil.rmtree(source, ignore_errors=True)


def write_chooser(engine: Engine) -> None:
    """Write the file that starts the Python of the side it is started on."""
    native, flatpak = _quote(engine.python), _quote(venv_python(engine.flatpak_venv, engine.system))
    engine.chooser.write_text(_CHOOSER.format(native=native, flatpak=flatpak), encoding="utf-8")
    engine.chooser.chmod(0o755)


def in_flatpak(program: str) -> list[str]:
    """Return the beginning of an argv that runs `program` beside the Flatpak's GIMP."""
    return [word.format(program=program) for word in FLATPAK]


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"


def succeed(argv: Sequence[str | Path], log: Path) -> None:
    """Run a program, add what it says to the log, and raise `InstallError` when it fails."""
    done = run(argv)
    words = f"{done.stdout}\n{done.stderr}"
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"$ {' '.join(str(word) for word in argv)}\n{words}\n")
    if done.returncode != 0:
        raise InstallError(explain(words, log))


_REASONS = (
    (r"No space left on device|Errno 28|WinError 112", "The disk is full. Make room, and run this again."),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        (
            "The package index is not trusted: its certificate is unknown. Behind a company's proxy, set "
            "PIP_CERT to the company's certificate file, and run this again."
        ),
    ),
    (
        (
            r"name resolution|NewConnectionError|ConnectTimeout|ReadTimeout|Network is unreachable|"
            r"ProxyError|Failed to establish|getaddrinfo failed|Connection refused|Remote end closed"
        ),
        (
            "The package index cannot be reached. Check the network, and behind a proxy https_proxy or pip's "
            "settings; then run this again."
        ),
    ),
    (
        r"Permission denied|Errno 13|Access is denied|Read-only file system",
        "A folder cannot be written. Run “python3 install check” to see which.",
    ),
)


def explain(words: str, log: Path) -> str:
    """Return a sentence for what a program said when it failed."""
    for pattern, sentence in _REASONS:
        if re.search(pattern, words):
            return f"{sentence} (Details: {log})"
    missing = re.search(r"No matching distribution found for (\S+)", words)
    if missing:
        number = f"{sys.version_info.major}.{sys.version_info.minor}"
        return (
            f"There is no build of {missing[1]} for Python {number} on this machine. Run this with a Python "
            f"from 3.11 to 3.14. (Details: {log})"
        )
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)error", line)]
    return f"It failed: {(errors or lines or ['nothing was said'])[-1][:300]} (Details: {log})"


def works(python: Path) -> bool:
    """Tell whether a Python exists, starts and has the engine."""
    try:
        return run([python, "-I", "-c", "import inpaint_core"], timeout=120).returncode == 0
    except InstallError:
        return False


def installed(places: Places) -> list[Path]:
    """Return the folders of all engines, oldest first."""
    if not places.engines.is_dir():
        return []
    return sorted(
        (path for path in places.engines.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )


def tidy(places: Places, folders: Iterable[Path], keep: Path) -> list[Path]:
    """Remove the engines that no plug-in in GIMP's `folders` points to and nothing runs from.

    Returns
    -------
    list of Path
        Those that stay for now.
    """
    pointed = [python for folder in folders if (python := plugin.engine_of(folder)) is not None]
    stay = []
    for path in installed(places):
        real = path.resolve()
        if real == keep.resolve():
            continue
        if any(real in python.parents for python in pointed) or _runs_from(real) or not discard(path):
            stay.append(path)
    return stay


def _runs_from(folder: Path) -> bool:
    """Tell whether a process of ours has a file of `folder` in its command line (Linux only)."""
    needle = str(folder).encode()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if process.read_bytes().startswith(needle):
                return True
        except OSError:
            continue
    return False


def discard(folder: Path) -> bool:
    """Remove a folder as far as that is possible, and tell whether it is gone.

    It is renamed first, so that a half-removed engine is never taken for a whole one.
    """
    doomed = folder.with_name(f"removing-{folder.name.removeprefix('removing-')}")
    try:
        folder.rename(doomed)
    except OSError:
        return not folder.exists()
    shutil.rmtree(doomed, ignore_errors=True)
    return not doomed.exists()
