"""Ask for what cannot be done, and write down the words and whether anything changed."""

import json
import struct
from pathlib import Path

from gi.repository import Gegl, Gimp
from scene import add_layer, answer, call, new_image, stock

PLUGIN = Path(Gimp.directory()) / "plug-ins" / "inpaint"


def main():
    answer(lambda: {name: case() for name, case in CASES.items()})


def refuse(image, drawables, run_mode=Gimp.RunMode.NONINTERACTIVE):
    before = stock(image)
    status, message, made = call(image, drawables, run_mode)
    return {
        "status": status,
        "message": message,
        "made": made is not None,
        "unchanged": before == stock(image),
    }


def scene():
    image = new_image(60, 50)
    layer = add_layer(image, "photo", 60, 50)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 20, 10, 10)
    return image, layer


def nothing_selected():
    image, layer = scene()
    Gimp.Selection.none(image)
    return refuse(image, [layer])


def everything_selected():
    image, layer = scene()
    Gimp.Selection.all(image)
    return refuse(image, [layer])


def selection_outside():
    image, _ = scene()
    layer = add_layer(image, "small", 10, 10, offset=(45, 35))
    return refuse(image, [layer])


def selection_around():
    image, _ = scene()
    layer = add_layer(image, "small", 4, 4, offset=(25, 25))
    image.select_rectangle(Gimp.ChannelOps.SUBTRACT, 24, 24, 6, 6)
    return refuse(image, [layer])


def group():
    image, _ = scene()
    group = Gimp.GroupLayer.new(image, "folder")
    image.insert_layer(group, None, 0)
    add_layer(image, "inside", 60, 50, parent=group)
    return refuse(image, [group])


def layer_mask():
    image, layer = scene()
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    return refuse(image, [layer.get_mask()])


def channel(name="saved"):
    image, _ = scene()
    channel = Gimp.Channel.new_from_component(image, Gimp.ChannelType.RED, name)
    image.insert_channel(channel, None, 0)
    return refuse(image, [channel])


def quick_mask():
    return channel("Qmask")


def several():
    image, layer = scene()
    return refuse(image, [layer, add_layer(image, "other", 60, 50)])


def none():
    image, _ = scene()
    return refuse(image, [])


def floating():
    image, layer = scene()
    Gimp.Selection.float(image, [layer], 3, 3)
    return refuse(image, [layer])


def empty():
    image, _ = scene()
    layer = add_layer(image, "empty", 60, 50, alpha=True, data=bytes(60 * 50 * 4))
    return refuse(image, [layer])


def one_pixel():
    image = new_image(1, 1)
    layer = add_layer(image, "dot", 1, 1)
    Gimp.Selection.all(image)
    return refuse(image, [layer])


def not_a_number():
    image = new_image(60, 50, precision=Gimp.Precision.FLOAT_NON_LINEAR)
    layer = add_layer(image, "photo", 60, 50)
    buffer = layer.get_buffer()
    buffer.set(Gegl.Rectangle.new(3, 4, 1, 1), "R'G'B' float", struct.pack("3f", float("nan"), 0, 0))
    buffer.flush()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 20, 10, 10)
    return refuse(image, [layer])


def no_display():
    image, layer = scene()
    return refuse(image, [layer], Gimp.RunMode.INTERACTIVE)


def pointer(text):
    """Put other words into engine.json for one run."""
    path = PLUGIN / "engine.json"
    kept = path.read_bytes()
    try:
        path.unlink()
        if text is not None:
            path.write_text(text)
        image, layer = scene()
        return refuse(image, [layer])
    finally:
        path.write_bytes(kept)


def other_version():
    engine = json.loads((PLUGIN / "engine.json").read_text())
    return pointer(json.dumps(engine | {"version": "0.0.1"}))


CASES = {
    "nothing selected": nothing_selected,
    "everything selected": everything_selected,
    "selection outside the layer": selection_outside,
    "selection around the layer": selection_around,
    "group": group,
    "layer mask": layer_mask,
    "channel": channel,
    "Quick Mask": quick_mask,
    "several layers": several,
    "no layer": none,
    "floating selection": floating,
    "empty layer": empty,
    "one pixel": one_pixel,
    "NaN": not_a_number,
    "no display": no_display,
    "engine.json missing": lambda: pointer(None),
    "engine.json damaged": lambda: pointer("{"),
    "engine gone": lambda: pointer('{"python": "/nowhere/bin/python", "version": "0.1.0"}'),
    "engine of another version": other_version,
}
