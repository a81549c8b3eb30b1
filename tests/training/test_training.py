"""The road from photographs to a model: learning, going on, sharing, exporting, and what can go wrong."""

from __future__ import annotations

import csv
import hashlib
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny import TINY

torch = pytest.importorskip("torch", reason="PyTorch is missing; it comes with the extra train")

from inpaint_core import FillError, InputError, inpaint
from inpaint_core.cli import main, train
from inpaint_core.deep import cards, store
from inpaint_core.evaluation import metrics
from inpaint_core.training import checkpoints, configuration, history, loop, origins, photographs
from inpaint_core.training.export import export
from inpaint_core.training.networks.generators import build
from inpaint_core.training.processes import Processes

ALONE = Processes(0, 1, torch.device("cpu"))
ADVERSARIAL = (
    "losses.adversarial=0.1",
    "losses.features=1",
    "losses.spectrum=0.1",
    "network.dropout=0.2",
    "run.steps=4",
    "run.batch=2",
)


def test_two_pictures_are_learned_exported_and_filled_with(
    learned: Path, pictures: Path, tmp_path: Path, monkeypatch
) -> None:
    done = export(learned / "best.pt", tmp_path / "my-model.onnx", licence="CC0-1.0")
    assert done.difference < 1e-4
    card = cards.load(tmp_path / "my-model.toml")
    assert card == done.card
    assert (card.contract.size.multiple, card.contract.size.preferred) == (8, 32)
    assert "0 steps of 8 samples" in card.weights.trained_on
    with (tmp_path / "my-model.photographs.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["photograph"] for row in csv.DictReader(stream)} == {"slopes.png", "disc.png"}

    with Image.open(pictures / "slopes.png") as opened:
        truth = np.asarray(opened.resize((32, 32), Image.Resampling.LANCZOS)) / np.float32(255)
    hole = np.zeros((32, 32), bool)
    hole[8:20, 12:24] = True
    monkeypatch.setenv("INPAINT_MODELS", str(tmp_path / "models"))
    assert main(["models", "add", str(tmp_path / "my-model.onnx")]) == 0
    filled = inpaint(truth, hole, "deep:my-model", refine="off")
    blind = np.where(hole[..., None], truth[~hole].mean(0), truth)
    assert metrics.psnr(filled, truth, hole) > metrics.psnr(blind, truth, hole) + 6


def test_a_model_can_be_trained_further(learned: Path, tmp_path: Path) -> None:
    export(learned / "last.pt", tmp_path / "m.onnx")
    checkpoint, model = (origins.find(str(path)) for path in (learned / "last.pt", tmp_path / "m.onnx"))
    assert model.configuration == checkpoint.configuration
    assert model.learned == checkpoint.learned
    assert {row["photograph"] for row in model.credits} == {"slopes.png", "disc.png"}
    network = build(model.configuration.network)
    origins.give(model.weights, network)
    for name, weight in network.state_dict().items():
        if weight.is_floating_point():
            torch.testing.assert_close(weight, checkpoint.weights[name], atol=1e-3, rtol=1e-3)


def test_the_beginning_can_be_left_as_it_is(learned: Path, pictures: Path, tmp_path: Path) -> None:
    origin = origins.find(str(learned / "last.pt"))
    steps = ("optimiser.freeze=true", "run.steps=2", "run.batch=2")
    settings = configuration.change(origin.configuration, steps)
    data = photographs.prepare([pictures], tmp_path / "photographs", side=32)
    loop.train(settings, data, data, tmp_path, ALONE, origin=origin)
    checkpoint = checkpoints.load(tmp_path / "last.pt")
    assert checkpoint["before"] == origin.learned
    assert history.words(checkpoint, tmp_path / "none").endswith(origin.learned)
    after = checkpoint["generator"]
    changed = {name for name, weight in after.items() if not torch.equal(weight, origin.weights[name])}
    assert not {name for name in changed if name.startswith("stem.")}
    assert {name for name in changed if name.startswith("middle.")}


def test_going_on_is_as_if_never_stopped(pictures: Path, tmp_path: Path) -> None:
    settings = configuration.change(configuration.preset("structure"), [*TINY, *ADVERSARIAL])
    data = photographs.prepare([pictures], tmp_path / "photographs", side=32)
    through = loop.train(settings, data, data, tmp_path / "through", ALONE)
    stopped = loop.train(settings, data, data, tmp_path / "stopped", ALONE, minutes=0)
    assert stopped.step == 1
    assert "goes on" in stopped.reason
    went_on = loop.train(settings, data, data, tmp_path / "stopped", ALONE)
    assert went_on == through
    ours, theirs = (checkpoints.load(tmp_path / run / "last.pt") for run in ("through", "stopped"))
    assert ours["judge"]
    assert _flat(ours).keys() == _flat(theirs).keys()
    for name, value in _flat(ours).items():
        assert torch.equal(torch.as_tensor(value), torch.as_tensor(_flat(theirs)[name])), name


def _flat(tree, path="") -> dict:
    """Return the numbers and tensors of a checkpoint by their paths."""
    if isinstance(tree, dict):
        items = tree.items()
    elif isinstance(tree, list | tuple):
        items = enumerate(tree)
    else:
        return {} if tree is None or isinstance(tree, str) else {path: tree}
    return {name: value for key, item in items for name, value in _flat(item, f"{path}/{key}").items()}


def test_two_processes_agree_with_one(pictures: Path, tmp_path: Path) -> None:
    """Their gradients, that is: Adam would make much of the last bits of small ones."""
    command = ["-m", "inpaint_core", "train", "--device", "cpu", "--data", str(pictures)]
    changes = ["--set", *TINY, "run.steps=1", "run.batch=4", "run.validation_samples=1"]
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    two = tmp_path / "two"
    done = subprocess.run(
        [sys.executable, *launcher, *command, "--out", two, *changes],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert main([*command[2:], "--out", str(tmp_path / "one"), *changes]) == 0
    ours, theirs = (checkpoints.load(tmp_path / run / "last.pt") for run in ("one", "two"))
    for name, state in ours["optimiser"]["state"].items():
        other = theirs["optimiser"]["state"][name]["exp_avg"]
        torch.testing.assert_close(state["exp_avg"], other, rtol=1e-3, atol=1e-6)
    for name in ("stem.1.running_mean", "stem.1.running_var"):
        torch.testing.assert_close(ours["generator"][name], theirs["generator"][name])


def test_ctrl_c_is_a_wish() -> None:
    with train._ctrl_c() as wish:
        assert not wish()
        os.kill(os.getpid(), signal.SIGINT)
        assert wish()


def test_no_better_value_for_a_while_ends_the_run(pictures: Path, tmp_path: Path) -> None:
    steps = (
        "run.steps=40",
        "run.batch=2",
        "run.validate_every=1",
        "run.validation_samples=1",
        "run.patience=2",
    )
    settings = configuration.change(configuration.preset("structure"), [*TINY, *steps, "optimiser.rate=0"])
    data = photographs.prepare([pictures], tmp_path / "photographs", side=32)
    outcome = loop.train(settings, data, data, tmp_path, ALONE)
    assert outcome.step < 20
    assert "no better psnr in 2 validations" in outcome.reason


def test_a_damaged_checkpoint_is_said(learned: Path, tmp_path: Path) -> None:
    whole = (learned / "last.pt").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no checkpoint"):
        (tmp_path / "last.pt").write_bytes(damaged)
        with pytest.raises(InputError, match=r"last.pt cannot be read: it is cut short or damaged"):
            checkpoints.load(tmp_path / "last.pt")
    with pytest.raises(InputError, match="There is no checkpoint"):
        checkpoints.load(tmp_path / "nowhere.pt")
    torch.save({"weights": 1}, tmp_path / "other.pt")
    with pytest.raises(InputError, match="no checkpoint of this program"):
        checkpoints.load(tmp_path / "other.pt")


def test_a_run_of_another_network_is_not_gone_on_with(learned: Path, pictures: Path) -> None:
    before = configuration.load(learned / "configuration.toml")
    other = replace(before, network=replace(before.network, channels=4))
    data = photographs.prepare([pictures], learned / "photographs", side=32)
    with pytest.raises(InputError, match="trains another network"):
        loop.train(other, data, data, learned, ALONE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_nothing_is_lost(learned: Path, tmp_path: Path) -> None:
    checkpoints.save({"step": 1}, tmp_path / "last.pt")
    (tmp_path / "last.part").symlink_to("/dev/full")
    with pytest.raises(FillError, match="No space left on device"):
        checkpoints.save({"step": 2}, tmp_path / "last.pt")
    assert checkpoints.load(tmp_path / "last.pt")["step"] == 1
    (tmp_path / "m.part.onnx").symlink_to("/dev/full")
    with pytest.raises(FillError, match=r"m.onnx could not be written: No space left"):
        export(learned / "last.pt", tmp_path / "m.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.pt"]


def test_the_command_line_says_what_is_missing(tmp_path: Path, capsys, monkeypatch) -> None:
    arguments = ["train", "--data", str(tmp_path), "--out", str(tmp_path / "run")]
    assert main(arguments) == 2
    assert "no photograph to learn from" in capsys.readouterr().err
    assert main([*arguments, "--from", str(tmp_path / "nothing.pt")]) == 2
    assert "no checkpoint or model" in capsys.readouterr().err
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main(arguments) == 2
    assert "python3 install --with-train" in capsys.readouterr().err


def test_the_model_that_comes_along_can_be_trained_further_and_credits_its_photographs() -> None:
    origin = origins.find(origins.BUNDLED)
    origins.give(origin.weights, build(origin.configuration.network))
    (model,) = store.BUNDLED.glob("*.onnx")
    card = cards.load(model.with_suffix(".toml"))
    assert model.stat().st_size == card.weights.bytes <= 16_000_000
    assert hashlib.sha256(model.read_bytes()).hexdigest() == card.weights.sha256
    with model.with_name(f"{model.stem}.photographs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) > 100
    assert all(row["licence"] and row["source"] for row in rows)
    assert not any("-SA" in row["licence"] for row in rows)
