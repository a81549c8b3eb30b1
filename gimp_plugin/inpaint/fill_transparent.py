"""*Fill Transparent Areas…*: what is not opaque of a layer is filled."""

from __future__ import annotations

from array import array

from buffers import read
from document import find_place
from filling import Filling
from gi.repository import Gimp
from job import Job
from pixels import components, product
from refusal import Refusal
from target import Target, with_cover
from translation import _


def find_transparent(job: Job) -> Target:
    """Return the layer with its transparent pixels as the hole, those alone that are selected if any are.

    Raises
    ------
    Refusal
        When there are none.
    """
    target = find_place(job.image, job.drawables)
    encoding, whole = target.encoding, target.extent.box
    name = target.layer.get_name()
    if not encoding.alpha:
        raise Refusal(
            _("The layer “{name}” has no transparency, so there is nothing to fill.").format(name=name)
        )
    pixels = components(read(target.picture, whole, encoding.pixels), encoding.code)
    opaque = pixels[encoding.colours :: encoding.channels]
    full = encoding.full
    coverage = array(encoding.code, (0 if alpha >= full else full for alpha in opaque))
    place = components(read(target.cover, whole, encoding.coverage), encoding.code)
    found = with_cover(target, whole, product(memoryview(coverage), place, encoding).tobytes())
    if not found.hole:
        if not Gimp.Selection.is_empty(job.image):
            raise Refusal(
                _(
                    "Nothing of the layer “{name}” is transparent where it is selected. Select what is to be "
                    "filled, or nothing to fill all that is transparent."
                ).format(name=name)
            )
        raise Refusal(_("Nothing of the layer “{name}” is transparent.").format(name=name))
    return found


run = Filling(_("Fill Transparent Areas"), find_transparent).run
