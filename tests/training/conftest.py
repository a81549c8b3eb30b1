"""Photographs to learn from, and a network that has learned two of them."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny import TINY

if importlib.util.find_spec("torch") is None and os.environ.get("CI") == "true":
    raise RuntimeError("Under CI=true a missing PyTorch is a failure: install the extra train.")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Compute on one thread: with other tests beside it, a second one would mostly be waited for."""
    if importlib.util.find_spec("torch") is not None:
        import torch  # noqa: PLC0415 - slow to import, and absent where tests are skipped

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two pictures: slopes, and a disc."""
    folder = tmp_path_factory.mktemp("pictures")
    y, x = np.mgrid[:64, :64]
    slopes = np.stack([4 * x, 4 * y, 255 - 4 * x], 2)
    disc = np.where(((x - 32) ** 2 + (y - 32) ** 2 < 400)[..., None], [250, 200, 30], [20, 60, 140])
    for name, pixels in (("slopes", slopes), ("disc", disc)):
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="session")
def learned(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose Fourier generator has learned the two pictures."""
    import torch  # noqa: PLC0415 - tests without it are to be collected too

    from inpaint_core.training import configuration, loop, photographs  # noqa: PLC0415
    from inpaint_core.training.processes import Processes  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("learned")
    steps = (
        "network.architecture=fourier",
        "run.steps=80",
        "run.validate_every=40",
        "run.validation_samples=8",
    )
    settings = configuration.change(configuration.preset("structure"), [*TINY, *steps])
    data = photographs.prepare([pictures], folder / "photographs", side=settings.data.side)
    loop.train(settings, data, data, folder, Processes(0, 1, torch.device("cpu")))
    return folder
