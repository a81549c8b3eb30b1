"""Time and memory of fills by networks, beside the networks alone.

    python -m tests.benchmarks.deep_speed

The networks are of the published architectures, with random weights. Each case runs in a process of its own
with a folder of models of its own. Within each fill the network's time is told from that of all else. Seconds
are the processor's, of all threads, and the least of a few, since other programs only ever add to them. Of
memory the least peaks are compared, of a fill and of the network with its input in the same process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from inpaint_core import inpaint
from inpaint_core.deep import cards, store
from inpaint_core.deep.cards import Card, Contract, ImageInput, MaskInput, Output, Size, Weights
from inpaint_core.deep.contract import prepare
from inpaint_core.deep.network import open_session
from inpaint_core.deep.session import Session
from inpaint_core.geometry import Size as Extent
from inpaint_core.geometry import context_box
from inpaint_core.holes import bounding_box
from tests.benchmarks import networks
from tests.benchmarks.patch_speed import hole, peak, photograph

SIDE = 512
CONTRACTS = {
    "lama": Contract(
        ImageInput("image"),
        MaskInput("mask"),
        Output("output", 0.0, 255.0),
        Size(fixed=(SIDE, SIDE)),
        composites=True,
    ),
    "migan": Contract(
        ImageInput("input", black=-1.0, white=1.0, hole=0.0),
        MaskInput("input", hole=-0.5, known=0.5),
        Output("output", -1.0, 1.0),
        Size(fixed=(SIDE, SIDE)),
        packed="mask-image",
    ),
}
CASES = {
    "512 x 512, hole of 12 %, blend": ((SIDE, SIDE), 0.12, "blend"),
    "12 MP, hole of 2 %, patch": ((3000, 4000), 0.02, "patch"),
}


def install(folder, name):
    """Write a network with random weights and its card."""
    file = folder / f"{name}.onnx"
    {"lama": networks.lama, "migan": networks.migan}[name](file, SIDE)
    content = file.read_bytes()
    weights = Weights("none: random numbers", len(content), hashlib.sha256(content).hexdigest())
    card = Card(name, name, weights, CONTRACTS[name])
    (folder / f"{name}.toml").write_text(cards.dump(card), encoding="utf-8")


def fed(name):
    """Return the network's session and an input for it."""
    pixels, nothing = np.zeros((SIDE, SIDE, 3), np.float32), np.zeros((SIDE, SIDE), bool)
    session = open_session(store.find(name), "cpu", lambda: None)
    return session, prepare(CONTRACTS[name], pixels, nothing)


def measure(name, case, rounds):
    """Print the seconds of the first fill, of the network and around it, and bytes a pixel of the region."""
    shape, part, refine = CASES[case]
    image, mask = photograph("", shape), hole(shape, "block", part)
    image[mask] = 0
    small = np.zeros((64, 64), bool)
    small[20:40, 20:40] = True
    inpaint(image[:64, :64], small, "patch")  # compiles what is to be compiled
    inpaint(image[:64, :64], small, "harmonic")
    region = context_box(bounding_box(mask), Extent(*shape[::-1]))

    def fill():
        inpaint(image, mask, f"deep:{name}", refine=refine)

    inside = watch_network()
    first = clocks(fill)
    own, around = [], []
    for _ in range(rounds):
        inside.clear()
        whole = clocks(fill)
        own.append(np.sum(inside, axis=0))
        around.append(whole - own[-1])
    seconds = [np.min(times, axis=0).tolist() for times in (own, around)]
    session, feeds = fed(name)

    def network():
        session.run({key: array.copy() for key, array in feeds.items()}, release=refine == "patch")

    peaks = [min(peak_of(call) for _ in range(rounds)) for call in (network, fill)]
    bytes_a_pixel = (peaks[1] - peaks[0]) / (region.width * region.height)
    print(json.dumps([first[0], *seconds, bytes_a_pixel]))


def watch_network():
    """Return a list that is given what each run of a network takes, as of `clocks`."""
    taken, run = [], Session.run

    def watched(*arguments, **options):
        answers = []
        taken.append(clocks(lambda: answers.append(run(*arguments, **options))))
        return answers[0]

    Session.run = watched
    return taken


def clocks(call):
    """Return the seconds that a call takes of the processor, and by the clock."""
    begin = np.array([time.process_time(), time.perf_counter()])
    call()
    return np.array([time.process_time(), time.perf_counter()]) - begin


def peak_of(call):
    """Return the process's peak of memory during a call, in bytes."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    call()
    return peak()


def main():
    """Measure every case in its own process and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network", choices=CONTRACTS, help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        measure(arguments.network, arguments.case, arguments.rounds)
    else:
        print_table(arguments.rounds)


def print_table(rounds):
    """Measure all."""
    print(
        "| network | case | network, s | around it, s | ratio | by the clock | first fill, s "
        "| bytes a pixel above the network |\n|---|---|" + "---|" * 6
    )
    with tempfile.TemporaryDirectory() as folder:
        places = {"INPAINT_MODELS": folder, "XDG_CACHE_HOME": f"{folder}/cache"}

        def run(*arguments):
            command = [sys.executable, "-m", "tests.benchmarks.deep_speed", *arguments]
            done = subprocess.run(
                command, check=True, capture_output=True, text=True, env={**os.environ, **places}
            )
            return json.loads(done.stdout)

        for name in CONTRACTS:
            install(Path(folder), name)
            for case in CASES:
                first, own, around, memory = run("--network", name, "--case", case, "--rounds", str(rounds))
                ratios = [1.0 + more / least for more, least in zip(around, own, strict=True)]
                print(
                    f"| {name} | {case} | {own[0]:.2f} | {around[0]:.2f} | {ratios[0]:.2f} "
                    f"| {own[1]:.2f} + {around[1]:.2f} s, {ratios[1]:.2f} | {first:.2f} | {memory:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
