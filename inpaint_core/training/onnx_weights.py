"""Weights within an ``.onnx`` file: stored at half precision, and read back by their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor

from inpaint_core.errors import InputError

PREFIX = "network."
"""What the exporter puts before the names of the network's weights."""

CONFIGURATION = "inpaint.configuration"
_WIDE = ".float32"


def halve(model: ModelProto) -> None:
    """Store convolution weights as float16, each widened by a Cast that the runtime does once, at load.

    Vectors (biases, batch statistics) stay as they are: they are few, and small values among them count.
    """
    casts: list[NodeProto] = []
    renamed: dict[str, str] = {}
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) >= 2:
            wide = numpy_helper.to_array(tensor)
            tensor.CopyFrom(numpy_helper.from_array(wide.astype(np.float16), tensor.name))
            renamed[tensor.name] = f"{tensor.name}{_WIDE}"
            casts.append(
                helper.make_node("Cast", [tensor.name], [renamed[tensor.name]], to=TensorProto.FLOAT)
            )
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def note(model: ModelProto, facts: dict[str, str]) -> None:
    """Write facts into the file's metadata."""
    helper.set_model_props(model, facts)


def read(path: Path) -> tuple[str, dict[str, Tensor]]:
    """Return the configuration, as TOML, and the weights of a model that was exported here.

    Raises
    ------
    InputError
        When the file is no ONNX model, or not one of this program.
    """
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:  # the reader of protobuf raises what it likes
        raise InputError(f"{path} is no ONNX file, or a damaged one.") from error
    facts = {item.key: item.value for item in model.metadata_props}
    if CONFIGURATION not in facts:
        raise InputError(
            f"The model {path} was not trained by this program, so it cannot be trained further; use a "
            "checkpoint, or a model that “inpaint export” made."
        )
    arrays = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    # The exporter keeps equal tensors once; the others' names are made by Identity nodes.
    for node in model.graph.node:
        if node.op_type == "Identity" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    return facts[CONFIGURATION], {
        name.removeprefix(PREFIX): torch.from_numpy(array.astype(np.float32))
        for name, array in arrays.items()
        if name.startswith(PREFIX)
    }
