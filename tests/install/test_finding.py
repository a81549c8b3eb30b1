"""Where our folders and GIMP's are: on made-up homes of every system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inpaint_core import __version__
from inpaint_core import places as engine_places
from install import gimp, launcher, plugin
from install import program as installer
from install.console import InstallError
from install.places import APPLICATION, Places, venv_command, venv_python, version

HOME_NAMES = ["zoe", "Zoë Müller", "ユーザー 1"]


def windows(tmp_path: Path, name: str) -> Places:
    home = tmp_path / "Users" / name
    env = {
        "APPDATA": str(home / "AppData" / "Roaming"),
        "LOCALAPPDATA": str(home / "AppData" / "Local"),
        "ProgramFiles": str(tmp_path / "Program Files"),
    }
    return Places("windows", home, env)


@pytest.mark.parametrize("name", HOME_NAMES)
def test_windows(tmp_path: Path, name: str) -> None:
    places = windows(tmp_path, name)
    (places.home / "AppData/Roaming/GIMP/3.0").mkdir(parents=True)
    (places.home / "AppData/Roaming/GIMP/2.10").mkdir()
    program = tmp_path / "Program Files/GIMP 3/bin/gimp-console-3.0.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    (program.parent / "gimp-3.0.exe").touch()
    assert places.data == places.home / "AppData/Local" / APPLICATION
    assert places.existing_gimp_folders() == {"3.0": places.home / "AppData/Roaming/GIMP/3.0"}
    assert list(places.gimp_programs()) == [program]
    assert places.launcher is None
    assert venv_python(places.data, "windows") == places.data / "Scripts/python.exe"
    assert str(venv_command(places.data, "windows")) in launcher.place(
        places, venv_command(places.data, "windows")
    )


@pytest.mark.parametrize("name", HOME_NAMES)
def test_macos(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    bundle = home / "Applications/GIMP.app/Contents/MacOS"
    bundle.mkdir(parents=True)
    for program in ("gimp", "gimp-console", "python3"):
        (bundle / program).touch()
    places = Places("macos", home, {})
    assert places.gimp_folder("3.2") == home / "Library/Application Support/GIMP/3.2"
    assert places.data == home / "Library/Application Support/gimp-inpaint"
    found = [path for path in places.gimp_programs() if home in path.parents]
    assert found == [bundle / "gimp-console", bundle / "gimp"]


@pytest.mark.parametrize("name", HOME_NAMES)
def test_linux(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    for minor in ("2.10", "3.0", "3.2", "3.2 old"):
        (home / ".config/GIMP" / minor).mkdir(parents=True)
    places = Places("linux", home, {"PATH": "/nowhere", "XDG_DATA_HOME": "relative/is/ignored"})
    assert list(places.existing_gimp_folders()) == ["3.0", "3.2"]
    assert places.data == home / ".local/share/gimp-inpaint"
    assert places.launcher == home / ".local/bin/inpaint"


def test_the_environment_moves_the_folders(tmp_path: Path) -> None:
    env = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CACHE", "STATE", "CONFIG")}
    places = Places("linux", tmp_path, env)
    assert places.data == tmp_path / "DATA/gimp-inpaint"
    assert places.cache == tmp_path / "CACHE/gimp-inpaint"
    assert places.gimp_folder("3.0") == tmp_path / "CONFIG/GIMP/3.0"
    chosen = Places("linux", tmp_path, env | {"GIMP3_DIRECTORY": "my-gimp"})
    assert chosen.gimp_folder("3.0") == tmp_path / "my-gimp"


def test_the_engine_names_the_same_log_and_cache() -> None:
    places = Places.here()
    assert engine_places.log_file().parent == places.engine_log
    assert engine_places.cache_folder() == places.cache


def test_the_flatpak_shares_the_native_folder_and_its_own_files_are_ours(places: Places) -> None:
    (places.home / ".local/share/flatpak/app/org.gimp.GIMP").mkdir(parents=True)
    (places.home / ".config/GIMP/3.0").mkdir(parents=True)
    found = gimp.find(places)
    assert found.flatpak
    assert {item.folder for item in found.gimps if item.minor == "3.0"} == {places.home / ".config/GIMP/3.0"}
    assert places.home / ".var/app/org.gimp.GIMP/cache/gimp-inpaint" in places.own_folders


def test_a_snap_is_seen(places: Places) -> None:
    (places.home / "snap/gimp").mkdir(parents=True)
    assert gimp.find(places).snap


def test_a_named_folder_may_be_that_of_the_plug_ins(places: Places) -> None:
    folder = places.home / "elsewhere/3.0"
    assert gimp.find(places, folder / "plug-ins").gimps[0].folder == folder
    assert plugin.target(folder) == folder / "plug-ins/inpaint"


def write_program(places: Places, name: str, version_line: str) -> None:
    program = places.home / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{version_line}'\n")
    program.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_programs_are_told_apart_by_what_they_say(places: Places) -> None:
    write_program(places, "gimp-2.10", "GNU Image Manipulation Program version 2.10.34")
    write_program(places, "gimp-console-3.0", "GNU Image Manipulation Program version 3.0.4")
    write_program(places, "gimp-3.0", "GNU Image Manipulation Program version 3.0.4")
    write_program(places, "gimptool-3.0", "3.0.4")
    found = gimp.find(places)
    ours = [item for item in found.gimps if str(places.home) in " ".join(item.argv)]
    assert "2.10" in found.too_old
    assert [(item.minor, item.argv) for item in ours] == [
        ("3.0", (str(places.home / "bin/gimp-console-3.0"),))
    ]


def test_the_version_is_the_packages() -> None:
    assert version() == __version__


def test_a_folder_that_is_not_gimps_is_refused(places: Places, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="no user folder of GIMP"):
        gimp.find(places, tmp_path / "downloads")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "gimprc").touch()
    assert gimp.find(places, tmp_path / "mine").gimps[0].folder == tmp_path / "mine"


@pytest.mark.parametrize(
    "words",
    [
        ("--with-train", "--without-train"),
        ("--models",),
        ("check", "--device", "cuda"),
        ("uninstall", "--with-train"),
    ],
)
def test_settings_that_make_no_sense_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as end:
        installer.main(words)
    assert end.value.code == 2
