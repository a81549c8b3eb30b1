"""Why something cannot be done."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - what the person asked for cannot be done
    """Why this cannot be filled and what to do instead, as a sentence."""
