"""The plug-in's own modules that need no GIMP, loaded into the test's process."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = ("wire", "translation", "engine_place", "engine_line", "engine_resident", "engine")


def make_folder(parent: Path) -> Path:
    """Return a plug-in folder as the installer makes it, but for the engine."""
    made = parent / "inpaint"
    shutil.copytree(CHECKOUT / "gimp_plugin" / "inpaint", made, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "inpaint_core" / "wire.py", made)
    return made


@contextmanager
def loaded(folder: Path) -> Iterator[ModuleType]:
    """Lend the module `engine` of a plug-in folder; the others it needs are in its namespace's modules."""
    kept = {name: sys.modules.pop(name, None) for name in MODULES}
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("engine")
    finally:
        sys.path.remove(str(folder))
        for name, former in kept.items():
            sys.modules.pop(name, None)
            if former is not None:
                sys.modules[name] = former
