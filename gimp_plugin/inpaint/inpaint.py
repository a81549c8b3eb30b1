#!/usr/bin/env python3
"""GIMP Inpaint: the procedures that GIMP learns of, and how they end.

GIMP starts this file to ask what it offers, and again for every run, so nothing heavy is imported here.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import gi

gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
from catalogue import Catalogue, Option, load, with_mnemonic  # noqa: E402
from gi.repository import Gimp, GLib, GObject  # noqa: E402

FILL = "plug-in-inpaint-fill"
FOLDER = Path(__file__).resolve().parent

TAKEN_MNEMONICS = "mehrcosl"
"""Letters of our method and seed, and of GIMP's own buttons in the dialog."""


class InpaintPlugIn(Gimp.PlugIn):  # type: ignore[misc]
    """What GIMP asks of a plug-in."""

    def do_query_procedures(self) -> list[str]:
        """Name the procedures."""
        return [FILL]

    def do_set_i18n(self, _procedure: str) -> bool:
        """Say that there are no translations yet."""
        return False

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """Describe one procedure."""
        catalogue = load(FOLDER / "methods.json")
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run_fill, catalogue)
        procedure.set_image_types("*")
        procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
        procedure.set_menu_label("Fill _Selection…")
        procedure.add_menu_path("<Image>/Filters/Inpaint")
        procedure.set_documentation(
            "Fill the selection so that nobody sees it was filled",
            "Fills the selected part of a layer from its surroundings, into a new layer above it. The layer "
            "itself, the selection and everything else stay as they are.",
            name,
        )
        procedure.set_attribution("GIMP Inpaint", "GIMP Inpaint, MIT licence", "2026")
        _add_arguments(procedure, catalogue)
        procedure.add_layer_return_value(
            "layer", "Layer", "The new layer with the filled pixels", False, GObject.ParamFlags.READWRITE
        )
        return procedure


def _add_arguments(procedure: Gimp.Procedure, catalogue: Catalogue) -> None:
    if not catalogue.methods:
        return
    choice = Gimp.Choice.new()
    for position, method in enumerate(catalogue.methods):
        choice.add(method.id, position, method.title, method.description)
    default = catalogue.methods[0].id
    flags = GObject.ParamFlags.READWRITE
    procedure.add_choice_argument("method", "_Method", "How to fill", choice, default, flags)
    low, high = catalogue.seeds
    procedure.add_int_argument("seed", "S_eed", "Another seed gives another fill", low, high, low, flags)
    taken = set(TAKEN_MNEMONICS)
    for option in catalogue.options:
        _add_option(procedure, option, with_mnemonic(option.title, taken))


def _add_option(procedure: Gimp.Procedure, option: Option, label: str) -> None:
    about = (option.argument, label, option.help)
    flags = GObject.ParamFlags.READWRITE
    match option.kind:
        case "bool":
            procedure.add_boolean_argument(*about, option.default, flags)
        case "int":
            low, high = int(option.low or 0), int(option.high or 0)
            procedure.add_int_argument(*about, low, high, option.default, flags)
        case "float":
            procedure.add_double_argument(*about, option.low, option.high, option.default, flags)
        case "str":
            choice = Gimp.Choice.new()
            for position, value in enumerate(option.choices):
                choice.add(value, position, value.replace("-", " ").capitalize(), "")
            procedure.add_choice_argument(*about, choice, option.default, flags)


def run_fill(  # noqa: PLR0917 - GIMP calls it so
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: list[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    catalogue: Catalogue,
) -> Gimp.ValueArray:
    """Fill the selection, after a dialog when the run is interactive."""
    from document import Refusal, find_target  # noqa: PLC0415 - needed by a run alone, not by a query
    from engine import AGAIN, Engine, EngineError  # noqa: PLC0415
    from fill import choices, fill  # noqa: PLC0415

    try:
        if not catalogue.methods:
            raise EngineError(f"GIMP Inpaint is not completely installed: it knows no methods. {AGAIN}")
        target = find_target(image, drawables)
        with Engine.start(FOLDER) as engine:
            if run_mode == Gimp.RunMode.INTERACTIVE:
                from dialog import ask  # noqa: PLC0415 - GTK, and only where there is a display

                if not ask(procedure, config, catalogue):
                    return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
                target = find_target(image, drawables)  # another selection may have been made meanwhile
            layer = fill(target, engine, choices(config, catalogue), catalogue)
    except (Refusal, EngineError) as error:
        return _failure(procedure, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failure(
            procedure,
            f"GIMP Inpaint failed unexpectedly ({type(error).__name__}: {error}); nothing was changed. "
            "Please report this.",
        )
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    values.remove(1)
    values.append(GObject.Value(Gimp.Layer, layer))
    return values


def _failure(procedure: Gimp.Procedure, sentence: str) -> Gimp.ValueArray:
    reason = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, reason)


if __name__ == "__main__":
    Gimp.main(InpaintPlugIn.__gtype__, sys.argv)
