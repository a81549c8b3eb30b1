"""The fill by a network: asked about the holes, and finished at the photograph's own resolution."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.fill import fill_patch
from inpaint_core.classical.patch.options import PatchOptions
from inpaint_core.cores import within
from inpaint_core.deep import store
from inpaint_core.deep.network import Network, open_network
from inpaint_core.deep.regions import Plan, plan, predict
from inpaint_core.errors import NoSourceError
from inpaint_core.progress import Progress
from inpaint_core.refine import grain, seam
from inpaint_core.refine.canvas import Canvas, hidden
from inpaint_core.refine.options import DeepOptions

NETWORK_END = 0.7
"""The part of the time that is over when the network has answered."""


def fill_deep(
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: DeepOptions,
    seed: int,
    progress: Progress,
    device: str = "auto",
    guide: Float | None = None,
) -> Float:
    """Fill `hole` with what a network makes up; see `methods.Fill`.

    A `guide` stands for the network's answer where patches finish it: a preview of that answer, mostly.

    Raises
    ------
    InputError
        When no model is installed, or not the one that is named, or the device is not offered.
    FillError
        When the network cannot be run.
    """
    network = open_network(store.choose(options.model), device)
    return fill_with(network, image, hole, source, options=options, seed=seed, progress=progress, guide=guide)


def fill_with(
    network: Network,
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    options: DeepOptions,
    seed: int,
    progress: Progress,
    guide: Float | None = None,
) -> Float:
    """Fill `hole` with the answer of a network, as `fill_deep` does."""
    unknown = hidden(image, hole, source)
    planned = plan(network.card.contract.size, unknown, hole)
    refine = options.refine
    if refine == "auto":
        refine = "patch" if planned.is_reduced or guide is not None else "blend"
    if guide is not None and refine == "patch":
        answer = guide
    else:
        window = planned.window.slices
        made = _ask(
            network,
            planned.within(planned.window),
            Canvas.of(image[window], source[window]),
            unknown[window],
            finished_by_patches=refine == "patch",
            match=refine != "off",
            progress=within(progress, 0.0, NETWORK_END),
        )
        answer = np.zeros_like(image) if refine == "patch" else image.copy()
        cv2.copyTo(made, hole[window].view(np.uint8), answer[window])
        del made
    del unknown
    if refine == "off":
        return answer
    if refine == "patch":
        try:
            return fill_patch(
                image,
                hole,
                source,
                options=PatchOptions(
                    patch_size=options.patch_size,
                    quality=options.quality,
                    adapt_brightness=options.adapt_brightness,
                    adapt=options.adapt,
                ),
                seed=seed,
                progress=within(progress, NETWORK_END, 1.0),
                guide=answer,  # whose colours are brought to the rim there
                guessed=guide is None,
            )
        except NoSourceError:
            if options.refine == "patch":
                raise
    answer = seam.matched(image, hole, source, answer, within(progress, NETWORK_END, 1.0))
    return grain.added(image, hole, source, answer, seed)


def _ask(
    network: Network,
    planned: Plan,
    canvas: Canvas,
    unknown: Bool,
    *,
    match: bool,
    finished_by_patches: bool,
    progress: Progress,
) -> Float:
    """Return the network's answer for every picture of the canvas."""
    answers = []
    for number, picture in enumerate(canvas.pictures):
        count = len(canvas.pictures)
        answers.append(
            predict(
                planned,
                network,
                picture,
                unknown,
                match=match,
                detail=not finished_by_patches,  # patches look at the large structures alone
                release=finished_by_patches,  # and need memory themselves
                progress=within(progress, number / count, (number + 1) / count),
            )
        )
    return canvas.back(tuple(answers))
