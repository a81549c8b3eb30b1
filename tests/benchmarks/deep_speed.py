"""Time and memory of fills by networks, beside the networks alone.

    python -m tests.benchmarks.deep_speed

The networks are of the published architectures, with random weights. Each case runs in a process of its own
with a folder of models of its own. Seconds are the processor's, of all threads: the least of a few, network
and fill in turn, since other programs only ever add to them; the ratio by the clock is of the least, too.
Memory is the peak above the process with its input, the least of a few processes.
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
from inpaint_core.geometry import Size as Extent
from inpaint_core.geometry import context_box
from inpaint_core.holes import bounding_box
from tests.benchmarks import networks
from tests.benchmarks.patch_speed import hole, peak, photograph

SIDE = 512
PROCESSES = 3
"""In so many the memory is measured."""

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
    "512 x 512, blend": ((SIDE, SIDE), 0.05, "blend"),
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


def rise(call):
    """Return by how many bytes the process's peak rises."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    call()
    return peak() - before


def measure_alone(name):
    """Print what opening and running the network takes, in bytes."""

    def run():
        session, feeds = fed(name)
        session.run(feeds)

    print(json.dumps(rise(run)))


def measure(name, case, rounds):
    """Print what the network, the first and the next fills take, in seconds and in bytes of a region."""
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

    begin = time.process_time()
    memory = rise(fill)
    cold = time.process_time() - begin
    session, feeds = fed(name)
    release = refine == "patch"
    own, whole = [], []
    for _ in range(rounds):
        own.append(clocks(lambda: session.run(feeds, release=release)))
        whole.append(clocks(fill))
    print(
        json.dumps([*np.min(own, axis=0), *np.min(whole, axis=0), cold, memory, region.width * region.height])
    )


def clocks(call):
    """Return the seconds of the processor and of the clock that a call takes."""
    begin = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - begin[0], time.perf_counter() - begin[1]


def main():
    """Measure every case in its own process and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network", choices=CONTRACTS, help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        measure(arguments.network, arguments.case, arguments.rounds)
    elif arguments.network:
        measure_alone(arguments.network)
    else:
        print_table(arguments.rounds)


def print_table(rounds):
    """Measure all."""
    print(
        "| network | case | network, s | first fill, s | next fill, s | above the network, s | ratio "
        "| ratio by the clock | network, MB | bytes a pixel above it |\n|---|---|" + "---|" * 8
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
            run("--network", name)  # keeps the optimised graph
            alone = min(run("--network", name) for _ in range(PROCESSES))
            for case in CASES:
                answers = [
                    run("--network", name, "--case", case, "--rounds", str(rounds if first else 1))
                    for first in (True, *[False] * (PROCESSES - 1))
                ]
                own, own_clock, whole, clock, cold, _, region = answers[0]
                memory = min(answer[-2] for answer in answers)
                print(
                    f"| {name} | {case} | {own:.2f} | {cold:.2f} | {whole:.2f} | {whole - own:.2f} "
                    f"| {whole / own:.3f} | {clock / own_clock:.3f} | {alone / 1e6:.0f} "
                    f"| {(memory - alone) / region:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
