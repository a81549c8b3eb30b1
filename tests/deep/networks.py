"""Small ONNX files that keep a given contract exactly.

Each "network" fills a column of the hole with the mean of the column's known pixels, and so proves names,
layout, ranges, polarity and compositing to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from inpaint_core.deep.cards import Contract

TYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "uint8": TensorProto.UINT8,
}


class Graph:
    """Nodes and constants of a graph as they are written down."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: object) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.float32(value))

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name


def write_network(
    path: Path,
    contract: Contract,
    *,
    output_dtype: str = "float32",
    opset: int = 17,
    keep_rim: int = 0,
    swap: bool = False,
    bounded: bool = True,
    binary: bool = False,
    sides: Sequence[int | str] = ("batch", "height", "width"),
) -> Path:
    """Write a network.

    Parameters
    ----------
    keep_rim
        So many pixels inside the hole's rim keep what was there, as MI-GAN's pipeline does.
    swap
        Whether red and blue are exchanged.
    bounded
        Whether no answer lies outside the contract's range.
    binary
        Whether every value of the mask above that of a known pixel means the hole.
    sides
        Batch, height and width as the file declares them; a contract's fixed size comes first.
    """
    graph = Graph()
    image, mask = _inputs(graph, contract)
    hole = _affine_from(graph, mask, contract.mask.known, contract.mask.hole)
    if binary:
        hole = graph.add("Ceil", graph.add("Clip", hole, graph.number(0), graph.number(1)))
    known = graph.add("Sub", graph.number(1), hole)
    picture = _affine_from(graph, image, contract.image.black, contract.image.white)
    if bounded:
        picture = graph.add("Clip", picture, graph.number(0), graph.number(1))
    axes = graph.constant(np.array([2], np.int64))
    total = graph.add("ReduceSum", graph.add("Mul", picture, known), axes)
    count = graph.add("Max", graph.add("ReduceSum", known, axes), graph.number(1))
    fill = graph.add("Div", total, count)
    if keep_rim:
        side = 2 * keep_rim + 1
        known = graph.add("MaxPool", known, kernel_shape=[side, side], pads=[keep_rim] * 4)
        hole = graph.add("Sub", graph.number(1), known)
    if not contract.composites:
        picture = graph.add("Add", graph.add("Mul", picture, graph.number(0.96)), graph.number(0.02))
    answer = graph.add("Add", graph.add("Mul", picture, known), graph.add("Mul", fill, hole))
    if swap:
        answer = graph.add("Gather", answer, graph.constant(np.array([2, 1, 0], np.int64)), axis=1)
    _finish(graph, contract, answer, output_dtype)
    model = _model(contract, graph, output_dtype, opset=opset, sides=sides)
    onnx.save(model, path)
    return path


def _inputs(graph: Graph, contract: Contract) -> tuple[str, str]:
    """Return picture and mask as NCHW float32."""
    ports = [contract.image.input] if contract.packed else [contract.image.input, contract.mask.input]
    values = []
    for port in ports:
        value = graph.add("Cast", port, to=TensorProto.FLOAT)
        if not contract.batch:
            value = graph.add("Unsqueeze", value, graph.constant(np.array([0], np.int64)))
        if contract.layout == "nhwc":
            value = graph.add("Transpose", value, perm=[0, 3, 1, 2])
        values.append(value)
    if not contract.packed:
        return values[0], values[1]
    first = contract.packed == "mask-image"
    order = {"mask": [0] if first else [3], "image": [1, 2, 3] if first else [0, 1, 2]}
    image, mask = (
        graph.add("Gather", values[0], graph.constant(np.array(order[name], np.int64)), axis=1)
        for name in ("image", "mask")
    )
    return image, mask


def _affine_from(graph: Graph, value: str, zero: float, one: float) -> str:
    return graph.add("Div", graph.add("Sub", value, graph.number(zero)), graph.number(one - zero))


def _finish(graph: Graph, contract: Contract, answer: str, dtype: str) -> None:
    scale = contract.output.white - contract.output.black
    answer = graph.add(
        "Add", graph.add("Mul", answer, graph.number(scale)), graph.number(contract.output.black)
    )
    if contract.layout == "nhwc":
        answer = graph.add("Transpose", answer, perm=[0, 2, 3, 1])
    if not contract.batch:
        answer = graph.add("Squeeze", answer, graph.constant(np.array([0], np.int64)))
    if dtype == "uint8":
        answer = graph.add("Round", answer)
    graph.nodes.append(helper.make_node("Cast", [answer], [contract.output.name], to=TYPES[dtype]))


def _model(
    contract: Contract, graph: Graph, dtype: str, *, opset: int, sides: Sequence[int | str]
) -> onnx.ModelProto:
    batch, *space = sides
    space = list(contract.size.fixed) if contract.size.is_fixed else space

    def shape(channels: int) -> list[int | str]:
        order = [channels, *space] if contract.layout == "nchw" else [*space, channels]
        return [batch, *order] if contract.batch else order

    def port(name: str, kind: str, channels: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TYPES[kind], shape(channels))

    inputs = [port(contract.image.input, contract.image.dtype, 4 if contract.packed else 3)]
    if not contract.packed:
        inputs.append(port(contract.mask.input, contract.mask.dtype, 1))
    return helper.make_model(
        helper.make_graph(
            graph.nodes, "network", inputs, [port(contract.output.name, dtype, 3)], graph.constants
        ),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=8,
    )
