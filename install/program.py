"""The program `python3 install`: its commands, and how it ends."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from install import check, device, installation, uninstall
from install.console import InstallError
from install.places import Places

DONE, FAILED, INTERRUPTED = 0, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console may lack “…”
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["test"]:
            from install import testing  # noqa: PLC0415 - needs POSIX, which no other command does

            return testing.main(given[1:])
        return _run(given)
    except InstallError as error:
        sys.stderr.write(f"\n{error}\n")
        return FAILED
    except OSError as error:
        sys.stderr.write(f"\n{error}. Run “python3 install check” to see what stands in the way.\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return INTERRUPTED


def _run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 install",
        description="Install GIMP Inpaint for the person who runs this.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("check", "uninstall", "test"),
        help="check: say what is wrong and what to do; uninstall: leave nothing behind but your models; "
        "test: run the tests (“test --help”); without it: install or upgrade",
    )
    parser.add_argument(
        "--gimp-dir", type=Path, metavar="DIR", help="GIMP's user folder, the one that holds plug-ins"
    )
    training = parser.add_mutually_exclusive_group()
    training.add_argument(
        "--with-train",
        action="store_true",
        default=None,
        help="install what “inpaint train” needs too: PyTorch, gigabytes; later installations keep it",
    )
    training.add_argument(
        "--without-train", action="store_false", dest="with_train", help="leave PyTorch out from now on"
    )
    parser.add_argument(
        "--device",
        choices=device.DEVICES,
        default="auto",
        help="what networks run on. auto: as the last time, else the processor (and CoreML on a Mac); cuda: "
        "an NVIDIA card, gigabytes to download; directml: any graphics card on Windows; openvino: Intel's",
    )
    parser.add_argument("--models", action="store_true", help="with uninstall: remove your models too")
    parsed = parser.parse_args(arguments)
    if parsed.models and parsed.command != "uninstall":
        parser.error("--models goes with uninstall")
    if parsed.command and (parsed.with_train is not None or parsed.device != "auto"):
        parser.error("--with-train, --without-train and --device go with installing alone")
    places = Places.here()
    if parsed.command == "check":
        return check.report(places, parsed.gimp_dir)
    if parsed.command == "uninstall":
        uninstall.uninstall(places, parsed.gimp_dir, models=parsed.models)
    else:
        installation.install(places, parsed.gimp_dir, train=parsed.with_train, device=parsed.device)
    return DONE
