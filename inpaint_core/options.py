"""A method's options: one typed dataclass, from which every door makes its own form.

Each field carries its help and range; Python callers, the command line, the worker and GIMP's dialog all
read this one definition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar, cast, get_args, get_type_hints

from inpaint_core.errors import InputError

Value = bool | int | float | str
Options = TypeVar("Options")

MAX_TEXT = 100
"""Characters of a free text."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option as a door sees it.

    `kind` is the Python type of the value; numbers lie in ``low <= value <= high``; text is one of
    `choices` or, where there are none, free: one line of at most `MAX_TEXT` characters.
    """

    name: str
    kind: type[bool | int | float | str]
    default: Value
    title: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False

    def check(self, value: object) -> Value:
        """Return `value` as `kind`, or raise `InputError` with the values that are valid."""
        value = _plain(value)
        if self.kind is bool:
            if isinstance(value, bool):
                return value
            raise InputError(f"The option {self.name} is either true or false, not {value!r}.")
        if self.kind is str and not self.choices:
            if isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable():
                return value
            raise InputError(
                f"The option {self.name} is one line of at most {MAX_TEXT} characters, not {value!r}."
            )
        if self.kind is str:
            if isinstance(value, str) and value in self.choices:
                return str(value)
            raise InputError(f"The option {self.name} is one of {', '.join(self.choices)}; not {value!r}.")
        return self._number(value)

    def _number(self, value: object) -> int | float:
        low, high = self._limits()
        wanted = "a whole number" if self.kind is int else "a number"
        sentence = f"The option {self.name} is {wanted} from {low:g} to {high:g}, not {value!r}."
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise InputError(sentence)
        try:
            number = float(cast("float", value))
        except (TypeError, ValueError, OverflowError):
            raise InputError(sentence) from None
        if not math.isfinite(number) or not low <= number <= high:
            raise InputError(sentence)
        if self.kind is int:
            if number != int(number):
                raise InputError(sentence)
            return int(number)
        return number

    def _limits(self) -> tuple[float, float]:
        if self.low is None or self.high is None:
            raise TypeError(f"the option {self.name} is a number without a range")
        return self.low, self.high


def _plain(value: object) -> object:
    """Return a scalar of NumPy as Python's own; NumPy itself is not imported for it."""
    is_scalar = getattr(value, "shape", None) == () and hasattr(value, "item")
    return cast("Any", value).item() if is_scalar else value


def option(
    default: Value,
    title: str,
    text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    advanced: bool = False,
) -> Any:
    """Declare one field of an options dataclass.

    Parameters
    ----------
    default
        The value when nothing is said; its type is that of the option.
    title, text
        The label in a dialog, and the sentence that explains it (tooltip, ``--help``, documentation).
    low, high
        The range of a number, both included. A text option takes its choices from its ``Literal`` type, and
        is free where it is a ``str``.
    advanced
        Whether few people need it; a dialog shows it only when asked for more.
    """
    metadata = {"title": title, "help": text, "low": low, "high": high, "advanced": advanced}
    return field(default=default, metadata=metadata)


def describe(options: type) -> tuple[Option, ...]:
    """Return what an options dataclass declares, in its order."""
    hints = get_type_hints(options)
    return tuple(_describe(item, hints[item.name]) for item in fields(options))


def _describe(item: Field[Any], hint: Any) -> Option:
    if item.default is MISSING or "help" not in item.metadata:
        raise TypeError(f"{item.name} is not declared with option()")
    choices = () if isinstance(hint, type) else tuple(get_args(hint))
    return Option(
        name=item.name,
        kind=str if choices else hint,
        default=item.default,
        title=item.metadata["title"],
        help=item.metadata["help"],
        low=item.metadata["low"],
        high=item.metadata["high"],
        choices=choices,
        advanced=item.metadata["advanced"],
    )


def parse(options: type[Options], values: Mapping[str, object], method: str) -> Options:
    """Build the options of `method` from loose values.

    Raises
    ------
    InputError
        For a name that the method does not know, or a value outside its range.
    """
    known = {item.name: item for item in describe(options)}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        offered = f"its options are {', '.join(known)}" if known else "it has none"
        raise InputError(f"The method {method} has no option {unknown[0]}; {offered}.")
    return options(**{name: known[name].check(value) for name, value in values.items()})
