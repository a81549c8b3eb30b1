"""The arguments of the procedures. GIMP keeps their last values and makes the dialogs' widgets of them."""

from __future__ import annotations

from catalogue import Catalogue, Option, with_mnemonic
from gi.repository import Gimp, GObject

FLAGS = GObject.ParamFlags.READWRITE

TAKEN_MNEMONICS = "mbinprcoslgfwetakh"
"""Letters of our own labels, and of GIMP's own buttons in the dialog."""

NEW_LAYER, WITH_MASK, IN_PLACE = "new-layer", "layer-with-mask", "in-place"
OUTPUTS = {
    NEW_LAYER: ("New layer", "A layer above the one that was filled, as wide as the selection"),
    WITH_MASK: (
        "New layer with a mask",
        "As before, with the selection as the layer's mask: paint on it to show more or less of the fill",
    ),
    IN_PLACE: ("This layer", "The fill replaces the selected pixels of the layer itself"),
}
"""For each way to write a fill its title and what it means."""

MODEL_ACTIONS = {
    "list": "Which are installed, and which can be fetched",
    "fetch": "Fetch one of the catalogue, or take its file",
    "add": "Install an ONNX file of your own",
    "verify": "Check files, and let each model fill a test picture",
    "remove": "Remove a model of yours",
    "default": "Say or set which model is used if none is named",
}

RADIUS, VISIBLE, CHANNEL, LAYER = "radius", "visible", "channel", "layer"
SOURCES = {
    "auto": ("Surroundings", "The part of the layer around each hole, more of it where that is of no use"),
    RADIUS: ("Radius", "What is near the hole, as far as the radius says"),
    "whole": ("Whole layer", "Anywhere in the layer"),
    VISIBLE: (
        "Visible layers",
        "What is seen of all visible layers; the new layer shows it as it is, in normal mode",
    ),
    CHANNEL: ("Saved channel", "The part of the layer that a channel marks, and no other"),
    LAYER: (
        "Another layer",
        "Pieces of another layer that go on from the rim of the hole; for Automatic and Patches",
    ),
}
"""For each way to limit where content comes from its title and what it means."""

SOURCE_LAYER, SOURCE_CHANNEL, EXCLUSION = "source-layer", "source-channel", "exclusion-channel"
SOURCE_ITEMS = (SOURCE_LAYER, SOURCE_CHANNEL, EXCLUSION)
"""The arguments that name layers or channels."""
SOURCE_NEEDS = {LAYER: SOURCE_LAYER, CHANNEL: SOURCE_CHANNEL}
"""What some sources cannot be without."""
SOURCE_ARGUMENTS = ("source", "source-radius", *SOURCE_ITEMS)
"""All that say where content comes from, in the order of `settings.Wish`."""

MOST_GROWN = 200
MOST_REACHED = 524_288
MOST_FEATHERED = 200.0
MOST_ADDED, DEFAULT_ADDED = 16_384, 100


def add_method(procedure: Gimp.Procedure, catalogue: Catalogue) -> None:
    """Add the method, the seed, and every method's options."""
    choice = Gimp.Choice.new()
    for position, method in enumerate(catalogue.methods):
        choice.add(method.id, position, method.title, method.description)
    default = catalogue.methods[0].id
    procedure.add_choice_argument("method", "_Method", "How to fill", choice, default, FLAGS)
    low, high = catalogue.seeds
    procedure.add_int_argument("seed", "S_eed", "Another seed gives another fill", low, high, low, FLAGS)
    taken = set(TAKEN_MNEMONICS)
    for option in catalogue.options:
        _add_option(procedure, option, with_mnemonic(option.title, taken))


def add_hole(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add how much wider and softer than the selection the hole is."""
    procedure.add_int_argument(
        "grow",
        "_Grow selection by",
        "So many pixels around the selection are filled too; helps where a rim of what was removed is left",
        *(0, MOST_GROWN, 0),
        FLAGS,
    )
    procedure.add_double_argument(
        "feather",
        "_Feather",
        "How many pixels wide the fill blends into the picture",
        *(0.0, MOST_FEATHERED, 0.0),
        FLAGS,
    )


def add_output(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add what is written."""
    choice = Gimp.Choice.new()
    for position, (output, (title, about)) in enumerate(OUTPUTS.items()):
        choice.add(output, position, title, about)
    procedure.add_choice_argument("output", "_Write to", "What the fill becomes", choice, NEW_LAYER, FLAGS)


def add_source(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add where the content may come from."""
    choice = Gimp.Choice.new()
    for position, (source, (title, about)) in enumerate(SOURCES.items()):
        choice.add(source, position, title, about)
    procedure.add_choice_argument(
        "source", "Content from", "Where the content may come from", choice, "auto", FLAGS
    )
    procedure.add_int_argument(
        "source-radius",
        "Radius",
        "From no farther than so many pixels from the hole",
        *(1, MOST_REACHED, 200),
        FLAGS,
    )
    procedure.add_layer_argument(
        SOURCE_LAYER, "Source layer", "The layer that content is taken from", True, FLAGS
    )
    procedure.add_channel_argument(
        SOURCE_CHANNEL, "Source channel", "The channel that marks where content may come from", True, FLAGS
    )
    procedure.add_channel_argument(
        EXCLUSION, "Not from", "A channel that marks where content never comes from", True, FLAGS
    )


def add_sides(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add how far the canvas is extended."""
    for side, label in (("left", "Le_ft"), ("right", "Ri_ght"), ("top", "To_p"), ("bottom", "Bo_ttom")):
        about = (f"How many pixels are added: {side}", *(0, MOST_ADDED, DEFAULT_ADDED), FLAGS)
        procedure.add_int_argument(side, label, *about)


def add_models(procedure: Gimp.Procedure, _catalogue: Catalogue) -> None:
    """Add what is to be done with which model."""
    choice = Gimp.Choice.new()
    for position, (action, about) in enumerate(MODEL_ACTIONS.items()):
        choice.add(action, position, action.capitalize(), about)
    procedure.add_choice_argument("action", "Action", "What is to be done", choice, "list", FLAGS)
    procedure.add_string_argument(
        "model", "Model", "The model's id; to add a file, how to call it", "", FLAGS
    )
    file = ("The file to add, or to take instead of fetching", Gimp.FileChooserAction.OPEN, True, None)
    procedure.add_file_argument("file", "File", *file, FLAGS)
    procedure.add_boolean_argument(
        "accept-licence", "Accept licence", "Whether the licence of the weights is fine", False, FLAGS
    )


def add_spots(procedure: Gimp.Procedure, catalogue: Catalogue) -> None:
    """Add what counts as a spot."""
    for option in catalogue.spots:
        _add_option(procedure, option, option.title)


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


def _add_option(procedure: Gimp.Procedure, option: Option, label: str) -> None:
    about = (option.argument, label, option.help)
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
                choice.add(value, position, value.replace("-", " ").capitalize(), "")
            procedure.add_choice_argument(*about, choice, option.default, FLAGS)
