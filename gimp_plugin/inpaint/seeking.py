"""What is to be filled where the engine has to find it first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine import Found, Search
from job import Job
from target import Target


@dataclass(frozen=True, slots=True)
class Seeking:
    """What the engine is asked, for the place where to look; and the target that its answer makes of that."""

    ask: Callable[[Target, Job], Search]
    take: Callable[[Target, Found], Target]
