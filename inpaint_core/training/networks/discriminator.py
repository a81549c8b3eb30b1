"""The patch discriminator: it tells for each piece of a picture whether it looks like a photograph."""

from __future__ import annotations

from torch import Tensor, nn

WIDTHS = (64, 128, 256, 256)


class PatchDiscriminator(nn.Module):
    """A stack of strided convolutions that judges overlapping pieces.

    Without batch normalisation, which would let one picture's judgement depend on the others and which the
    gradient penalty does not go with.

    References
    ----------
    P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros, "Image-to-image translation with conditional adversarial
    networks", CVPR 2017, section 3.2.2.
    """

    def __init__(self) -> None:
        super().__init__()
        steps = zip((3, *WIDTHS), WIDTHS, (2, 2, 2, 1), strict=False)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, outputs, 4, stride, 2), nn.LeakyReLU(0.2))
            for inputs, outputs, stride in steps
        )
        self.judge = nn.Conv2d(WIDTHS[-1], 1, 4, 1, 2)

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the judgements, (N, 1, h, w), high for real, and the features of every layer."""
        x = picture * 2 - 1
        features = []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        return self.judge(x), features
