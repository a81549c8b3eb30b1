"""`python3 install`: put GIMP Inpaint onto this machine. This file parses on a Python that is too old."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the point is to say so
    sys.stderr.write(
        "GIMP Inpaint needs Python 3.11 or newer; this is Python %d.%d. "  # noqa: UP031
        "Install a newer one, and run this again with it.\n" % sys.version_info[:2]
    )
    sys.exit(2)

from os.path import abspath, dirname

if __name__ == "__main__":
    sys.path[0] = dirname(dirname(abspath(__file__)))  # noqa: PTH100, PTH120
    sys.dont_write_bytecode = True  # the checkout stays as it is

    from install.program import main

    sys.exit(main())
