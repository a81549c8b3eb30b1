"""The commands that the plug-in offers: what GIMP shows of each, and where its function is."""

from __future__ import annotations

from dataclasses import dataclass

from translation import _

MENU = "<Image>/Filters/Inpaint"


@dataclass(frozen=True, slots=True)
class Command:
    """A procedure; its module's ``run`` is imported when it is called.

    `arguments` names the groups of arguments that it has, see `arguments.GROUPS`. A command that fills works
    on a layer and returns one; the others need no image and return a text.
    """

    menu: str
    blurb: str
    about: str
    module: str
    arguments: tuple[str, ...] = ()
    fills: bool = True


COMMANDS = {
    "plug-in-inpaint-fill": Command(
        _("Fill _Selection…"),
        _("Fill the selection so that nobody sees it was filled"),
        _(
            "Fills the selected part of a layer from its surroundings, into a new layer above it. The layer "
            "itself, the selection and everything else stay as they are."
        ),
        "fill_selection",
        ("method", "source", "hole", "output"),
    ),
    "plug-in-inpaint-fill-again": Command(
        _("Fill Selection (_Last Settings)"),
        _("Fill the selection with the settings of the last fill, without a dialog"),
        _(
            "Does what “Fill Selection…” did the last time, at once. Give it a shortcut key in Edit ▸ "
            "Keyboard Shortcuts."
        ),
        "fill_again",
    ),
    "plug-in-inpaint-transparent": Command(
        _("Fill _Transparent Areas…"),
        _("Fill what is transparent"),
        _("Fills whatever is not fully opaque in a layer from what is, into a new layer above it."),
        "fill_transparent",
        ("method", "source", "output"),
    ),
    "plug-in-inpaint-uncrop": Command(
        _("_Uncrop…"),
        _("Make the canvas larger and continue the picture into it"),
        _(
            "Extends the canvas by some pixels on each side and fills what the layer does not cover of it, "
            "into a new layer above it."
        ),
        "uncrop",
        ("sides", "method", "source"),
    ),
    "plug-in-inpaint-spots": Command(
        _("_Remove Spots…"),
        _("Find dust and scratches, and fill them all at once"),
        _(
            "Finds what is small, or long and narrow, and lighter or darker than all around it, in the "
            "selection or in the whole layer, and fills it from its surroundings, into a new layer above."
        ),
        "remove_spots",
        ("spots", "method", "source", "output"),
    ),
    "plug-in-inpaint-models": Command(
        _("_Models…"),
        _("List, fetch, add, check and remove the networks that can fill"),
        _(
            "Does one thing with the models of the method “deep”; in an interactive run, in a window. "
            "Nothing is ever fetched unasked."
        ),
        "models",
        ("models",),
        fills=False,
    ),
    "plug-in-inpaint-diagnose": Command(
        _("_Diagnose…"),
        _("Say what GIMP Inpaint is made of and what is wrong"),
        _(
            "Returns versions, paths, the device and the end of the log, and what to do if something is "
            "wrong."
        ),
        "diagnosis",
        fills=False,
    ),
}
