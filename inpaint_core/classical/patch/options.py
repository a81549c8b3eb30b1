"""What can be set for the exemplar-based fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from inpaint_core.options import option

Quality = Literal["draft", "normal", "best"]
QUALITY: Any = option(
    "normal",
    "Quality",
    "draft is as fast as can be; best tries several fills in the small and refines the most convincing "
    "one, which takes longer.",
)

ADAPT_BRIGHTNESS: Any = option(
    True,
    "Adapt brightness",
    "Adjust brightness and colour of what is copied, so that no edge shows where pieces meet; off: "
    "pixels are copied as they are.",
    advanced=True,
)

Adapt = Literal["none", "mirror", "rotate", "scale", "all"]
ADAPT: Any = option(
    "none",
    "Adapt sources",
    "Also copy from the picture mirrored left to right, turned by quarters, a fifth smaller and a "
    "quarter larger, or all of these; for symmetric things. Takes longer and more memory.",
    advanced=True,
)


@dataclass(frozen=True, slots=True)
class PatchOptions:
    """Options of `patch`; whatever else has patches fill shares all but the first."""

    patch_size: int = option(
        7,
        "Patch size",
        "Width in pixels of the pieces that are compared and copied: small for fine texture, large for "
        "strong structure. Odd or even.",
        low=3,
        high=15,
    )
    quality: Quality = QUALITY
    adapt_brightness: bool = ADAPT_BRIGHTNESS
    adapt: Adapt = ADAPT
