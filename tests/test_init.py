"""The public face: its names, and the example in its docstring."""

from __future__ import annotations

import doctest
import tomllib
from pathlib import Path

import inpaint_core
from inpaint_core import errors


def test_exports_exactly_these_names() -> None:
    assert sorted(inpaint_core.__all__) == [
        "Cancelled",
        "FillError",
        "InpaintError",
        "InpaintWarning",
        "InputError",
        "Method",
        "NoSourceError",
        "Option",
        "__version__",
        "describe",
        "find_spots",
        "inpaint",
        "methods",
    ]
    assert all(hasattr(inpaint_core, name) for name in inpaint_core.__all__)


def test_every_error_is_of_the_family_and_drawn_in_its_docstring() -> None:
    defined = {
        item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)
    } - {errors.InpaintWarning}
    assert all(issubclass(item, errors.InpaintError) for item in defined)
    assert all(item.__name__ in errors.__doc__ for item in defined)


def test_the_example_in_the_docstring_runs() -> None:
    failed, attempted = doctest.testmod(inpaint_core)
    assert attempted > 0
    assert failed == 0


def test_the_changelog_knows_the_version_or_has_an_unreleased_part() -> None:
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["version"]["path"] == "inpaint_core/__init__.py"
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{inpaint_core.__version__}]" in changelog or "## [Unreleased]" in changelog
