"""Fill in images of every kind, and write down what went in and what came out.

For each case: NAME.in (the whole layer), NAME.cover (its coverage), NAME.out (the new layer), and an entry
with the forms of these files.
"""

from gi.repository import Gimp
from scene import EXCHANGE, add_layer, answer, call, new_image, read, stock, texture, write

DEPTHS = ("u8", "u16", "u32", "half", "float", "double")
LIGHTS = ("linear", "non-linear", "perceptual")
KINDS = {"rgb": Gimp.ImageBaseType.RGB, "grey": Gimp.ImageBaseType.GRAY}
FOLDER = EXCHANGE / "fills"


def main():
    FOLDER.mkdir()
    answer(lambda: [*matrix(), *indexed(), *profiled(), *placed(), *selected(), *large()])


def matrix():
    for number, light in enumerate(LIGHTS):
        for depth in DEPTHS:
            precision = getattr(Gimp.Precision, f"{depth}-{light}".upper().replace("-", "_"))
            for kind, base in KINDS.items():
                # Perceptual stores the same as non-linear where there is no profile: half of them will do.
                for alpha in (False, True) if light != "perceptual" else (kind == "grey",):
                    image = new_image(72, 60, base, precision)
                    layer = add_layer(image, "photo", 72, 60, alpha=alpha, seed=number + 1)
                    if alpha:
                        fade(layer)
                    image.select_ellipse(Gimp.ChannelOps.REPLACE, 20, 16, 26, 22)
                    name = f"{depth}-{light}-{kind}{'-alpha' if alpha else ''}"
                    yield fill(
                        name, image, layer, depth, light, method="patch" if depth != "half" else "harmonic"
                    )


def fade(layer):
    """Make the layer partly transparent, in bands, so that alpha has something to be filled with."""
    width, height = layer.get_width(), layer.get_height()
    grey = layer.is_gray()
    data = bytearray(texture(width, height, 2 if grey else 4))
    step = 2 if grey else 4
    data[step - 1 :: step] = bytes(128 + (x % width) % 120 for x in range(width * height))
    write(layer, "Y'A u8" if grey else "R'G'B'A u8", bytes(data))


def indexed():
    for alpha in (False, True):
        image = new_image(72, 60)
        layer = add_layer(image, "photo", 72, 60, alpha=alpha)
        image.convert_indexed(
            Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 32, False, False, ""
        )
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 16, 26, 22)
        if alpha:
            Gimp.Selection.feather(image, 9)
        yield fill(f"indexed{'-feathered' if alpha else ''}", image, layer)


def profiled():
    for depth, wide in (("u8", True), ("u16", True), ("float", True), ("u8", False)):
        precision = getattr(Gimp.Precision, f"{depth}_NON_LINEAR".upper())
        image = new_image(72, 60, Gimp.ImageBaseType.RGB, precision)
        profile = Gimp.ColorProfile.new_rgb_adobe() if wide else Gimp.ColorProfile.new_rgb_srgb()
        image.set_color_profile(profile)
        layer = add_layer(image, "photo", 72, 60)
        image.select_ellipse(Gimp.ChannelOps.REPLACE, 20, 16, 26, 22)
        yield fill(f"{'wide' if wide else 'srgb'}-{depth}", image, layer, depth, "profiled")


def placed():
    image = new_image(100, 90)
    add_layer(image, "backdrop", 100, 90, seed=3)
    layer = add_layer(image, "offset", 70, 60, offset=(25, 17), seed=4)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 40, 30, 20, 20)
    yield fill("offset", image, layer)

    image = new_image(50, 40)
    layer = add_layer(image, "larger", 90, 80, offset=(-20, -15), seed=5)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 30, 20, 40, 40)
    yield fill("larger-than-canvas", image, layer)

    image = new_image(100, 90)
    layer = add_layer(image, "smaller", 40, 50, offset=(-10, 5), seed=6)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 15, 20, 60, 20)
    yield fill("selection-partly-outside-layer", image, layer)

    image = new_image(80, 70)
    add_layer(image, "backdrop", 80, 70)
    outer = Gimp.GroupLayer.new(image, "outer")
    image.insert_layer(outer, None, 0)
    inner = Gimp.GroupLayer.new(image, "inner")
    image.insert_layer(inner, outer, 0)
    add_layer(image, "sibling", 80, 70, parent=inner, seed=7)
    layer = add_layer(image, "photo", 80, 70, parent=inner, position=1, seed=8)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 30, 20, 20, 20)
    yield fill("in-groups", image, layer)

    image = new_image(1100, 700)
    layer = add_layer(image, "large", 1100, 700)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 700, 400, 30, 24)
    yield fill("far-from-the-borders", image, layer, method="patch")

    image = new_image(600, 80)
    data = bytearray(texture(600, 80, 4))
    for row in range(80):
        start = row * 600 * 4
        data[start + 3 : start + 420 * 4 + 3 : 4] = bytes(420)
    layer = add_layer(image, "nothing near", 600, 80, alpha=True, data=bytes(data))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 60, 30, 30, 24)
    yield fill("nothing-in-the-surroundings", image, layer, method="patch")


def selected():
    for depth in ("u8", "u16", "float"):
        precision = getattr(Gimp.Precision, f"{depth}_NON_LINEAR".upper())
        for alpha in (False, True):
            image = new_image(90, 80, Gimp.ImageBaseType.RGB, precision)
            layer = add_layer(image, "photo", 90, 80, alpha=alpha)
            if alpha:
                fade(layer)
            image.select_ellipse(Gimp.ChannelOps.REPLACE, 30, 20, 36, 36)
            Gimp.Selection.feather(image, 9)
            yield fill(f"feathered-{depth}{'-alpha' if alpha else ''}", image, layer, depth)

    image = new_image(160, 120)
    layer = add_layer(image, "photo", 160, 120)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 12, 12)
    image.select_ellipse(Gimp.ChannelOps.ADD, 120, 80, 20, 20)
    yield fill("two-holes", image, layer)

    image = new_image(60, 50)
    layer = add_layer(image, "photo", 60, 50)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 30, 20, 1, 1)
    yield fill("one-pixel", image, layer)

    image = new_image(60, 50)
    layer = add_layer(image, "photo", 60, 50)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 20, 14, 14)
    yield fill("again-1", image, layer, method="patch", seed=5)
    yield fill("again-2", image, layer, method="patch", seed=5)
    yield fill("again-3", image, layer, method="patch", seed=6)


def large():
    image = new_image(4000, 3000, precision=Gimp.Precision.U16_NON_LINEAR)
    layer = add_layer(image, "photo", 4000, 3000, data=texture(4000, 40, 3) * 75)
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 1700, 1200, 600, 500)
    yield fill("twelve-megapixels-deep", image, layer, "u16", method="deep")


def fill(name, image, layer, depth="u8", light="non-linear", **arguments):
    """Run one case, with everything written down that the test compares."""
    image.set_selected_layers([layer])
    model = "Y'" if layer.is_gray() else "R'G'B'"
    component = depth if depth in ("u8", "u16") and light in ("non-linear", "perceptual") else "float"
    whole = model + ("A " if layer.has_alpha() else " ") + component
    _, x, y = layer.get_offsets()
    size = [layer.get_width(), layer.get_height()]
    (FOLDER / f"{name}.in").write_bytes(read(layer, whole))
    (FOLDER / f"{name}.cover").write_bytes(read(image.get_selection(), "Y float", (x, y, *size)))
    before = stock(image)
    arguments.setdefault("method", "harmonic")
    status, message, made = call(image, [layer], **arguments)
    entry = {"name": name, "status": status, "message": message, "depth": depth, "light": light}
    if made is None:
        return entry
    linear = "Y" if layer.is_gray() else "RGB"
    (FOLDER / f"{name}.out").write_bytes(read(made, f"{model}A double"))
    (FOLDER / f"{name}.linear").write_bytes(read(made, f"{linear}A double"))
    siblings = image.get_layers() if layer.get_parent() is None else layer.get_parent().get_children()
    names = [item.get_id() for item in siblings]
    return entry | {
        "component": component,
        "size": size,
        "colours": 1 if layer.is_gray() else 3,
        "alpha": layer.has_alpha(),
        "arguments": arguments,
        "offset": [x, y],
        "made": {
            "name": made.get_name(),
            "offset": list(made.get_offsets())[1:],
            "size": [made.get_width(), made.get_height()],
            "above": names.index(layer.get_id()) - names.index(made.get_id()),
            "parent": made.get_parent() == layer.get_parent(),
            "has_alpha": made.has_alpha(),
        },
        "unchanged": before == stock(image, without=[made]),
    }
