"""The door for the command line: ``inpaint``, also ``python -m inpaint_core``."""

import sys
from collections.abc import Sequence
from typing import NoReturn

from inpaint_core.cli.stopping import stopped, stopping_at_once
from inpaint_core.garbage import collect_seldom, spare_what_is_loaded


def run() -> NoReturn:
    """Be the program: run the command of this process, and end it."""
    collect_seldom()
    status = main()
    spare_what_is_loaded()
    sys.exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status; see `inpaint_core.cli.program`.

    Parameters
    ----------
    arguments
        What stands after the program's name; without it, those of this process.
    """
    try:
        with stopping_at_once():
            from inpaint_core.cli import program  # noqa: PLC0415 - it takes a while

        return program.main(arguments)
    except KeyboardInterrupt:
        return stopped()
