"""Pictures for the screen, made of raw pixels of 8 bits."""

from __future__ import annotations

from geometry import Size
from gi.repository import GdkPixbuf, GLib
from pixels import with_coverage
from region import Region
from sketch import Sketch
from wire import RawArray

CHECK_SIZE = 8
DARK, LIGHT = 0x666666, 0x999999
BLACK, WHITE = b"\x00\x00\x00\xff", b"\xff\xff\xff\xff"
TINT = b"\x20\xc0\x60\x00"
TINTED, LINED, HATCH = 60, 150, 10
"""Opacities of the tint and of the lines over it, 0…255, and pixels from one line to the next."""
DASH = 4
"""Pixels of one colour along the outline."""


def before(region: Region) -> GdkPixbuf.Pixbuf:
    """Return the picture as it is."""
    return _bitmap(region.pixels)


def after(sketch: Sketch) -> GdkPixbuf.Pixbuf:
    """Return the picture with the fill above it, as the new layer will lie."""
    region = sketch.region
    size = region.box.size
    data = with_coverage(region, region.box, sketch.result.image)
    channels = region.encoding.colours + 1
    fill = _bitmap(RawArray("uint8", (size.height, size.width, channels), data))
    picture = before(region)
    fill.composite(picture, 0, 0, size.width, size.height, 0, 0, 1, 1, GdkPixbuf.InterpType.NEAREST, 255)
    return picture


def outline(region: Region, apart: int = 0) -> GdkPixbuf.Pixbuf:
    """Return a picture, transparent but for a dashed line around what is to be filled.

    There are so many pixels between the two, or the line lies on the rim of what is filled.
    """
    width, height = region.box.width, region.box.height
    picture = bytearray(width * height * 4)
    for place in _rim(bytes(region.coverage.data), width, apart):
        x, y = place % width, place // width
        picture[place * 4 : place * 4 + 4] = BLACK if (x + y) // DASH % 2 else WHITE
    return _bitmap(RawArray("uint8", (height, width, 4), bytes(picture)))


def tint(sketch: Sketch) -> GdkPixbuf.Pixbuf:
    """Return a picture, transparent but where content may come from: green, with slanting lines."""
    width, height = sketch.region.box.width, sketch.region.box.height
    slants = bytes(LINED if place % HATCH < 2 else TINTED for place in range(width + HATCH))
    rows = b"".join(slants[y % HATCH : y % HATCH + width] for y in range(height))
    picture = bytearray(TINT * (width * height))
    area = sketch.result.area
    if area is not None:
        picture[3::4] = _within(rows, bytes(area.data))
    return _bitmap(RawArray("uint8", (height, width, 4), bytes(picture)))


def _within(values: bytes, mask: bytes) -> bytes:
    """Return the values where the mask is not zero, else zero: all at once, as the digits of one number."""
    filled = mask.translate(bytes(255 if value else 0 for value in range(256)))
    both = int.from_bytes(values, "little") & int.from_bytes(filled, "little")
    return both.to_bytes(len(values), "little")


def scale(picture: GdkPixbuf.Pixbuf, size: Size) -> GdkPixbuf.Pixbuf:
    """Return the picture in another size, transparency shown as a check pattern."""
    smooth = GdkPixbuf.InterpType.BILINEAR
    return picture.composite_color_simple(size.width, size.height, smooth, 255, CHECK_SIZE, DARK, LIGHT)


def lay_over(marks: GdkPixbuf.Pixbuf, picture: GdkPixbuf.Pixbuf) -> None:
    """Draw marks, enlarged to its size, over a picture."""
    width, height = picture.get_width(), picture.get_height()
    x, y = width / marks.get_width(), height / marks.get_height()
    marks.composite(picture, 0, 0, width, height, 0, 0, x, y, GdkPixbuf.InterpType.NEAREST, 255)


def _bitmap(raw: RawArray) -> GdkPixbuf.Pixbuf:
    height, width = raw.shape[:2]
    channels = raw.shape[2] if len(raw.shape) == 3 else 1
    data = bytes(raw.data) if channels > 2 else _coloured(bytes(raw.data), channels)
    alpha = channels in (2, 4)
    row = width * (4 if alpha else 3)
    shared = GLib.Bytes.new(data)
    colours = GdkPixbuf.Colorspace.RGB
    return GdkPixbuf.Pixbuf.new_from_bytes(shared, colours, alpha, 8, width, height, row).copy()


def _coloured(grey: bytes, channels: int) -> bytes:
    """Return grey pixels as red, green and blue, alpha kept."""
    wide = channels + 2
    picture = bytearray(len(grey) // channels * wide)
    for colour in range(3):
        picture[colour::wide] = grey[::channels]
    if channels == 2:
        picture[3::wide] = grey[1::channels]
    return bytes(picture)


def _rim(coverage: bytes, width: int, apart: int) -> list[int]:
    """Return the places of the pixels that are to be filled and have a neighbour that is not.

    With `apart`, of those that lie so much farther out. All pixels are compared at once, as the digits of one
    number.
    """
    covered = bytes(1 if value else 0 for value in range(256))
    hole = int.from_bytes(coverage.translate(covered), "little")
    for _ in range(apart + 1 if apart else 0):
        hole |= hole << 8 | hole >> 8 | hole << 8 * width | hole >> 8 * width
    hole &= (1 << 8 * len(coverage)) - 1
    inner = hole & hole << 8 & hole >> 8 & hole << 8 * width & hole >> 8 * width
    digits = (hole ^ inner).to_bytes(len(coverage), "little")
    places = []
    place = digits.find(1)
    while place >= 0:
        places.append(place)
        place = digits.find(1, place + 1)
    return places
