"""`python3 install` for real, into a home that was empty: fill, upgrade, failed upgrade, uninstall."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Installed, run_installer
from PIL import Image

from install import engine, plugin
from install.proof import prove

pytestmark = pytest.mark.skipif(os.name == "nt", reason="HOME moves a person's folders on POSIX systems only")


def files(home: Path) -> set[str]:
    """What of ours is in a home, other programs' folders left out."""
    return {str(path.relative_to(home)) for path in home.rglob("*inpaint*")}


def test_it_ends_with_a_filled_picture(installed: Installed) -> None:
    picture = installed.places.proof
    assert f"Before and after: {picture}" in installed.said
    with Image.open(picture) as opened:
        pixels = np.asarray(opened).astype(int)
    before, after = pixels[:, :240], pixels[:, 246:]
    paint = (before == (222, 38, 120)).all(axis=2)
    assert 1000 < paint.sum() < 5000
    assert not (after == (222, 38, 120)).all(axis=2).any()
    assert (before == after)[~paint].all()


def test_the_plug_in_is_in_gimps_folder(installed: Installed) -> None:
    folder = installed.home / ".config/GIMP/3.0"
    python = plugin.engine_of(folder)
    assert python is not None
    assert python.is_absolute()
    assert installed.places.engines in python.parents
    assert engine.works(python)
    assert "Putting the plug-in into GIMP 3.0" in installed.said


def test_the_command_works_from_anywhere(installed: Installed) -> None:
    link = installed.places.launcher
    assert link is not None
    assert str(link) in installed.said
    done = subprocess.run([link, "--version"], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "inpaint 0.1.0\n"


def test_nothing_is_needed_from_the_checkout(installed: Installed, source: Path, tmp_path: Path) -> None:
    away = source.with_name("moved away")
    source.rename(away)
    try:
        prove(plugin.target(installed.home / ".config/GIMP/3.0"), tmp_path / "again.png")
    finally:
        away.rename(source)
    with Image.open(tmp_path / "again.png") as picture:
        assert picture.size == (486, 160)


def test_check_finds_no_fault_with_it(installed: Installed, source: Path) -> None:
    done = installed.run(source, "check")
    assert "The engine" not in done.stdout
    assert "plug-in" not in done.stdout.replace("plug-ins", "")


def test_a_failed_upgrade_leaves_the_old_one_working(
    installed: Installed, tmp_path: Path, source: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(source, broken)
    (broken / "inpaint_core/worker.py").write_text("raise RuntimeError('this version is broken')\n")
    before = plugin.pointer(installed.home / ".config/GIMP/3.0"), set(installed.places.engines.iterdir())
    done = run_installer(broken, installed.home)
    assert done.returncode == 1
    assert "this version is broken" in done.stderr
    assert "What was installed before is unchanged and goes on working." in done.stderr
    assert "Traceback" not in done.stderr
    assert (
        plugin.pointer(installed.home / ".config/GIMP/3.0"),
        set(installed.places.engines.iterdir()),
    ) == before
    prove(plugin.target(installed.home / ".config/GIMP/3.0"), tmp_path / "still.png")


def test_running_it_again_upgrades_and_removes_the_old_engine(installed: Installed, source: Path) -> None:
    old = set(installed.places.engines.iterdir())
    done = installed.run(source)
    assert done.returncode == 0, done.stderr
    new = set(installed.places.engines.iterdir())
    assert len(old) == len(new) == 1
    assert old.isdisjoint(new)
    python = plugin.engine_of(installed.home / ".config/GIMP/3.0")
    assert python is not None
    assert new.pop() in python.parents
    link = installed.places.launcher
    assert link is not None
    assert subprocess.run([link, "--version"], check=False, capture_output=True).returncode == 0


def test_uninstall_leaves_nothing_behind(installed: Installed, source: Path, tmp_path: Path) -> None:
    """On a copy of the home; the folders' paths inside it still lead to the original, which must survive."""
    home = tmp_path / "home"
    for name in (
        ".config/GIMP/3.0/plug-ins",
        ".local/share/gimp-inpaint/engines/0.1.0-1",
        ".cache/gimp-inpaint",
    ):
        (home / name).mkdir(parents=True)
    shutil.copytree(
        plugin.target(installed.home / ".config/GIMP/3.0"), plugin.target(home / ".config/GIMP/3.0")
    )
    shutil.copytree(plugin.target(home / ".config/GIMP/3.0"), plugin.target(home / "portable"))
    record = home / ".local/share/gimp-inpaint/placed.json"
    record.write_text(json.dumps([str(home / "portable")]))
    (home / ".local/state/gimp-inpaint/log").mkdir(parents=True)
    (home / ".local/bin").mkdir()
    (home / ".local/bin/inpaint").symlink_to(
        home / ".local/share/gimp-inpaint/engines/0.1.0-1/venv/bin/inpaint"
    )
    (home / ".local/share/mine").touch()
    (home / ".config/GIMP/3.0/plug-ins/mine").mkdir()
    done = run_installer(source, home, "uninstall")
    assert done.returncode == 0, done.stderr
    assert files(home) == set()
    assert (home / ".local/share/mine").exists()
    assert (home / ".config/GIMP/3.0/plug-ins/mine").exists()
    assert done.stdout.count("Removed ") == 6
    assert installed.places.proof.exists()
    again = run_installer(source, home, "uninstall")
    assert again.stdout == "GIMP Inpaint is not installed; there was nothing to remove.\n"


def test_uninstall_keeps_the_models_of_the_person_unless_they_are_named(source: Path, tmp_path: Path) -> None:
    data = tmp_path / ".local/share/gimp-inpaint"
    (data / "models").mkdir(parents=True)
    (data / "engines").mkdir()
    (data / "placed.json").write_text("[]")
    (data / "models/mine.onnx").touch()
    done = run_installer(source, tmp_path, "uninstall")
    assert f"Kept your models in {data / 'models'}" in done.stdout
    assert [path.name for path in data.rglob("*")] == ["models", "mine.onnx"]
    done = run_installer(source, tmp_path, "uninstall")
    assert "Removed" not in done.stdout
    run_installer(source, tmp_path, "uninstall", "--models")
    assert not data.exists()


def test_sudo_is_refused_in_words(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "SUDO_USER": "zoe"}
    done = subprocess.run(
        [sys.executable, source / "install"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "without sudo" in done.stderr
    assert list(tmp_path.iterdir()) == []
