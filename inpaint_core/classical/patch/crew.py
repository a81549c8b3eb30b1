"""Threads that work on chunks while the calling thread reports progress and may be cancelled."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

CHUNK = 4096
"""Items per call of a kernel: a few milliseconds, so that a cancel never waits long."""

REPORT_SECONDS = 0.03


def threads() -> int:
    """Return how many threads are worth starting: the processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Crew:
    """A few threads for the time of one fill.

    Parameters
    ----------
    report
        Called from the calling thread with units of work done since the last call, every now and then. What
        it raises stops the work and reaches the caller.
    """

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._count = threads()
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="inpaint-patch")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def share(self, count: int, task: Callable[[int, int], None], unit: float = 1.0) -> None:
        """Run ``task(start, end)`` over ``0 <= start < end <= count`` in chunks that depend on `count` alone.

        Parameters
        ----------
        unit
            Work that one item stands for in the report.
        """
        starts = list(range(0, count, CHUNK))
        if len(starts) <= 1 or self._count == 1:
            for start in starts:
                end = min(start + CHUNK, count)
                task(start, end)
                self._report((end - start) * unit)
            return
        waiting = iter(starts)
        failed: list[BaseException] = []

        def work() -> None:
            for start in waiting:
                if failed:
                    return
                task(start, min(start + CHUNK, count))
                done.append(min(start + CHUNK, count) - start)

        done: list[int] = []
        reported = 0
        running = {self._pool.submit(work) for _ in range(min(self._count, len(starts)))}
        try:
            while running:
                finished, running = wait(running, REPORT_SECONDS, FIRST_COMPLETED)
                for future in finished:
                    future.result()
                total = sum(done)
                self._report((total - reported) * unit)
                reported = total
        except BaseException as error:
            failed.append(error)
            wait(running)
            raise
