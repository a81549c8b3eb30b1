"""Threads that work on chunks while the calling thread reports progress and may be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self, TypeVar

from inpaint_core.cores import threads

Result = TypeVar("Result")

CHUNK = 4096
"""Items per call of a kernel: a few milliseconds, so that a cancel never waits long."""

REPORT_SECONDS = 0.03


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
        # always one thread, since every thread that allocates keeps memory of its own
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="inpaint-patch-aside")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._aside.shutdown(wait=True, cancel_futures=True)

    def run(self, task: Callable[[], Result]) -> Result:
        """Return what ``task()`` returns; meanwhile the calling thread reports no work, but reports."""
        running = self._aside.submit(task)
        try:
            while not wait({running}, REPORT_SECONDS).done:
                self._report(0.0)
        finally:
            wait({running})
        return running.result()

    def share(
        self,
        count: int,
        task: Callable[[int, int], None],
        unit: float = 1.0,
        *,
        alone: bool = False,
        chunk: int = CHUNK,
    ) -> None:
        """Run ``task(start, end)`` over ``0 <= start < end <= count`` in chunks, whatever the threads.

        Parameters
        ----------
        count
            Number of items.
        task
            Works on a range of them.
        unit
            Work that one item stands for in the report.
        alone
            One chunk after the other, in their order, for a task that reads what the chunk before wrote.
        chunk
            Items of a chunk.
        """
        chunks = [(start, min(start + chunk, count)) for start in range(0, count, chunk)]
        if alone or len(chunks) <= 1 or self._count == 1:
            for start, end in chunks:
                task(start, end)
                self._report((end - start) * unit)
        else:
            self._share(iter(chunks), min(self._count, len(chunks)), task, unit)

    def _share(
        self, chunks: Iterator[tuple[int, int]], workers: int, task: Callable[[int, int], None], unit: float
    ) -> None:
        lock, stop = threading.Lock(), threading.Event()
        done = 0

        def work() -> None:
            nonlocal done
            while not stop.is_set():
                with lock:
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                task(*chunk)
                with lock:
                    done += chunk[1] - chunk[0]

        running = {self._pool.submit(work) for _ in range(workers)}
        reported = 0
        try:
            while running:
                finished, running = wait(running, REPORT_SECONDS, FIRST_COMPLETED)
                for future in finished:
                    future.result()
                reported, news = done, done - reported
                self._report(news * unit)
        finally:
            stop.set()
            wait(running)
