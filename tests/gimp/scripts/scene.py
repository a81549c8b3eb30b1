"""What the scripts that run inside GIMP share: making images, calling the plug-in, taking stock."""

import hashlib
import json
import os
import traceback
from pathlib import Path

import gi

gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
from gi.repository import Gegl, Gimp  # noqa: E402

EXCHANGE = Path(os.environ["EXCHANGE"])
PROCEDURE = "plug-in-inpaint-fill"


def answer(run):
    """Write what `run` returns, or how it failed, where the test reads it."""
    try:
        said = run()
    except Exception:
        said = {"failed": traceback.format_exc()}
    path = EXCHANGE / f"{os.environ['SCRIPT']}.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(said), encoding="utf-8")
    unfinished.rename(path)


def texture(width, height, channels, seed=1):
    """Return a picture with waves and grain, as bytes of uint8; alpha, if asked for, is opaque."""
    pixels = bytearray(width * height * channels)
    state, place = seed * 2654435761 & 0xFFFFFFFF, 0
    colours = channels if channels in (1, 3) else channels - 1
    for y in range(height):
        for x in range(width):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            grain = (state >> 24) // 8
            for colour in range(colours):
                wave = (x * (5 + colour) + y * (3 + 2 * colour)) % 160
                pixels[place + colour] = 30 + wave + grain
            if colours < channels:
                pixels[place + colours] = 255
            place += channels
    return bytes(pixels)


def new_image(width, height, kind=Gimp.ImageBaseType.RGB, precision=Gimp.Precision.U8_NON_LINEAR):
    return Gimp.Image.new_with_precision(width, height, kind, precision)


def add_layer(
    image, name, width, height, *, alpha=False, offset=(0, 0), parent=None, position=0, seed=1, data=None
):
    """Add a layer full of texture, or of `data` with the layer's own channels."""
    base = image.get_base_type()
    kinds = {
        Gimp.ImageBaseType.RGB: (Gimp.ImageType.RGB_IMAGE, Gimp.ImageType.RGBA_IMAGE, 3),
        Gimp.ImageBaseType.GRAY: (Gimp.ImageType.GRAY_IMAGE, Gimp.ImageType.GRAYA_IMAGE, 1),
    }
    opaque, transparent, colours = kinds[base]
    kind = transparent if alpha else opaque
    layer = Gimp.Layer.new(image, name, width, height, kind, 100, Gimp.LayerMode.NORMAL)
    model = ("R'G'B'" if colours == 3 else "Y'") + ("A" if alpha else "") + " u8"
    write(layer, model, data or texture(width, height, colours + alpha, seed))
    layer.set_offsets(*offset)
    image.insert_layer(layer, parent, position)
    return layer


def write(drawable, model, data, box=None):
    x, y, width, height = box or (0, 0, drawable.get_width(), drawable.get_height())
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(x, y, width, height), model, data)
    buffer.flush()
    drawable.update(x, y, width, height)


def read(drawable, model, box=None):
    x, y, width, height = box or (0, 0, drawable.get_width(), drawable.get_height())
    rectangle = Gegl.Rectangle.new(x, y, width, height)
    return bytes(drawable.get_buffer().get(rectangle, 1.0, model, Gegl.AbyssPolicy.NONE))


def call(image, drawables, run_mode=Gimp.RunMode.NONINTERACTIVE, name=PROCEDURE, **arguments):
    """Run one of the plug-in's procedures; return its status, its message, and the layer it gave back."""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    config.set_property("run-mode", run_mode)
    config.set_property("image", image)
    config.set_core_object_array("drawables", drawables)
    for argument, value in arguments.items():
        config.set_property(argument.replace("_", "-"), value)
    values = procedure.run(config)
    status = Gimp.PDBStatusType(int(values.index(0))).value_nick
    if status != "success":
        return status, str(Gimp.get_pdb().get_last_error()), None
    return status, "", values.index(1)


def items(image):
    """Return every layer of the image, those inside groups too, from the top down."""
    found, rest = [], list(image.get_layers())
    while rest:
        item = rest.pop(0)
        found.append(item)
        if item.is_group():
            rest = [*item.get_children(), *rest]
    return found


def stock(image, without=()):
    """Return everything that a fill must not change, pixels as hashes; layers `without` are left out."""
    skipped = {layer.get_id() for layer in without}
    return {
        "size": [image.get_width(), image.get_height()],
        "layers": [_layer(item) for item in items(image) if item.get_id() not in skipped],
        "selection": _digest(image.get_selection(), "Y double"),
        "channels": [[item.get_name(), _digest(item, "Y double")] for item in image.get_channels()],
        "active": [item.get_name() for item in image.get_selected_layers()],
        "paths": [item.get_name() for item in image.get_paths()],
        "buffers": list(Gimp.buffers_get_name_list("")),
        "clipboard": _clipboard(),
        "profile": image.get_color_profile() is not None,
    }


def _clipboard():
    pasted = Gimp.edit_paste_as_new_image()
    if pasted is None:
        return None
    content = [_digest(item, "RGBA double") for item in pasted.get_layers()]
    pasted.delete()
    return content


def _layer(item):
    mask = item.get_mask()
    facts = [
        item.get_name(),
        item.get_opacity(),
        item.get_mode().value_nick,
        item.get_visible(),
        item.get_color_tag().value_nick,
        list(item.get_offsets())[1:],
        [item.get_width(), item.get_height()],
        None if mask is None else _digest(mask, "Y double"),
        len(item.get_filters()),
    ]
    return facts if item.is_group() else [*facts, _digest(item, "RGBA double")]


def _digest(drawable, model):
    return hashlib.sha256(read(drawable, model)).hexdigest()


def projection(image):
    """Return what the person sees, as bytes of linear RGBA floats."""
    seen = Gimp.Layer.new_from_visible(image, image, "seen")
    image.insert_layer(seen, None, 0)
    data = read(seen, "RGBA float")
    image.remove_layer(seen)
    return data
