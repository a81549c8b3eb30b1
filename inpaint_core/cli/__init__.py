"""The door for the command line: ``inpaint``, also ``python -m inpaint_core``."""

from inpaint_core.cli.program import main

__all__ = ["main"]
