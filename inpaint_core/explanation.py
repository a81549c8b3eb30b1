"""What a fill did: which method filled which holes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Reason(Enum):
    """Why a method was taken: a short word, and the words of a sentence."""

    ASKED = ("", "as asked")
    THIN = ("thin", "thin")
    SMOOTH = ("smooth surroundings", "in smooth surroundings")
    TEXTURE = ("texture", "in textured surroundings")
    STRUCTURE = ("structure", "large, or across lines and edges that end at it")
    REFERENCE = ("another picture", "with pieces of another picture")
    NO_PATCH = ("no patch free", "nowhere is a whole patch free to be copied")

    def __init__(self, short: str, words: str) -> None:
        self.short = short
        self.words = words


@dataclass(frozen=True, slots=True)
class Step:
    """Holes that one method filled for one reason.

    `method` is its id and `title` its name; `width` is that of the widest hole, in pixels and rounded up.
    """

    method: str
    title: str
    reason: Reason
    holes: int
    pixels: int
    width: int | None = None

    def __str__(self) -> str:
        """Return the step as a line for a person."""
        count = "1 hole" if self.holes == 1 else f"{self.holes} holes"
        width = "" if self.width is None else f", at most {self.width} pixels wide"
        return f"{count}: {self.title} ({self.method}); {self.reason.words}{width}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was chosen for the holes of one fill, in the order in which they were filled."""

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        """Return a line for each step."""
        return "\n".join(str(step) for step in self.steps)

    @property
    def method(self) -> str:
        """The id of the method that filled most pixels."""
        return max(self.steps, key=lambda step: step.pixels).method

    @property
    def label(self) -> str:
        """The methods' titles, with the reasons where there was a choice: a name for the result."""
        names = [
            f"{step.title} ({step.reason.short})" if step.reason.short else step.title for step in self.steps
        ]
        return ", ".join(dict.fromkeys(names))

    @property
    def notices(self) -> tuple[str, ...]:
        """What the person should know though the fill went on, in sentences."""
        return tuple(
            f"In places no whole patch was free to be copied, so these were filled smoothly ({step.method}). "
            "A smaller patch size, or more of the picture as a source, has patches there too."
            for step in self.steps
            if step.reason is Reason.NO_PATCH
        )

    def document(self) -> list[dict[str, Any]]:
        """Return the steps, ready for JSON."""
        return [
            {
                "method": step.method,
                "reason": step.reason.words,
                "holes": step.holes,
                "pixels": step.pixels,
                "width": step.width,
            }
            for step in self.steps
        ]
