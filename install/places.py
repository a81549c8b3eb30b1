"""Where things are on this machine: our own folders, and GIMP's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

APPLICATION = "gimp-inpaint"
FLATPAK_ID = "org.gimp.GIMP"
CHECKOUT = Path(__file__).resolve().parents[1]

System = Literal["linux", "windows", "macos"]


def version(checkout: Path = CHECKOUT) -> str:
    """Return the version of the checkout, without importing it."""
    text = (checkout / "inpaint_core" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise ValueError("inpaint_core/__init__.py does not say its version")
    return found[1]


@dataclass(frozen=True)
class Places:
    """The folders of one user on one kind of system.

    `inpaint_core.places` names the same log and cache folders; a test holds the two together.
    """

    system: System
    home: Path
    env: Mapping[str, str]

    @classmethod
    def here(cls) -> Places:
        """Return the places of the person who runs this."""
        systems: dict[str, System] = {"win32": "windows", "darwin": "macos"}
        return cls(systems.get(sys.platform, "linux"), Path.home(), os.environ)

    def _from_env(self, name: str, default: str) -> Path:
        value = self.env.get(name, "")
        return Path(value) if value and Path(value).is_absolute() else self.home / default

    @property
    def data(self) -> Path:
        """The folder of everything we install, the plug-in and the launcher apart."""
        if self.system == "windows":
            return self._from_env("LOCALAPPDATA", "AppData/Local") / APPLICATION
        if self.system == "macos":
            return self.home / "Library/Application Support" / APPLICATION
        return self._from_env("XDG_DATA_HOME", ".local/share") / APPLICATION

    @property
    def engines(self) -> Path:
        """The folder with one folder for each engine that was installed."""
        return self.data / "engines"

    @property
    def record(self) -> Path:
        """The file that lists GIMP's folders into which the plug-in was placed."""
        return self.data / "placed.json"

    @property
    def log(self) -> Path:
        """The installer's own log."""
        return self.data / "install.log"

    @property
    def proof(self) -> Path:
        """The before/after picture."""
        return self.data / "before-after.png"

    @property
    def cache(self) -> Path:
        """The folder for what can be made again."""
        if self.system == "windows":
            return self.data / "Cache"
        if self.system == "macos":
            return self.home / "Library/Caches" / APPLICATION
        return self._from_env("XDG_CACHE_HOME", ".cache") / APPLICATION

    @property
    def engine_log(self) -> Path:
        """The folder of the engine's log."""
        if self.system == "windows":
            return self.data / "Logs"
        if self.system == "macos":
            return self.home / "Library/Logs" / APPLICATION
        return self._from_env("XDG_STATE_HOME", ".local/state") / APPLICATION / "log"

    @property
    def launcher(self) -> Path | None:
        """The file by which a shell finds `inpaint`; Windows has no folder for such files."""
        return None if self.system == "windows" else self.home / ".local/bin/inpaint"

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """Every folder that is ours alone."""
        folders = [self.data, self.cache, self.engine_log]
        if self.system == "linux":
            folders[-1] = self.engine_log.parent
            flatpak = self.home / ".var/app" / FLATPAK_ID
            folders += [flatpak / sub / APPLICATION for sub in ("data", "cache", ".local/state")]
        return tuple(folders)

    @property
    def gimp_folders(self) -> Path:
        """The folder in which every minor version of GIMP has its user folder; the Flatpak's, too."""
        if self.system == "windows":
            return self._from_env("APPDATA", "AppData/Roaming") / "GIMP"
        if self.system == "macos":
            return self.home / "Library/Application Support/GIMP"
        return self._from_env("XDG_CONFIG_HOME", ".config") / "GIMP"

    def gimp_folder(self, minor: str) -> Path:
        """Return the user folder of GIMP `minor`, such as ``"3.0"``; it need not exist."""
        chosen = self.env.get("GIMP3_DIRECTORY")
        return self.home / chosen if chosen else self.gimp_folders / minor

    def existing_gimp_folders(self) -> dict[str, Path]:
        """Return the user folders of GIMP 3 that exist, by minor version."""
        if not self.gimp_folders.is_dir():
            return {}
        names = sorted(path.name for path in self.gimp_folders.iterdir() if path.is_dir())
        return {name: self.gimp_folders / name for name in names if re.fullmatch(r"3\.\d+", name)}

    def gimp_programs(self) -> Iterator[Path]:
        """Yield the files that are GIMP, console programs first; snaps apart."""
        # On Windows the program with windows would open one.
        names = (
            r"gimp-console(-\d[\d.]*)?\.exe" if self.system == "windows" else r"gimp(-console)?(-\d[\d.]*)?"
        )
        for folder in self._program_folders():
            found = sorted(folder.glob("gimp*")) if folder.is_dir() else []
            named = [path for path in found if re.fullmatch(names, path.name)]
            yield from sorted(named, key=lambda path: "console" not in path.name)

    def _program_folders(self) -> list[Path]:
        if self.system == "windows":
            return self._windows_program_folders()
        path = [Path(part) for part in self.env.get("PATH", "").split(os.pathsep) if part]
        if self.system == "macos":
            applications = [self.home / "Applications", Path("/Applications")]
            bundles = [
                app for folder in applications if folder.is_dir() for app in sorted(folder.glob("GIMP*.app"))
            ]
            return [*(app / "Contents/MacOS" for app in bundles), *path]
        usual = [Path("/usr/local/bin"), Path("/usr/bin")]
        return [folder for folder in dict.fromkeys([*path, *usual]) if not _is_snap(folder)]

    def _windows_program_folders(self) -> list[Path]:
        local = self._from_env("LOCALAPPDATA", "AppData/Local")
        names = ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)")
        parents = [Path(self.env[name]) for name in names if self.env.get(name)]
        installed = [
            path / "bin"
            for parent in dict.fromkeys([*parents, local / "Programs"])
            if parent.is_dir()
            for path in sorted(parent.glob("GIMP*"))
        ]
        return [*installed, local / "Microsoft/WindowsApps"]

    @property
    def has_flatpak(self) -> bool:
        """Whether GIMP is installed as a Flatpak."""
        roots = (self.home / ".local/share/flatpak", Path("/var/lib/flatpak"))
        return self.system == "linux" and any((root / "app" / FLATPAK_ID).is_dir() for root in roots)

    @property
    def has_snap(self) -> bool:
        """Whether GIMP is installed as a Snap."""
        return self.system == "linux" and ((self.home / "snap/gimp").is_dir() or Path("/snap/gimp").is_dir())


def _is_snap(folder: Path) -> bool:
    return "snap" in folder.parts


def venv_python(venv: Path, system: System) -> Path:
    """Return the Python of a virtual environment."""
    return venv / ("Scripts/python.exe" if system == "windows" else "bin/python")


def venv_command(venv: Path, system: System) -> Path:
    """Return the program `inpaint` of a virtual environment."""
    return venv / ("Scripts/inpaint.exe" if system == "windows" else "bin/inpaint")
