"""What a run can begin with: a checkpoint, an exported model, or the model that comes with the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from inpaint_core.deep import cards, store
from inpaint_core.errors import InputError
from inpaint_core.training import checkpoints, configuration, history, onnx_weights
from inpaint_core.training.configuration import Configuration

BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class Origin:
    """Trained weights, and where they come from.

    Attributes
    ----------
    configuration
        What they were trained with.
    weights
        By the names of the network's parameters.
    learned
        What they learned from, in words; empty where that is not known.
    credits
        Of the photographs they learned from.
    """

    configuration: Configuration
    weights: Mapping[str, Tensor]
    learned: str
    credits: tuple[history.Row, ...]


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
        card, credits_file = path.with_suffix(".toml"), path.with_name(f"{path.stem}.{history.CREDITS}")
        learned = cards.load(card).weights.trained_on.rstrip(".") if card.exists() else ""
    else:
        checkpoint, credits_file = checkpoints.load(path), path.with_name(history.CREDITS)
        text, weights = checkpoint["configuration"], checkpoint["average"]
        learned = history.words(checkpoint, credits_file)
    settings = configuration.parse(text, f"The configuration in {path}")
    return Origin(settings, weights, learned, history.read_credits(credits_file))


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
