"""What can be set for fills by networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inpaint_core.classical.patch.options import (
    ADAPT,
    ADAPT_BRIGHTNESS,
    QUALITY,
    Adapt,
    PatchOptions,
    Quality,
)
from inpaint_core.options import option


@dataclass(frozen=True, slots=True)
class DeepOptions:
    """Options of `deep`."""

    model: str = option(
        "",
        "Model",
        "The id of an installed model (inpaint models list tells it, in GIMP Filters ▸ Inpaint ▸ Models…); "
        "empty for your default one.",
    )
    refine: Literal["auto", "off", "blend", "patch"] = option(
        "auto",
        "Finish",
        "What becomes of the network's pixels: off leaves them as they are; blend matches colours and grain "
        "to the surroundings; patch has them guide a fill with pieces of the photograph itself, sharp at any "
        "size; auto takes patch where the network saw a reduced picture, else blend.",
    )
    patch_size: int = option(
        7,
        "Patch size",
        "Width in pixels of the pieces that are compared and copied, where patches are.",
        low=3,
        high=15,
        advanced=True,
    )
    quality: Quality = QUALITY
    adapt_brightness: bool = ADAPT_BRIGHTNESS
    adapt: Adapt = ADAPT

    @property
    def of_patches(self) -> PatchOptions:
        """Those of the patches that finish the fill."""
        return PatchOptions(self.patch_size, self.quality, self.adapt_brightness, self.adapt)
