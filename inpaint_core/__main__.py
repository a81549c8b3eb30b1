"""``python -m inpaint_core`` is the same program as ``inpaint``."""

from inpaint_core.cli import run

if __name__ == "__main__":
    run()
