"""The Fourier generator: convolutions over the spectrum see the whole picture in every block.

::

    local  ──┬── 3x3 ──────────────▶ + ──▶ local      a quarter of the channels
             └── 3x3 ──────┐         ▲
             ┌── 3x3 ──────│─────────┘
    global ──┴── spectral ─┴───────▶ + ──▶ global     three quarters

References
----------
L. Chi, B. Jiang, Y. Mu, "Fast Fourier convolution", NeurIPS 2020.
R. Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions", WACV 2022.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from inpaint_core.training.configuration import NetworkSettings
from inpaint_core.training.networks.normalisation import BatchNorm

GLOBAL_SHARE = 0.75


def waves(length: int, frequencies: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cos and sin of 2π n k / length, (length, frequencies), scaled so that the transform is unitary.

    Built at run time and applied as matrix products, it goes with any size and into any ONNX runtime. The
    product n k is brought below the length as a whole number, where float32 is exact.
    """
    n = torch.arange(length, device=device, dtype=torch.float32)
    k = torch.arange(frequencies, device=device, dtype=torch.float32)
    product = n[:, None] * k
    angle = (product - torch.floor(product / length) * length) * (2.0 * math.pi / length)
    scale = torch.rsqrt(torch.ones_like(angle[:1, :1]) * length)
    return torch.cos(angle) * scale, torch.sin(angle) * scale


def spectrum(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return real and imaginary part of the unitary Fourier transform of real (N, C, H, W), half of it.

    The half is (N, C, H, W // 2 + 1); as `torch.fft.rfft2(x, norm="ortho")`.
    """
    height, width = x.shape[2], x.shape[3]
    across_cos, across_sin = waves(width, width // 2 + 1, x.device)
    down_cos, down_sin = waves(height, height, x.device)
    real, imaginary = x @ across_cos, -(x @ across_sin)
    return down_cos @ real + down_sin @ imaginary, down_cos @ imaginary - down_sin @ real


def from_spectrum(real: Tensor, imaginary: Tensor, width: int) -> Tensor:
    """Return the picture of a half spectrum; as `torch.fft.irfft2(…, norm="ortho")`."""
    height, half = real.shape[2], width // 2 + 1
    across_cos, across_sin = waves(width, half, real.device)
    down_cos, down_sin = waves(height, height, real.device)
    k = torch.arange(half, device=real.device)
    twice = 2.0 - (k == 0).float() - (2 * k == width).float()  # the other half is its mirror image
    a, b = down_cos @ real - down_sin @ imaginary, down_cos @ imaginary + down_sin @ real
    return a @ (across_cos * twice).T - b @ (across_sin * twice).T


class FourierUnit(nn.Module):
    """A pointwise convolution of the spectrum: every value looks at the whole picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(2 * channels, 2 * channels, 1, bias=False)
        self.norm = BatchNorm(2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        with torch.autocast(x.device.type, enabled=False):  # sums over a whole picture need the precision
            halves = torch.cat(spectrum(x.float()), 1)
        mixed = torch.relu(self.norm(self.mix(halves)))
        with torch.autocast(x.device.type, enabled=False):
            real, imaginary = mixed.float().chunk(2, 1)
            return from_spectrum(real, imaginary, x.shape[3]).to(x.dtype)


class Spectral(nn.Module):
    """The global path: fewer channels, the Fourier unit beside a shortcut, and back."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.reduce = nn.Sequential(
            nn.Conv2d(inputs, outputs // 2, 1, bias=False), BatchNorm(outputs // 2), nn.ReLU()
        )
        self.unit = FourierUnit(outputs // 2)
        self.expand = nn.Conv2d(outputs // 2, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, inputs, H, W) to (N, outputs, H, W)."""
        x = self.reduce(x)
        y: Tensor = self.expand(x + self.unit(x))
        return y


class FourierConvolution(nn.Module):
    """One layer of local and global channels that feed each other."""

    def __init__(self, local: int, wide: int) -> None:
        super().__init__()
        self.local = _convolution(local, local)
        self.wide_to_local = _convolution(wide, local)
        self.local_to_wide = _convolution(local, wide)
        self.spectral = Spectral(wide, wide)
        self.local_norm, self.wide_norm = BatchNorm(local), BatchNorm(wide)

    def forward(self, local: Tensor, wide: Tensor) -> tuple[Tensor, Tensor]:
        """Map both groups of channels to the same shapes."""
        return (
            torch.relu(self.local_norm(self.local(local) + self.wide_to_local(wide))),
            torch.relu(self.wide_norm(self.local_to_wide(local) + self.spectral(wide))),
        )


class FourierBlock(nn.Module):
    """Two layers and a shortcut around them."""

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        wide = round(channels * GLOBAL_SHARE)
        self.groups = [channels - wide, wide]
        self.first = FourierConvolution(*self.groups)
        self.second = FourierConvolution(*self.groups)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        local, wide = self.second(*self.first(*torch.split(x, self.groups, 1)))
        change: Tensor = self.dropout(torch.cat([local, wide], 1))
        return x + change


class FourierGenerator(nn.Module):
    """Down to an eighth of the size, Fourier blocks there, and up again.

    Maps (N, 4, H, W), the masked picture and the mask, to (N, 3, H, W) in 0…1; H and W are multiples of 8.
    """

    multiple = 8
    beginning = ("stem",)

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        half, quarter, eighth = (settings.channels * factor for factor in (2, 4, 8))
        self.stem = nn.Sequential(
            nn.Conv2d(4, half, 7, 2, 3, bias=False, padding_mode="reflect"),
            BatchNorm(half),
            nn.ReLU(),
            *_down(half, quarter),
            *_down(quarter, eighth),
        )
        self.middle = nn.Sequential(*(FourierBlock(eighth, settings.dropout) for _ in range(settings.blocks)))
        self.up = nn.Sequential(*_up(eighth, quarter), *_up(quarter, half), *_up(half, settings.channels))
        self.head = nn.Conv2d(settings.channels, 3, 7, 1, 3, padding_mode="reflect")

    def forward(self, x: Tensor) -> Tensor:
        """Predict a picture from a masked picture and its mask."""
        return torch.sigmoid(self.head(self.up(self.middle(self.stem(x)))))


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False, padding_mode="reflect")


def _down(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False, padding_mode="reflect"),
        BatchNorm(outputs),
        nn.ReLU(),
    ]


def _up(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False), BatchNorm(outputs), nn.ReLU()]
