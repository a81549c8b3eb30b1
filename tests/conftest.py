"""How the suite is shared out among processes, where pytest-xdist does so."""

from __future__ import annotations

import re
from typing import Any

import pytest

SLOWEST = ("tests/gimp/", "tests/install/")
GIMP = re.compile(r"^tests/gimp/.*[\[-](3\.\d)[\]-]")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left alone with it."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOWEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file together, and all those of one GIMP: each is installed into once."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - it need not be installed

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            gimp = GIMP.match(nodeid)
            return f"GIMP {gimp[1]}" if gimp else nodeid.partition("::")[0]

    return Scheduling(config, log)
