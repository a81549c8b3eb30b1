"""Tasks are shared among threads, report in one voice, and stop when told to."""

from __future__ import annotations

import threading
import time

import pytest

from inpaint_core import Cancelled, cores
from inpaint_core.progress import Progress


@pytest.fixture
def three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the calling thread have three cores, whatever the machine has."""
    inner = cores.threads
    monkeypatch.setattr(cores, "threads", lambda: 3 if threading.current_thread() is here else inner())
    here = threading.current_thread()


@pytest.mark.usefixtures("three_cores")
def test_every_task_runs_once_and_has_one_thread() -> None:
    seen, fractions = [], []

    def task(report: Progress) -> None:
        report("Working", 0.5)
        seen.append(cores.threads())
        time.sleep(0.05)

    cores.share([task] * 7, [1.0] * 7, lambda _stage, fraction: fractions.append(fraction))
    assert seen == [1] * 7
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)


@pytest.mark.usefixtures("three_cores")
def test_an_error_in_a_task_reaches_the_caller() -> None:
    def fail(report: Progress) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        cores.share([fail, fail], [1.0, 1.0], lambda _stage, _fraction: None)


@pytest.mark.usefixtures("three_cores")
def test_cancelled_stops_the_tasks() -> None:
    def endless(report: Progress) -> None:
        while True:
            report("Working", 0.1)
            time.sleep(0.01)

    def cancel(stage: str, fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        cores.share([endless, endless], [1.0, 1.0], cancel)


def test_one_by_one_the_weights_are_the_shares() -> None:
    seen: list[float] = []
    tasks = [lambda report: report("One", 1.0), lambda report: report("Other", 0.5)]
    cores.share_one_by_one(tasks, [1.0, 3.0], lambda _stage, fraction: seen.append(fraction))
    assert seen == pytest.approx([0.25, 0.625])
