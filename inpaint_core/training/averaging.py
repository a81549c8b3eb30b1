"""The exponential moving average of a network's weights: calmer than the weights, and what is shipped."""

from __future__ import annotations

from copy import deepcopy
from typing import Generic, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


class Average(Generic[Network]):
    """Follows a network; `network` has the averaged weights."""

    def __init__(self, network: Network, decay: float) -> None:
        self.network: Network = deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def follow(self, network: Network, step: int) -> None:
        """Take in the weights after `step`, more of them while there have been few."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for ours, theirs in zip(
            self.network.state_dict().values(), network.state_dict().values(), strict=True
        ):
            if ours.is_floating_point():
                ours.lerp_(theirs, 1 - decay)
            else:
                ours.copy_(theirs)
