"""``python -m inpaint_core`` is the same program as ``inpaint``."""

import sys

from inpaint_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
