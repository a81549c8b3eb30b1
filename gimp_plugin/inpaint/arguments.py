"""The arguments of the procedures. GIMP keeps their last values and makes the dialogs' widgets of them."""

from __future__ import annotations

from catalogue import Catalogue, Option, choice_title
from gi.repository import Gimp, GObject
from labels import BOTTOM, CONTENT, FEATHER, GROW, LEFT, METHOD, OUTPUT, RIGHT, SEED, TOP
from translation import _

FLAGS = GObject.ParamFlags.READWRITE

NEW_LAYER, WITH_MASK, IN_PLACE = "new-layer", "layer-with-mask", "in-place"
OUTPUTS = {
    NEW_LAYER: (_("New layer"), _("A layer above the one that was filled, as wide as the selection")),
    WITH_MASK: (
        _("New layer with a mask"),
        _("As before, with the selection as the layer's mask: paint on it to show more or less of the fill"),
    ),
    IN_PLACE: (_("This layer"), _("The fill replaces the selected pixels of the layer itself")),
}
"""For each way to write a fill its title and what it means."""

MODEL_ACTIONS = {
    "list": (_("List"), _("Which are installed, and which can be fetched")),
    "fetch": (_("Fetch"), _("Fetch one of the catalogue, or take its file")),
    "add": (_("Add"), _("Install an ONNX file of your own")),
    "verify": (_("Verify"), _("Check files, and let each model fill a test picture")),
    "remove": (_("Remove"), _("Remove a model of yours")),
    "default": (_("Default"), _("Say or set which model is used if none is named")),
}

MODEL = "model"
"""The option that names a network."""

RADIUS, VISIBLE, CHANNEL, LAYER = "radius", "visible", "channel", "layer"
SOURCES = {
    "auto": (
        _("Surroundings"),
        _("The part of the layer around each hole, more of it where that is of no use"),
    ),
    RADIUS: (_("Radius"), _("What is near the hole, as far as the radius says")),
    "whole": (_("Whole layer"), _("Anywhere in the layer")),
    VISIBLE: (
        _("Visible layers"),
        _("What is seen of all visible layers; the new layer shows it as it is, in normal mode"),
    ),
    CHANNEL: (_("Saved channel"), _("The part of the layer that a channel marks, and no other")),
    LAYER: (
        _("Another layer"),
        _("Pieces of another layer that go on from the rim of the hole; for Automatic and Patches"),
    ),
}
"""For each way to limit where content comes from its title and what it means."""

SOURCE_LAYER, SOURCE_CHANNEL, EXCLUSION = "source-layer", "source-channel", "exclusion-channel"
SOURCE_ITEMS = (SOURCE_LAYER, SOURCE_CHANNEL, EXCLUSION)
"""The arguments that name layers or channels."""
SOURCE_NEEDS = {LAYER: SOURCE_LAYER, CHANNEL: SOURCE_CHANNEL}
"""What some sources cannot be without."""
SOURCE_ARGUMENTS = {
    "source": "source",
    "radius": "source-radius",
    "layer": SOURCE_LAYER,
    "channel": SOURCE_CHANNEL,
    "exclusion": EXCLUSION,
}
"""For each field of `settings.Wish` the argument that says it."""

MOST_GROWN = 200
MOST_REACHED = 524_288
MOST_FEATHERED = 200.0
MOST_ADDED, DEFAULT_ADDED = 16_384, 100


def add_arguments(procedure: Gimp.Procedure, catalogue: Catalogue, groups: tuple[str, ...]) -> None:
    """Add groups of arguments."""
    for group in groups:
        GROUPS[group](procedure, catalogue)


def add_method(procedure: Gimp.Procedure, catalogue: Catalogue) -> None:
    """Add the method, the seed, and every method's options."""
    choice = Gimp.Choice.new()
    for position, method in enumerate(catalogue.methods):
        choice.add(method.id, position, method.title, method.description)
    default = catalogue.methods[0].id
    procedure.add_choice_argument("method", METHOD, _("How to fill"), choice, default, FLAGS)
    low, high = catalogue.seeds
    procedure.add_int_argument("seed", SEED, _("Another seed gives another fill"), low, high, low, FLAGS)
    for option in catalogue.options:
        _add_option(procedure, option)


def add_hole(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add how much wider and softer than the selection the hole is."""
    procedure.add_int_argument(
        "grow",
        GROW,
        _(
            "So many pixels around the selection are filled too; helps where a rim of what was removed "
            "is left"
        ),
        *(0, MOST_GROWN, 0),
        FLAGS,
    )
    procedure.add_double_argument(
        "feather",
        FEATHER,
        _("How many pixels wide the fill blends into the picture"),
        *(0.0, MOST_FEATHERED, 0.0),
        FLAGS,
    )


def add_output(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add what is written."""
    choice = Gimp.Choice.new()
    for position, (output, (title, about)) in enumerate(OUTPUTS.items()):
        choice.add(output, position, title, about)
    procedure.add_choice_argument("output", OUTPUT, _("What the fill becomes"), choice, NEW_LAYER, FLAGS)


def add_source(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add where the content may come from."""
    choice = Gimp.Choice.new()
    for position, (source, (title, about)) in enumerate(SOURCES.items()):
        choice.add(source, position, title, about)
    procedure.add_choice_argument(
        "source", CONTENT, _("Where the content may come from"), choice, "auto", FLAGS
    )
    procedure.add_int_argument(
        "source-radius",
        _("Radius in pixels"),
        _("From no farther than so many pixels from the hole"),
        *(1, MOST_REACHED, 200),
        FLAGS,
    )
    procedure.add_layer_argument(
        SOURCE_LAYER, _("Layer"), _("The layer that content is taken from"), True, FLAGS
    )
    procedure.add_channel_argument(
        SOURCE_CHANNEL,
        _("Channel"),
        _("The channel that marks where content may come from"),
        True,
        FLAGS,
    )
    procedure.add_channel_argument(
        EXCLUSION, _("Exclude"), _("A channel that marks where content never comes from"), True, FLAGS
    )


def add_sides(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add how far the canvas is extended."""
    for side, label, about in (
        ("left", LEFT, _("How many pixels are added on the left")),
        ("right", RIGHT, _("How many pixels are added on the right")),
        ("top", TOP, _("How many pixels are added at the top")),
        ("bottom", BOTTOM, _("How many pixels are added at the bottom")),
    ):
        procedure.add_int_argument(side, label, about, *(0, MOST_ADDED, DEFAULT_ADDED), FLAGS)


def add_models(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add what is to be done with which model."""
    choice = Gimp.Choice.new()
    for position, (action, (title, about)) in enumerate(MODEL_ACTIONS.items()):
        choice.add(action, position, title, about)
    procedure.add_choice_argument("action", _("Action"), _("What is to be done"), choice, "list", FLAGS)
    procedure.add_string_argument(
        "model", _("Model"), _("The model's id; to add a file, how to call it"), "", FLAGS
    )
    file = (_("The file to add, or to take instead of fetching"), Gimp.FileChooserAction.OPEN, True, None)
    procedure.add_file_argument("file", _("File"), *file, FLAGS)
    procedure.add_boolean_argument(
        "accept-licence",
        _("Accept licence"),
        _("Whether you accept the licence of the weights"),
        False,
        FLAGS,
    )


def add_spots(procedure: Gimp.Procedure, catalogue: Catalogue) -> None:
    """Add what counts as a spot."""
    for option in catalogue.spots:
        _add_option(procedure, option)


GROUPS = {
    "method": add_method,
    "hole": add_hole,
    "output": add_output,
    "sides": add_sides,
    "source": add_source,
    "spots": add_spots,
    "models": add_models,
}
"""What a command may have."""


def _add_option(procedure: Gimp.Procedure, option: Option) -> None:
    about = (option.argument, option.title, option.help)
    match option.kind:
        case "bool":
            procedure.add_boolean_argument(*about, option.default, FLAGS)
        case "int":
            low, high = int(option.low or 0), int(option.high or 0)
            procedure.add_int_argument(*about, low, high, option.default, FLAGS)
        case "float":
            procedure.add_double_argument(*about, option.low, option.high, option.default, FLAGS)
        case "str" if not option.choices:
            procedure.add_string_argument(*about, option.default, FLAGS)
        case "str":
            choice = Gimp.Choice.new()
            for position, value in enumerate(option.choices):
                choice.add(value, position, _(choice_title(value)), "")
            procedure.add_choice_argument(*about, choice, option.default, FLAGS)
