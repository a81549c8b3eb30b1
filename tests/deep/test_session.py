"""ONNX Runtime behind one class: what it runs, what it keeps, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from inpaint_core.deep import session
from inpaint_core.deep.session import Session
from inpaint_core.deep.signature import Tensor
from inpaint_core.errors import Cancelled, FillError, InputError

NO_REPORTS_ANYWAY = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED", "XDG_CACHE_HOME")
"""Variables under which nothing is reported, or not to the home."""

SHA = "0" * 64


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(session, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "graphs"


def double(path: Path, *, opset: int = 17, shape: tuple[Any, ...] = (1, 3, "height", 4)) -> Path:
    """Write a network that doubles its input."""
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "double",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def long_loop(path: Path, rounds: int) -> Path:
    """Write a network that adds 1 to its input, many times."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["on"]),
            helper.make_node("Add", ["v", "one"], ["w"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, [1]),
        ],
        [numpy_helper.from_array(np.ones(1, np.float32), "one")],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["rounds", "", "x"], ["y"], body=body)],
        "loop",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [numpy_helper.from_array(np.array(rounds, np.int64), "rounds")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def test_it_tells_and_gives_what_the_network_does(tmp_path: Path) -> None:
    opened = Session(double(tmp_path / "m.onnx"))
    assert opened.inputs == (Tensor("x", "float32", (1, 3, None, 4)),)
    assert opened.outputs == (Tensor("y", "float32", (1, 3, None, 4)),)
    x = np.arange(24, dtype=np.float32).reshape(1, 3, 2, 4)
    np.testing.assert_array_equal(opened.run({"x": x})["y"], 2 * x)
    np.testing.assert_array_equal(opened.run({"x": x}, release=True)["y"], 2 * x)


def test_the_optimised_graph_is_kept_and_used(tmp_path: Path, cache: Path) -> None:
    model = double(tmp_path / "m.onnx")
    Session(model, sha256=SHA)
    (kept,) = cache.iterdir()
    double(kept, shape=(7,))  # what is opened next tells which file was read
    assert Session(model, sha256=SHA).inputs[0].shape == (7,)
    assert Session(model).inputs[0].shape == (1, 3, None, 4)


def test_a_damaged_kept_graph_is_made_anew(tmp_path: Path, cache: Path) -> None:
    model = double(tmp_path / "m.onnx")
    Session(model, sha256=SHA)
    (kept,) = cache.iterdir()
    kept.write_bytes(b"nothing")
    assert Session(model, sha256=SHA).inputs[0].shape == (1, 3, None, 4)
    assert kept.stat().st_size > 20


def test_another_file_under_the_same_card_is_read_anew(tmp_path: Path, cache: Path) -> None:
    model = double(tmp_path / "m.onnx")
    Session(model, sha256=SHA)
    double(model, shape=(1, 3, 8, 8))
    assert Session(model, sha256=SHA).inputs[0].shape == (1, 3, 8, 8)
    assert len(list(cache.iterdir())) == 2


def test_only_a_few_graphs_stay(tmp_path: Path, cache: Path) -> None:
    for number in range(session.KEPT_GRAPHS + 2):
        Session(double(tmp_path / f"{number}.onnx"), sha256=f"{number:064d}")
    assert len(list(cache.iterdir())) == session.KEPT_GRAPHS


def test_where_nothing_can_be_kept_it_works_all_the_same(tmp_path: Path, cache: Path) -> None:
    cache.parent.write_bytes(b"a file where the folder should be")
    assert Session(double(tmp_path / "m.onnx"), sha256=SHA).inputs[0].name == "x"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: double(path, opset=99), "newer version of ONNX"),
        (lambda path: path.write_bytes(double(path).read_bytes()[:40]), "damaged"),
    ],
    ids=["opset", "truncated"],
)
def test_a_file_that_cannot_be_opened_is_refused_in_words(tmp_path: Path, make: Any, words: str) -> None:
    make(tmp_path / "m.onnx")
    with pytest.raises(FillError, match=f"model m.*{words}"):
        Session(tmp_path / "m.onnx", sha256=SHA)


def test_an_array_of_another_rank_is_refused_in_words(tmp_path: Path) -> None:
    opened = Session(double(tmp_path / "m.onnx"))
    with pytest.raises(FillError, match=r"model m takes arrays of another shape than its card says \(.*ank"):
        opened.run({"x": np.zeros((3, 2, 4), np.float32)})


def test_too_little_memory_is_told_in_words(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("Expand", ["x", "to"], ["y"])],
        "much",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]),
            *[helper.make_tensor_value_info("to", TensorProto.INT64, [1])],
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "m.onnx")
    opened = Session(tmp_path / "m.onnx")
    with pytest.raises(FillError, match="not enough memory for the model m"):
        opened.run({"x": np.ones(1, np.float32), "to": np.array([1 << 46])})


def test_a_caller_that_gives_up_stops_the_network(tmp_path: Path) -> None:
    opened = Session(long_loop(tmp_path / "m.onnx", 1 << 40))  # it would run for days

    def give_up() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        opened.run({"x": np.zeros(1, np.float32)}, give_up)
    assert not any(thread.name.startswith("inpaint-network") for thread in threading.enumerate())


def test_nothing_is_kept_for_reports_or_reported(tmp_path: Path) -> None:
    """The runtime's makers would know the device again by a file in the home."""
    settings = {name: value for name, value in os.environ.items() if name not in NO_REPORTS_ANYWAY}
    code = (
        "import numpy as np; from inpaint_core import inpaint; "
        "inpaint(np.zeros((64, 64, 3), np.uint8), np.eye(64, dtype=bool), 'deep')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=settings | {"HOME": str(tmp_path), "PYTHONPATH": str(Path(session.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not [path for path in tmp_path.rglob("*") if "microsoft" in str(path).lower()]


def test_devices_are_those_that_the_runtime_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = ["CPUExecutionProvider", "AzureExecutionProvider", "DmlExecutionProvider"]
    monkeypatch.setattr(session.ort, "get_available_providers", lambda: offered)
    assert session.devices() == ("directml", "cpu")
    assert session.choose_device("auto") == "directml"
    assert session.choose_device("cpu") == "cpu"
    with pytest.raises(
        InputError, match=r"cannot use the device cuda; it offers directml, cpu.*--device cuda"
    ):
        session.choose_device("cuda")


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (4, 3), (64, 16)])
def test_one_core_stays_free_where_there_are_several(
    cores: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert session.threads() == threads


def test_a_device_that_cannot_be_started_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(FillError, match="device cuda"):
        Session(double(tmp_path / "m.onnx"), "cuda")
