"""The plug-in's folder: assembled once, copied into GIMP's folders, switched by a rename."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from install import translations
from install.console import InstallError, run
from install.places import CHECKOUT, Places, version

NAME = "inpaint"
POINTER = "engine.json"
SHARED = ("wire.py", "geometry.py")
"""Modules that plug-in and engine have in common, byte for byte."""

_STAGING = ".gimp-inpaint-"
_SIGN = "plug-in-inpaint-fill"


def assemble(folder: Path, python: Path, checkout: Path = CHECKOUT) -> None:
    """Make `folder` a complete plug-in that starts the engine of `python`.

    Parameters
    ----------
    folder
        Made, with its parents; it must not exist. For GIMP to load it, its name is ``inpaint``.
    python
        The absolute path of a Python that has `inpaint_core`.
    checkout
        Where `gimp_plugin` and `inpaint_core` are.

    Raises
    ------
    InstallError
        When the engine of `python` does not answer.
    OSError
        When something cannot be read or written.
    """
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", POINTER)
    shutil.copytree(checkout / "gimp_plugin" / NAME, folder, ignore=ignored)
    for module in SHARED:
        shutil.copyfile(checkout / "inpaint_core" / module, folder / module)
    translations.place(checkout / "gimp_plugin" / "po", folder / "locale")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "inpaint.py").chmod(0o755)
    (folder / "methods.json").write_text(methods_json(python), encoding="utf-8")
    pointer = {"python": str(python), "version": version(checkout)}
    (folder / POINTER).write_text(json.dumps(pointer, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def methods_json(python: Path) -> str:
    """Return what the plug-in builds its procedures and dialog from, as the engine prints it."""
    done = run([python, "-I", "-X", "utf8", "-m", "inpaint_core", "methods", "--json"], timeout=120)
    try:
        document = json.loads(done.stdout)
        listed = [str(method["id"]) for method in document["methods"]]
    except (ValueError, KeyError, TypeError):
        listed = []
    if done.returncode != 0 or not listed:
        raise InstallError(f"The new engine does not list its methods: {done.stderr.strip()[-300:]}")
    return done.stdout


def target(gimp_folder: Path) -> Path:
    """Return where the plug-in stands in a user folder of GIMP."""
    return gimp_folder / "plug-ins" / NAME


def is_ours(folder: Path) -> bool:
    """Tell whether a folder in GIMP's plug-ins is this plug-in, of whatever version."""
    try:
        return _SIGN in (folder / "inpaint.py").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def place(plugin: Path, gimp_folder: Path) -> None:
    """Copy an assembled plug-in into a user folder of GIMP, which is made when it is missing.

    It is staged beside the plug-ins folder, where GIMP does not look, and renamed into it; what stood there
    before comes back when that fails.

    Raises
    ------
    InstallError
        When something else has the plug-in's name, or the folder cannot be written.
    """
    final = target(gimp_folder)
    if os.path.lexists(final) and not is_ours(final):
        raise InstallError(
            f"{final} is another plug-in, or a damaged one, and was left alone. Move it away, then try again."
        )
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _clear_staging(gimp_folder)
        with tempfile.TemporaryDirectory(
            prefix=_STAGING, dir=gimp_folder, ignore_cleanup_errors=True
        ) as name:
            staging = Path(name)
            shutil.copytree(plugin, staging / "new")
            _switch(staging / "new", final, staging / "old")
    except OSError as error:
        raise InstallError(
            f"The plug-in cannot be put into {final.parent} ({error.strerror}); what was there still is. "
            "Make the folder writable, close GIMP, and run this again."
        ) from error


def _clear_staging(gimp_folder: Path) -> None:
    for left in gimp_folder.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _switch(new: Path, final: Path, old: Path) -> None:
    if not os.path.lexists(final):
        new.rename(final)
        return
    final.rename(old)
    try:
        new.rename(final)
    except OSError:
        old.rename(final)
        raise


def remove(gimp_folder: Path) -> bool:
    """Remove the plug-in, and what GIMP remembers of its settings, from a user folder of GIMP."""
    _clear_staging(gimp_folder)
    for settings in (gimp_folder / "plug-in-settings").glob("plug-in-inpaint*"):
        settings.unlink()
    final = target(gimp_folder)
    if not is_ours(final):
        return False
    if final.is_symlink():
        final.unlink()
    else:
        shutil.rmtree(final)
    return True


def pointer(gimp_folder: Path) -> dict[str, str]:
    """Return what the placed plug-in's ``engine.json`` says; nothing when it cannot be read."""
    try:
        document = json.loads((target(gimp_folder) / POINTER).read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in document.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def engine_of(gimp_folder: Path) -> Path | None:
    """Return the Python that the placed plug-in starts."""
    python = pointer(gimp_folder).get("python")
    return None if python is None else Path(python)


def recorded(places: Places) -> list[Path]:
    """Return GIMP's folders into which the plug-in was placed on former runs."""
    try:
        document = json.loads(places.record.read_text(encoding="utf-8"))
        return [Path(item) for item in document if isinstance(item, str)]
    except (OSError, ValueError, TypeError):
        return []


def record(places: Places, gimp_folders: Iterable[Path]) -> None:
    """Remember that the plug-in was placed into these folders, besides those of before that still have it."""
    known = [folder for folder in recorded(places) if is_ours(target(folder))]
    listed = [str(folder) for folder in dict.fromkeys([*known, *gimp_folders])]
    beside = places.record.with_suffix(".new")
    beside.write_text(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    beside.replace(places.record)
