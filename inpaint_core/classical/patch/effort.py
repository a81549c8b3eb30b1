"""How much work each quality is worth."""

from __future__ import annotations

from dataclasses import dataclass

from inpaint_core.classical.patch.pyramid import Level


@dataclass(frozen=True, slots=True)
class Effort:
    """What a quality stands for.

    Attributes
    ----------
    peel
        Patch distances that the first guess at the coarsest level may cost.
    rounds
        Rounds of search and vote at the finest level, the next one, …; the coarsest gets the last of them.
    draws
        Random places tried per patch and round at the finest level, the next one, …
    cycles
        Most cycles of the solver that evens out the seams; each leaves about a tenth of the error.
    shift
        How much brighter or darker a source may become where brightness is adapted, in 255ths of the range:
        enough for the light across a wall, too little to make a blue sea of grey stones.
    candidates
        How many fills are made of the coarse levels, of which the best one is refined.
    thorough
        Whether that is done in small pictures, too, which are all coarse levels.
    spot
        Patch distances that each pixel of a small hole's first guess gets at most: with more, what is alike
        by chance and far away is found before what is near.
    """

    peel: int
    rounds: tuple[int, ...]
    draws: tuple[int, ...]
    cycles: int = 12
    shift: float = 15.0
    candidates: int = 1
    thorough: bool = False
    spot: int = 256


EFFORTS = {
    "draft": Effort(peel=1_000_000, rounds=(1, 1, 2, 3), draws=(2, 3, 4), cycles=1, shift=0.0),
    "normal": Effort(peel=6_000_000, rounds=(2, 2, 3, 4, 5), draws=(3, 4, 6), candidates=3),
    "best": Effort(peel=6_000_000, rounds=(4, 4, 6, 8, 10), draws=(5, 6, 10), candidates=5, thorough=True),
}


TRIES = 6144
"""Patch distances that each pixel of the first guess gets at most."""

SPOT = 6
"""The first guess of a small hole, whose finest level is its coarsest too, may cost so many times less."""

SPOT_DRAWS = 2
"""So many times more random places are tried for its patches in each round."""

SHIFTED = 5
"""Width of the patches that may be shifted, at least: smaller ones, once shifted, suit too much."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard one level is searched.

    Attributes
    ----------
    rounds, draws
        Rounds of search and vote, and random places tried per patch and round.
    tries, most
        Patch distances that the first guess may cost in all, and for each pixel.
    near
        Whether nearer sources are preferred.
    sharpness
        How sharp the votes are at least.
    shift
        How much brighter or darker a source may become in each colour, in 255ths of the range.
    """

    rounds: int
    draws: int
    tries: int = 0
    most: int = TRIES
    near: bool = True
    sharpness: int = 0
    shift: float = 0.0


def plan(
    effort: Effort, level: Level, number: int, *, coarsest: bool, near: bool = True, adapts: bool = True
) -> Plan:
    """Return how hard a level is searched, number 0 being the finest."""
    rounds = effort.rounds[-1 if coarsest else min(number, len(effort.rounds) - 1)]
    draws = effort.draws[min(number, len(effort.draws) - 1)]
    is_spot = coarsest and number == 0
    return Plan(
        rounds=min(rounds, 3 + level.depth),
        draws=draws * SPOT_DRAWS if is_spot else draws,
        tries=effort.peel // SPOT if is_spot else effort.peel,
        most=effort.spot if is_spot else TRIES,
        near=near,
        sharpness=0 if number else 3,
        shift=effort.shift if adapts and level.size >= SHIFTED else 0.0,
    )
