"""Imports point down, and importing the package stays light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = (
    ("inpaint_core.errors",),
    (
        "inpaint_core.geometry",
        "inpaint_core.wire",
        "inpaint_core.places",
        "inpaint_core.progress",
        "inpaint_core.garbage",
    ),
    ("inpaint_core.cores", "inpaint_core.explanation"),
    ("inpaint_core.arrays", "inpaint_core.options", "inpaint_core.jit"),
    ("inpaint_core.holes", "inpaint_core.composite"),
    ("inpaint_core.source", "inpaint_core.spots", "inpaint_core.agreement"),
    ("inpaint_core.classical", "inpaint_core.deep", "inpaint_core.evaluation"),
    ("inpaint_core.training",),
    ("inpaint_core.refine",),
    ("inpaint_core.methods",),
    ("inpaint_core.auto",),
    ("inpaint_core.passes",),
    ("inpaint_core.reference",),
    ("inpaint_core.fill",),
    ("inpaint_core",),
    ("inpaint_core.picture_files",),
    ("inpaint_core.cli", "inpaint_core.answering"),
    ("inpaint_core.worker",),
    ("inpaint_core.resident",),
    ("inpaint_core.__main__",),
)
"""From the ground up; a module imports its own row (its own package, that is) and those before it."""

STANDARD_LIBRARY_ONLY = ("inpaint_core/wire.py", "inpaint_core/geometry.py")
PLACED_BY_INSTALL = {"wire", "geometry"}
SOCKET_FILES = {"resident.py", "engine_line.py", "engine_resident.py"}
HEAVY = {"cv2", "numba", "numpy", "onnxruntime", "torch", "scipy", "skimage"}


def python_files(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            for alias in node.names:
                below = ROOT.joinpath(*node.module.split("."), alias.name)
                is_module = below.with_suffix(".py").exists() or below.is_dir()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def layer(module: str) -> tuple[int, str]:
    """Return the height of a module's row and the entry of it that the module belongs to."""
    found = [
        (len(name), height, name)
        for height, row in enumerate(LAYERS)
        for name in row
        if module == name or (name != "inpaint_core" and module.startswith(f"{name}."))
    ]
    assert found, f"{module} has no place in the layers: give it one here and in docs/ARCHITECTURE.md"
    _, height, name = max(found)
    return height, name


@pytest.mark.parametrize("path", python_files("inpaint_core"), ids=module_of)
def test_imports_point_down(path: Path) -> None:
    height, name = layer(module_of(path))
    for target in imported(path):
        if target.split(".")[0] != "inpaint_core":
            continue
        target_height, target_name = layer(target)
        assert target_height < height or target_name == name, (
            f"{path} imports {target}, which is not below it"
        )


@pytest.mark.parametrize("name", STANDARD_LIBRARY_ONLY)
def test_what_is_placed_beside_the_plug_in_needs_the_standard_library_alone(name: str) -> None:
    tops = {target.split(".")[0] for target in imported(ROOT / name)}
    assert tops <= sys.stdlib_module_names


@pytest.mark.parametrize("path", python_files("install"), ids=module_of)
def test_install_needs_the_standard_library_and_its_own_files_alone(path: Path) -> None:
    own = {file.stem for file in python_files("install")} | {"install"} | PLACED_BY_INSTALL
    tops = {target.split(".")[0] for target in imported(path)}
    assert tops <= sys.stdlib_module_names | own


@pytest.mark.parametrize("path", python_files("gimp_plugin"), ids=module_of)
def test_the_plug_in_needs_the_standard_library_gi_and_its_own_files_alone(path: Path) -> None:
    own = {file.stem for file in python_files("gimp_plugin")} | PLACED_BY_INSTALL | {"gi"}
    tops = {target.split(".")[0] for target in imported(path)}
    assert tops <= sys.stdlib_module_names | own


def test_only_the_models_and_training_know_torch_and_onnxruntime() -> None:
    for path in python_files("inpaint_core"):
        tops = {target.split(".")[0] for target in imported(path)}
        folder = path.relative_to(ROOT / "inpaint_core").parts[0]
        assert "torch" not in tops or folder in {"training", "priors"}, path
        assert "onnxruntime" not in tops or path.name == "session.py", path


def test_only_fetching_knows_the_network() -> None:
    """What speaks with the resident engine knows sockets that are files, and no others."""
    network = {"requests", "pooch", "urllib3", "http", "socket", "socketserver", "ftplib", "asyncio"}
    for path in [*python_files("inpaint_core"), *python_files("gimp_plugin")]:
        targets = set(imported(path))
        reaches = {target.split(".")[0] for target in targets} & network or "urllib.request" in targets
        if path.name in SOCKET_FILES:
            reaches = set(re.findall(r"AF_\w+|create_\w+", path.read_text(encoding="utf-8"))) - {"AF_UNIX"}
        assert not reaches or path.name == "fetching.py", path


@pytest.mark.parametrize(
    "statement", ["import inpaint_core", "import inpaint_core.cli", "import inpaint_core.worker"]
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys; {statement}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert done.stdout.strip() == ""
