"""What the person sees before and after a fill, for layers with modes, opacities, masks and live filters.

NAME.before and NAME.after are the projections; the entry tells what the new layer took over.
"""

from gi.repository import Gimp, Gio
from scene import EXCHANGE, add_layer, answer, call, new_image, projection, read, stock, write

WIDTH, HEIGHT = 90, 80
HOLE = (30, 24, 28, 26)
FOLDER = EXCHANGE / "looks"


def main():
    FOLDER.mkdir()
    answer(lambda: [run(name, dress) for name, dress in CASES.items()])


def run(name, dress):
    image = new_image(WIDTH, HEIGHT)
    add_layer(image, "backdrop", WIDTH, HEIGHT, seed=9)
    layer = add_layer(image, "photo", WIDTH, HEIGHT)
    layer = dress(image, layer) or layer
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *HOLE)
    image.set_selected_layers([layer])
    Gimp.edit_copy([layer])
    before = stock(image)
    assert before["clipboard"]
    (FOLDER / f"{name}.before").write_bytes(projection(image))
    image.set_selected_layers([layer])
    status, message, made = call(image, [layer], method="harmonic")
    entry = {"name": name, "status": status, "message": message}
    if made is None:
        return entry
    entry |= {
        "unchanged": before == stock(image, without=[made]),
        "source": traits(layer),
        "made": traits(made),
        "kind": type(layer).__name__,
    }
    (FOLDER / f"{name}.after").write_bytes(projection(image))
    return entry


def traits(layer):
    mask = layer.get_mask()
    return {
        "mode": layer.get_mode().value_nick,
        "opacity": layer.get_opacity(),
        "tag": layer.get_color_tag().value_nick,
        "visible": layer.get_visible(),
        "spaces": [
            layer.get_blend_space().value_nick,
            layer.get_composite_space().value_nick,
            layer.get_composite_mode().value_nick,
        ],
        "mask": None if mask is None else list(read(mask, "Y u8")),
        "filters": [
            [
                live.get_operation_name(),
                live.get_opacity(),
                live.get_visible(),
                live.get_blend_mode().value_nick,
            ]
            for live in layer.get_filters()
        ],
        "offset": list(layer.get_offsets())[1:],
        "size": [layer.get_width(), layer.get_height()],
    }


def mode(name, opacity=100.0):
    def dress(_, layer):
        layer.set_mode(getattr(Gimp.LayerMode, name))
        layer.set_opacity(opacity)
        layer.set_color_tag(Gimp.ColorTag.VIOLET)

    return dress


def spaces(_, layer):
    layer.set_mode(Gimp.LayerMode.NORMAL)
    layer.set_blend_space(Gimp.LayerColorSpace.RGB_LINEAR)
    layer.set_composite_mode(Gimp.LayerCompositeMode.CLIP_TO_BACKDROP)


def mask(left, right):
    """A mask with one value left of the hole's middle and another right of it."""

    def dress(_, layer):
        made = layer.create_mask(Gimp.AddMaskType.WHITE)
        middle = HOLE[0] + HOLE[2] // 2
        write(made, "Y u8", (bytes([left]) * middle + bytes([right]) * (WIDTH - middle)) * HEIGHT)
        layer.add_mask(made)

    return dress


def mask_off(image, layer):
    mask(255, 0)(image, layer)
    layer.set_apply_mask(False)


def live(*operations, opacity=1.0):
    def dress(_, layer):
        for operation, settings in operations:
            made = Gimp.DrawableFilter.new(layer, operation, operation)
            config = made.get_config()
            for name, value in settings.items():
                config.set_property(name, value)
            made.set_opacity(opacity)
            layer.append_filter(made)
            made.update()

    return dress


def internal_filter(image, layer):
    """A filter of GIMP's own. GIMP 3.0.4 lets no script make one (it crashes), so there it is left out."""
    if (Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION) >= (3, 2):
        live(("gimp:brightness-contrast", {"brightness": 0.3}))(image, layer)


def hidden(_, layer):
    layer.set_visible(False)


def hidden_group(image, layer):
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    group.set_visible(False)


def locked(_, layer):
    layer.set_lock_content(True)
    layer.set_lock_position(True)
    layer.set_lock_visibility(True)


def locked_group(image, layer):
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    group.set_lock_content(True)
    group.set_lock_position(True)


def text(image, _):
    layer = Gimp.TextLayer.new(image, "inpaint", Gimp.context_get_font(), 40, Gimp.Unit.pixel())
    image.insert_layer(layer, None, 0)
    return layer


def link(image, _):
    file = Gio.File.new_for_path(str(FOLDER / "linked.png"))
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
    layer = Gimp.LinkLayer.new(image, file)
    image.insert_layer(layer, None, 0)
    return layer


def vector(image, _):
    path = Gimp.Path.new(image, "shape")
    image.insert_path(path, None, 0)
    path.bezier_stroke_new_ellipse(55, 45, 25, 20, 0.0)
    layer = Gimp.VectorLayer.new(image, path)
    image.insert_layer(layer, None, 0)
    layer.refresh()
    return layer


CASES = {
    "normal": mode("NORMAL"),
    "half-opaque": mode("NORMAL", 50.0),
    "multiply": mode("MULTIPLY"),
    "screen-legacy": mode("SCREEN_LEGACY", 70.0),
    "overlay": mode("OVERLAY", 60.0),
    "difference": mode("DIFFERENCE"),
    "luminance": mode("LCH_LIGHTNESS"),
    "spaces": spaces,
    "mask": mask(255, 0),
    "mask-half": mask(255, 128),
    "mask-white": mask(255, 255),
    "mask-off": mask_off,
    "filter": live(("gegl:exposure", {"exposure": 1.0})),
    "filters": live(("gegl:exposure", {"exposure": 0.5}), ("gegl:saturation", {"scale": 0.2}), opacity=0.5),
    "blur": live(("gegl:gaussian-blur", {"std-dev-x": 4.0, "std-dev-y": 4.0})),
    "internal-filter": internal_filter,
    "hidden": hidden,
    "hidden-group": hidden_group,
    "locked": locked,
    "locked-group": locked_group,
    "text": text,
}
if hasattr(Gimp, "LinkLayer"):  # from GIMP 3.2 on
    CASES |= {"link": link, "vector": vector}
