"""The fill by a network: asked about the holes, and finished at the photograph's own resolution."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.arrays import Bool, Float
from inpaint_core.classical.patch.fill import fill_patch
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
    unknown = hidden(image, hole, source)
    planned = plan(network.card.contract.size, unknown, hole)
    refine = options.refine
    if refine == "auto":
        refine = "patch" if planned.is_reduced or guide is not None else "blend"
    if guide is not None and refine == "patch":
        answer = guide
    else:
        answer = _ask(
            network,
            planned,
            image,
            hole,
            source,
            unknown=unknown,
            refine=refine,
            progress=within(progress, 0.0, NETWORK_END),
        )
    del unknown
    if refine == "off":
        return answer
    finishing = within(progress, NETWORK_END, 1.0)
    if refine == "patch":
        try:
            return fill_patch(
                image,
                hole,
                source,
                options=options.of_patches,
                seed=seed,
                progress=finishing,
                guide=answer,  # whose colours are brought to the rim there
                guessed=guide is None,
            )
        except NoSourceError:
            if options.refine == "patch":
                raise
    answer = seam.matched(image, hole, source, answer, finishing)
    return grain.added(image, hole, source, answer, seed)


def _ask(
    network: Network,
    planned: Plan,
    image: Float,
    hole: Bool,
    source: Bool,
    *,
    unknown: Bool,
    refine: str,
    progress: Progress,
) -> Float:
    """Return the network's answer in the holes; around them the picture, or nothing where patches go on."""
    window = planned.window.slices
    canvas = Canvas.of(image[window], source[window])
    count = len(canvas.pictures)
    answers = [
        predict(
            planned.within(planned.window),
            network,
            picture,
            unknown[window],
            match=refine != "off",
            detail=refine != "patch",  # patches look at the large structures alone
            release=refine == "patch",  # and need memory themselves
            progress=within(progress, number / count, (number + 1) / count),
        )
        for number, picture in enumerate(canvas.pictures)
    ]
    made = canvas.back(tuple(answers))
    answer = np.zeros_like(image) if refine == "patch" else image.copy()
    cv2.copyTo(made, hole[window].view(np.uint8), answer[window])
    return answer
