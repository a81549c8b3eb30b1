"""``inpaint doctor`` says what the engine is made of and what is wrong."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from inpaint_core import FillError, InpaintWarning, __version__
from inpaint_core.cli import doctor, main
from inpaint_core.places import log_file


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INPAINT_MODELS", str(tmp_path))
    return tmp_path


def test_a_sound_engine_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == []
    assert report["engine"] == __version__
    assert report["python_path"] == sys.executable
    assert report["log"] == str(log_file())
    assert report["cores"] >= 1
    assert "cpu" in report["devices"]
    assert report["fill_seconds"] > 0
    assert report["packages"]["numpy"] == np.__version__
    assert report["kernels_cached"]
    assert list(Path(report["kernel_cache"]).glob("*.nbi"))


def test_people_read_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert str(log_file()) in text
    assert sys.executable in text
    assert text.endswith("All is well.\n")


def test_a_fill_that_fails_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: object) -> None:
        raise FillError("The kernels are broken.")

    monkeypatch.setattr(doctor, "inpaint", broken)
    assert main(["doctor"]) == 1
    assert "A small fill failed (FillError: The kernels are broken.)" in capsys.readouterr().out


def test_a_wrong_fill_and_a_notice_are_problems(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(image: np.ndarray, *others: object) -> np.ndarray:
        warnings.warn("Kernels are not kept.", InpaintWarning, stacklevel=2)
        return image

    monkeypatch.setattr(doctor, "inpaint", wrong)
    assert main(["doctor", "--json"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert problems[0] == "Kernels are not kept."
    assert "did not continue a checkerboard" in problems[1]


def test_a_missing_package_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package-of-ours"))
    assert main(["doctor"]) == 1
    assert "The package no-such-package-of-ours is missing." in capsys.readouterr().out


def test_a_broken_model_and_runtime_are_problems(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "net.toml").write_text("nonsense = 1", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.delitem(sys.modules, "inpaint_core.deep.session", raising=False)
    monkeypatch.delattr("inpaint_core.deep.session", raising=False)
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["devices"] == []
    assert report["models_folder"] == str(models)
    runtime, card = report["problems"]
    assert runtime.startswith("ONNX Runtime does not work (import of onnxruntime halted")
    assert "nonsense is no key of a card" in card
