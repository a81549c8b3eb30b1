"""Uninstalling: whatever is ours, and nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from install import launcher, plugin
from install.console import InstallError, say
from install.places import Places


def uninstall(places: Places, chosen: Path | None = None) -> list[Path]:
    """Remove the plug-ins, the launcher, the engines, logs and caches; say and return what was removed.

    Raises
    ------
    InstallError
        When something could not be removed; the rest is gone.
    """
    removed: list[Path] = []
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
        if os.path.lexists(folder):
            problem = _remove_folder(folder)
            if problem is None:
                removed.append(folder)
            else:
                failures.append(problem)
    for path in removed:
        say(f"Removed {path}")
    if failures:
        raise InstallError(f"Could not be removed: {', '.join(failures)}. Close GIMP, and run this again.")
    if not removed:
        say("GIMP Inpaint is not installed; there was nothing to remove.")
    return removed


def _remove_folder(folder: Path) -> str | None:
    """Remove one of our folders, and say what stands in the way if anything does."""
    sandboxes = folder / "sandboxes"
    try:
        if sandboxes.is_dir():
            from install import sandbox  # noqa: PLC0415 - for tests on Linux only

            sandbox.remove(sandboxes)
        shutil.rmtree(folder)
    except OSError as error:
        return f"{folder} ({error.strerror or error})"
    except InstallError as error:
        return f"{folder} ({error})"
    return None
