"""The list of methods: what can fill a hole, and the contract that each of them keeps.

To add a method, write its options and its function in a package of their own and add one entry to `METHODS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from inpaint_core.classical.bayes.options import BayesOptions
from inpaint_core.classical.diffusion.options import (
    BiharmonicOptions,
    HarmonicOptions,
    MarchOptions,
    TotalVariationOptions,
)
from inpaint_core.classical.patch.options import PatchOptions
from inpaint_core.errors import InputError
from inpaint_core.options import parse
from inpaint_core.progress import Progress
from inpaint_core.refine.options import DeepOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Fill(Protocol):
    """What a method is: a function from known pixels to a filled picture."""

    def __call__(
        self,
        image: NDArray[np.float32],
        hole: NDArray[np.bool_],
        source: NDArray[np.bool_],
        *,
        options: Any,
        seed: int,
        progress: Progress,
    ) -> NDArray[np.float32]:
        """Fill `hole`.

        Parameters
        ----------
        image : (H, W, C) float32, C = 1…4
            Display-encoded (not linear), nominally 0…1, unclipped. With C = 2 or 4 the last channel is
            alpha and the colours are multiplied by it. Finite everywhere; inside the hole all zero.
        hole : (H, W) bool
            The pixels to fill; at least one.
        source : (H, W) bool
            Where content may be taken from; disjoint from `hole`, at least one pixel.
        options
            An instance of the method's options dataclass.
        seed : int
            0 ≤ seed < 2**31. The same arguments give the same bytes, whatever the number of threads.
        progress
            Called now and then, from the calling thread.

        Returns
        -------
        (H, W, C) float32
            Finite inside the hole; outside it is not looked at. `image` is unchanged.

        Raises
        ------
        NoSourceError
            When the source is too small for the method.
        """
        ...


class GuidedFill(Fill, Protocol):
    """A method that can be steered by a rough idea of the result."""

    def __call__(
        self,
        image: NDArray[np.float32],
        hole: NDArray[np.bool_],
        source: NDArray[np.bool_],
        *,
        options: Any,
        seed: int,
        progress: Progress,
        guide: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Fill `hole` as `Fill` does, its large structures after those of `guide`.

        Parameters
        ----------
        guide : (H, W, C) float32, optional
            Encoded as `image`, alpha included; inside the hole a rough or blurred idea of the result, outside
            it equal to `image`. None: no guide.
        """
        ...


class NetworkFill(Fill, Protocol):
    """A method that runs a network."""

    def __call__(
        self,
        image: NDArray[np.float32],
        hole: NDArray[np.bool_],
        source: NDArray[np.bool_],
        *,
        options: Any,
        seed: int,
        progress: Progress,
        device: str = "auto",
    ) -> NDArray[np.float32]:
        """Fill `hole` as `Fill` does, the network on a `device` (one of `deep.devices.DEVICES`)."""
        ...


@dataclass(frozen=True, slots=True)
class Method:
    """A way to fill: what a person reads of it, what can be set, and where its function is.

    `function` is ``"module:name"`` of a `Fill`, imported on first use so that listing methods stays quick;
    where `guided` is true, of a `GuidedFill`; where `networked` is true, of a `NetworkFill`, and one of
    its options is `model`. Where `local` is true, it looks at the hole's near surroundings alone
    (`passes.RIM`). Where `chance` is true, another seed may give another fill. `grow` is by how many pixels a
    selection that follows an object's outline is best widened: soft rims that are left outside are spread
    by some methods. The function of `auto` is that of the method whose options it has.
    """

    id: str
    title: str
    description: str
    options: type
    function: str
    guided: bool = False
    local: bool = False
    networked: bool = False
    chance: bool = False
    grow: int = 0

    def load(self) -> Fill:
        """Import the function."""
        module, _, name = self.function.partition(":")
        return cast("Fill", getattr(import_module(module), name))


VARIANT = "deep"
"""The method that may be asked for with a model, as in ``deep:lama``."""

METHODS: tuple[Method, ...] = (
    Method(
        "auto",
        "Automatic",
        "Picks what suits each hole: patches, a smooth fill where it is enough, a network if one is there.",
        PatchOptions,
        "inpaint_core.classical.patch.fill:fill_patch",
        guided=True,
        chance=True,
    ),
    Method(
        "patch",
        "Patches",
        "Continues texture and structure with pieces of the photograph itself, grain included.",
        PatchOptions,
        "inpaint_core.classical.patch.fill:fill_patch",
        guided=True,
        chance=True,
    ),
    Method(
        "deep",
        "Network",
        "Has a neural network make up what belongs there, finished with pieces of the photograph itself; for "
        "large holes and structure. Needs a model.",
        DeepOptions,
        "inpaint_core.refine.fill:fill_deep",
        guided=True,
        networked=True,
        chance=True,
    ),
    Method(
        "harmonic",
        "Smooth",
        "Blends the colours of the rim smoothly across the hole; for skies, walls and thin scratches.",
        HarmonicOptions,
        "inpaint_core.classical.diffusion.harmonic:fill_harmonic",
        local=True,
        grow=1,
    ),
    Method(
        "non-local-bayes",
        "Thin repairs",
        "Rebuilds thin holes from what similar places near by have in common; for scratches, dust and text.",
        BayesOptions,
        "inpaint_core.classical.bayes.fill:fill_bayes",
        local=True,
        grow=1,
    ),
    Method(
        "biharmonic",
        "Smooth slopes",
        "Continues brightness slopes smoothly across the hole; for dust, thin scratches and text.",
        BiharmonicOptions,
        "inpaint_core.classical.diffusion.biharmonic:fill_biharmonic",
        local=True,
        grow=2,
    ),
    Method(
        "tv",
        "Total variation",
        "Joins the areas around the hole along short, sharp lines; for drawings, lettering and flat colours.",
        TotalVariationOptions,
        "inpaint_core.classical.diffusion.tv:fill_tv",
        local=True,
        grow=1,
    ),
    Method(
        "telea",
        "Telea",
        "Walks from the rim inwards with means of what is near; quick, for small spots and text.",
        MarchOptions,
        "inpaint_core.classical.diffusion.march:fill_telea",
        local=True,
    ),
    Method(
        "navier-stokes",
        "Navier-Stokes",
        "Walks from the rim inwards along lines of equal brightness; for thin scratches over edges.",
        MarchOptions,
        "inpaint_core.classical.diffusion.march:fill_navier_stokes",
        local=True,
    ),
)


def methods() -> tuple[Method, ...]:
    """Return every method, in the order a dialog shows them."""
    return METHODS


def find(method: str) -> Method:
    """Return the method with this id, or raise `InputError` with the ids there are."""
    for candidate in METHODS:
        if candidate.id == method:
            return candidate
    ids = ", ".join(candidate.id for candidate in METHODS)
    raise InputError(f"There is no method {method!r}; the methods are {ids}.")


def understand(method: str, values: Mapping[str, object]) -> tuple[Method, Any]:
    """Return the method and its options that a caller asks for.

    Parameters
    ----------
    method
        An id; that of a method that runs networks may be followed by a colon and a model's id.
    values
        Its options, by name.

    Raises
    ------
    InputError
        When there is no such method, or an option is not as described.
    """
    if not isinstance(method, str):
        raise InputError(f"The method is a text, such as 'patch'; not {method!r}.")
    name, colon, model = method.partition(":")
    found = find(name)
    if colon:
        if not found.networked or values.get("model", model) != model:
            raise InputError(
                f"There is no method {method!r}: a colon and the id of a model follow {VARIANT} alone, and "
                "the option model does not name another one."
            )
        values = {**values, "model": model}
    return found, parse(found.options, values, method)
