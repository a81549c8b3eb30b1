"""Fill a selection so that nobody sees it was filled.

>>> import numpy as np
>>> from inpaint_core import inpaint
>>> image = np.tile(np.uint8([[0, 90], [180, 255]]), (32, 32))
>>> mask = np.zeros(image.shape, bool)
>>> mask[20:30, 25:40] = True
>>> filled = inpaint(np.where(mask, 0, image).astype(np.uint8), mask, "patch")
>>> bool((filled == image).all())
True
"""

from typing import TYPE_CHECKING, Any

from inpaint_core.errors import (
    Cancelled,
    FillError,
    InpaintError,
    InpaintWarning,
    InputError,
    NoSourceError,
)
from inpaint_core.methods import Method, methods
from inpaint_core.options import Option, describe

if TYPE_CHECKING:
    from inpaint_core.fill import inpaint
    from inpaint_core.spots import find_spots

__version__ = "0.1.0"

__all__ = [
    "Cancelled",
    "FillError",
    "InpaintError",
    "InpaintWarning",
    "InputError",
    "Method",
    "NoSourceError",
    "Option",
    "__version__",
    "describe",
    "find_spots",
    "inpaint",
    "methods",
]


def __getattr__(name: str) -> Any:
    """Import what needs arrays when it is first asked for, so that a program starts, and stops, at once."""
    if name == "inpaint":
        from inpaint_core.fill import inpaint  # noqa: PLC0415

        return inpaint
    if name == "find_spots":
        from inpaint_core.spots import find_spots  # noqa: PLC0415

        return find_spots
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
