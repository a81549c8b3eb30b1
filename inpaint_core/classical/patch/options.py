"""What can be set for the exemplar-based fill."""

from __future__ import annotations

from dataclasses import dataclass

from inpaint_core.options import option


@dataclass(frozen=True, slots=True)
class PatchOptions:
    """Options of `patch`."""

    patch_size: int = option(
        7,
        "Patch size",
        "Width in pixels of the pieces that are compared and copied: small for fine texture, large for "
        "strong structure. Odd or even.",
        low=3,
        high=15,
    )
