"""Model files are looked at before anything opens them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from contracts import LAMA
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import write_network
from onnx import TensorProto, helper, numpy_helper

from inpaint_core import InputError
from inpaint_core.deep import cards, onnx_file

WEIGHTS = np.arange(27, dtype=np.float32).reshape(3, 3, 1, 3)


def model(*nodes: onnx.NodeProto, functions: tuple[onnx.FunctionProto, ...] = ()) -> onnx.ModelProto:
    port = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 8, 8]) for name in "xy"]
    graph = helper.make_graph(
        list(nodes) or [helper.make_node("Conv", ["x", "w"], ["y"])],
        "graph",
        port[:1],
        port[1:],
        [numpy_helper.from_array(WEIGHTS, "w")],
    )
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=domains, functions=list(functions))


def external(folder: Path, location: str) -> Path:
    """Save a model whose weights are said to be at `location`."""
    proto = model()
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": str(WEIGHTS.nbytes)}.items():
        tensor.external_data.add(key=key, value=value)
    path = folder / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


def refusal(path: Path) -> str | None:
    try:
        onnx_file.check(path)
    except InputError as error:
        return str(error)
    return None


def test_a_whole_model_passes(tmp_path: Path) -> None:
    assert not onnx_file.check(write_network(tmp_path / "net.onnx", LAMA))


def test_a_model_that_is_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    data = model().SerializeToString()
    for size in range(1, len(data)):
        path.write_bytes(data[:size])
        said = refusal(path)
        if said is None:  # cut between two fields of the outermost message: all that counts is there
            assert onnx.load_from_string(data[:size]).HasField("graph")
        else:
            assert said == "net.onnx is no ONNX model, or it is cut short; get it once more."


@settings(max_examples=100, deadline=None)
@given(noise=st.binary(min_size=1, max_size=200))
def test_noise_is_refused_in_a_sentence(noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.onnx"
    path.write_bytes(noise)
    said = refusal(path)  # and nothing else is raised
    assert said is None or "noise.onnx" in said


def test_data_beside_the_model_is_put_inside(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    WEIGHTS.tofile(tmp_path / "sub" / "net.data")
    path = external(tmp_path, "sub/net.data")
    assert onnx_file.check(path)
    onnx_file.write_whole(path, tmp_path / "one.onnx")
    assert not onnx_file.check(tmp_path / "one.onnx")
    whole = onnx.load(tmp_path / "one.onnx", load_external_data=False)
    onnx.checker.check_model(whole)
    np.testing.assert_array_equal(numpy_helper.to_array(whole.graph.initializer[0]), WEIGHTS)
    assert whole.graph.node == model().graph.node


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "sub/../../secret", "", "link"])
def test_data_outside_the_models_folder_is_refused(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    WEIGHTS.tofile(tmp_path / "secret")
    if location == "link":
        if os.name == "nt":
            pytest.skip("links need a privilege on Windows")
        (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match="outside its own folder; that is not allowed"):
        onnx_file.check(external(folder, location))


def test_data_that_is_missing_or_short_is_said(tmp_path: Path) -> None:
    path = external(tmp_path, "net.data")
    with pytest.raises(InputError, match=r"keeps data in 'net\.data', which is missing"):
        onnx_file.check(path)
    (tmp_path / "net.data").write_bytes(bytes(20))
    with pytest.raises(InputError, match=r"net\.data is shorter than net\.onnx says"):
        onnx_file.check(path)


@pytest.mark.parametrize(
    ("operator", "domain"), [("Run", "ai.onnx.contrib"), ("Paint", "someone"), ("EPContext", "com.microsoft")]
)
def test_operators_of_a_library_are_refused(tmp_path: Path, operator: str, domain: str) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(model(helper.make_node(operator, ["x"], ["y"], domain=domain)).SerializeToString())
    with pytest.raises(
        InputError, match=f"needs the operator '{operator}' of '{domain}', which is no part of"
    ):
        onnx_file.check(path)


def test_they_are_found_in_a_branch_too(tmp_path: Path) -> None:
    inner = helper.make_graph(
        [helper.make_node("Run", [], ["z"], domain="evil")],
        "inner",
        [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])],
    )
    node = helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)
    path = tmp_path / "net.onnx"
    path.write_bytes(model(node).SerializeToString())
    with pytest.raises(InputError, match="needs the operator 'Run' of 'evil'"):
        onnx_file.check(path)


def test_functions_of_the_model_itself_are_fine(tmp_path: Path) -> None:
    function = helper.make_function(
        "own",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    path = tmp_path / "net.onnx"
    proto = model(helper.make_node("Twice", ["x"], ["y"], domain="own"), functions=(function,))
    path.write_bytes(proto.SerializeToString())
    assert not onnx_file.check(path)


def test_what_is_too_large_or_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_network(tmp_path / "net.onnx", LAMA)
    monkeypatch.setattr(onnx_file, "MAX_MODEL_BYTES", path.stat().st_size - 1)
    with pytest.raises(InputError, match=r"a model has at most"):
        onnx_file.check(path)
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(InputError, match="is empty"):
        onnx_file.check(tmp_path / "empty.onnx")
    with pytest.raises(InputError, match="There is no file"):
        onnx_file.check(tmp_path / "none.onnx")
    with pytest.raises(InputError, match="is a folder"):
        onnx_file.check(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "net.onnx")
    os.mkfifo(tmp_path / "net.toml")
    with pytest.raises(InputError, match=r"net\.onnx is no file on a disk"):
        onnx_file.check(tmp_path / "net.onnx")
    with pytest.raises(InputError, match=r"net\.toml cannot be read: it is no file"):
        cards.load(tmp_path / "net.toml")


def test_a_model_without_operators_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(helper.make_graph([], "graph", [], [])), path)
    with pytest.raises(InputError, match=r"net\.onnx holds no network: it has no operators"):
        onnx_file.check(path)
