"""Validation: fixed holes in held-out photographs, filled and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inpaint_core.arrays import Bool, Float
from inpaint_core.evaluation import metrics
from inpaint_core.training.configuration import DataSettings
from inpaint_core.training.networks.generators import masked
from inpaint_core.training.photographs import Photographs
from inpaint_core.training.samples import validation_sample

MEASURES: dict[str, Callable[[Float, Float, Bool], float]] = {
    "psnr": metrics.psnr,
    "ssim": metrics.ssim,
    "gradient_similarity": metrics.gradient_similarity,
    "texture_distance": metrics.texture_distance,
}
LOWER_IS_BETTER = {"texture_distance"}

_AT_A_TIME = 16
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mean of each measure, and a sheet to look at: (H, W, 3) uint8, columns masked, filled, truth."""

    measures: dict[str, float]
    sheet: NDArray[np.uint8]


def is_better(measure: str, ours: float, theirs: float) -> bool:
    """Tell whether a value of this measure is better than another."""
    return ours < theirs if measure in LOWER_IS_BETTER else ours > theirs


def validate(
    network: nn.Module, photographs: Photographs, data: DataSettings, count: int, device: torch.device
) -> Verdict:
    """Fill the first `count` validation samples and measure them."""
    values: dict[str, list[float]] = {name: [] for name in MEASURES}
    rows: list[NDArray[np.uint8]] = []
    for first in range(0, count, _AT_A_TIME):
        samples = [
            validation_sample(photographs, data, index)
            for index in range(first, min(first + _AT_A_TIME, count))
        ]
        for (truth, hole), filled in zip(samples, _filled(network, samples, device), strict=True):
            for name, measure in MEASURES.items():
                values[name].append(measure(filled, _as_float(truth), hole))
            if len(rows) < _SHOWN:
                shown = np.rint(filled * 255).astype(np.uint8)
                rows.append(
                    np.concatenate([np.where(hole[..., None], 128, truth).astype(np.uint8), shown, truth], 1)
                )
    return Verdict({name: float(np.mean(each)) for name, each in values.items()}, _sheet(rows))


@torch.no_grad()
def _filled(
    network: nn.Module, samples: Sequence[tuple[NDArray[np.uint8], Bool]], device: torch.device
) -> list[Float]:
    """Return the filled pictures, 0…1, the known pixels as they were."""
    pictures = (
        torch.from_numpy(np.stack([picture for picture, _ in samples])).to(device).permute(0, 3, 1, 2) / 255
    )
    holes = torch.from_numpy(np.stack([hole for _, hole in samples])).to(device)[:, None].float()
    answer = network(masked(pictures, holes)).float()
    composed = pictures * (1 - holes) + answer * holes
    return list(composed.permute(0, 2, 3, 1).cpu().numpy())


def _as_float(picture: NDArray[np.uint8]) -> Float:
    return picture.astype(np.float32) / np.float32(255)


def _sheet(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Lay the rows out in two columns."""
    if len(rows) % 2:
        rows = [*rows, np.full_like(rows[0], 255)]
    half = len(rows) // 2
    return np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], 1)
