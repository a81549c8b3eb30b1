"""What a training run is: one tree of typed dataclasses, kept as TOML beside its checkpoints.

::

    Configuration
    ├── seed
    ├── data: DataSettings            what is cut out of the photographs
    ├── masks: MaskSettings           how often each kind of hole is drawn
    ├── network: NetworkSettings      the generator
    ├── losses: LossSettings          weights; adversarial terms of zero train without a discriminator
    ├── optimiser: OptimiserSettings
    └── run: RunSettings              how long, how often things are written, what "best" means
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from inpaint_core.errors import InputError

PRESETS = Path(__file__).parent / "presets"

Architecture = Literal["unet", "fourier"]
Precision = Literal["auto", "float32", "bfloat16"]
Measure = Literal["psnr", "ssim", "texture_distance"]
Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class DataSettings:
    """What is cut out of the photographs.

    Attributes
    ----------
    size
        Side of the training crops, in pixels.
    side
        Photographs are kept with a short side of at most this.
    zoom
        A crop shows from `size` pixels of the photograph up to this many times as much, shrunk; what does
        not fit shows all there is.
    turn
        Rotation by up to this many degrees either way.
    colour
        Strength of the changes of brightness, contrast and saturation.
    held_out
        The share of photographs kept for validation where no others are named.
    """

    size: int = 256
    side: int = 416
    zoom: float = 1.6
    turn: float = 8.0
    colour: float = 0.12
    held_out: float = 0.05


@dataclass(frozen=True, slots=True)
class MaskSettings:
    """How often each kind of hole is drawn, relative to one another."""

    thin: float = 1.0
    medium: float = 3.0
    thick: float = 3.0
    blobs: float = 3.0
    scratches: float = 0.25
    dust: float = 0.25


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The generator.

    Attributes
    ----------
    architecture
        ``"unet"``: separable convolutions, small and quick. ``"fourier"``: Fourier convolutions.
    channels
        Of the first layer.
    blocks
        Of the innermost part.
    dropout
        Share of the innermost channels that are left out at random while training.
    """

    architecture: Architecture = "unet"
    channels: int = 24
    blocks: int = 2
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights of the terms; a term of weight zero is not computed.

    Attributes
    ----------
    known, filled
        Mean absolute difference outside and inside the hole.
    scales
        The same inside the hole at a half, a quarter and an eighth of the size.
    spectrum
        Difference of the spectra's magnitudes in overlapping windows.
    adversarial
        The discriminator's judgement of the hole.
    features
        Difference of the discriminator's features.
    r1
        Penalty on the discriminator's gradient at real pictures.
    """

    known: float = 1.0
    filled: float = 4.0
    scales: float = 4.0
    spectrum: float = 0.0
    adversarial: float = 0.0
    features: float = 0.0
    r1: float = 0.001

    @property
    def needs_discriminator(self) -> bool:
        """Whether a discriminator takes part."""
        return self.adversarial > 0 or self.features > 0


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """Adam for both networks.

    Attributes
    ----------
    rate, discriminator_rate
        Learning rates.
    warm_up
        Steps over which they rise from zero.
    cool_down
        The last share of the steps, over which they fall to zero.
    average
        Decay of the moving average of the weights, which is what is validated and exported.
    freeze
        Leave the layers before the innermost part as they are, batch statistics included.
    """

    rate: float = 1e-3
    discriminator_rate: float = 1e-4
    warm_up: int = 200
    cool_down: float = 0.25
    average: float = 0.999
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long to train and what to tell about it.

    Attributes
    ----------
    batch
        Samples a step, over all processes together.
    steps
        The last step.
    precision
        ``"auto"`` computes in bfloat16 where the GPU has it.
    workers
        Processes that prepare samples; 0 prepares them in the training process.
    report_every, validate_every, save_every
        Steps between scalars, validations and checkpoints.
    save_minutes
        A checkpoint is also written when the last is this old.
    validation_samples
        How many fixed holes in held-out photographs are filled at a validation.
    measure
        What tells the best checkpoint.
    patience
        Stop after so many validations without a better one; 0 goes on to the end.
    """

    batch: int = 32
    steps: int = 100_000
    precision: Precision = "auto"
    workers: int = 0
    report_every: int = 50
    validate_every: int = 1000
    save_every: int = 1000
    save_minutes: float = 4.0
    validation_samples: int = 64
    measure: Measure = "psnr"
    patience: int = 0


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of a run; see the module."""

    seed: int = 0
    data: DataSettings = field(default_factory=DataSettings)
    masks: MaskSettings = field(default_factory=MaskSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    losses: LossSettings = field(default_factory=LossSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    run: RunSettings = field(default_factory=RunSettings)


def load(path: Path) -> Configuration:
    """Read a configuration from a TOML file; what it does not name has its default.

    Raises
    ------
    InputError
        When the file cannot be read, is no TOML, or names or values are wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The configuration {path} cannot be read: {error}.") from error
    return parse(text, str(path))


def parse(text: str, name: str = "the configuration") -> Configuration:
    """Read a configuration from TOML; see `load`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is no TOML: {error}.") from error
    return _updated(Configuration(), table, "")


def preset(name: str) -> Configuration:
    """Return one of the configurations that come with the engine.

    Raises
    ------
    InputError
        When there is none of this name; the message tells those there are.
    """
    names = presets()
    if name not in names:
        raise InputError(f"There is no preset {name!r}; the presets are {', '.join(names)}.")
    return load(PRESETS / f"{name}.toml")


def presets() -> tuple[str, ...]:
    """Return the names of the configurations that come with the engine."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


def change(configuration: Configuration, changes: Iterable[str]) -> Configuration:
    """Return the configuration with some values changed.

    Parameters
    ----------
    configuration
        Stays as it is.
    changes
        Each as ``table.key=value`` with the value in TOML, such as ``run.batch=8``; a text may go without
        quotes.

    Raises
    ------
    InputError
        When a change is not of that form or names no setting.
    """
    for text in changes:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InputError(f"A change of the configuration is written table.key=value, not {text!r}.")
        configuration = _updated(configuration, _table_of(name.strip(), value.strip()), "")
    return configuration


def dump(configuration: Configuration) -> str:
    """Write a configuration as TOML, every value named."""
    return "\n".join(_lines(configuration)) + "\n"


def _table_of(name: str, value: str) -> dict[str, Any]:
    try:
        content = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        content = value
    for key in reversed(name.split(".")):
        content = {key: content}
    table: dict[str, Any] = content
    return table


def _lines(settings: Any) -> Iterator[str]:
    nested = []
    for item in fields(settings):
        value = getattr(settings, item.name)
        if is_dataclass(value):
            nested.append((value, item.name))
        else:
            yield f"{item.name} = {json.dumps(value)}"
    for value, name in nested:
        yield f"\n[{name}]"
        yield from _lines(value)


def _updated(settings: Settings, table: Mapping[str, Any], where: str) -> Settings:
    """Return the dataclass with the values that the table names."""
    hints = get_type_hints(type(settings))
    changes: dict[str, Any] = {}
    for name, value in table.items():
        if name not in hints:
            known = ", ".join(f"{where}{other}" for other in hints)
            raise InputError(f"The configuration has no setting {where}{name}; there are {known}.")
        if is_dataclass(hints[name]):
            if not isinstance(value, Mapping):
                raise InputError(f"{where}{name} is a table of settings, not {value!r}.")
            changes[name] = _updated(getattr(settings, name), value, f"{where}{name}.")
        else:
            changes[name] = _checked(hints[name], value, f"{where}{name}")
    return replace(settings, **changes)  # type: ignore[type-var]  # always a dataclass


def _checked(hint: Any, value: object, name: str) -> object:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise InputError(f"{name} is one of {', '.join(get_args(hint))}; not {value!r}.")
        return value
    if hint is bool or isinstance(value, bool):
        if not (hint is bool and isinstance(value, bool)):
            raise InputError(f"{name} is {_WORDS[hint]}, not {value!r}.")
        return value
    fits = type(value) is hint or (hint is float and type(value) is int)
    if not fits or not 0 <= float(value) < float("inf"):  # type: ignore[arg-type]  # a number by now
        raise InputError(f"{name} is {_WORDS[hint]}, not {value!r}.")
    return hint(value)


_WORDS = {bool: "true or false", int: "a whole number, 0 or more", float: "a number, 0 or more"}
