"""``inpaint train``: teach a network to fill, from photographs."""

from __future__ import annotations

import argparse
import importlib.util
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from inpaint_core import InputError
from inpaint_core.training import configuration
from inpaint_core.training.configuration import Configuration, DataSettings

SUMMARY = "teach a network to fill, from photographs"
DESCRIPTION = """\
Train a network on photographs, in folders or tar archives. The same command goes on where it was stopped
(Ctrl-C stops it cleanly); a checkpoint, the best one, and scalars for TensorBoard are in the run's folder.
Several GPUs: torchrun --nproc-per-node=N -m inpaint_core train …"""
HOW_TO_GET = "Training needs PyTorch, which is not installed. Run “python3 install --with-train”."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add = parser.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="PATH", help="folders or tars of photographs")
    add(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="folder of the run; goes on with what is there",
    )
    add(
        "--validation",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="other photographs to validate with (else a share of the data is held out)",
    )
    add(
        "--without",
        nargs="+",
        default=[],
        metavar="CLASS",
        help="licence classes of MANIFEST.csv beside the data to leave out",
    )
    add("--cache", type=Path, metavar="FOLDER", help="where decoded photographs are kept (else in the run's)")
    add(
        "--preset",
        choices=configuration.presets(),
        help="a configuration that comes with the engine (default: structure; with --from, fine-tune)",
    )
    add("--configuration", type=Path, metavar="FILE", help="a configuration of your own, TOML")
    add(
        "--set",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help="change single settings, such as run.batch=8",
    )
    add(
        "--from",
        dest="origin",
        metavar="MODEL",
        help="begin with the weights of a checkpoint or exported model; bundled: with those that come along",
    )
    add("--minutes", type=float, metavar="N", help="stop after so many minutes")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")


def run(parsed: argparse.Namespace) -> int:
    """Train."""
    if parsed.minutes is not None and parsed.minutes <= 0:
        raise InputError("The minutes to train are more than 0.")
    require_torch()
    from inpaint_core.training import loop, origins, photographs  # noqa: PLC0415 - PyTorch is slow to import
    from inpaint_core.training.processes import joined  # noqa: PLC0415

    origin = origins.find(parsed.origin) if parsed.origin else None
    settings = _settings(parsed, None if origin is None else origin.configuration)
    cache = parsed.cache or parsed.out / "photographs"
    with joined(parsed.device) as processes:
        if not processes.is_first:
            processes.wait()
        data = photographs.prepare(parsed.data, cache, side=settings.data.side, without=parsed.without)
        if parsed.validation:
            held_out = photographs.prepare(
                parsed.validation, cache, side=settings.data.side, without=parsed.without
            )
        else:
            data, held_out = data.split(settings.data.held_out)
        if processes.is_first:
            processes.wait()
            _tell(f"{len(data)} pictures to learn from, {len(held_out)} to validate with.")
            if data.skipped:
                _tell(f"{data.skipped} files are damaged, too small or no pictures; they were skipped.")
        with _ctrl_c() as stop:
            outcome = loop.train(
                settings,
                data,
                held_out,
                parsed.out,
                processes,
                origin=origin,
                minutes=parsed.minutes,
                stop=stop,
            )
        if processes.is_first:
            best = "" if outcome.best is None else f", best {settings.run.measure} {outcome.best:.4f}"
            _tell(f"After step {outcome.step}{best}: {outcome.reason}.")
    return 0


def require_torch() -> None:
    """Raise InputError where PyTorch is missing."""
    if importlib.util.find_spec("torch") is None:
        raise InputError(HOW_TO_GET)


def _settings(parsed: argparse.Namespace, origin: Configuration | None) -> Configuration:
    """Return the configuration: the file or preset named, else the run's own, else the default preset.

    Weights to begin with bring their network and the size of its samples along.
    """
    if parsed.preset and parsed.configuration:
        raise InputError("Name a preset or a configuration, not both.")
    kept = parsed.out / "configuration.toml"
    if parsed.configuration:
        settings = configuration.load(parsed.configuration)
    elif kept.exists() and not parsed.preset:
        settings = configuration.load(kept)
    else:
        settings = configuration.preset(parsed.preset or ("structure" if origin is None else "fine-tune"))
    if origin is not None:
        settings = replace(settings, network=origin.network, data=_like(settings.data, origin.data))
    return configuration.change(settings, parsed.changes)


def _like(ours: DataSettings, theirs: DataSettings) -> DataSettings:
    return replace(ours, size=theirs.size, side=theirs.side, zoom=theirs.zoom)


@contextmanager
def _ctrl_c() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop after the step that is under way."""
    asked = False

    def ask(number: int, _: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(number, signal.default_int_handler)
        _tell("Stopping after this step; once more stops at once.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
