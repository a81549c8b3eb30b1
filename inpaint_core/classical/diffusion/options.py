"""What can be set for the diffusion family."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HarmonicOptions:
    """The Laplace fill has nothing to set: its solution is unique."""
