"""What the person chose, as GIMP keeps it between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arguments import SOURCE_ARGUMENTS
from catalogue import Catalogue, Option, Value
from gi.repository import Gimp

COMMON = ("grow", "feather", "output")
"""What not every command offers."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where content is to come from: one of `arguments.SOURCES`, what that needs, and what to keep out of."""

    source: str = "auto"
    radius: int = 0
    layer: Gimp.Layer | None = None
    channel: Gimp.Channel | None = None
    exclusion: Gimp.Channel | None = None

    @property
    def is_usual(self) -> bool:
        """Whether nothing special is wished."""
        return self.source == "auto" and self.exclusion is None


@dataclass(frozen=True, slots=True)
class Choices:
    """The method's id, the seed and the method's own options; how the hole is widened; what is written.

    `grow` and `feather` are in pixels; `output` is one of `arguments.OUTPUTS`.
    """

    method: str
    seed: int
    options: Mapping[str, Value]
    grow: int = 0
    feather: float = 0.0
    output: str = "new-layer"
    wish: Wish = Wish()


def write_choices(chosen: Choices, config: Gimp.ProcedureConfig, catalogue: Catalogue) -> None:
    """Put into `config` how a fill was made; what is written stays as it is set there."""
    method = catalogue.find(chosen.method)
    values = {option.argument: chosen.options[option.name] for option in method.options}
    values |= {"method": chosen.method, "seed": chosen.seed, "grow": chosen.grow, "feather": chosen.feather}
    values |= {argument: getattr(chosen.wish, field) for field, argument in SOURCE_ARGUMENTS.items()}
    for name, value in values.items():
        if config.find_property(name) is not None:
            config.set_property(name, value)


def read_choices(config: Gimp.ProcedureConfig, catalogue: Catalogue) -> Choices:
    """Return the method that `config` names, the options which that method understands, and the rest."""
    method = catalogue.find(config.get_property("method"))
    return Choices(
        method.id,
        config.get_property("seed"),
        {option.name: _value(config, option) for option in method.options},
        wish=read_wish(config),
        **{name: config.get_property(name) for name in COMMON if config.find_property(name) is not None},
    )


def _value(config: Gimp.ProcedureConfig, option: Option) -> Value:
    """Return the value of an option; GIMP gives none for an empty text that nobody has set."""
    value = config.get_property(option.argument)
    return option.default if value is None else value


def read_wish(config: Gimp.ProcedureConfig) -> Wish:
    """Return where `config` says that content is to come from."""
    return Wish(**{field: config.get_property(argument) for field, argument in SOURCE_ARGUMENTS.items()})
