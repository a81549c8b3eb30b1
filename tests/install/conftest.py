"""A made-up home, and one engine that is installed for real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from install.places import CHECKOUT, Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A home of nobody, on Linux, with a path on which no GIMP is."""
    home = tmp_path / "home"
    home.mkdir()
    return Places("linux", home, {"PATH": str(home / "bin")})


@dataclass(frozen=True)
class Installed:
    """What `python3 install` left in a home that was empty, after its source was deleted."""

    home: Path
    said: str

    @property
    def places(self) -> Places:
        return Places("linux", self.home, {"PATH": ""})

    def run(self, source: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_installer(source, self.home, *arguments)


def run_installer(source: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python3 install`` of `source` from another folder, for the person whose home is `home`."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "SUDO_", "GIMP3_"))}
    return subprocess.run(
        [sys.executable, source / "install", *arguments],
        cwd=home,
        env={**own, "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=500,
        check=False,
    )


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as a source archive has it, without .git, in a folder with a difficult name."""
    folder = tmp_path_factory.mktemp("downloads") / "GIMP Inpaint (ü)"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "shared")
    shutil.copytree(CHECKOUT, folder, ignore=ignored)
    return folder


@pytest.fixture(scope="session")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A person with the folder of a GIMP 3.0 (started once, its program elsewhere) who installed."""
    home = tmp_path_factory.mktemp("home of Zoë")
    (home / ".config/GIMP/3.0").mkdir(parents=True)
    before = contents(source)
    done = run_installer(source, home)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert contents(source) == before, "the source was changed"
    yield Installed(home, done.stdout)
    shutil.rmtree(home)


def contents(source: Path) -> dict[str, bytes]:
    """Every file of a source, but what Python itself keeps of a program that is started as a folder."""
    paths = [path for path in source.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    return {str(path): path.read_bytes() for path in paths}
