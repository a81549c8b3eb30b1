"""Networks of published architectures with random weights, as ONNX files: for time and memory alone.

Big-LaMa: Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions", WACV 2022, its
Fourier transforms written as matrix products. MI-GAN: Sargsyan et al., "MI-GAN: a simple baseline for image
inpainting on mobile devices", ICCV 2023. Batch norms are taken as folded into the convolutions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Graph:
    """A growing ONNX graph; every method adds nodes and returns the name of what they give."""

    def __init__(self, seed: int = 0) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._rng = np.random.default_rng(seed)
        self._shared: dict[str, str] = {}

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Add one operator with one output."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: NDArray[np.generic] | float | list[int]) -> str:
        """Add a constant: floats as float32, lists as int64."""
        array = np.asarray(values)
        array = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def shared(self, key: str, values: NDArray[np.generic]) -> str:
        """Add a constant once."""
        if key not in self._shared:
            self._shared[key] = self.constant(values)
        return self._shared[key]

    def conv(self, x: str, channels: tuple[int, int], kernel: int, *, stride: int = 1, group: int = 1) -> str:
        """Convolve with random weights that keep the variance; sides stay, or are divided by `stride`."""
        given, wanted = channels
        shape = (wanted, given // group, kernel, kernel)
        weights = self._rng.standard_normal(shape, np.float32) * (given // group * kernel**2) ** -0.5
        return self.node(
            "Conv",
            x,
            self.constant(weights),
            self.constant(np.zeros(wanted, np.float32)),
            strides=[stride, stride],
            pads=[kernel // 2] * 4,
            group=group,
        )

    def up_conv(self, x: str, channels: tuple[int, int]) -> str:
        """Double the sides by a transposed convolution."""
        given, wanted = channels
        weights = self._rng.standard_normal((given, wanted, 3, 3), np.float32) * (given * 2.25) ** -0.5
        return self.node(
            "ConvTranspose",
            x,
            self.constant(weights),
            strides=[2, 2],
            pads=[1] * 4,
            output_padding=[1, 1],
        )

    def mirrored(self, x: str, margin: int) -> str:
        """Pad by reflection."""
        return self.node(
            "Pad", x, self.constant([0, 0, margin, margin, 0, 0, margin, margin]), mode="reflect"
        )

    def save(self, path: Path, inputs: list[onnx.ValueInfoProto], output: onnx.ValueInfoProto) -> None:
        """Write the model."""
        graph = helper.make_graph(self.nodes, path.stem, inputs, [output], self.constants)
        onnx.save(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8), path
        )


def lama(path: Path, side: int = 512, width: int = 64, blocks: int = 18) -> None:
    """Write a LaMa: `image` and `mask` in, composited `output` of 0 to 255 out, fixed size, any batch."""
    g = Graph()
    keep = g.node("Sub", g.constant(1.0), "mask")
    x = g.node("Concat", g.node("Mul", "image", keep), "mask", axis=1)
    x = g.node("Relu", _valid(g, g.mirrored(x, 3), (4, width), 7))
    for octave in range(3):
        x = g.node("Relu", g.conv(x, (width << octave, width << octave + 1), 3, stride=2))
    wide = width << 3
    near, far = wide // 4, wide - wide // 4
    local, overall = (
        g.node("Slice", x, g.constant([start]), g.constant([end]), g.constant([1]))
        for start, end in ((0, near), (near, wide))
    )
    for _ in range(blocks):
        a, b = _fourier_convolution(g, local, overall, (near, far), side // 8)
        a, b = _fourier_convolution(g, a, b, (near, far), side // 8)
        local, overall = g.node("Add", local, a), g.node("Add", overall, b)
    x = g.node("Concat", local, overall, axis=1)
    for octave in (3, 2, 1):
        x = g.node("Relu", g.up_conv(x, (width << octave, width << octave - 1)))
    x = g.node("Sigmoid", _valid(g, g.mirrored(x, 3), (width, 3), 7))
    x = g.node("Add", g.node("Mul", x, "mask"), g.node("Mul", "image", keep))
    g.nodes.append(helper.make_node("Mul", [x, g.constant(255.0)], ["output"]))
    shapes = (("image", 3), ("mask", 1), ("output", 3))
    *inputs, output = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", channels, side, side])
        for name, channels in shapes
    )
    g.save(path, inputs, output)


def _valid(g: Graph, x: str, channels: tuple[int, int], kernel: int) -> str:
    """Convolve what was padded before."""
    name = g.conv(x, channels, kernel)
    g.nodes[-1].attribute[[item.name for item in g.nodes[-1].attribute].index("pads")].CopyFrom(
        helper.make_attribute("pads", [0] * 4)
    )
    return name


def _fourier_convolution(
    g: Graph, local: str, overall: str, widths: tuple[int, int], side: int
) -> tuple[str, str]:
    """Exchange between near and far, the far part through its spectrum (LaMa, figure 2)."""
    near, far = widths
    half = far // 2
    x = g.node("Relu", g.conv(overall, (far, half), 1))
    spectral = g.conv(g.node("Add", x, _spectral(g, x, half, side)), (half, far), 1)
    a = g.node("Add", g.conv(local, (near, near), 3), g.conv(overall, (far, near), 3))
    b = g.node("Add", g.conv(local, (near, far), 3), spectral)
    return g.node("Relu", a), g.node("Relu", b)


def _spectral(g: Graph, x: str, channels: int, side: int) -> str:
    """Convolve real and imaginary part of the spectrum, 1 by 1."""
    angle = 2.0 * np.pi / side * np.arange(side)
    scale = side**-0.5
    across = angle[:, None] * np.arange(side // 2 + 1)
    down = np.arange(side)[:, None] * angle
    cos_w, sin_w = g.shared("cw", np.cos(across) * scale), g.shared("sw", np.sin(across) * scale)
    cos_h, sin_h = g.shared("ch", np.cos(down) * scale), g.shared("sh", np.sin(down) * scale)
    once = np.where(np.isin(np.arange(side // 2 + 1), (0, side // 2)), 1.0, 2.0)
    back_cos = g.shared("bc", (np.cos(across) * once).T * scale)
    back_sin = g.shared("bs", (np.sin(across) * once).T * scale)

    def product(one: str, two: str) -> str:
        return g.node("MatMul", one, two)

    c, s = product(x, cos_w), product(x, sin_w)
    real = g.node("Sub", product(cos_h, c), product(sin_h, s))
    imaginary = g.node("Neg", g.node("Add", product(cos_h, s), product(sin_h, c)))
    z = g.node("Relu", g.conv(g.node("Concat", real, imaginary, axis=1), (2 * channels, 2 * channels), 1))
    real, imaginary = (
        g.node("Slice", z, g.constant([start]), g.constant([start + channels]), g.constant([1]))
        for start in (0, channels)
    )
    rows_real = g.node("Sub", product(cos_h, real), product(sin_h, imaginary))
    rows_imaginary = g.node("Add", product(cos_h, imaginary), product(sin_h, real))
    return g.node("Sub", product(rows_real, back_cos), product(rows_imaginary, back_sin))


def migan(path: Path, side: int = 512) -> None:
    """Write a raw MI-GAN: one packed `input` of four channels in, `output` of -1 to 1 out, fixed size."""
    g = Graph()
    widths = {side >> octave: min(64 << octave, 512) for octave in range(side.bit_length() - 2)}
    sizes = list(widths)
    x = _leaky(g, g.conv("input", (4, widths[side]), 1))
    skips = {}
    for size in sizes:
        x = skips[size] = _separable(g, x, (widths[size], widths[size]))
        if size > 4:
            x = _separable(g, x, (widths[size], widths[size // 2]), stride=2)
    x = _separable(g, x, (widths[4], widths[4]))
    picture = g.conv(x, (widths[4], 3), 1)
    for size in reversed(sizes[:-1]):
        x = _separable(g, _doubled(g, x), (widths[size // 2], widths[size]))
        x = _separable(g, g.node("Add", x, skips[size]), (widths[size], widths[size]))
        picture = g.node("Add", _doubled(g, picture), g.conv(x, (widths[size], 3), 1))
    g.nodes.append(helper.make_node("Tanh", [picture], ["output"]))
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, side, side])
        for name, channels in (("input", 4), ("output", 3))
    ]
    g.save(path, tensors[:1], tensors[1])


def _leaky(g: Graph, x: str) -> str:
    return g.node("LeakyRelu", x, alpha=0.2)


def _separable(g: Graph, x: str, channels: tuple[int, int], stride: int = 1) -> str:
    """Convolve each channel by itself, then across the channels."""
    x = _leaky(g, g.conv(x, (channels[0], channels[0]), 3, stride=stride, group=channels[0]))
    return _leaky(g, g.conv(x, channels, 1))


def _doubled(g: Graph, x: str) -> str:
    return g.node("Resize", x, "", g.constant(np.array([1, 1, 2, 2], np.float32)), mode="linear")
