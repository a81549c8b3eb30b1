"""What can be set for fills by networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inpaint_core.options import option


@dataclass(frozen=True, slots=True)
class DeepOptions:
    """Options of `deep`."""

    model: str = option(
        "",
        "Model",
        "The id of an installed model (inpaint models list tells them); empty for your default one.",
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
    quality: Literal["draft", "normal", "best"] = option(
        "normal",
        "Quality",
        "draft is as fast as can be; best tries several fills in the small and refines the most convincing "
        "one, which takes longer.",
    )
    adapt_brightness: bool = option(
        True,
        "Adapt brightness",
        "Adjust brightness and colour of what is copied, so that no edge shows where pieces meet; off: "
        "pixels are copied as they are.",
        advanced=True,
    )
    adapt: Literal["none", "mirror", "rotate", "scale", "all"] = option(
        "none",
        "Adapt sources",
        "Also copy from the picture mirrored left to right, turned by quarters, a fifth smaller and a "
        "quarter larger, or all of these; for symmetric things. Takes longer and more memory.",
        advanced=True,
    )
