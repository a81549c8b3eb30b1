"""``inpaint methods``: what can fill, and what can be set.

The GIMP plug-in makes its procedure's arguments and its dialog from what ``--json`` prints.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from typing import Any

from inpaint_core import Option, __version__, describe, methods
from inpaint_core.fill import MAX_SEED
from inpaint_core.spots import SpotOptions

SUMMARY = "list the methods and their options"
DESCRIPTION = "List the methods that can fill, and the options of each with their ranges and defaults."
WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--json", action="store_true", help="for programs: JSON on standard output")


def run(parsed: argparse.Namespace) -> int:
    """Print the methods."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) if parsed.json else listing()
    sys.stdout.write(f"{text}\n")
    return 0


def document() -> dict[str, Any]:
    """Return the methods, their options and the range of the seed, ready for JSON."""
    return {
        "version": __version__,
        "methods": [
            {
                "id": method.id,
                "title": method.title,
                "description": method.description,
                "guided": method.guided,
                "chance": method.chance,
                "grow": method.grow,
                "options": [_option_document(option) for option in describe(method.options)],
            }
            for method in methods()
        ],
        "seed": {"default": 0, "low": 0, "high": MAX_SEED},
        "spots": {"options": [_option_document(option) for option in describe(SpotOptions)]},
    }


def _option_document(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "kind": option.kind.__name__,
        "default": option.default,
        "title": option.title,
        "help": option.help,
        "low": option.low,
        "high": option.high,
        "choices": list(option.choices),
        "advanced": option.advanced,
    }


def listing() -> str:
    """Return the methods and their options for a person to read."""
    lines: list[str] = []
    for method in methods():
        lines.append(f"{method.id}: {method.title}")
        lines += _indent(method.description, 4)
        for option in describe(method.options):
            lines += _indent(f"{flag(option)}  {option.help} ({valid(option)})", 4)
        lines.append("")
    return "\n".join(lines).rstrip()


def _indent(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * columns, subsequent_indent=" " * (columns + 2))


def flag(option: Option) -> str:
    """Return the option's name on the command line."""
    return "--" + option.name.replace("_", "-")


def valid(option: Option) -> str:
    """Return the values that an option takes and its default, in words."""
    if option.kind is bool:
        return f"on or off; {'on' if option.default else 'off'} if not given"
    if option.kind is str and not option.choices:
        return f"a text; {option.default or 'empty'} if not given"
    if option.choices:
        return f"{', '.join(option.choices)}; {option.default} if not given"
    return f"{option.low:g} to {option.high:g}; {option.default:g} if not given"
