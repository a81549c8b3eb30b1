"""What can be set for the non-local Bayes fill."""

from __future__ import annotations

from dataclasses import dataclass

from inpaint_core.options import option


@dataclass(frozen=True, slots=True)
class BayesOptions:
    """Options of `non-local-bayes`."""

    radius: int = option(
        20,
        "Search radius",
        "How many pixels around each place similar ones are looked for: larger finds more, and is slower.",
        low=6,
        high=40,
    )
