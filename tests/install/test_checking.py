"""Each thing that goes wrong on other people's machines gets a sentence with what to do."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from install import check, engine, gimp, installation, plugin, sandbox
from install.places import CHECKOUT, Places

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no run bits")


@pytest.fixture
def item(places: Places) -> gimp.Gimp:
    """A GIMP with the plug-in, whose engine is the Python that runs the tests."""
    folder = places.gimp_folder("3.0")
    assembled = places.home / "assembled"
    plugin.assemble(assembled, Path(sys.executable))
    plugin.place(assembled, folder)
    return gimp.Gimp("3.0", folder)


def point(item: gimp.Gimp, python: Path, version: str = "0.1.0") -> None:
    pointer = {"python": str(python), "version": version}
    (plugin.target(item.folder) / "engine.json").write_text(json.dumps(pointer), encoding="utf-8")


def only(item: gimp.Gimp) -> str:
    findings = list(check.look_at_plugin(item))
    assert len(findings) == 1, findings
    return findings[0]


def test_nothing_wrong(item: gimp.Gimp) -> None:
    assert list(check.look_at_plugin(item)) == []


@posix
def test_a_missing_run_bit(item: gimp.Gimp) -> None:
    (plugin.target(item.folder) / "inpaint.py").chmod(0o644)
    assert "lacks the run bit" in only(item)


def test_a_missing_file(item: gimp.Gimp) -> None:
    (plugin.target(item.folder) / "wire.py").unlink()
    assert "wire.py is missing" in only(item)


def test_no_plug_in(places: Places) -> None:
    assert "does not have the plug-in" in only(gimp.Gimp("3.0", places.gimp_folder("3.0")))


def test_another_plug_in(places: Places) -> None:
    plugin.target(places.gimp_folder("3.0")).mkdir(parents=True)
    assert "Move it away" in only(gimp.Gimp("3.0", places.gimp_folder("3.0")))


def test_another_version(item: gimp.Gimp) -> None:
    point(item, Path(sys.executable), "0.0.9")
    assert "of version 0.0.9; this is version 0.1.0" in only(item)


def test_the_engine_is_gone(item: gimp.Gimp, tmp_path: Path) -> None:
    point(item, tmp_path / "removed/python")
    assert "The engine of GIMP 3.0 is gone" in only(item)


@posix
def test_the_engines_python_is_gone_after_a_system_upgrade(item: gimp.Gimp, tmp_path: Path) -> None:
    dangling = tmp_path / "python"
    dangling.symlink_to(tmp_path / "python3.10")
    point(item, dangling)
    assert "perhaps after a system upgrade" in only(item)


@posix
def test_the_engines_libraries_are_of_another_python(item: gimp.Gimp, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    point(item, bare / "bin/python")
    assert "does not start" in only(item)


def test_no_gimp_and_gimp_too_old_and_snap() -> None:
    findings = list(check.look_at_gimp(gimp.Found((), too_old=("2.10",), snap=True)))
    assert findings[0] == "GIMP 2.10 is too old for this plug-in: it needs GIMP 3.0 or newer."
    assert findings[1:] == [installation.SNAP, installation.NO_GIMP]


def hide(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    find_spec: Callable[..., object] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == hidden else find_spec(name))


def test_the_debian_package_of_venv_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "ensurepip")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"sudo apt install {package}" in str(engine.missing_venv())


def test_the_stores_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys, "base_prefix", r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.13"
    )
    assert "python.org" in str(engine.store_python())


def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in str(engine.unwritable(tmp_path / "file" / "folder"))
    assert engine.unwritable(tmp_path / "new" / "folder") is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"], "looking leaves nothing behind"


def test_no_engine(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "network", lambda: None)
    findings = list(check.look_at_python(places))
    assert findings == [
        f"GIMP Inpaint is not installed: there is no engine in {places.engines}. Run “python3 install”."
    ]
    assert not places.data.exists()


def test_a_full_disk(tmp_path: Path) -> None:
    assert "Make room" in str(engine.disk_full(tmp_path / "not/yet/there", needed=1 << 60))
    assert engine.disk_full(tmp_path, needed=1) is None


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "http://127.0.0.1:9"
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{nowhere}/simple")
    assert "The package index cannot be reached" in str(check.network())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "The disk is full"),
        (
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
            "cannot be reached",
        ),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        ("ERROR: No matching distribution found for numba>=0.63", "no build of numba>=0.63"),
        ("noise\nERROR: something else\nnoise", "It failed: ERROR: something else"),
        ("", "nothing was said"),
    ],
)
def test_what_pip_says_is_explained(words: str, sentence: str) -> None:
    answer = engine.explain(words, Path("install.log"))
    assert sentence in answer
    assert "install.log" in answer


@posix
def test_leftovers_of_another_version(places: Places, item: gimp.Gimp) -> None:
    for name, age in (("0.0.9-1", 100), ("0.1.0-2", 50)):
        (places.engines / name).mkdir(parents=True)
        os.utime(places.engines / name, (age, 1e9 - age))
    findings = list(check.look_at_leftovers(places, gimp.Found((item,))))
    assert len(findings) == 1
    assert "0.0.9-1 is left over" in findings[0]


@posix
def test_a_launcher_that_leads_nowhere_or_is_not_ours(places: Places) -> None:
    assert places.launcher is not None
    places.launcher.parent.mkdir(parents=True)
    places.launcher.symlink_to(places.engines / "gone/venv/bin/inpaint")
    assert "an engine that is gone" in next(check.look_at_launcher(places))
    places.launcher.unlink()
    places.launcher.touch()
    assert "is another program" in next(check.look_at_launcher(places))


def test_an_old_python_gets_one_sentence(tmp_path: Path) -> None:
    """The first lines of `__main__` are run with the version of an old Python."""
    text = (CHECKOUT / "install/__main__.py").read_text(encoding="utf-8")
    probe = "import sys\nsys.version_info = (3, 8, 10)\n" + text.replace('"""', "#", 1).replace('"""', "", 1)
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer; this is Python 3.8" in done.stderr


def test_the_mirror_is_the_hosts_own() -> None:
    one_line = "deb [signed-by=/k.gpg] https://mirror.example/debian trixie main"
    assert sandbox.find_mirror(one_line) == "https://mirror.example/debian"
    deb822 = "Types: deb\nURIs: http://security.example/debian-security\n\nURIs: http://m.example/debian/\n"
    assert sandbox.find_mirror(deb822) == "http://m.example/debian"
    with pytest.raises(sandbox.SandboxError, match="name no Debian archive"):
        sandbox.find_mirror("deb http://archive.example/ubuntu noble main")


def test_a_sandbox_with_something_mounted_below_is_not_removed(tmp_path: Path) -> None:
    spaced = str(tmp_path / "a b").replace(" ", "\\040")
    table = f"22 1 0:5 / /proc rw - proc proc rw\n23 1 0:6 / {spaced}/dev rw - devtmpfs devtmpfs rw\n"
    assert sandbox.mounts_below(tmp_path / "a b", table) == [str(tmp_path / "a b/dev")]
    assert sandbox.mounts_below(tmp_path / "a", table) == []
