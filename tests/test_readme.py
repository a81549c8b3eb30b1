"""What README.md promises is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inpaint_core import describe, methods

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_method_table_is_the_list_of_methods() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \|$", README, re.MULTILINE)
    assert [(name, text) for name, text, _ in rows] == [(each.id, each.description) for each in methods()]


def test_the_method_table_names_every_option() -> None:
    for method in methods():
        row = next(line for line in README.splitlines() if line.startswith(f"| `{method.id}` |"))
        named = set(re.findall(r"`(\w+)`", row.split("|")[3]))
        options = {option.name for option in describe(method.options)}
        assert named in (options, {"patch"})


def test_the_python_example_runs() -> None:
    examples = [code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Gimp" not in code]
    assert len(examples) == 1
    exec(compile(examples[0], "README.md", "exec"), {})  # noqa: S102 - our own text


@pytest.mark.parametrize(
    "page", ["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_link_to_a_file_leads_to_one(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
