"""A test run that had no GIMP says so; the project's own checks must have had one."""

from __future__ import annotations

import os

import pytest
from conftest import PLACES


def test_the_checks_have_a_real_gimp_3_0() -> None:
    if os.environ.get("CI") != "true":
        pytest.skip("only the project's own checks (CI=true) must have a GIMP 3.0")
    assert os.environ.get(PLACES["3.0"]), f"there is no GIMP 3.0: {PLACES['3.0']} is not set"
