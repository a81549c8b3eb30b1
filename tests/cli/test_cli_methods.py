"""``inpaint methods`` tells people and programs what can fill."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from inpaint_core import __version__, describe, methods
from inpaint_core.cli import main
from inpaint_core.fill import MAX_SEED


def test_json_is_the_whole_definition(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == __version__
    assert document["seed"] == {"default": 0, "low": 0, "high": MAX_SEED}
    assert [entry["id"] for entry in document["methods"]] == [method.id for method in methods()]
    for entry, method in zip(document["methods"], methods(), strict=True):
        assert entry["title"] == method.title
        assert entry["description"] == method.description
        assert entry["guided"] == method.guided
        assert (entry["chance"], entry["grow"]) == (method.chance, method.grow)
        assert entry["options"] == [
            {
                "name": option.name,
                "kind": option.kind.__name__,
                "default": option.default,
                "title": option.title,
                "help": option.help,
                "low": option.low,
                "high": option.high,
                "choices": list(option.choices),
                "advanced": option.advanced,
            }
            for option in describe(method.options)
        ]


def test_the_list_names_every_method_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods"]) == 0
    text = capsys.readouterr().out
    for method in methods():
        assert f"{method.id}: {method.title}" in text
        for option in describe(method.options):
            assert f"--{option.name.replace('_', '-')}" in text


def test_a_closed_or_narrow_output_is_no_fault() -> None:
    """As from a shell's ``>&-``, and in a terminal without curly quotes."""
    words = "import sys; sys.stdout = None; from inpaint_core.cli import main; sys.exit(main(['methods']))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    show = [sys.executable, "-m", "inpaint_core", "models", "show", "structure"]
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(show, capture_output=True, check=False, env=narrow)
    assert (done.returncode, done.stderr) == (0, b"")
