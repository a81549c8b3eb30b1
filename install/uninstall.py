"""Uninstalling: whatever is ours, and nothing else; a person's models stay unless they are named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from install import launcher, plugin
from install.console import InstallError, say
from install.places import Places

MODELS = "models"


def uninstall(places: Places, chosen: Path | None = None, *, models: bool = False) -> list[Path]:
    """Remove the plug-ins, the launcher, the engines, logs and caches; say and return what was removed.

    Parameters
    ----------
    places
        Where everything is.
    chosen
        One more of GIMP's user folders.
    models
        Whether the models go too that the person fetched, trained or added.

    Raises
    ------
    InstallError
        When something could not be removed; the rest is gone.
    """
    removed: list[Path] = []
    kept: list[Path] = []
    failures: list[str] = []
    named = [places.gimp_folder("3.0"), *([chosen] if chosen else [])]  # GIMP3_DIRECTORY may name one
    for folder in dict.fromkeys([*places.existing_gimp_folders().values(), *plugin.recorded(places), *named]):
        try:
            if plugin.remove(folder):
                removed.append(plugin.target(folder))
        except OSError as error:
            failures.append(f"{plugin.target(folder)} ({error.strerror})")
    link = launcher.remove(places)
    removed += [link] if link else []
    for folder in places.own_folders:
        stays = folder / MODELS if not models and any((folder / MODELS).glob("*.onnx")) else None
        kept += [stays] if stays else []
        if _is_anything(folder, stays):
            problem = _remove_folder(folder, stays)
            if problem is None:
                removed.append(folder)
            else:
                failures.append(problem)
    for path in removed:
        say(f"Removed {path}")
    for path in kept:
        say(f"Kept your models in {path}; “python3 install uninstall --models” removes them too.")
    if failures:
        raise InstallError(f"Could not be removed: {', '.join(failures)}. Close GIMP, and run this again.")
    if not removed and not kept:
        say("GIMP Inpaint is not installed; there was nothing to remove.")
    return removed


def _is_anything(folder: Path, stays: Path | None) -> bool:
    """Tell whether there is something to remove."""
    if stays is None:
        return os.path.lexists(folder)
    return any(path != stays for path in folder.iterdir())


def _remove_folder(folder: Path, stays: Path | None) -> str | None:
    """Remove one of our folders, all but what stays, and say what stands in the way if anything does."""
    sandboxes = folder / "sandboxes"
    try:
        if sandboxes.is_dir():
            from install import sandbox  # noqa: PLC0415 - for tests on Linux only

            sandbox.remove(sandboxes)
        if stays is None:
            shutil.rmtree(folder)
        else:
            for path in folder.iterdir():
                if path != stays:
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError as error:
        return f"{folder} ({error.strerror or error})"
    except InstallError as error:
        return f"{folder} ({error})"
    return None
