"""Which ONNX Runtime an engine gets, and that there is never more than one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from install import device, engine
from install.console import InstallError
from install.places import CHECKOUT, Places


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record what would be run, instead of downloading gigabytes."""
    calls: list[list[str]] = []

    def succeed(argv: Sequence[str | Path], log: Path) -> None:
        words = [str(word) for word in argv]
        calls.append(words[words.index("-m") + 1 :])

    monkeypatch.setattr(engine, "succeed", succeed)
    return calls


def installs(calls: list[list[str]]) -> list[tuple[str, str]]:
    return [(call[1], call[-1]) for call in calls if call[0] == "pip"]


@pytest.mark.parametrize("wanted", ["auto", "cpu"])
def test_the_usual_one_comes_with_the_engine(wanted: str, places: Places, pip: list[list[str]]) -> None:
    made = engine.make(places, wanted=wanted)
    assert installs(pip) == [("install", str(CHECKOUT))]
    assert (made.folder / device.RECORD).read_text() == "cpu\n"


@pytest.mark.parametrize(
    ("wanted", "package"),
    [("cuda", "onnxruntime-gpu[cuda,cudnn]>=1.20"), ("openvino", "onnxruntime-openvino>=1.20")],
)
def test_another_one_takes_its_place(wanted: str, package: str, places: Places, pip: list[list[str]]) -> None:
    engine.make(places, wanted=wanted)
    assert installs(pip) == [
        ("install", str(CHECKOUT)),
        ("uninstall", "onnxruntime"),
        ("install", package),
    ]


def test_an_upgrade_keeps_what_was_chosen(places: Places, pip: list[list[str]]) -> None:
    engine.make(places, wanted="cuda")
    pip.clear()
    made = engine.make(places)
    assert installs(pip)[-1] == ("install", "onnxruntime-gpu[cuda,cudnn]>=1.20")
    (made.folder / device.RECORD).write_text("a typo")
    assert device.choose("auto", "linux", [made.folder]) == "cpu"


def test_an_upgrade_keeps_what_training_needs(places: Places, pip: list[list[str]], monkeypatch) -> None:
    monkeypatch.setattr(engine, "TRAIN_DISK_BYTES", 0)
    for train, what in (
        (None, str(CHECKOUT)),
        (True, f"{CHECKOUT}[train]"),
        (None, f"{CHECKOUT}[train]"),
        (False, str(CHECKOUT)),
        (None, str(CHECKOUT)),
    ):
        pip.clear()
        engine.make(places, train=train)
        assert installs(pip) == [("install", what)]


@pytest.mark.parametrize(
    ("wanted", "system"), [("directml", "linux"), ("cuda", "macos"), ("coreml", "windows")]
)
def test_what_a_system_lacks_is_refused_before_anything_is_made(
    wanted: str, system: str, places: Places, pip: list[list[str]]
) -> None:
    with pytest.raises(InstallError, match=f"no ONNX Runtime with {wanted} for {system}.*: cpu"):
        engine.make(Places(system, places.home, {}), wanted=wanted)  # type: ignore[arg-type]
    assert not pip
    assert engine.installed(places) == []


def test_the_engine_depends_on_the_usual_one() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'"(onnxruntime)>=([\d.]+)"', text)
    assert found is not None
    assert found.groups() == (device.USUAL, device.OLDEST)


def test_every_device_is_one_that_the_engine_knows() -> None:
    from inpaint_core.deep.devices import DEVICES  # noqa: PLC0415 - the installer knows the engine here alone

    assert set(device.DEVICES) <= set(DEVICES)
