"""The list of generators."""

from __future__ import annotations

from torch import Tensor, cat

from inpaint_core.training.configuration import NetworkSettings
from inpaint_core.training.networks.fourier import FourierGenerator
from inpaint_core.training.networks.unet import SeparableUnet

Generator = SeparableUnet | FourierGenerator


def build(settings: NetworkSettings) -> Generator:
    """Return the configured generator with fresh weights."""
    if settings.architecture == "unet":
        return SeparableUnet(settings)
    return FourierGenerator(settings)


def masked(picture: Tensor, hole: Tensor) -> Tensor:
    """Return what a generator is fed: the picture with nothing in the hole, and the hole; (N, 4, H, W)."""
    return cat([picture * (1 - hole), hole], 1)
