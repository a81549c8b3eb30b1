"""How the suite is shared out among processes (`--dist=loadgroup`)."""

from __future__ import annotations

import pytest

SLOWEST = ("tests/gimp/", "tests/install/")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and those of a GIMP; begin with what takes longest."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        gimp = callspec.params.get("gimp") if callspec else None
        item.add_marker(pytest.mark.xdist_group(f"GIMP {gimp}" if gimp else item.path.name))
    items.sort(key=lambda item: not item.nodeid.startswith(SLOWEST))
