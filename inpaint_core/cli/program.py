"""The program ``inpaint``: its commands, and how it ends.

Exit status: 0 done; 2 wrong usage or input; 1 the work failed; 130 stopped by Ctrl-C. Whatever goes wrong is
one line on standard error.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from inpaint_core import InpaintError, InputError, __version__
from inpaint_core.cli.stopping import stopping_at_once
from inpaint_core.errors import words_for

COMMANDS = ("fill", "batch", "spots", "methods", "models", "train", "export", "doctor")
"""Each is a module of this package."""

DONE, FAILED, WRONG_INPUT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    Parameters
    ----------
    arguments
        What stands after the program's name; without it, those of this process.
    """
    _make_streams_safe()
    try:
        return _run(arguments)
    except BrokenPipeError:
        return _leave_broken_pipe()
    except InputError as error:
        return _complain(str(error), WRONG_INPUT)
    except InpaintError as error:
        return _complain(str(error), FAILED)
    except OSError as error:
        return _complain(words_for(error), FAILED)
    except MemoryError:
        return _complain(
            "There is not enough memory. Fill a smaller picture, or close other programs.", FAILED
        )


def build_parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of these commands; only their modules are imported."""
    parser = _Parser(
        prog="inpaint",
        description="Fill parts of a picture so that nobody sees they were filled.",
        epilog="Exit status: 0 done, 2 wrong usage or input, 1 failed, 130 stopped by Ctrl-C.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"inpaint {__version__}")
    group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in commands:
        command = import_module(f"inpaint_core.cli.{name}")
        ours = group.add_parser(
            name, help=command.SUMMARY, description=command.DESCRIPTION, allow_abbrev=False
        )
        command.add_arguments(ours)
        ours.set_defaults(run=command.run)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and where to read more."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"inpaint: {message}; see {self.prog} --help\n")


def _run(arguments: Sequence[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    commands = words[:1] if words and words[0] in COMMANDS else COMMANDS
    with stopping_at_once():
        parser = build_parser(commands)
    parsed = parser.parse_args(words)
    status: int = parsed.run(parsed)
    sys.stdout.flush()
    return status


def _make_streams_safe() -> None:
    """Have somewhere to write to where a stream is closed, and no character that cannot be written."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for good
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _complain(sentence: str, status: int) -> int:
    sys.stderr.write(f"inpaint: {' '.join(sentence.split())}\n")
    return status


def _leave_broken_pipe() -> int:
    """Let the interpreter's last flush find a place: whoever read our output is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
