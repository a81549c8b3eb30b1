"""The networks and losses: what each computes, against what is known of it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing; it comes with the extra train")

from inpaint_core.training import losses
from inpaint_core.training.averaging import Average
from inpaint_core.training.configuration import LossSettings, NetworkSettings
from inpaint_core.training.networks.discriminator import PatchDiscriminator
from inpaint_core.training.networks.fourier import from_spectrum, spectrum
from inpaint_core.training.networks.generators import build, masked
from inpaint_core.training.networks.unet import smooth


@pytest.mark.parametrize("size", [(8, 8), (9, 12), (16, 7)])
def test_the_fourier_transform_by_products_is_the_fourier_transform(size) -> None:
    x = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    real, imaginary = spectrum(x)
    known = torch.fft.rfft2(x, norm="ortho")
    torch.testing.assert_close(torch.complex(real, imaginary), known, atol=4e-6, rtol=0)
    torch.testing.assert_close(from_spectrum(real, imaginary, size[1]), x, atol=4e-6, rtol=0)


@pytest.mark.parametrize("architecture", ["unet", "fourier"])
def test_a_generator_takes_any_multiple_and_sees_the_whole_picture(architecture) -> None:
    torch.manual_seed(0)
    network = build(NetworkSettings(architecture, 4, 1)).eval()
    for weight in network.head.parameters():
        torch.nn.init.normal_(weight, std=0.1)  # one begins with nothing
    size = (3 * 32, 2 * 32)
    fed = masked(torch.rand(1, 3, *size), torch.zeros(1, 1, *size)).requires_grad_()
    answer = network(fed)
    assert answer.shape == (1, 3, *size)
    assert 0 <= answer.min() <= answer.max() <= 1
    (reach,) = torch.autograd.grad(answer[0, 0, 2, 3], fed)
    assert (reach[0, :, 80:, 50:] != 0).any()


def test_the_smooth_fill_keeps_what_is_known_and_is_a_mean_elsewhere() -> None:
    picture, known = torch.rand(2, 3, 64, 96), torch.ones(2, 1, 64, 96)
    known[0, :, 8:40, 16:80] = 0
    known[1, :, 2:] = 0
    filled = smooth(picture * known, known)
    assert torch.equal(filled * known, picture * known)
    flat = smooth(torch.full_like(picture, 0.3) * known, known)
    torch.testing.assert_close(flat, torch.full_like(picture, 0.3))
    assert picture.min() <= filled.min() <= filled.max() <= picture.max()


def test_what_is_fed_has_nothing_in_the_hole() -> None:
    hole = torch.zeros(1, 1, 4, 4)
    hole[..., 1, 2] = 1
    fed = masked(torch.ones(1, 3, 4, 4), hole)
    assert fed[0, :, 1, 2].tolist() == [0, 0, 0, 1]
    assert fed[0, :, 0, 0].tolist() == [1, 1, 1, 0]


def test_the_terms_of_reconstruction() -> None:
    truth, hole = torch.full((1, 3, 32, 32), 0.5), torch.zeros(1, 1, 32, 32)
    hole[..., :16] = 1
    weights = LossSettings(known=2.0, filled=3.0, scales=5.0, spectrum=1.0)
    nothing = losses.reconstruction(truth, truth, hole, weights)
    assert all(float(term) == 0 for term in nothing.values())
    checks = torch.where((torch.arange(32)[:, None] + torch.arange(32)) % 2 == 0, 0.1, -0.1)
    terms = losses.reconstruction(truth + checks, truth, hole, weights)
    assert float(terms["known"]) == pytest.approx(2 * 0.1 / 2)
    assert float(terms["filled"]) == pytest.approx(3 * 0.1 / 2)
    assert float(terms["scales"]) == pytest.approx(0, abs=1e-6)  # a checkerboard is gone at half the size
    assert float(terms["spectrum"]) > 0.01
    shifted = losses.reconstruction(truth + 0.1, truth, hole, weights)
    assert float(shifted["scales"]) == pytest.approx(5 * 0.1 / 2)


class Linear(torch.nn.Module):
    """A judge that is known: three times the mean of each 4 x 4 piece, less one."""

    def forward(self, picture):
        logits = 3 * torch.nn.functional.avg_pool2d(picture.mean(1, keepdim=True), 4) - 1
        return logits, [logits]


def test_the_adversarial_terms() -> None:
    judge, truth, answer = Linear(), torch.ones(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)
    hole = torch.zeros(1, 1, 8, 8)
    hole[..., :4, :4] = 1  # one piece of four
    softplus = torch.nn.functional.softplus
    terms = losses.discriminator_terms(judge, answer, truth, hole)
    assert float(terms["real"]) == pytest.approx(float(softplus(torch.tensor(-2.0))))
    expected = (softplus(torch.tensor(-1.0)) + 3 * softplus(torch.tensor(1.0))) / 4
    assert float(terms["false"]) == pytest.approx(float(expected), rel=0.2)  # the rim of the hole is soft
    ours = losses.generator_terms(judge, answer, truth, hole, LossSettings(adversarial=4.0, features=1.0))
    assert float(ours["adversarial"]) == pytest.approx(float(softplus(torch.tensor(1.0))), rel=0.2)
    assert float(ours["features"]) == pytest.approx(9.0)
    # Four logits, each with a gradient of 3 / 48 at 48 values.
    penalty = losses.gradient_penalty(judge, truth).detach()
    assert float(penalty) == pytest.approx(4 * 48 * (3 / 48) ** 2)


def test_the_discriminator_judges_pieces() -> None:
    judge = PatchDiscriminator()
    logits, features = judge(torch.rand(1, 3, 64, 64))
    assert logits.shape[1] == 1
    assert logits.shape[2] > 4
    assert len(features) == 4


def test_the_average_lags_behind() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, 0.0)
    average = Average(network, 0.9)
    torch.nn.init.constant_(network.weight, 1.0)
    average.follow(network, 1000)
    assert float(average.network.weight) == pytest.approx(0.1)
