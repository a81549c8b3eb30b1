"""Samples in batches: every process its part of every batch, from any step on."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inpaint_core.errors import InputError
from inpaint_core.training.configuration import Configuration
from inpaint_core.training.photographs import Photographs
from inpaint_core.training.processes import Processes
from inpaint_core.training.samples import training_sample

Pair = tuple[Tensor, Tensor]


class Samples(Dataset[Pair]):
    """The samples by number: (3, size, size) and (1, size, size), both uint8."""

    def __init__(self, photographs: Photographs, configuration: Configuration) -> None:
        self.photographs = photographs
        self.configuration = configuration

    def __getitem__(self, index: int) -> Pair:
        ours = self.configuration
        picture, hole = training_sample(self.photographs, ours.data, ours.masks, ours.seed, index)
        return torch.from_numpy(picture).permute(2, 0, 1), torch.from_numpy(hole)[None].to(torch.uint8)


def batches(
    photographs: Photographs, configuration: Configuration, processes: Processes, first: int
) -> Iterator[Pair]:
    """Yield this process's part of every batch from step `first` to the last: float32 on its device.

    Pictures are (N, 3, H, W) of 0…1, holes (N, 1, H, W) of 0 and 1.

    Raises
    ------
    InputError
        When a batch cannot be shared equally.
    """
    run = configuration.run
    if run.batch == 0 or run.batch % processes.count:
        raise InputError(
            f"A batch of {run.batch} cannot be shared equally by {processes.count} processes; set run.batch."
        )
    numbers = [
        list(range(step * run.batch + processes.rank, (step + 1) * run.batch, processes.count))
        for step in range(first, run.steps)
    ]
    on_gpu = processes.device.type == "cuda"
    loader = DataLoader(
        Samples(photographs, configuration),
        batch_sampler=numbers,
        num_workers=run.workers,
        pin_memory=on_gpu,
        worker_init_fn=_one_thread,
    )
    for pictures, holes in loader:
        yield as_input(pictures, holes, processes.device)


def as_input(pictures: Tensor, holes: Tensor, device: torch.device) -> Pair:
    """Move uint8 pictures and holes to a device, as float32 in the order of memory that convolutions like."""
    pictures, holes = (values.to(device, non_blocking=True).float() for values in (pictures, holes))
    return pictures.div_(255).contiguous(memory_format=torch.channels_last), holes


def _one_thread(_: int) -> None:
    cv2.setNumThreads(0)
