"""Batch normalisation over the batch of all processes together."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation whose batch is that of all processes, on any device.

    Several processes so agree with one. Alone it is `torch.nn.BatchNorm2d`.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (N, C, H, W)."""
        if not (self.training and distributed.is_available() and distributed.is_initialized()):
            alone: Tensor = super().forward(x)
            return alone
        wide = x.float()
        mean, square = _mean(torch.stack([wide.mean((0, 2, 3)), wide.square().mean((0, 2, 3))]))
        variance = square - mean.square()
        self._remember(
            mean.detach(), variance.detach(), x.numel() // x.shape[1] * distributed.get_world_size()
        )
        scale = self.weight * torch.rsqrt(variance + self.eps)
        shift = self.bias - mean * scale
        normalised: Tensor = (wide * scale[:, None, None] + shift[:, None, None]).to(x.dtype)
        return normalised

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        assert self.running_mean is not None  # noqa: S101 - never switched off here
        assert self.running_var is not None  # noqa: S101
        assert self.num_batches_tracked is not None  # noqa: S101
        momentum = self.momentum or 0.1
        self.running_mean.lerp_(mean, momentum)
        self.running_var.lerp_(variance * count / max(count - 1, 1), momentum)
        self.num_batches_tracked += 1


class _MeanOverProcesses(torch.autograd.Function):
    """The mean of a tensor over the processes; so is its gradient."""

    @staticmethod
    def forward(_: Any, values: Tensor) -> Tensor:
        return mean_over_processes(values.clone())

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        return mean_over_processes(gradient.clone())


def _mean(values: Tensor) -> Tensor:
    mean: Tensor = _MeanOverProcesses.apply(values)  # type: ignore[no-untyped-call]  # not annotated there
    return mean


def mean_over_processes(values: Tensor) -> Tensor:
    """Replace the values by their mean over all processes, and return them."""
    distributed.all_reduce(values)
    return values.div_(distributed.get_world_size())
