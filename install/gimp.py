"""Every GIMP on this machine: by its program, or by the folder it made for this person."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from install.console import InstallError, run
from install.engine import in_flatpak
from install.places import FLATPAK_ID, Places

PROCEDURE = "plug-in-inpaint-fill"

_OWN_FILES = ("gimprc", "sessionrc", "pluginrc", "plug-ins")
"""What GIMP keeps in its user folder."""

_QUESTION = """\
import json
from gi.repository import Gimp
found = Gimp.get_pdb().lookup_procedure({procedure!r}) is not None
answer = json.dumps({{"folder": Gimp.directory(), "registered": found}})
open({path!r}, "w", encoding="utf-8").write(answer)
"""


@dataclass(frozen=True, slots=True)
class Gimp:
    """A GIMP 3 of one minor version, its user folder, and how it is started, if that is known."""

    minor: str
    folder: Path
    argv: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What to call it."""
        return f"GIMP {self.minor}"


@dataclass(frozen=True, slots=True)
class Found:
    """The GIMPs that can have the plug-in, and the versions of those that are too old."""

    gimps: tuple[Gimp, ...]
    too_old: tuple[str, ...] = ()
    flatpak: bool = False
    snap: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a running GIMP says: its user folder, and whether it knows our procedure."""

    folder: Path
    registered: bool


def find(places: Places, chosen: Path | None = None) -> Found:
    """Look for every GIMP.

    Parameters
    ----------
    places
        Whose machine.
    chosen
        A user folder of GIMP that the person named; then nothing else is looked for.
    """
    if chosen is not None:
        folder = chosen.absolute()
        folder = folder.parent if folder.name == "plug-ins" else folder
        _check_folder(folder)
        return Found((Gimp(folder.name, folder),), flatpak=places.has_flatpak)
    gimps = {minor: Gimp(minor, places.gimp_folder(minor)) for minor in places.existing_gimp_folders()}
    too_old = []
    for minor, argv in _programs(places):
        if int(minor.split(".")[0]) < 3:
            too_old.append(minor)
        elif not (minor in gimps and gimps[minor].argv):
            gimps[minor] = Gimp(minor, places.gimp_folder(minor), argv)
    ordered = tuple(sorted(gimps.values(), key=lambda gimp: _number(gimp.minor)))
    return Found(ordered, tuple(dict.fromkeys(too_old)), places.has_flatpak, places.has_snap)


def _check_folder(folder: Path) -> None:
    """Refuse what GIMP would not look into, so that a slip of the pen is no installation."""
    if not (re.fullmatch(r"3\.\d+", folder.name) or any((folder / name).exists() for name in _OWN_FILES)):
        raise InstallError(
            f"{folder} is no user folder of GIMP: it is not named for a version, such as 3.2, and GIMP never "
            "wrote to it. In GIMP, Edit ▸ Preferences ▸ Folders ▸ Plug-ins shows the right one."
        )


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", minor))


def _programs(places: Places) -> list[tuple[str, tuple[str, ...]]]:
    seen: set[Path] = set()
    found: list[tuple[str, tuple[str, ...]]] = []
    for program in places.gimp_programs():
        real = program.resolve()
        if real in seen:
            continue
        seen.add(real)
        minor = _ask_version([str(program), "--version"])
        if minor is not None:
            found.append((minor, (str(program),)))
    if places.has_flatpak and shutil.which("flatpak"):
        minor = _ask_version(["flatpak", "info", FLATPAK_ID])
        if minor is not None:
            found.append((minor, tuple(in_flatpak("gimp-console"))))
    return found


def _ask_version(argv: Sequence[str]) -> str | None:
    try:
        words = run(argv, timeout=60).stdout
    except InstallError:
        return None
    found = re.search(r"(?i)version:? +(\d+\.\d+)", words)
    return found[1] if found else None


def ask(gimp: Gimp, folder: Path) -> Answer | None:
    """Start GIMP without a window and ask it; None when it cannot be started or does not answer.

    A GIMP that was never started makes its user folder meanwhile, and takes over the settings of an older
    version, which it would not do if we made the folder.

    Parameters
    ----------
    gimp
        Whom to ask.
    folder
        For the answer's file; one that a sandboxed GIMP sees, too.
    """
    if not gimp.argv:
        return None
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
        path = Path(name) / "answer.json"
        question = _QUESTION.format(procedure=PROCEDURE, path=str(path))
        batch = ["--batch-interpreter=python-fu-eval", "-b", f"exec({question!r})", "--quit"]
        try:
            run([*gimp.argv, "-idf", *batch], timeout=180)
            answer = json.loads(path.read_text(encoding="utf-8"))
            return Answer(Path(answer["folder"]), bool(answer["registered"]))
        except (InstallError, OSError, ValueError, KeyError, TypeError):
            return None


def ensure_folder(gimp: Gimp, places: Places) -> Gimp:
    """Return the GIMP with a user folder that exists, made by GIMP itself where that is possible."""
    if gimp.folder.is_dir():
        return gimp
    answer = ask(gimp, places.data)
    if answer is not None and answer.folder.is_dir():
        return replace(gimp, folder=answer.folder)
    try:
        gimp.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InstallError(
            f"{gimp.folder} cannot be made ({error.strerror}). Start GIMP once, then try again."
        ) from error
    return gimp
