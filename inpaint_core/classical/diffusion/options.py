"""What can be set for the diffusion family."""

from __future__ import annotations

from dataclasses import dataclass

from inpaint_core.options import option


@dataclass(frozen=True, slots=True)
class HarmonicOptions:
    """The Laplace fill has nothing to set: its solution is unique."""


@dataclass(frozen=True, slots=True)
class BiharmonicOptions:
    """The biharmonic fill has nothing to set: its solution is unique."""


@dataclass(frozen=True, slots=True)
class TotalVariationOptions:
    """The total-variation fill has nothing to set."""


@dataclass(frozen=True, slots=True)
class MarchOptions:
    """Options of `telea` and `navier-stokes`."""

    radius: float = option(
        3.0,
        "Radius",
        "How many pixels around each new pixel are looked at: larger is smoother and slower.",
        low=1.0,
        high=50.0,
    )
