"""How many threads a fill may use, and tasks shared among them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from inpaint_core.errors import Cancelled
from inpaint_core.progress import Progress

Task = Callable[[Progress], None]

REPORT_SECONDS = 0.03

_here = threading.local()


def threads() -> int:
    """Return how many threads are worth starting from this one.

    The processor's cores that this process may use; within a task of `share`, one.
    """
    if getattr(_here, "is_sharing", False):
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share(
    tasks: Sequence[Task], weights: Sequence[float], progress: Progress, stage: str = "Filling"
) -> None:
    """Run the tasks, one on each core at a time.

    Parameters
    ----------
    tasks
        Each is called with a progress of its own; they must not depend on each other.
    weights
        How much of all the work each of them is.
    progress
        Called from the calling thread alone. What it raises stops the tasks at their next report, and reaches
        the caller, as does what a task raises.
    stage
        What is being done, until a task tells more.
    """
    count = min(threads(), len(tasks))
    if count <= 1:
        share_one_by_one(tasks, weights, progress)
        return
    board = _Board(weights, stage)
    with ThreadPoolExecutor(count, thread_name_prefix="inpaint", initializer=_begin_sharing) as pool:
        running = {pool.submit(board.run, number, task) for number, task in enumerate(tasks)}
        try:
            while running:
                finished, running = wait(running, REPORT_SECONDS, FIRST_COMPLETED)
                for future in finished:
                    future.result()
                progress(board.stage, board.fraction)
        except BaseException:
            board.is_stopped = True
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def share_one_by_one(tasks: Sequence[Task], weights: Sequence[float], progress: Progress) -> None:
    """Run the tasks in the calling thread; each may use every core."""
    total, done = sum(weights), 0.0
    for task, weight in zip(tasks, weights, strict=True):
        task(within(progress, done / total, (done + weight) / total))
        done += weight


def within(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0…1 is `start`…`end` of another one."""

    def report(stage: str, fraction: float) -> None:
        progress(stage, start + (end - start) * fraction)

    return report


def _begin_sharing() -> None:
    _here.is_sharing = True


class _Board:
    """Where tasks write how far they are, and read whether they are to stop."""

    def __init__(self, weights: Sequence[float], stage: str) -> None:
        self.stage = stage
        self.is_stopped = False
        self._parts = [weight / sum(weights) for weight in weights]
        self._done = [0.0] * len(weights)

    @property
    def fraction(self) -> float:
        """How much of all the work is done, 0…1."""
        return min(sum(part * done for part, done in zip(self._parts, self._done, strict=True)), 1.0)

    def run(self, number: int, task: Task) -> None:
        """Run one task; the numbers that it reports only grow."""

        def report(stage: str, fraction: float) -> None:
            if self.is_stopped:
                raise Cancelled("The fill was stopped.")
            self.stage = stage
            self._done[number] = max(self._done[number], fraction)

        task(report)
        self._done[number] = 1.0
