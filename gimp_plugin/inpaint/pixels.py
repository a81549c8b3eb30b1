"""Raw pixels, put together without NumPy, which GIMP's Python lacks."""

from __future__ import annotations

from array import array

from encoding import Encoding
from geometry import Box
from region import Region
from wire import RawArray

Buffer = bytes | bytearray | memoryview


def with_coverage(region: Region, box: Box, answer: RawArray) -> bytes:
    """Return a part of what was filled, with alpha: the coverage times the alpha that was filled.

    Parameters
    ----------
    region
        The part of the layer that the engine was given.
    box
        The part of that region that is wanted, in the coordinates of ``region.box``.
    answer : (H, W) or (H, W, C)
        What the engine gave back for the region.
    """
    return _assemble(region, box, answer, covered=True)


def with_alpha(region: Region, box: Box, answer: RawArray) -> bytes:
    """Return the same part with the alpha that was filled alone: opaque where the layer has no alpha."""
    return _assemble(region, box, answer, covered=False)


def _assemble(region: Region, box: Box, answer: RawArray, *, covered: bool) -> bytes:
    encoding = region.encoding
    colours, channels = encoding.colours, encoding.channels
    filled = crop(answer.data, region.box, box, encoding.code, channels)
    alpha = filled[colours::channels] if encoding.alpha else _full(encoding, box.width * box.height)
    if covered:
        alpha = product(alpha, crop(region.coverage.data, region.box, box, encoding.code, 1), encoding)
    pixels = array(encoding.code, bytes(len(alpha) * (colours + 1) * alpha.itemsize))
    view = memoryview(pixels)
    for colour in range(colours):
        view[colour :: colours + 1] = filled[colour::channels]
    view[colours :: colours + 1] = alpha
    return pixels.tobytes()


def components(data: Buffer, code: str) -> memoryview:
    """Return pixels as a flat view of components, whose type `code` names as `array.array` does."""
    return memoryview(data).cast(code)  # type: ignore[call-overload, no-any-return]  # not a literal


def crop(data: Buffer, whole: Box, box: Box, code: str, channels: int) -> memoryview:
    """Cut `box` out of the pixels of the box `whole`, as a flat view of components."""
    pixel = channels * array(code).itemsize
    rows = memoryview(data).cast("B")
    left, width = box.x0 - whole.x0, whole.width
    starts = range(
        ((box.y0 - whole.y0) * width + left) * pixel, (box.y1 - whole.y0) * width * pixel, width * pixel
    )
    return components(b"".join(rows[start : start + box.width * pixel] for start in starts), code)


def product(first: memoryview, second: memoryview, encoding: Encoding) -> memoryview:
    """Multiply two flat views of components, each a part of `encoding.full`."""
    for one, other in ((first, second), (second, first)):
        if bytes(one) == bytes(_full(encoding, len(one))):
            return other
    if encoding.component == "float":
        return memoryview(array("f", map(float.__mul__, first, second)))
    full, half = encoding.full, encoding.full // 2
    products = ((a * b + half) // full for a, b in zip(first, second, strict=True))
    return memoryview(array(encoding.code, products))


def _full(encoding: Encoding, length: int) -> memoryview:
    return memoryview(array(encoding.code, [encoding.full]) * length)
