"""What a run tells: a line on the terminal, scalars and sheets for TensorBoard, the last sheet as PNG."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import torch
from PIL import Image
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from inpaint_core.training.validation import Verdict

SECONDS_BETWEEN = 0.5
WIDTH = 24


class Reporter:
    """Tells how a run goes; one that is not the first process's is silent."""

    def __init__(
        self, folder: Path, *, steps: int, first: int, batch: int, talks: bool, stream: TextIO = sys.stderr
    ) -> None:
        self._folder, self._steps, self._batch, self._talks, self._stream = (
            folder,
            steps,
            batch,
            talks,
            stream,
        )
        self._begun, self._first = time.monotonic(), first
        self._sums: dict[str, Tensor] = {}
        self._count = 0
        self._shown = 0
        self._next = 0.0
        self._loss = ""
        self._board = SummaryWriter(str(folder / "tensorboard")) if talks else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wipe()
        if self._board is not None:
            self._board.close()

    def step(self, step: int, terms: dict[str, Tensor], every: int) -> None:
        """Take in the terms of the loss after `step` steps; show a bar, and scalars every so many steps."""
        if not self._talks:
            return
        for name, value in terms.items():
            self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value.detach()
        self._count += 1
        if step % every == 0:
            means = {name: float(value) / self._count for name, value in self._sums.items()}
            self._sums, self._count = {}, 0
            self._loss = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
            self._scalars(step, means | {"pictures a second": self._rate(step)}, "training")
            if not self._stream.isatty():
                self.say(f"{step}/{self._steps}  {self._rate(step):.1f} pictures/s  {self._loss}")
        self._bar(step)

    def verdict(self, step: int, verdict: Verdict) -> None:
        """Tell the measures of a validation, and show its sheet."""
        if not self._talks:
            return
        words = ", ".join(f"{name} {value:.4f}" for name, value in verdict.measures.items())
        self.say(f"{step}/{self._steps}  validation: {words}")
        self._scalars(step, verdict.measures, "validation")
        if self._board is not None:
            self._board.add_image("validation/sheet", verdict.sheet, step, dataformats="HWC")
        Image.fromarray(verdict.sheet).save(self._folder / "validation.png")

    def say(self, sentence: str) -> None:
        """Write a line that stays."""
        if self._talks:
            self._wipe()
            self._stream.write(f"{sentence}\n")
            self._stream.flush()

    def _rate(self, step: int) -> float:
        return (step - self._first) * self._batch / max(time.monotonic() - self._begun, 1e-6)

    def _scalars(self, step: int, values: dict[str, float], group: str) -> None:
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f"{group}/{name.replace(' ', '_')}", value, step)

    def _bar(self, step: int) -> None:
        now = time.monotonic()
        if not self._stream.isatty() or now < self._next:
            return
        self._next = now + SECONDS_BETWEEN
        done = round(WIDTH * step / self._steps)
        left = (self._steps - step) * self._batch / max(self._rate(step), 1e-6)
        line = (
            f"{'█' * done}{'░' * (WIDTH - done)} {step}/{self._steps}, {_duration(left)} left  {self._loss}"
        )
        self._stream.write(f"\r{line[:110].ljust(self._shown)}")
        self._stream.flush()
        self._shown = min(len(line), 110)

    def _wipe(self) -> None:
        if self._shown:
            self._stream.write(f"\r{' ' * self._shown}\r")
            self._shown = 0


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
