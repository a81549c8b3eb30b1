"""From a checkpoint to a model: an ``.onnx``, its card, and the credits of the photographs."""

from __future__ import annotations

import hashlib
import io
import shutil
import warnings
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from inpaint_core.deep import cards
from inpaint_core.deep.cards import Card, Contract, ImageInput, MaskInput, Output, Size, Weights
from inpaint_core.deep.session import Session
from inpaint_core.errors import FillError
from inpaint_core.training import checkpoints, configuration, history, onnx_weights, origins
from inpaint_core.training.configuration import Configuration
from inpaint_core.training.history import CREDITS
from inpaint_core.training.networks.generators import Generator, build, masked

OPSET = 17
"""The oldest that has every operator needed: old runtimes read it too."""

TOLERANCE = 1e-3
"""The largest difference from PyTorch, of 0…1, with which a model is still written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes
    ----------
    file, card
        The model, and its card as written beside it.
    difference
        The largest difference between ONNX Runtime and PyTorch with the same rounded weights, of 0…1.
    rounding
        The largest difference that storing the weights at half precision makes, of 0…1.
    """

    file: Path
    card: Card
    difference: float
    rounding: float


class Deployed(nn.Module):
    """A generator as others run it: picture and hole come as two inputs."""

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        """Fill (N, 3, H, W) of 0…1 where (N, 1, H, W) is 1; the known pixels are not given back."""
        filled: Tensor = self.network(masked(image, mask))
        return filled


def export(
    path: Path, output: Path, *, title: str = "", licence: str = "not stated", revision: str = ""
) -> Exported:
    """Write the averaged weights of a checkpoint as a model with its card.

    Parameters
    ----------
    path
        The checkpoint; the credits of its photographs, if they lie beside it, are copied too.
    output
        The ``.onnx`` to write; its name without the suffix is the model's id, the card has the same name
        with ``.toml``.
    title, licence
        For the card.
    revision
        Of the code that trained it, for the card.

    Raises
    ------
    InputError
        When the checkpoint cannot be read, or the output's name is no id of a model.
    FillError
        When the model answers otherwise than the network does, or cannot be written.
    """
    identity = cards.check_id(output.stem)
    checkpoint = checkpoints.load(path)
    settings = configuration.parse(checkpoint["configuration"], f"The configuration in {path}")
    network = build(settings.network).eval()
    origins.give(checkpoint["average"], network)
    part = output.with_name(f"{output.stem}.part.onnx")
    try:
        exact, halved = _answers(network, half=False), _answers(network, half=True)
        part.write_bytes(_as_onnx(network, {onnx_weights.CONFIGURATION: checkpoint["configuration"]}))
        difference = _largest(halved, _answers_of(part, network.multiple))
        if not difference <= TOLERANCE:
            raise FillError(
                f"The exported model differs from the network by {difference:.1e}; it was not kept."
            )
        learned = history.words(checkpoint, path.with_name(CREDITS))
        trained_on = f"{learned}; trained by revision {revision}." if revision else f"{learned}."
        weights = _weights(part, licence, trained_on[: cards.MAX_TEXT])
        card = _card(identity, title, weights, settings, network.multiple)
        card_part = part.with_suffix(".toml")
        card_part.write_text(cards.dump(card), encoding="utf-8")
        part.replace(output)
        card_part.replace(output.with_suffix(".toml"))
        if path.with_name(CREDITS).exists():
            shutil.copyfile(path.with_name(CREDITS), output.with_name(f"{identity}.photographs.csv"))
    except OSError as error:
        raise FillError(f"The model {output} could not be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
        part.with_suffix(".toml").unlink(missing_ok=True)
    return Exported(output, card, difference, _largest(exact, halved))


def _as_onnx(network: Generator, facts: dict[str, str]) -> bytes:
    """Return the model with dynamic height and width and half-precision weights; `network` is untouched.

    PyTorch's older exporter is used: it keeps batch normalisation and the names of the weights, so that a
    model can be trained further, and takes a second where the newer one takes half a minute.
    """
    side = 2 * network.multiple
    example = (torch.rand(1, 3, side, 2 * side), torch.ones(1, 1, side, 2 * side))
    axes = {2: "height", 3: "width"}
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its age, and of checks that tracing leaves out
        torch.onnx.export(
            Deployed(network).eval(),
            example,
            buffer,  # type: ignore[arg-type]  # the older exporter writes into files
            dynamo=False,
            opset_version=OPSET,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            input_names=["image", "mask"],
            output_names=["output"],
            dynamic_axes={"image": axes, "mask": axes, "output": axes},
        )
    model = onnx.load_from_string(buffer.getvalue())
    onnx_weights.halve(model)
    onnx_weights.note(model, facts)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _examples(multiple: int) -> list[tuple[Tensor, Tensor]]:
    """Return pictures with holes of several sizes and shapes, the same each time."""
    numbers = torch.Generator().manual_seed(0)
    examples = []
    for height, width in ((4, 4), (3, 5), (8, 7)):
        size = (height * multiple, width * multiple)
        hole = torch.zeros(1, 1, *size)
        hole[..., size[0] // 4 : size[0] // 2, size[1] // 4 : 3 * size[1] // 4] = 1
        examples.append((torch.rand(1, 3, *size, generator=numbers), hole))
    return examples


@torch.no_grad()
def _answers(network: Generator, *, half: bool) -> list[Tensor]:
    """Return what PyTorch answers, with exact or with rounded weights."""
    deployed = Deployed(deepcopy(network)).eval()
    if half:
        for weight in deployed.parameters():
            if weight.dim() >= 2:
                weight.copy_(weight.half().float())
    return [deployed(*example) for example in _examples(network.multiple)]


def _answers_of(model: Path, multiple: int) -> list[Tensor]:
    """Return what ONNX Runtime answers."""
    session = Session(model)
    return [
        torch.from_numpy(session.run({"image": image.numpy(), "mask": hole.numpy()})["output"])
        for image, hole in _examples(multiple)
    ]


def _largest(ours: list[Tensor], theirs: list[Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(ours, theirs, strict=True))


def _card(identity: str, title: str, weights: Weights, settings: Configuration, multiple: int) -> Card:
    size = Size(multiple=multiple, minimum=multiple, preferred=settings.data.size)
    return Card(
        id=identity,
        title=title or f"Trained model {identity}",
        description=f"A {_KINDS[settings.network.architecture]} trained with “inpaint train”.",
        weights=weights,
        contract=Contract(ImageInput("image"), MaskInput("mask"), Output("output"), size),
    )


def _weights(file: Path, licence: str, trained_on: str) -> Weights:
    data = file.read_bytes()
    return Weights(licence, len(data), hashlib.sha256(data).hexdigest(), trained_on=trained_on)


_KINDS = {"unet": "separable U-net", "fourier": "network of Fourier convolutions"}
