"""Several fills of the coarse levels, of which the most convincing one is refined.

They differ in what no single choice suits all pictures: the size of the patches, whether what is near is
preferred, and the first guess. (Other random numbers change little.) The score is what correlates with
closeness to the truth over photographs: how little the fill differs from the others, since what most of them
agree on is no accident; how well small pieces of it, above all at its rim, are found elsewhere; and how
lively it is, for dull fills are easily found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from inpaint_core.classical.patch import solving
from inpaint_core.classical.patch.crew import Crew
from inpaint_core.classical.patch.effort import Plan
from inpaint_core.classical.patch.pyramid import Level, rebuild

DECIDED = 140
"""The short side of the level, at most, at which the candidates are compared."""

SCORE_SIZE = 5
"""Width of the patches that are looked for elsewhere."""

SCORE_PLAN = Plan(rounds=3, draws=6, near=False)

RIM = 0.16
"""The power of a level's trust with which the rim counts: 1.3 a pixel (Wexler et al., 2007)."""

LIVELINESS, DISSENT = 0.6, 2.0
"""What liveliness and dissent count beside likeness, all as logarithms."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to fill the coarse levels.

    Attributes
    ----------
    wider
        By how much its patches are wider.
    near
        As in `Plan`.
    usual
        Whether the first guess is the one that such a hole usually gets: from the rim inwards, or smooth. A
        guide is always the first guess.
    """

    wider: int
    near: bool = True
    usual: bool = True


CANDIDATES = (
    Candidate(0),
    Candidate(-2),
    Candidate(2),
    Candidate(0, near=False),
    Candidate(0, usual=False),
)
"""The first one is what other qualities do; of equals it wins."""


def decided(levels: list[Level]) -> int:
    """Return the number of the level at which candidates are compared: the finest that is small enough.

    The coarsest one may be somewhat larger; where it is larger still, the hole is so thin that candidates
    hardly differ, and the number of levels is returned: there is nothing to compare.
    """
    small = [number for number, level in enumerate(levels) if min(level.hole.shape) <= DECIDED]
    if small:
        return small[0]
    return len(levels) - (levels[-1].hole.size <= solving.FAR_PIXELS)


def prepare(candidate: Candidate, levels: list[Level], crew: Crew) -> list[Level]:
    """Return the coarse levels anew for a candidate, still unsolved; empty where its patches do not fit.

    They are as many, if they can be: a first guess at a finer one would take many times as long.
    """
    size = max(levels[0].size + candidate.wider, 3)
    anew = rebuild(levels[0], size, crew, len(levels))
    return anew if len(anew[0].anchors) else []


def choose(solved: list[Level], scores: list[float]) -> Level:
    """Return the most convincing of the solved levels, each with its `score`; of equals the first."""
    apart = dissent(solved)
    return solved[int(np.argmin([own + DISSENT * far for own, far in zip(scores, apart, strict=True)]))]


def dissent(solved: list[Level]) -> list[float]:
    """Return how much each level's fill differs from the others: the logarithm of the mean squared error."""
    fills = [level.work.reshape(-1, 4)[level.pixels, :3].astype(np.float32) for level in solved]
    others = max(len(fills) - 1, 1)
    return [
        math.log(1.0 + sum(float(np.mean(np.square(fill - other))) for other in fills) / others)
        for fill in fills
    ]


def score(level: Level, crew: Crew, seed: int) -> float:
    """Return how unconvincing a solved level is: lower is better."""
    judge = rebuild(level, SCORE_SIZE, crew)[0]
    for turn in range(SCORE_PLAN.rounds):
        solving.improve(judge, SCORE_PLAN, crew, ((seed << 8) + turn << 1) + (turn & 1))
    rim = judge.trust.astype(np.float64) ** RIM
    unlike = float((rim * judge.costs).sum() / rim.sum()) / (3 * SCORE_SIZE**2)
    return math.log(unlike + 1.0) - LIVELINESS * math.log(_liveliness(judge) + 1.0)


def _liveliness(level: Level) -> float:
    """Return the mean absolute gradient in the hole, in 255ths."""
    picture = np.ascontiguousarray(level.work[:, : level.hole.shape[1], :3])
    total = 0.0
    for dx, dy in ((1, 0), (0, 1)):
        gradient = cv2.Sobel(picture, cv2.CV_32F, dx, dy, ksize=1)
        total += 0.5 * float(np.abs(gradient[level.hole]).mean())
    return total
