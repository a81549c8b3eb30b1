"""What a network takes and gives, and whether that is what its card says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from inpaint_core.deep.cards import Contract
from inpaint_core.errors import InputError


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output: its name, NumPy's name of its dtype, its sides (None = any)."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        sides = ", ".join("any" if side is None else str(side) for side in self.shape)
        name = self.name if self.name.isprintable() else ascii(self.name)  # it comes from the file
        return f"{name}: {self.dtype} [{sides}]"


class Runner(Protocol):
    """A network that can be run, as `session.Session` is one."""

    @property
    def inputs(self) -> Sequence[Tensor]:
        """What it takes."""
        ...

    @property
    def outputs(self) -> Sequence[Tensor]:
        """What it gives."""
        ...

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Run it once; raises `FillError` with a sentence when it fails."""
        ...


def check_signature(contract: Contract, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """Raise `InputError` with the first thing in which a network and its card disagree."""
    wanted = {tensor.name: tensor for tensor in _wanted(contract)}
    for tensor in inputs:
        if tensor.name not in wanted:
            raise InputError(
                f"The network takes {tensor}, which its card does not name; the card names "
                f"{' and '.join(wanted)}."
            )
        _check_tensor(tensor, wanted[tensor.name])
    missing = wanted.keys() - {tensor.name for tensor in inputs}
    if missing:
        raise InputError(
            f"The card names the input {min(missing)}; the network takes {_listed(inputs)}. Correct the card."
        )
    answer = next((tensor for tensor in outputs if tensor.name == contract.output.name), None)
    if answer is None:
        raise InputError(
            f"The card names the output {contract.output.name}; the network gives {_listed(outputs)}. "
            "Correct the card."
        )
    _check_tensor(answer, Tensor(answer.name, answer.dtype, _shape(contract, 3)))


def _listed(tensors: Sequence[Tensor]) -> str:
    return " and ".join(map(str, tensors)) or "none"


def _wanted(contract: Contract) -> Iterator[Tensor]:
    if contract.packed:
        yield Tensor(contract.image.input, contract.image.dtype, _shape(contract, 4))
    else:
        yield Tensor(contract.image.input, contract.image.dtype, _shape(contract, 3))
        yield Tensor(contract.mask.input, contract.mask.dtype, _shape(contract, 1))


def _shape(contract: Contract, channels: int) -> tuple[int | None, ...]:
    """Return the shape that a contract asks for, None where it leaves it open."""
    sides: tuple[int | None, ...] = contract.size.fixed if contract.size.is_fixed else (None, None)
    shape = (channels, *sides) if contract.layout == "nchw" else (*sides, channels)
    return (1, *shape) if contract.batch else shape


def _check_tensor(found: Tensor, wanted: Tensor) -> None:
    if found.dtype != wanted.dtype:
        raise InputError(f"The network has {found}; its card says {wanted.dtype}. Correct the card.")
    fits = len(found.shape) == len(wanted.shape) and all(
        have is None or have == want for have, want in zip(found.shape, wanted.shape, strict=True)
    )
    if not fits:
        raise InputError(f"The network has {found}; by its card it would be {wanted}. Correct the card.")
