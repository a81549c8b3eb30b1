"""The separable U-net: a small predictor of structure that sees the whole picture at once.

The hole is first filled smoothly from what is around it, and the network learns what that lacks, so that it
is never far off, however short the training. Most of the work is done at an eighth of the size and below,
where a step of one pixel spans much of the picture; the answer at full size is soft, as a guide has to be.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from inpaint_core.training.configuration import NetworkSettings
from inpaint_core.training.networks.normalisation import BatchNorm

WIDTHS = (1, 2, 4, 8, 16)
"""Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, in units of the base channels."""

KERNELS = (3, 3, 5, 5, 5)
"""Sides of the depthwise kernels there: wide where pixels are few."""

TRUST = 4.0
"""A mean over pixels of which one in so many is known counts in full."""

RELAXATIONS = 4
"""How often the smooth fill is evened out at each size."""

DILATIONS = (1, 2, 3, 1)
"""Of the innermost blocks, walked through once for each of the configured blocks."""


def smooth(picture: Tensor, known: Tensor) -> Tensor:
    """Fill what is not known from ever coarser means of what is, nearly harmonically.

    Parameters
    ----------
    picture : (N, 3, H, W)
        Zero where it is not known; H and W are multiples of 32.
    known : (N, 1, H, W)
        1 where it is known, else 0.

    References
    ----------
    S. J. Gortler, R. Grzeszczuk, R. Szeliski, M. F. Cohen, "The lumigraph", SIGGRAPH 1996, section 3.4.2
    (pull and push); here Jacobi's iteration for Laplace's equation follows at each size.
    """
    levels = [(picture, known)]
    for _ in WIDTHS:
        colour, weight = levels[-1]
        levels.append((functional.avg_pool2d(colour, 2), functional.avg_pool2d(weight, 2)))
    colour, weight = levels[-1]
    filled = colour.mean((2, 3), keepdim=True) / weight.mean((2, 3), keepdim=True).clamp(min=1e-4)
    for colour, weight in reversed(levels):
        trust = (TRUST * weight).clamp(max=1.0)
        certain = colour / weight.clamp(min=1e-4) * trust
        filled = filled * (1.0 - trust) + certain
        for _ in range(RELAXATIONS):
            filled = _mean_of_neighbours(filled) * (1.0 - trust) + certain
        if weight is not known:
            filled = functional.interpolate(filled, scale_factor=2.0, mode="bilinear")
    return filled


def _mean_of_neighbours(picture: Tensor) -> Tensor:
    """Return the mean of the four neighbours of every pixel, repeating the border."""
    cross = picture.new_tensor([[0.0, 0.25, 0.0], [0.25, 0.0, 0.25], [0.0, 0.25, 0.0]]).expand(3, 1, 3, 3)
    return functional.conv2d(functional.pad(picture, (1, 1, 1, 1), mode="replicate"), cross, groups=3)


class Separable(nn.Module):
    """A depthwise and a pointwise convolution, normalised; a residual where the shape stays.

    References
    ----------
    A. G. Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications",
    2017.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        reach = dilation * (kernel // 2)
        self.space = nn.Conv2d(inputs, inputs, kernel, stride, reach, dilation, groups=inputs, bias=False)
        self.mix = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm = BatchNorm(outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        y: Tensor = torch.relu(self.norm(self.mix(self.space(x))))
        return x + y if self.residual else y


class SeparableUnet(nn.Module):
    """A U-net of separable convolutions with additive skips.

    Maps (N, 4, H, W), the masked picture and the mask, to (N, 3, H, W) in 0…1; H and W are multiples of 32.

    References
    ----------
    O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015.
    A. Sargsyan, S. Navasardyan, X. Xu, H. Shi, "MI-GAN: a simple baseline for image inpainting on mobile
    devices", ICCV 2023 (separable convolutions, additive skips).
    """

    multiple = 32
    beginning = ("stem", "down")

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        levels = [(settings.channels * width, kernel) for width, kernel in zip(WIDTHS, KERNELS, strict=True)]
        finest, deepest = levels[0][0], levels[-1][0]
        self.stem = nn.Sequential(nn.Conv2d(4, finest, 3, 2, 1, bias=False), BatchNorm(finest), nn.ReLU())
        self.down = nn.ModuleList(
            nn.Sequential(Separable(fine, coarse, kernel, stride=2), Separable(coarse, coarse, kernel))
            for (fine, _), (coarse, kernel) in pairwise(levels)
        )
        self.middle = nn.Sequential(
            *(
                Separable(deepest, deepest, KERNELS[-1], dilation=dilation)
                for _ in range(settings.blocks)
                for dilation in DILATIONS
            ),
            nn.Dropout2d(settings.dropout),
        )
        self.up = nn.ModuleList(
            nn.Sequential(Separable(coarse, fine, kernel), nn.Upsample(scale_factor=2, mode="bilinear"))
            for (coarse, kernel), (fine, _) in pairwise(reversed(levels))
        )
        self.join = nn.ModuleList(Separable(width, width, kernel) for width, kernel in levels[-2::-1])
        self.head = nn.Sequential(nn.Conv2d(finest, 3, 3, 1, 1), nn.Upsample(scale_factor=2, mode="bilinear"))
        for weight in self.head.parameters():
            nn.init.zeros_(weight)  # the first answer is the smooth one

    def forward(self, x: Tensor) -> Tensor:
        """Predict a picture from a masked picture and its mask."""
        picture, hole = x[:, :3], x[:, 3:]
        filled = smooth(picture, 1.0 - hole)
        x = self.stem(torch.cat([filled, hole], 1))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        x = self.middle(x)
        for up, join, skip in zip(self.up, self.join, reversed(skips), strict=True):
            x = join(up(x) + skip)
        answer: Tensor = filled + self.head(x)
        return answer if self.training else answer.clamp(0.0, 1.0)
