"""What the person chose, as GIMP keeps it between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arguments import RADIUS
from catalogue import Catalogue, Value
from gi.repository import Gimp

COMMON = ("grow", "feather", "output")
"""What not every command offers."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The method's id, the seed and the method's own options; how the hole is widened; what is written.

    `grow` and `feather` are in pixels; `output` is one of `arguments.OUTPUTS`. `source` is ``"auto"``,
    ``"whole"``, or how many pixels from the hole content may come from.
    """

    method: str
    seed: int
    options: Mapping[str, Value]
    grow: int = 0
    feather: float = 0.0
    output: str = "new-layer"
    source: str | float = "auto"


def write_choices(chosen: Choices, config: Gimp.ProcedureConfig, catalogue: Catalogue) -> None:
    """Put into `config` how a fill was made; what is written stays as it is set there."""
    method = catalogue.find(chosen.method)
    values = {option.argument: chosen.options[option.name] for option in method.options}
    values |= {"method": chosen.method, "seed": chosen.seed, "grow": chosen.grow, "feather": chosen.feather}
    if isinstance(chosen.source, str):
        values |= {"source": chosen.source}
    else:
        values |= {"source": RADIUS, "source-radius": int(chosen.source)}
    for name, value in values.items():
        if config.find_property(name) is not None:
            config.set_property(name, value)


def read_choices(config: Gimp.ProcedureConfig, catalogue: Catalogue) -> Choices:
    """Return the method that `config` names, the options which that method understands, and the rest."""
    method = catalogue.find(config.get_property("method"))
    return Choices(
        method.id,
        config.get_property("seed"),
        {option.name: config.get_property(option.argument) for option in method.options},
        source=_read_source(config),
        **{name: config.get_property(name) for name in COMMON if config.find_property(name) is not None},
    )


def _read_source(config: Gimp.ProcedureConfig) -> str | float:
    source = str(config.get_property("source"))
    return float(config.get_property("source-radius")) if source == RADIUS else source
