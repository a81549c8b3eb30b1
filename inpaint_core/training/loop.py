"""The training loop, from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inpaint_core.errors import InputError
from inpaint_core.training import checkpoints, configuration, history, losses, origins
from inpaint_core.training.averaging import Average
from inpaint_core.training.batches import batches
from inpaint_core.training.configuration import Configuration
from inpaint_core.training.networks.discriminator import PatchDiscriminator
from inpaint_core.training.networks.generators import Generator, build, masked
from inpaint_core.training.origins import Origin
from inpaint_core.training.photographs import Photographs
from inpaint_core.training.processes import Processes
from inpaint_core.training.reporting import Reporter
from inpaint_core.training.validation import Verdict, is_better, validate

LAST, BEST = "last.pt", "best.pt"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: after which step, the best value of its measure, and why."""

    step: int
    best: float | None
    reason: str


class State:
    """All that changes while training, and so all that a checkpoint holds."""

    def __init__(self, settings: Configuration, device: torch.device) -> None:
        torch.manual_seed(settings.seed)
        rates = settings.optimiser
        self.step = 0
        self.best: float | None = None
        self.worse = 0
        self.before = ""
        self.generator: Generator = _on(build(settings.network), device)
        self.average = Average(self.generator, rates.average)
        if rates.freeze:
            _freeze(self.generator)
        ours = [weight for weight in self.generator.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.Adam(ours, rates.rate, betas=(0.9, 0.99))
        self.judge: PatchDiscriminator | None = None
        self.judge_optimiser: torch.optim.Adam | None = None
        if settings.losses.needs_discriminator:
            self.judge = _on(PatchDiscriminator(), device)
            self.judge_optimiser = torch.optim.Adam(
                self.judge.parameters(), rates.discriminator_rate, betas=(0.5, 0.99)
            )

    def parts(self) -> dict[str, Any]:
        """Return whatever has a state of its own, by name."""
        every = {
            "generator": self.generator,
            "average": self.average.network,
            "optimiser": self.optimiser,
            "judge": self.judge,
            "judge_optimiser": self.judge_optimiser,
        }
        return {name: part for name, part in every.items() if part is not None}

    def checkpoint(self, settings: Configuration) -> checkpoints.Checkpoint:
        """Return everything as a checkpoint."""
        numbers = {"step": self.step, "best": self.best, "worse": self.worse}
        texts = {"configuration": configuration.dump(settings), "before": self.before}
        states = {name: part.state_dict() for name, part in self.parts().items()}
        return {**texts, **numbers, **states}

    def restore(self, checkpoint: checkpoints.Checkpoint) -> None:
        """Take everything from a checkpoint; what it does not have stays fresh."""
        self.step, self.best, self.worse = (checkpoint[name] for name in ("step", "best", "worse"))
        self.before = checkpoint.get("before", "")
        for name, part in self.parts().items():
            if name in checkpoint:
                part.load_state_dict(checkpoint[name])


def train(
    settings: Configuration,
    photographs: Photographs,
    held_out: Photographs,
    folder: Path,
    processes: Processes,
    *,
    origin: Origin | None = None,
    minutes: float | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Train until the last step, or until something says to stop; then a checkpoint is there to go on from.

    Parameters
    ----------
    settings
        The configuration.
    photographs, held_out
        To learn from, and to validate with.
    folder
        Of the run: a checkpoint in it is gone on from.
    processes
        Who takes part.
    origin
        What to begin with where there is no checkpoint.
    minutes
        Stop after so many.
    stop
        Asked after every step.

    Raises
    ------
    InputError
        When the folder's checkpoint is damaged or of another network.
    FillError
        When a checkpoint cannot be written.
    """
    run, device = settings.run, processes.device
    state = State(settings, device)
    _begin(state, settings, folder, origin)
    if processes.is_first:
        _describe(settings, photographs, folder, origin)
    reporter = Reporter(folder, steps=run.steps, first=state.step, batch=run.batch, talks=processes.is_first)
    deadline = time.monotonic() + (minutes * 60 if minutes is not None else float("inf"))
    saved = time.monotonic()
    reason = "the last step is done"

    with reporter:
        for picture, hole in batches(photographs, settings, processes, state.step):
            torch.manual_seed(hash((settings.seed, state.step, processes.rank)))
            _set_rates(state, settings)
            terms = _step(state, settings, picture, hole, processes)
            state.step += 1
            state.average.follow(state.generator, state.step)
            reporter.step(state.step, terms, run.report_every)

            ends = processes.any(stop() or time.monotonic() >= deadline) or state.step == run.steps
            if state.step % run.validate_every == 0 or state.step == run.steps:
                if processes.is_first and len(held_out):
                    reporter.verdict(state.step, _validate(state, settings, held_out, folder, device))
                if run.patience and processes.any(state.worse >= run.patience):
                    reason, ends = f"no better {run.measure} in {run.patience} validations", True
            if ends or state.step % run.save_every == 0 or time.monotonic() - saved > 60 * run.save_minutes:
                if processes.is_first:
                    checkpoints.save(state.checkpoint(settings), folder / LAST)
                saved = time.monotonic()
            if ends:
                break
    if state.step < run.steps and reason.startswith("the last"):
        reason = "stopped; the same command goes on from here"
    return Outcome(state.step, state.best, reason)


def _step(
    state: State, settings: Configuration, picture: Tensor, hole: Tensor, processes: Processes
) -> dict[str, Tensor]:
    """Learn from one batch; return the terms of the losses."""
    weights, judge = settings.losses, state.judge
    half_precision = _in_bfloat16(settings, processes.device)
    state.generator.train()
    if settings.optimiser.freeze:
        _freeze(state.generator)
    with half_precision():
        answer = state.generator(masked(picture, hole))
    answer = answer.float()
    terms = losses.reconstruction(answer, picture, hole, weights)
    if judge is not None:
        judge.requires_grad_(False)
        with half_precision():
            terms |= losses.generator_terms(judge, answer, picture, hole, weights)
        judge.requires_grad_(True)
    _descend(state.optimiser, torch.stack(list(terms.values())).sum(), processes)

    if judge is not None and state.judge_optimiser is not None:
        with half_precision():
            judged = losses.discriminator_terms(judge, answer, picture, hole)
        terms |= judged
        if weights.r1 and state.step % losses.R1_EVERY == 0:
            judged["r1"] = losses.R1_EVERY * weights.r1 * losses.gradient_penalty(judge, picture)
        _descend(state.judge_optimiser, torch.stack(list(judged.values())).sum(), processes)
    return terms


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor, processes: Processes) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]  # PyTorch's own annotation is missing
    processes.average_gradients(weight for group in optimiser.param_groups for weight in group["params"])
    optimiser.step()


def _set_rates(state: State, settings: Configuration) -> None:
    """Let the learning rates rise at the beginning and fall towards the end."""
    rates, steps = settings.optimiser, settings.run.steps
    rise = min(1.0, (state.step + 1) / max(rates.warm_up, 1))
    fall = min(1.0, (steps - state.step) / max(rates.cool_down * steps, 1.0))
    for optimiser, rate in ((state.optimiser, rates.rate), (state.judge_optimiser, rates.discriminator_rate)):
        if optimiser is not None:
            for group in optimiser.param_groups:
                group["lr"] = rate * rise * fall


def _validate(
    state: State, settings: Configuration, held_out: Photographs, folder: Path, device: torch.device
) -> Verdict:
    """Measure the averaged weights, and keep them if they are the best."""
    run = settings.run
    verdict = validate(state.average.network, held_out, settings.data, run.validation_samples, device)
    value = verdict.measures[run.measure]
    state.worse += 1
    if state.best is None or is_better(run.measure, value, state.best):
        state.best, state.worse = value, 0
        checkpoints.save(state.checkpoint(settings) | {"measures": verdict.measures}, folder / BEST)
    return verdict


def _begin(state: State, settings: Configuration, folder: Path, origin: Origin | None) -> None:
    """Go on from the folder's checkpoint, or begin with the weights of the origin."""
    if (folder / LAST).exists():
        checkpoint = checkpoints.load(folder / LAST)
        before = configuration.parse(checkpoint["configuration"])
        if before.network != settings.network:
            raise InputError(
                f"The run in {folder} trains another network ({before.network}); use a new folder."
            )
        state.restore(checkpoint)
    elif origin is not None:
        state.before = origin.learned
        origins.give(origin.weights, state.generator)
        origins.give(origin.weights, state.average.network)


def _describe(settings: Configuration, photographs: Photographs, folder: Path, origin: Origin | None) -> None:
    """Write down what is trained and on which photographs, those of the origin included."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.toml").write_text(configuration.dump(settings), encoding="utf-8")
    ours = ({"photograph": name, **asdict(credit)} for name, credit in photographs.credits())
    theirs = () if origin is None else origin.credits
    history.write_credits([*theirs, *ours], folder / history.CREDITS)


def _freeze(generator: Generator) -> None:
    """Keep the first layers as they are, batch statistics included."""
    for name in generator.beginning:
        generator.get_submodule(name).requires_grad_(False).eval()


def _in_bfloat16(settings: Configuration, device: torch.device) -> Callable[[], Any]:
    """Return a context in which networks compute in bfloat16, where that is wanted."""
    wanted = settings.run.precision
    on = wanted == "bfloat16" or (
        wanted == "auto" and device.type == "cuda" and torch.cuda.is_bf16_supported()
    )
    return lambda: torch.autocast(device.type, torch.bfloat16, enabled=on)


def _on(network: nn.Module, device: torch.device) -> Any:
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
