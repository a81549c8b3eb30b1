"""Kernels are kept where a place is writable; where none is, a fill works all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import inpaint_core

TINY = """
from inpaint_core import jit

@jit.kernel("int64(int64)")
def double(x):
    return 2 * x
"""

USE_TINY = """
import sys, warnings
warnings.simplefilter("always")
if "full" in sys.argv:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
import tiny
assert tiny.double(21) == 42
tiny.jit.warn_if_not_kept()
tiny.jit.warn_if_not_kept()
"""

FILL = """
import warnings
import numpy as np
from inpaint_core import InpaintWarning, inpaint
image = np.tile(np.uint8([[0, 90], [180, 255]]), (16, 16))
mask = np.zeros(image.shape, bool)
mask[10:18, 12:22] = True
with warnings.catch_warnings(record=True) as notices:
    warnings.simplefilter("always")
    for turn in range(2):
        assert (inpaint(np.where(mask, 0, image).astype(np.uint8), mask, "patch") == image).all()
print(*[f"{n.category.__name__}: {n.message}" for n in notices], sep="\\n")
"""


@pytest.fixture
def package(tmp_path):
    """Return a folder with a copy of the package and of a tiny module with one kernel."""
    shutil.copytree(
        Path(inpaint_core.__file__).parent,
        tmp_path / "inpaint_core",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (tmp_path / "tiny.py").write_text(TINY)
    return tmp_path


def run(folder, code, *arguments, home=None):
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home or folder),
        "XDG_CACHE_HOME": str(home or folder),
        "LOCALAPPDATA": str(home or folder),
    }
    environment.pop("NUMBA_CACHE_DIR", None)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip


def kept(folder):
    return sorted(path.name for path in folder.rglob("*.nbc"))


def test_a_kernel_is_kept_without_a_word(package):
    assert run(package, USE_TINY).stderr == ""
    first = kept(package)
    assert len(first) == 1
    assert first[0].startswith("tiny.double")
    assert run(package, USE_TINY).stderr == ""
    assert kept(package) == first


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_full_disk_costs_a_notice_only(package):
    shown = run(package, USE_TINY, "full").stderr
    assert shown.count("InpaintWarning") == 1
    assert "could not be kept on disk" in shown


def test_where_no_place_is_writable_a_fill_compiles_in_memory(package):
    for folder in [package / "inpaint_core", *(package / "inpaint_core").rglob("*")]:
        if folder.is_dir():
            (folder / "__pycache__").write_text("a file where the folder should be; it stops root too")
    shown = run(package, FILL, home=package / "inpaint_core" / "__pycache__" / "none").stdout.splitlines()
    assert len(shown) == 1
    assert shown[0].startswith("InpaintWarning: The compiled kernels could not be kept on disk")
    assert kept(package) == []
