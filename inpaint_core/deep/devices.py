"""The devices that a network can run on, by the names that people use for them. Standard library only."""

from __future__ import annotations

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""ONNX Runtime's name for what runs a network there."""

AUTOMATIC = ("cuda", "rocm", "directml", "coreml", "openvino", "cpu")
"""What `auto` takes the first of; TensorRT and MIGraphX compile for minutes before the first answer."""

DEVICES = ("auto", "cpu", *(name for name in PROVIDERS if name != "cpu"))
"""What a caller may ask for."""
