"""What a run can begin with: a checkpoint, an exported model, or the model that comes with the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from inpaint_core.deep import store
from inpaint_core.errors import InputError
from inpaint_core.training import checkpoints, configuration, onnx_weights
from inpaint_core.training.configuration import Configuration

BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class Origin:
    """Trained weights, and the configuration they were trained with."""

    configuration: Configuration
    weights: Mapping[str, Tensor]


def find(name: str) -> Origin:
    """Return the origin: ``"bundled"``, or the path of a checkpoint or of an exported model.

    Raises
    ------
    InputError
        When there is none, or it cannot be read.
    """
    path = _bundled() if name == BUNDLED else Path(name)
    if not path.is_file():
        raise InputError(f"There is no checkpoint or model {path} to begin with.")
    if path.suffix == ".onnx":
        text, weights = onnx_weights.read(path)
    else:
        checkpoint = checkpoints.load(path)
        text, weights = checkpoint["configuration"], checkpoint["average"]
    return Origin(configuration.parse(text, f"The configuration in {path}"), weights)


def give(weights: Mapping[str, Tensor], network: nn.Module) -> None:
    """Give weights to a network.

    Raises
    ------
    InputError
        When they are another network's.
    """
    try:
        report = network.load_state_dict(dict(weights), strict=False)
    except RuntimeError:
        raise InputError("The weights to begin with are of a network of another size.") from None
    missing = [name for name in report.missing_keys if not name.endswith("num_batches_tracked")]
    if missing or report.unexpected_keys:
        raise InputError("The weights to begin with are of another network.")


def _bundled() -> Path:
    models = sorted(store.BUNDLED.glob("*.onnx"))
    if not models:
        raise InputError("No model comes with this engine; name a checkpoint or an exported model.")
    return models[0]
