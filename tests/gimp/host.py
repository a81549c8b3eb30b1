"""A real GIMP to test with: inside a Debian root folder, or the system's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from install.sandbox import USER, Bind, command

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).resolve().parent / "scripts"
SYSTEM = "system"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "*cache*", "shared", "build", "dist")

SETTINGS = {
    "gimprc": "(show-welcome-dialog no)\n(check-updates no)\n(save-session-info no)\n",
    "shortcutsrc": '(file-version 1)\n(action "plug-in-inpaint-fill" "<Primary><Alt>i")\n',
}
"""Files of GIMP's user folder, by name."""


@dataclass(slots=True)
class Gimp:
    """A GIMP of one minor version, with a home of its own that starts empty.

    Files are exchanged through a folder: `exchange` on this side, `inside` for programs beside GIMP.
    """

    version: str
    root: Path | None
    scratch: Path
    words: str = ""
    """What GIMP printed during the last script, messages to the person among it."""
    _binds: list[Bind] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Make the home, the exchange folder and a temporary folder."""
        for folder in (self.home, self.exchange, self.scratch / "tmp"):
            folder.mkdir(parents=True)
        (self.scratch / "tmp").chmod(0o1777)
        if self.root is not None:
            self._binds = [
                Bind(self.home, f"/home/{USER}", read_only=False),
                Bind(self.exchange, "/exchange", read_only=False),
                Bind(self.scratch / "tmp", "/tmp", read_only=False),  # noqa: S108 - the root's own
            ]
        self._give_away(self.home)
        self._give_away(self.exchange)

    @property
    def home(self) -> Path:
        """The user's home, as this side sees it."""
        return self.scratch / "home"

    @property
    def exchange(self) -> Path:
        """The folder for exchange, as this side sees it."""
        return self.scratch / "exchange"

    @property
    def inside(self) -> str:
        """The folder for exchange, as GIMP sees it."""
        return str(self.exchange) if self.root is None else "/exchange"

    @property
    def plugin(self) -> Path:
        """Where the installer puts the plug-in, as this side sees it."""
        return self.home / ".config" / "GIMP" / self.version / "plug-ins" / "inpaint"

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program beside GIMP as an ordinary user; nothing it starts outlives it in a sandbox."""
        settings = {"EXCHANGE": self.inside, "NO_AT_BRIDGE": "1", **(env or {})}
        if self.root is None:
            own = {
                name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))
            }
            outer: dict[str, str] | None = {**own, "HOME": str(self.home), **settings}
            words = list(argv)
        else:
            outer, words = None, command(self.root, argv, binds=self._binds, env=settings, cwd=cwd)
        return subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=outer,
            cwd=cwd if self.root is None else None,
            timeout=timeout,
            check=False,
        )

    def install(self) -> str:
        """Run `python3 install` from a copy of this checkout, and return what it printed."""
        source = self.exchange / "download"
        shutil.copytree(CHECKOUT, source, ignore=NOT_COPIED)
        self._give_away(source)
        done = self.run(["python3", "install"], timeout=540, cwd=f"{self.inside}/download")
        if done.returncode != 0:
            raise AssertionError(f"python3 install failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def batch(self, script: str, *, timeout: float = 600, **env: str) -> Any:
        """Run ``scripts/<script>.py`` in GIMP without a display, and return the JSON it answered."""
        return self._ask(["gimp-console", "-id"], script, timeout, env)

    def on_screen(self, script: str, *, timeout: float = 600, **env: str) -> Any:
        """Run a script in full GIMP on a virtual screen with a window manager."""
        self._write_settings()
        program = [
            "xvfb-run",
            "-a",
            "-s",
            "-screen 0 1280x900x24",
            "sh",
            "-c",
            'openbox & exec "$@"',
            "screen",
        ]
        return self._ask([*program, "gimp", "-d", "--new-instance", "--no-splash"], script, timeout, env)

    def engine(self, script: str, *, timeout: float = 300) -> str:
        """Run ``scripts/<script>.py`` with the Python of the installed engine."""
        python = json.loads((self.plugin / "engine.json").read_text())["python"]
        self._bring_scripts()
        done = self.run([python, "-I", f"{self.inside}/scripts/{script}.py", self.inside], timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _ask(self, program: list[str], script: str, timeout: float, env: Mapping[str, str]) -> Any:
        self._bring_scripts()
        answer = self.exchange / f"{script}.json"
        answer.unlink(missing_ok=True)
        path = f"{self.inside}/scripts"
        line = f"import sys; sys.path.insert(0, {path!r}); import {script}; {script}.main()"
        argv = [*program, "--batch-interpreter=python-fu-eval", "-b", line, "--quit"]
        try:
            done = self.run(argv, timeout=timeout, env={"SCRIPT": script, **env})
            self.words = f"{done.stdout}\n{done.stderr}"
        except subprocess.TimeoutExpired as error:
            self.words = f"no end within {timeout} s; it had said {error.stdout!r} {error.stderr!r}"
        if not answer.exists():
            said = textwrap.indent(self.words[-8000:], "  ")
            raise AssertionError(f"GIMP {self.version} gave no answer to {script}:\n{said}")
        return json.loads(answer.read_text(encoding="utf-8"))

    def _bring_scripts(self) -> None:
        shutil.copytree(SCRIPTS, self.exchange / "scripts", dirs_exist_ok=True)

    def _write_settings(self) -> None:
        """Keep the welcome dialog and the session's old windows away, and give the fill a shortcut key."""
        folder = self.plugin.parents[1]
        for name, text in SETTINGS.items():
            if not (folder / name).exists():
                (folder / name).write_text(text)
                self._give_away(folder / name)

    def _give_away(self, folder: Path) -> None:
        """Let the ordinary user of a sandbox own what was made here."""
        if self.root is not None:
            passwd = (self.root / "etc/passwd").read_text().splitlines()
            identity = next(line.split(":")[2:4] for line in passwd if line.startswith(f"{USER}:"))
            owner, group = (int(number) for number in identity)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, group, follow_symlinks=False)
