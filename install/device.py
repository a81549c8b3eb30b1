"""Which distribution of ONNX Runtime an engine gets: one at a time fits into an environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from install.console import InstallError
from install.places import System

USUAL = "onnxruntime"
"""What the engine depends on: runs on every processor, and by CoreML on a Mac."""

OLDEST = "1.20"
RECORD = "device"
"""The file in an engine's folder that tells the next installation what was asked for."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A package of ONNX Runtime, the systems it exists for, and how much it downloads."""

    package: str
    systems: tuple[System, ...]
    size: str

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.package}>={OLDEST}"


DISTRIBUTIONS = {
    "cpu": Distribution(USUAL, ("linux", "windows", "macos"), "20 MB"),
    "cuda": Distribution("onnxruntime-gpu[cuda,cudnn]", ("linux", "windows"), "2 GB"),
    "directml": Distribution("onnxruntime-directml", ("windows",), "30 MB"),
    "openvino": Distribution("onnxruntime-openvino", ("linux", "windows"), "100 MB"),
    "coreml": Distribution(USUAL, ("macos",), "20 MB"),
}
DEVICES = ("auto", *DISTRIBUTIONS)


def choose(device: str, system: System, engines: list[Path]) -> str:
    """Return the device that `device`, one of `DEVICES`, means here.

    Parameters
    ----------
    device
        ``"auto"`` is what the last installation chose, else ``"cpu"``: what a graphics card needs is a
        download of gigabytes that nobody should get unasked.
    system
        The system.
    engines
        The folders of the engines that are installed, oldest first.

    Raises
    ------
    InstallError
        When there is no such distribution for this system.
    """
    if device == "auto":
        device = next((found for path in reversed(engines) if (found := _recorded(path))), "cpu")
    if system not in DISTRIBUTIONS[device].systems:
        offered = [name for name, each in DISTRIBUTIONS.items() if system in each.systems]
        raise InstallError(
            f"There is no ONNX Runtime with {device} for {system}. Choose one of these: {', '.join(offered)}."
        )
    return device


def _recorded(engine: Path) -> str | None:
    try:
        name = (engine / RECORD).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if name in DISTRIBUTIONS else None


def record(engine: Path, device: str) -> None:
    """Write down what an engine was made for."""
    (engine / RECORD).write_text(f"{device}\n", encoding="utf-8")
