"""What a person whose language is not English is shown: labels, the name of a layer, an error."""

import gettext

from gi.repository import Gimp
from scene import PROCEDURE, add_layer, answer, call, new_image

OF_GIMP = ("_OK", "_Cancel", "_Reset", "_Load Saved Settings", "_Save Settings")


def main():
    answer(lambda: labels() | fills() | {"buttons": {name: buttons(name) for name in ("de", "fr", "zh_CN")}})


def buttons(language):
    """Return what GIMP writes on the buttons of every procedure's dialog."""
    catalogue = gettext.translation("gimp30-libgimp", Gimp.locale_directory(), [language])
    return {label: catalogue.gettext(label) for label in OF_GIMP}


def labels():
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    method, quality = (procedure.find_argument(name) for name in ("method", "quality"))
    return {
        "menu": procedure.get_menu_label(),
        "method": [method.get_nick(), method.get_blurb()],
        "quality": quality.get_nick(),
    }


def fills():
    image = new_image(60, 60)
    layer = add_layer(image, "photo", 60, 60)
    _, refusal, _ = call(image, [layer])
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 15, 16, 12)
    _, _, made = call(image, [layer], method="harmonic", seed=3)
    return {"refusal": refusal, "layer": made.get_name()}
