"""The command `inpaint` on the path: a link in the folder for a person's own programs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from install.places import Places


def place(places: Places, command: Path) -> str:
    """Link `inpaint` to the engine's program, and return what to tell the person.

    A file of that name that is not ours is left alone.
    """
    link = places.launcher
    if link is None:
        return f"On the command line it is {command}"
    if os.path.lexists(link) and not is_ours(places):
        return f"{link} is another program and was left alone; on the command line this one is {command}"
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".inpaint-", dir=link.parent) as beside:
            new = Path(beside) / link.name
            new.symlink_to(command)
            new.replace(link)
    except OSError as error:
        return f"{link} cannot be written ({error.strerror}); on the command line it is {command}"
    if is_on_path(places):
        return "On the command line it is “inpaint”"
    return f"On the command line it is {link} (add {link.parent} to PATH to call it “inpaint”)"


def is_ours(places: Places) -> bool:
    """Tell whether the launcher is a link to one of our engines, perhaps to one that is gone."""
    link = places.launcher
    if link is None or not link.is_symlink():
        return False
    return places.engines.resolve() in Path(os.path.normpath(link.parent / link.readlink())).parents


def is_on_path(places: Places) -> bool:
    """Tell whether a shell looks into the launcher's folder."""
    link = places.launcher
    folders = [Path(part) for part in places.env.get("PATH", "").split(os.pathsep) if part]
    return link is not None and link.parent in folders


def remove(places: Places) -> Path | None:
    """Remove the launcher if it is ours, and return what was removed."""
    if not is_ours(places) or places.launcher is None:
        return None
    places.launcher.unlink()
    return places.launcher
