"""The plug-in's folder is switched as a whole, the launcher never takes another program's place."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from install import engine, launcher, plugin
from install.console import InstallError
from install.places import CHECKOUT, Places

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no run bits and no links for everybody")
not_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assembled") / "inpaint"
    plugin.assemble(folder, Path(sys.executable))
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_folder_is_complete(assembled: Path) -> None:
    own = {path.name for path in (CHECKOUT / "gimp_plugin/inpaint").iterdir()} - {"__pycache__"}
    assert names(assembled) == own | {"wire.py", "geometry.py", "methods.json", "engine.json", "locale"}
    for module in plugin.SHARED:
        assert filecmp.cmp(assembled / module, CHECKOUT / "inpaint_core" / module, shallow=False)
    pointer = json.loads((assembled / "engine.json").read_text(encoding="utf-8"))
    assert pointer == {"python": sys.executable, "version": "0.1.0"}
    listed = json.loads((assembled / "methods.json").read_text(encoding="utf-8"))
    assert "patch" in [method["id"] for method in listed["methods"]]


@posix
def test_gimp_may_run_it(assembled: Path) -> None:
    assert os.access(assembled / "inpaint.py", os.X_OK)
    assert (assembled / "inpaint.py").read_bytes().startswith(b"#!/usr/bin/env python3\n")


def test_an_engine_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="cannot be started"):
        plugin.assemble(tmp_path / "inpaint", tmp_path / "no-python")


@pytest.mark.parametrize("name", ["3.0", "GIMP von Zoë/3.2"])
def test_placing_makes_the_folder_and_leaves_nothing_beside(
    assembled: Path, tmp_path: Path, name: str
) -> None:
    plugin.place(assembled, tmp_path / name)
    assert names(tmp_path / name) == {"plug-ins"}
    assert names(tmp_path / name / "plug-ins") == {"inpaint"}
    assert names(plugin.target(tmp_path / name)) == names(assembled)


def test_placing_again_replaces_everything(assembled: Path, tmp_path: Path) -> None:
    plugin.place(assembled, tmp_path)
    (plugin.target(tmp_path) / "of_an_old_version.py").touch()
    (tmp_path / "plug-ins/another").mkdir()
    plugin.place(assembled, tmp_path)
    assert names(plugin.target(tmp_path)) == names(assembled)
    assert names(tmp_path / "plug-ins") == {"inpaint", "another"}


def test_another_plug_in_of_that_name_is_left_alone(assembled: Path, tmp_path: Path) -> None:
    foreign = plugin.target(tmp_path)
    foreign.mkdir(parents=True)
    (foreign / "inpaint.py").write_text("print('mine')")
    with pytest.raises(InstallError, match="another plug-in"):
        plugin.place(assembled, tmp_path)
    assert names(foreign) == {"inpaint.py"}
    assert not plugin.remove(tmp_path)
    assert foreign.is_dir()


def test_a_failed_switch_brings_the_old_one_back(
    assembled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin.place(assembled, tmp_path)
    (plugin.target(tmp_path) / "old").touch()
    rename = Path.rename

    def refuse_new(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise PermissionError(13, "Access is denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(InstallError, match="what was there still is"):
        plugin.place(assembled, tmp_path)
    assert "old" in names(plugin.target(tmp_path))
    assert names(tmp_path) == {"plug-ins"}


def test_what_a_crash_left_is_cleared(assembled: Path, tmp_path: Path) -> None:
    (tmp_path / ".gimp-inpaint-abc/old").mkdir(parents=True)
    plugin.place(assembled, tmp_path)
    assert names(tmp_path) == {"plug-ins"}


@not_root
def test_a_folder_that_cannot_be_written_gets_words(assembled: Path, tmp_path: Path) -> None:
    (tmp_path / "plug-ins").mkdir()
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(InstallError, match="Make the folder writable"):
            plugin.place(assembled, tmp_path)
    finally:
        tmp_path.chmod(0o755)


def test_removing_takes_gimps_memory_of_the_settings_along(assembled: Path, tmp_path: Path) -> None:
    plugin.place(assembled, tmp_path)
    settings = tmp_path / "plug-in-settings"
    settings.mkdir()
    (settings / "plug-in-inpaint-fill.last").touch()
    (settings / "file-png-export.last").touch()
    assert plugin.remove(tmp_path)
    assert names(tmp_path / "plug-ins") == set()
    assert names(settings) == {"file-png-export.last"}


def make_engine(places: Places, name: str) -> engine.Engine:
    made = engine.Engine(places.engines / name, "linux")
    made.command.parent.mkdir(parents=True)
    made.command.touch(0o755)
    made.python.symlink_to(sys.executable)
    return made


@posix
def test_the_launcher_follows_the_engine(places: Places) -> None:
    first, second = make_engine(places, "1"), make_engine(places, "2")
    said = launcher.place(places, first.command)
    assert "add" in said
    assert "to PATH" in said
    shutil.rmtree(first.folder)
    launcher.place(places, second.command)
    assert places.launcher is not None
    assert places.launcher.resolve() == second.command.resolve()
    assert names(places.launcher.parent) == {"inpaint"}
    on_path = Places("linux", places.home, {"PATH": str(places.launcher.parent)})
    assert launcher.place(on_path, second.command) == "On the command line it is “inpaint”"
    assert launcher.remove(places) == places.launcher
    assert not places.launcher.is_symlink()


@posix
def test_the_launcher_leaves_another_program_alone(places: Places) -> None:
    made = make_engine(places, "1")
    assert places.launcher is not None
    places.launcher.parent.mkdir(parents=True)
    places.launcher.write_text("mine")
    assert str(made.command) in launcher.place(places, made.command)
    assert launcher.remove(places) is None
    assert places.launcher.read_text() == "mine"


@posix
def test_old_engines_go_unless_a_plug_in_points_to_them(assembled: Path, places: Places) -> None:
    old, pointed, new = (make_engine(places, name) for name in ("old", "pointed", "new"))
    folder = places.gimp_folder("3.0")
    plugin.place(assembled, folder)
    pointer = {"python": str(pointed.python), "version": "0.0.9"}
    (plugin.target(folder) / "engine.json").write_text(json.dumps(pointer))
    assert engine.tidy(places, [folder], new.folder) == [pointed.folder]
    assert set(engine.installed(places)) == {pointed.folder, new.folder}
    assert not old.folder.exists()


@posix
def test_beside_a_flatpak_each_side_gets_its_own_python(places: Places) -> None:
    made = make_engine(places, "it's 1")
    assert made.plugin_python == made.python
    engine.write_chooser(made)
    assert made.plugin_python == made.chooser
    words = "import sys; print(sys.flags.isolated)"
    assert engine.run([made.plugin_python, "-I", "-c", words]).stdout == "1\n"
    assert "/.flatpak-info" in made.chooser.read_text()
