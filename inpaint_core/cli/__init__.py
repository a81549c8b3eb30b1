"""The door for the command line: ``inpaint``, also ``python -m inpaint_core``."""

from collections.abc import Sequence

from inpaint_core.cli.stopping import stopped, stopping_at_once


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
