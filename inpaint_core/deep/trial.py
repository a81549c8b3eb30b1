"""Trial runs: whether a network, spoken to as its card says, does what a fill needs.

The test picture has two halves, one red and one light green, with slopes and a grid on them, and a hole in
each. A contract is right when the known pixels come back, the hole does not, and red stays red.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.deep.cards import Contract, Size
from inpaint_core.deep.contract import interpret, prepare
from inpaint_core.deep.signature import Runner, check_signature
from inpaint_core.errors import FillError

RED, GREEN = (0.8, 0.24, 0.22), (0.7, 0.88, 0.5)
OLD = (0.1, 0.25, 0.95)
"""What is in the hole before the fill: a blue that is nowhere else."""
EXACT = 2.5 / 255
"""Known pixels that come back within this were composited by the network."""
CLOSE = 0.06
"""Known pixels that come back with this mean error at most were repainted faithfully."""
SAME = 0.04
RIM = 3
"""Pixels around the hole that are not looked at: some networks blend there."""


@dataclass(frozen=True, slots=True)
class TestPicture:
    """A picture whose right fill is known.

    `truth` and `given` are (H, W, 3) float32; in `given` the `hole` has the colour `OLD`.
    """

    __test__ = False  # for pytest

    truth: NDArray[np.float32]
    given: NDArray[np.float32]
    hole: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial run measured; colours are 0…1.

    Attributes
    ----------
    answer : (H, W, 3) float32
        The network's picture.
    finite
        Whether it has no NaN.
    known_error, known_worst
        Mean and greatest difference from the known pixels, `RIM` pixels away from the hole.
    hole_error
        Mean difference from the right fill.
    depth
        How many pixels deep what was fed in the hole is still there; None: all of it.
    swapped_error
        Mean difference from the known pixels with red and blue exchanged.
    """

    answer: NDArray[np.float32]
    finite: bool
    known_error: float
    known_worst: float
    hole_error: float
    depth: int | None
    swapped_error: float

    @property
    def composites(self) -> bool:
        """Whether the known pixels came back as they were."""
        return self.known_worst <= EXACT

    @property
    def problem(self) -> str:
        """What is wrong, in a sentence; empty if nothing is."""
        if not self.finite:
            return "The network's answer to a test picture has pixels that are no numbers."
        if self.swapped_error <= CLOSE < self.known_error:
            return "Red comes back as blue: the network gives colours in another order than it takes them."
        if self.depth is None:
            reversed_mask = (
                "The network leaves the hole as it was: the values of contract.mask are not those it wants, "
                "perhaps the wrong way round."
            )
            return f"{reversed_mask} Or a range of the card is wrong." if self.doubt else reversed_mask
        return ""

    @property
    def doubt(self) -> str:
        """What is wrong unless the network repaints everything, in a sentence; empty if nothing is."""
        if self.known_error <= CLOSE:
            return ""
        return (
            "Known pixels of a test picture do not come back: the ranges of contract.image, contract.mask or "
            "contract.output are not those of the network."
        )


def test_picture(height: int, width: int) -> TestPicture:
    """Draw the test picture; its sides are 32 pixels or more."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    red = np.broadcast_to(x < 0.5, (height, width))
    truth = np.where(red[..., None], np.array(RED), np.array(GREEN))
    truth = truth + 0.1 * (y - 0.5)[..., None] + 0.05 * (x - 0.5)[..., None]
    hole = np.zeros((height, width), bool)
    side = min(height, width) // 6
    for centre in (width // 4, 3 * width // 4):
        top, left = height // 2 - side // 2, centre - side // 2
        hole[top : top + side, left : left + side] = True
    grid = (np.arange(height)[:, None] % 8 == 0) | (np.arange(width) % 8 == 0)
    truth = (truth - np.float32(0.06) * grid[..., None]).astype(np.float32)
    given = np.where(hole[..., None], np.array(OLD, np.float32), truth)
    return TestPicture(truth, given, hole)


def sides(size: Size) -> tuple[int, int]:
    """Return a (height, width) for a trial that the network takes: small, and no square if it need not be."""
    if size.is_fixed:
        return size.fixed
    height = -(-max(size.minimum, 128) // size.multiple) * size.multiple
    return height, height + size.multiple


def run_trial(network: Runner, contract: Contract) -> Outcome:
    """Fill the test picture and measure what came.

    Raises
    ------
    InputError
        When the network does not take what the contract says.
    FillError
        When the run fails, or the answer is of another shape.
    """
    check_signature(contract, network.inputs, network.outputs)
    picture = test_picture(*sides(contract.size))
    return measure(contract, picture, network.run(prepare(contract, picture.given, picture.hole)))


def measure(contract: Contract, picture: TestPicture, outputs: Mapping[str, NDArray[Any]]) -> Outcome:
    """Compare what the network gave with the right picture."""
    answer = interpret(contract, outputs, (picture.hole.shape[0], picture.hole.shape[1]))
    known = ~_grown(picture.hole, RIM + contract.dilate)
    error = np.abs(answer - picture.truth)
    swapped = np.abs(answer[..., ::-1] - picture.truth)
    return Outcome(
        answer=answer,
        finite=bool(np.isfinite(answer).all()),
        known_error=float(error[known].mean()),
        known_worst=float(error[known].max()),
        hole_error=float(error[picture.hole].mean()),
        depth=_depth(answer, _fed(contract, picture), picture.hole),
        swapped_error=float(swapped[known].mean()),
    )


def _fed(contract: Contract, picture: TestPicture) -> NDArray[np.float32]:
    """Return what the network was shown, as a picture."""
    wanted = contract.image
    if wanted.hole is None:
        return picture.given
    value = (wanted.hole - wanted.black) / (wanted.white - wanted.black)
    return np.where(picture.hole[..., None], np.float32(value), picture.given)


def _depth(answer: NDArray[np.float32], fed: NDArray[np.float32], hole: NDArray[np.bool_]) -> int | None:
    """Return how many pixels deep, from the rim inwards, the answer is what was fed; None: all the way."""
    same = np.abs(answer - fed).max(axis=2) < SAME
    for depth, ring in enumerate(_rings(hole)):
        if same[ring].mean() < 0.5:
            return depth
    return None


def _rings(hole: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Yield the hole's pixels by their distance from its rim, the outermost first."""
    while hole.any():
        inner = ~_grown(~hole, 1)
        yield hole & ~inner
        hole = inner


def _grown(area: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    square = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return cv2.dilate(area.astype(np.uint8), square).astype(bool)


def learned(contract: Contract, outcome: Outcome) -> Contract:
    """Return the contract with what a trial has shown: whether it composites, how far to grow the hole."""
    depth = outcome.depth or 0
    return replace(contract, composites=outcome.composites, dilate=depth + 1 if depth else 0)


def check(network: Runner, contract: Contract) -> str:
    """Run a trial; return a doubt in a sentence, empty if there is none.

    The doubt is that known pixels do not come back, where the contract does not promise it: some networks are
    trained without regard to them.

    Raises
    ------
    InputError, FillError
        As `run_trial` does, and when the answer is wrong.
    """
    outcome = run_trial(network, contract)
    if outcome.problem or (outcome.doubt and contract.composites):
        raise FillError(outcome.problem or outcome.doubt)
    if outcome.doubt:
        return f"{outcome.doubt} If fills look right, the network merely repaints what is known."
    return ""
