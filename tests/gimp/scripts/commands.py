"""Run every command but *Fill Selection…* without a dialog, and every way to write a fill."""

import json
import re
from pathlib import Path

from gi.repository import Gegl, Gimp
from scene import EXCHANGE, add_layer, answer, call, new_image, projection, read, stock, texture, write

FOLDER = EXCHANGE / "commands"
POINTER = Path(Gimp.directory()) / "plug-ins" / "inpaint" / "engine.json"
SIDE = 60
HOLE = (20, 15, 16, 12)


def main():
    FOLDER.mkdir()
    answer(
        lambda: {
            "outputs": {name: output(name, **settings) for name, settings in OUTPUTS.items()},
            "in parts": [in_parts(output) for output in ("new-layer", "layer-with-mask", "in-place")],
            "locked": locked(),
            "transparency locked": transparency_locked(),
            "transparent": transparent(),
            "transparent and selected": transparent_and_selected(),
            "uncrop": uncrop(),
            "nothing transparent": nothing_transparent(),
            "diagnose": diagnose(),
            "models": other("models", action="list"),
            "examples": examples(),
            "arguments": arguments(),
            "sources": sources(),
            "origins": {name: origin(**settings) for name, settings in ORIGINS.items()},
            "spots": spots(),
            "no such model": other("models", action="remove", model="nobody"),
        }
    )


OUTPUTS = {
    "new-layer": {"output": "new-layer"},
    "layer-with-mask": {"output": "layer-with-mask"},
    "in-place": {"output": "in-place"},
    "new-layer-wider": {"output": "new-layer", "grow": 3, "feather": 6.0},
    "in-place-wider": {"output": "in-place", "grow": 3, "feather": 6.0},
}


def picture(alpha=False, data=None):
    image = new_image(SIDE, SIDE)
    return image, add_layer(image, "photo", SIDE, SIDE, alpha=alpha, data=data)


def keep(name, image):
    (FOLDER / name).write_bytes(projection(image))


def output(name, **settings):
    """Fill a feathered selection, and keep what is seen before and after it."""
    image, layer = picture()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    Gimp.Selection.feather(image, 4)
    keep("before", image)
    before = stock(image, without=[layer])
    status, message, made = call(image, [layer], method="harmonic", **settings)
    unchanged = before == stock(image, without=[layer, made])
    keep(name, image)
    return {
        "status": status,
        "message": message,
        "same layer": made == layer,
        "size": [made.get_width(), made.get_height()],
        "mask": made.get_mask() is not None,
        "else unchanged": unchanged,
    }


def locked():
    image, layer = picture()
    layer.set_lock_content(True)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    return call(image, [layer], method="harmonic", output="in-place")[:2]


def transparency_locked():
    """Fill in place what is transparent of a layer whose transparency is locked, then what is opaque."""
    data = bytearray(texture(SIDE, SIDE, 4))
    data[3 :: 4 * SIDE] = bytes(SIDE)  # the first column
    image, layer = picture(alpha=True, data=bytes(data))
    layer.set_lock_alpha(True)
    in_place = {"method": "harmonic", "output": "in-place"}
    clear = call(image, [layer], name="plug-in-inpaint-transparent", **in_place)[:2]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    return [clear, call(image, [layer], **in_place)[:2]]


def transparent():
    """Fill a disc of half and full transparency."""
    data = bytearray(texture(SIDE, SIDE, 4))
    for y in range(SIDE):
        for x in range(SIDE):
            apart = (x - 30) ** 2 + (y - 25) ** 2
            data[(y * SIDE + x) * 4 + 3] = 0 if apart < 60 else 128 if apart < 90 else 255
    image, layer = picture(alpha=True, data=bytes(data))
    keep("holed", image)
    status, message, _ = call(image, [layer], name="plug-in-inpaint-transparent", method="harmonic")
    keep("mended", image)
    return [status, message]


def transparent_and_selected():
    """Fill the left one of two transparent squares, which is selected; then where nothing is transparent."""
    data = bytearray(texture(SIDE, SIDE, 4))
    for y in range(20, 30):
        for x in (*range(10, 20), *range(40, 50)):
            data[(y * SIDE + x) * 4 + 3] = 0
    image, layer = picture(alpha=True, data=bytes(data))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 30, SIDE)
    status, message, made = call(image, [layer], name="plug-in-inpaint-transparent", method="harmonic")
    place = [*list(made.get_offsets())[1:], made.get_width(), made.get_height()]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 40, 30, 10)
    refused = call(image, [layer], name="plug-in-inpaint-transparent", method="harmonic")
    return [status, message, place, refused[:2]]


def nothing_transparent():
    image, layer = picture()
    return call(image, [layer], name="plug-in-inpaint-transparent")[:2]


def uncrop():
    image, layer = picture()
    keep("cropped", image)
    sides = {"left": 10, "right": 0, "top": 4, "bottom": 20}
    status, message, _ = call(image, [layer], name="plug-in-inpaint-uncrop", method="patch", **sides)
    keep("uncropped", image)
    none = dict.fromkeys(sides, 0)
    refused = call(image, [image.get_layers()[0]], name="plug-in-inpaint-uncrop", **none)
    beyond, wide = picture()
    beyond.resize(SIDE - 40, SIDE - 40, -20, -20)
    covered = call(beyond, [wide], name="plug-in-inpaint-uncrop", **dict.fromkeys(sides, 5))
    return {
        "status": [status, message],
        "size": [image.get_width(), image.get_height()],
        "offset": list(layer.get_offsets())[1:],
        "nothing to do": refused[:2],
        "covered": covered[:2],
    }


def other(command, **arguments):
    """Call a command that needs no image; return its status, its message and its text."""
    procedure = Gimp.get_pdb().lookup_procedure(f"plug-in-inpaint-{command}")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    for name, value in arguments.items():
        config.set_property(name.replace("_", "-"), value)
    values = procedure.run(config)
    status = Gimp.PDBStatusType(int(values.index(0))).value_nick
    return [status, str(Gimp.get_pdb().get_last_error()), values.index(1) if status == "success" else ""]


def sources():
    """Fill where only what is far can be taken: within a radius, then from the whole layer."""
    data = bytearray(texture(SIDE, SIDE, 4))
    for y in range(SIDE):
        data[y * SIDE * 4 + 3 : (y * SIDE + 40) * 4 : 4] = bytes(40)
    image, layer = picture(alpha=True, data=bytes(data))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 8, 8)
    near = call(image, [layer], method="patch", source="radius", source_radius=5)
    whole = call(image, [layer], method="patch", source="whole")
    return [near[:2], whole[:2]]


RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)
ORIGINS = {
    "exclusion": {"exclusion_channel": "left"},
    "exclusion within a radius": {"source": "radius", "source_radius": 25, "exclusion_channel": "left"},
    "channel": {"source": "channel", "source_channel": "left"},
    "layer": {"source": "layer", "source_layer": "blue"},
    "all of it": {"hole": (0, 0, SIDE, SIDE), "source": "layer", "source_layer": "blue"},
    "visible": {"source": "visible"},
    "no layer": {"source": "layer"},
    "the layer itself": {"source": "layer", "source_layer": "photo"},
    "another image's": {"exclusion_channel": "elsewhere"},
}
"""Settings of `origin`; layers and channels by name."""


def origin(hole=HOLE, **settings):
    """Fill `hole` in a layer that is red left and green right; blue is below. Tell the colours."""
    image = new_image(SIDE, SIDE)
    below = add_layer(image, "blue", SIDE, SIDE, data=grainy(lambda _: BLUE))
    layer = add_layer(image, "photo", SIDE, SIDE, data=grainy(lambda x: RED if x < HOLE[0] + 8 else GREEN))
    layer.set_opacity(50 if settings.get("source") == "visible" else 100)
    left, elsewhere = channel(image, "left"), channel(new_image(SIDE, SIDE), "elsewhere")
    named = {"blue": below, "photo": layer, "left": left, "elsewhere": elsewhere}
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *hole)
    image.set_selected_layers([layer])
    before = stock(image)
    given = {name: named.get(value, value) for name, value in settings.items()}
    status, message, made = call(image, [layer], method="patch", **given)
    if made is None:
        return [status, message]
    seen = read(made, "R'G'B' u8")
    return {
        "status": status,
        "unchanged": before == stock(image, without=[made]),
        "least": [min(seen[colour::3]) for colour in range(3)],
        "most": [max(seen[colour::3]) for colour in range(3)],
        "opacity": made.get_opacity(),
    }


def grainy(paint):
    """Return a layer full of colours that depend on the column, with grain of 0 to 19 added."""
    return bytes(
        value + (x * 7 + y * 13 + x * y % 11) % 20
        for y in range(SIDE)
        for x in range(SIDE)
        for value in paint(x)
    )


def in_parts(output):
    """Fill a red square on green, then the middle of it once more; tell the red and green of that."""
    image = new_image(SIDE, SIDE)
    layer = add_layer(image, "photo", SIDE, SIDE, data=grainy(lambda _: GREEN))
    x, y, width, height = HOLE
    write(layer, "R'G'B' u8", bytes(RED) * (width * height), HOLE)
    image.set_selected_layers([layer])
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    call(image, [layer], method="patch", output=output)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, x + 4, y + 3, 8, 6)
    status, message, made = call(image, [layer], method="patch")
    pixels = b"" if made is None else read(made, "R'G'B' u8")
    return [status, message, [sum(pixels[colour::3]) * 3 // len(pixels) for colour in (0, 1)]]


def channel(image, name):
    """Add a channel that marks the columns left of the middle of the hole."""
    made = Gimp.Channel.new(image, name, SIDE, SIDE, 50, Gegl.Color.new("red"))
    image.insert_channel(made, None, 0)
    write(made, "Y' u8", (b"\xff" * (HOLE[0] + 8) + bytes(SIDE - HOLE[0] - 8)) * SIDE)
    return made


def spots():
    """Remove a light and a dark spot, of which one is selected; then both; then look where there is none."""
    data = bytearray(grainy(lambda _: (120, 120, 120)))
    for middle, value in ((15, 255), (45, 0)):
        for y in range(28, 32):
            for x in range(middle - 2, middle + 2):
                data[(y * SIDE + x) * 3 : (y * SIDE + x) * 3 + 3] = bytes([value] * 3)
    image, layer = picture(data=bytes(data))
    name = "plug-in-inpaint-spots"
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 30, SIDE)
    one = call(image, [layer], name=name)
    Gimp.Selection.none(image)
    both = call(image, [layer], name=name)
    made = both[2]
    seen = read(made, "R'G'B'A u8")
    shown = [seen[place] for place in range(0, len(seen), 4) if seen[place + 3] == 255]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, SIDE, 10)
    return {
        "one": [*one[:2], *list(one[2].get_offsets())[1:], one[2].get_width(), one[2].get_height()],
        "both": [*both[:2], min(shown), max(shown), len(shown)],
        "none": call(image, [layer], name=name)[:2],
    }


def examples():
    """Run the examples of docs/SCRIPTING.md; return how many there are and what the last one named."""
    text = (EXCHANGE / "download" / "docs" / "SCRIPTING.md").read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    image, layer = picture()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    names = {"Gimp": Gimp, "json": json, "image": image, "layer": layer, "print": str}
    for example in found:
        exec(compile(example, "SCRIPTING.md", "exec"), names)  # noqa: S102 - our own text
    (scheme,) = re.findall(r"```scheme\n(.*?)```", text, re.DOTALL)
    image, layer = picture()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-script-fu-eval")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("script", f"(define image {image.get_id()}) (define layer {layer.get_id()}) {scheme}")
    procedure.run(config)
    return [len(found), image.get_layers()[0].get_name()]


def arguments():
    """Return every argument of every command, numbers with their limits, choices with what can be chosen."""
    found = {}
    names = Gimp.get_pdb().query_procedures("plug-in-inpaint", *[""] * 7)
    for procedure in map(Gimp.get_pdb().lookup_procedure, names):
        for argument in procedure.get_arguments():
            values = [str(getattr(argument, limit, "")) for limit in ("minimum", "maximum")]
            if argument.__gtype__.name == "GimpParamChoice":
                values = Gimp.param_spec_choice_get_choice(argument).list_nicks()
            found[argument.name] = list(filter(None, values))
    return found


def diagnose():
    """Diagnose an engine that is well, one that is gone, one that is broken, and one of another version."""
    told = [other("diagnose")[2]]
    kept = POINTER.read_bytes()
    other_version = json.dumps(json.loads(kept) | {"version": "9.9"})
    for broken in (None, '{"python": "/bin/false", "version": "0.1.0"}', other_version):
        try:
            POINTER.unlink()
            if broken is not None:
                POINTER.write_text(broken)
            told.append(other("diagnose")[2])
        finally:
            POINTER.write_bytes(kept)
    return told
