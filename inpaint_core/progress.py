"""How a fill tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Told the stage in words and the fraction done, 0…1; raises `Cancelled` to stop the fill."""
