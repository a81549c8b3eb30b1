"""What a person whose language is not English is shown: labels, the name of a layer, an error."""

from gi.repository import Gimp
from scene import PROCEDURE, add_layer, answer, call, new_image


def main():
    answer(lambda: labels() | fills())


def labels():
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    method, quality = (procedure.find_argument(name) for name in ("method", "quality"))
    return {
        "menu": procedure.get_menu_label(),
        "method": [method.get_nick(), method.get_blurb()],
        "quality": quality.get_nick().replace("_", ""),
    }


def fills():
    image = new_image(60, 60)
    layer = add_layer(image, "photo", 60, 60)
    _, refusal, _ = call(image, [layer])
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 15, 16, 12)
    _, _, made = call(image, [layer], method="harmonic", seed=3)
    return {"refusal": refusal, "layer": made.get_name()}
