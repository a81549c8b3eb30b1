"""The terms of the losses; pictures are (N, 3, H, W) of 0…1, holes (N, 1, H, W) of 0 and 1, in float32.

Each term is a mean over all pixels of the batch, not over the hole's alone, so that the mean over the
processes that share a batch is the batch's.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from inpaint_core.training.configuration import LossSettings
from inpaint_core.training.networks.discriminator import PatchDiscriminator

SCALES = (2, 4, 8)
WINDOW = 32
R1_EVERY = 16
"""The gradient penalty is taken at every so many steps, and counts so many times."""


def reconstruction(answer: Tensor, truth: Tensor, hole: Tensor, weights: LossSettings) -> dict[str, Tensor]:
    """Return the terms that compare the answer with the truth pixel by pixel, weighted."""
    difference = answer - truth
    terms = {
        "known": weights.known * (difference * (1 - hole)).abs().mean(),
        "filled": weights.filled * (difference * hole).abs().mean(),
    }
    if weights.scales:
        terms["scales"] = weights.scales * _over_scales(difference * hole)
    if weights.spectrum:
        terms["spectrum"] = weights.spectrum * _spectra_apart(truth + difference * hole, truth)
    return terms


def _over_scales(difference: Tensor) -> Tensor:
    """Return the mean absolute difference at smaller sizes: errors that do not cancel nearby."""
    terms = [functional.avg_pool2d(difference, scale).abs().mean() for scale in SCALES]
    return torch.stack(terms).mean()


def _spectra_apart(answer: Tensor, truth: Tensor) -> Tensor:
    """Return how far the magnitudes of the windows' spectra are apart.

    References
    ----------
    D. W. Griffin, J. S. Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP
    32 (2), 1984 (overlapping windows); the logarithm keeps the low frequencies from being all that counts.
    """
    window = torch.hann_window(WINDOW, periodic=False, device=answer.device)
    window = window[:, None] * window

    def magnitudes(picture: Tensor) -> Tensor:
        pieces = picture.unfold(2, WINDOW, WINDOW // 2).unfold(3, WINDOW, WINDOW // 2)
        spectrum = torch.fft.rfft2(pieces * window, norm="ortho")
        return torch.log(0.02 + (spectrum.real.square() + spectrum.imag.square() + 1e-8).sqrt())

    return (magnitudes(answer) - magnitudes(truth)).abs().mean()


def generator_terms(
    judge: PatchDiscriminator, answer: Tensor, truth: Tensor, hole: Tensor, weights: LossSettings
) -> dict[str, Tensor]:
    """Return what the discriminator teaches: to be taken for real in the hole, and to have real features.

    References
    ----------
    I. Goodfellow et al., "Generative adversarial nets", NIPS 2014 (the non-saturating loss).
    T.-C. Wang et al., "High-resolution image synthesis and semantic manipulation with conditional GANs", CVPR
    2018, equation 4 (feature matching).
    """
    logits, features = judge(answer)
    with torch.no_grad():
        _, wanted = judge(truth)
    filled = _share_of_hole(hole, logits)
    apart = [
        (ours.float() - theirs.float()).square().mean() for ours, theirs in zip(features, wanted, strict=True)
    ]
    return {
        "adversarial": weights.adversarial * (functional.softplus(-logits.float()) * filled).mean(),
        "features": weights.features * torch.stack(apart).mean(),
    }


def discriminator_terms(
    judge: PatchDiscriminator, answer: Tensor, truth: Tensor, hole: Tensor
) -> dict[str, Tensor]:
    """Return what the discriminator learns from: photographs are real, and so is the known part of an answer.

    References
    ----------
    R. Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions", WACV 2022,
    equations 5 to 7 (only pieces that the hole touches are false).
    """
    real, _ = judge(truth)
    false, _ = judge(answer.detach())
    filled = _share_of_hole(hole, false)
    on_answer = filled * functional.softplus(false.float()) + (1 - filled) * functional.softplus(
        -false.float()
    )
    return {"real": functional.softplus(-real.float()).mean(), "false": on_answer.mean()}


def gradient_penalty(judge: PatchDiscriminator, truth: Tensor) -> Tensor:
    """Return the mean squared gradient of the judgement at photographs.

    References
    ----------
    L. Mescheder, A. Geiger, S. Nowozin, "Which training methods for GANs do actually converge?", ICML 2018,
    equation 9.
    """
    truth = truth.detach().requires_grad_()
    logits, _ = judge(truth)
    (gradient,) = torch.autograd.grad(logits.sum(), truth, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def _share_of_hole(hole: Tensor, logits: Tensor) -> Tensor:
    """Return for each judged piece how much of its middle is hole."""
    size = (logits.shape[2], logits.shape[3])
    return functional.interpolate(hole, size, mode="bilinear", align_corners=False, antialias=True)
