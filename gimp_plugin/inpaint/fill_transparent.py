"""*Fill Transparent Areas…*: what is not opaque of a layer is filled."""

from __future__ import annotations

from array import array

from document import Refusal, Target, find_layer, read, with_cover
from filling import Filling
from job import Job


def find_transparent(job: Job) -> Target:
    """Return the layer with its transparent pixels as the hole.

    Raises
    ------
    Refusal
        When there are none.
    """
    target = find_layer(job.image, job.drawables)
    encoding, whole = target.encoding, target.extent.box
    name = target.layer.get_name()
    if not encoding.alpha:
        raise Refusal(f"The layer “{name}” has no transparency, so there is nothing to fill.")
    pixels = memoryview(read(target.picture, whole, encoding.pixels)).cast(encoding.code)
    opaque = pixels[encoding.colours :: encoding.channels]
    full = encoding.full
    coverage = array(encoding.code, (0 if alpha >= full else full for alpha in opaque))
    found = with_cover(target, whole, coverage.tobytes())
    if not found.hole:
        raise Refusal(f"Nothing of the layer “{name}” is transparent.")
    return found


run = Filling("Fill Transparent Areas", find_transparent).run
