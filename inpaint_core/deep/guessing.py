"""The contract of an unknown network, from what it takes and from trial runs.

Names, layout, dtypes and sizes can be read off the network's inputs. Ranges and polarity cannot; each
combination that is in use is tried on a test picture, and the one with which the known pixels come back and
the holes are filled best is taken. A network that cannot give what lies outside its range often does well
with a part of it; of ranges that do equally well the widest is its own then. Where two ways do equally well
with different results, only a person can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inpaint_core.deep.cards import (
    Contract,
    Dtype,
    ImageInput,
    Layout,
    MaskInput,
    Output,
    Packing,
    Size,
)
from inpaint_core.deep.contract import interpret, prepare
from inpaint_core.deep.signature import Runner, Tensor
from inpaint_core.deep.trial import (
    EXACT,
    Outcome,
    TestPicture,
    learned,
    measure,
    run_trial,
    sides,
    test_picture,
)
from inpaint_core.errors import FillError, InputError
from inpaint_core.progress import Progress

Ask = Callable[[str, Sequence[str]], int]
"""Puts a question with its answers to a person and returns the index of the answer."""

MULTIPLES = (8, 16, 32, 64)
RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
BYTE = (0.0, 255.0)
MARGIN = 0.02
"""Two contracts whose scores differ by less do equally well."""
WRITE_A_CARD = "Write a card for it (docs/MODELS.md) and give that with --card."

_DTYPES: dict[str, Dtype] = {"float32": "float32", "float16": "float16", "uint8": "uint8"}
_LAYOUTS: tuple[tuple[Layout, int], ...] = (("nchw", -3), ("nhwc", -1))
"""Layouts, each with its axis of channels."""


@dataclass(frozen=True, slots=True)
class _Roles:
    """Which tensor is what."""

    image: Tensor
    mask: Tensor
    output: Tensor
    layout: Layout


@dataclass(frozen=True, slots=True)
class _Candidate:
    contract: Contract
    outcome: Outcome

    @property
    def score(self) -> float:
        return round(self.outcome.known_error + self.outcome.hole_error, 3)

    @property
    def range(self) -> tuple[float, float]:
        return self.contract.image.black, self.contract.image.white


def guess(network: Runner, ask: Ask | None, progress: Progress) -> Contract:
    """Find out how a network wants to be spoken to.

    Parameters
    ----------
    network
        The network; it is run a few times.
    ask
        Asked only where trials cannot tell; None where nobody can be asked.
    progress
        Told after each trial.

    Raises
    ------
    InputError
        When it is no inpainting network of a kind that is known, or nobody can be asked.
    """
    roles = _roles(network)
    size = _size(network, roles)
    feedings = [replace(contract, size=size) for contract in _contracts(roles)]
    picture = test_picture(*sides(size))
    tried: list[_Candidate] = []
    for index, contract in enumerate(feedings):
        progress("Trying the model", index / len(feedings))
        outputs = network.run(prepare(contract, picture.given, picture.hole))
        tried += [_Candidate(each, measure(each, picture, outputs)) for each in _readings(contract, roles)]
    good = sorted(
        (one for one in tried if not (one.outcome.problem or one.outcome.doubt)), key=lambda one: one.score
    )
    if not good:
        raise InputError(f"None of the usual ranges gives a sensible picture. {WRITE_A_CARD}")
    near = [one for one in good if one.score - good[0].score < MARGIN]
    own = _own_range(near, network, picture)
    best = _decide([one for one in near if one.range == own], ask)
    return learned(best.contract, best.outcome)


def _own_range(near: Sequence[_Candidate], network: Runner, picture: TestPicture) -> tuple[float, float]:
    """Return the range that is the network's own, of several that do equally well, the best first."""
    if len({one.range for one in near}) > 1 and _is_bounded(network, near[0].contract, picture):
        return max((one.range for one in near), key=lambda ends: ends[1] - ends[0])
    return near[0].range


def _is_bounded(network: Runner, contract: Contract, picture: TestPicture) -> bool:
    """Tell whether the network fills no brighter than 1 in surroundings of 2."""
    doubled = replace(
        contract,
        image=replace(contract.image, black=0.0, white=2.0),
        output=replace(contract.output, black=0.0, white=4.0),
    )
    outputs = network.run(prepare(doubled, np.ones_like(picture.truth), picture.hole))
    answer = interpret(doubled, outputs, (picture.hole.shape[0], picture.hole.shape[1]))
    return float(answer[picture.hole].max()) <= 1.05 / 4


def _decide(near: Sequence[_Candidate], ask: Ask | None) -> _Candidate:
    """Choose among contracts that do equally well; those whose pictures agree are one."""
    best, *others = near
    rivals = [
        other for other in others if float(np.abs(other.outcome.answer - best.outcome.answer).max()) > EXACT
    ]
    if not rivals:
        return best
    if ask is None:
        raise InputError(
            f"It cannot be told whether the network wants {_in_words(best.contract)}, or "
            f"{_in_words(rivals[0].contract)}. {WRITE_A_CARD}"
        )
    among = [best, *rivals]
    return among[ask("What does the network want?", [_in_words(one.contract) for one in among])]


def _in_words(contract: Contract) -> str:
    image, mask, output = contract.image, contract.mask, contract.output
    order = f", packed as {contract.packed}" if contract.packed else ""
    return (
        f"pictures from {image.black:g} to {image.white:g}, {mask.hole:g} in the mask for the hole and "
        f"{mask.known:g} elsewhere{order}, answers from {output.black:g} to {output.white:g}"
    )


def _roles(network: Runner) -> _Roles:
    """Find picture, mask and answer among the tensors."""
    for layout, axis in _LAYOUTS:
        inputs = {_channels(tensor, axis): tensor for tensor in network.inputs}
        outputs = [tensor for tensor in network.outputs if _channels(tensor, axis) == 3]
        if not outputs or any(tensor.dtype not in _DTYPES for tensor in network.inputs):
            continue
        if len(network.inputs) == 1 and 4 in inputs:
            return _Roles(inputs[4], inputs[4], outputs[0], layout)
        if len(network.inputs) == 2 and inputs.keys() == {1, 3}:
            return _Roles(inputs[3], inputs[1], outputs[0], layout)
    taken = ", ".join(map(str, network.inputs))
    given = ", ".join(map(str, network.outputs))
    raise InputError(
        "An inpainting network takes a picture of 3 channels and a mask of 1, or both in 4 channels, and "
        f"gives a picture of 3; this one takes {taken} and gives {given}. If it is one: {WRITE_A_CARD}"
    )


def _channels(tensor: Tensor, axis: int) -> int | None:
    return tensor.shape[axis] if len(tensor.shape) in {3, 4} else None


def _size(network: Runner, roles: _Roles) -> Size:
    """Return the size that the network declares, or the least multiple with which it runs."""
    axes = (-2, -1) if roles.layout == "nchw" else (-3, -2)
    height, width = (roles.image.shape[axis] for axis in axes)
    if height is not None and width is not None:
        return Size(fixed=(height, width))
    contract = next(_contracts(roles))
    why = ""
    for multiple in MULTIPLES:
        size = Size(multiple=multiple, minimum=multiple * (128 // multiple + 1))
        try:
            run_trial(network, replace(contract, size=size))
        except FillError as error:
            why = str(error)
        else:
            return size
    raise InputError(f"The network does not run on small pictures ({why}). {WRITE_A_CARD}")


def _contracts(roles: _Roles) -> Iterator[Contract]:
    """Yield each way of feeding that is in use for such tensors, the most usual first."""
    for packed in _packings(roles):
        for image in _images(roles.image):
            for mask in _masks(roles.mask, packed=bool(packed)):
                yield Contract(
                    image=image,
                    mask=mask,
                    output=Output(roles.output.name, *BYTE),
                    layout=roles.layout,
                    batch=len(roles.image.shape) == 4,
                    packed=packed,
                )


def _readings(contract: Contract, roles: _Roles) -> Iterator[Contract]:
    """Yield each way of reading the answer."""
    for black, white in (BYTE,) if roles.output.dtype == "uint8" else RANGES:
        yield replace(contract, output=replace(contract.output, black=black, white=white))


def _packings(roles: _Roles) -> tuple[Packing, ...]:
    return ("mask-image", "image-mask") if roles.image is roles.mask else ("",)


def _images(tensor: Tensor) -> Iterator[ImageInput]:
    """Yield the ranges; numbers are fed as zero inside the hole, as most networks are trained."""
    dtype = _DTYPES[tensor.dtype]
    if dtype == "uint8":
        yield ImageInput(tensor.name, dtype, *BYTE)
        return
    for black, white in RANGES:
        yield ImageInput(tensor.name, dtype, black, white, hole=0.0)


def _masks(tensor: Tensor, *, packed: bool) -> Iterator[MaskInput]:
    pairs = [(1.0, 0.0), (0.0, 1.0)]
    if tensor.dtype == "uint8":
        pairs = [(255.0, 0.0), (0.0, 255.0), *pairs]
    elif packed:
        pairs = [*pairs, (-0.5, 0.5), (0.5, -0.5)]
    for hole, known in pairs:
        yield MaskInput(tensor.name, _DTYPES[tensor.dtype], hole, known)
