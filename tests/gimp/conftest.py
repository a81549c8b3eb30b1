"""The real GIMPs that the tests drive, each installed into once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from host import SYSTEM, Gimp

PLACES = {"3.0": "INPAINT_GIMP_3_0", "3.2": "INPAINT_GIMP_3_2"}
"""For each GIMP the variable that names its root folder, or says ``system``."""


@pytest.fixture(scope="session", params=list(PLACES))
def gimp(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Gimp:
    """A GIMP into which `python3 install` has put the plug-in and its engine."""
    version = request.param
    place = os.environ.get(PLACES[version])
    if not place:
        pytest.skip(f"there is no GIMP {version} here: {PLACES[version]} is not set")
    root = None if place == SYSTEM else Path(place)
    found = Gimp(version, root, tmp_path_factory.mktemp(f"gimp-{version}"))
    found.install()
    return found
