#!/usr/bin/env python3
"""GIMP Inpaint: the procedures that GIMP learns of, and how they end.

GIMP starts this file to ask what it offers, and again for every run, so nothing heavy is imported here.
`plug-in-inpaint-fill` is the first of them; `commands` has the list.
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module

import gi

gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
from arguments import FLAGS, add_arguments  # noqa: E402
from catalogue import load  # noqa: E402
from commands import COMMANDS, MENU, Command  # noqa: E402
from engine_place import AGAIN, EngineError  # noqa: E402
from gi.repository import Gimp, GLib, GObject  # noqa: E402
from job import FOLDER, GivenUp, Job  # noqa: E402
from translation import DOMAIN, LOCALE, _  # noqa: E402

METHODS = FOLDER / "methods.json"


class InpaintPlugIn(Gimp.PlugIn):  # type: ignore[misc]
    """What GIMP asks of a plug-in."""

    def do_query_procedures(self) -> list[str]:
        """Name the procedures."""
        return list(COMMANDS)

    def do_set_i18n(self, _procedure: str) -> tuple[bool, str, str]:
        """Say where the translations are."""
        return True, DOMAIN, LOCALE

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """Describe one procedure."""
        command = COMMANDS[name]
        procedure = _new_filling(self, name) if command.fills else _new_other(self, name)
        procedure.set_menu_label(command.menu)
        procedure.add_menu_path(MENU)
        procedure.set_documentation(command.blurb, command.about, name)
        procedure.set_attribution("GIMP Inpaint", "GIMP Inpaint, MIT licence", "2026")
        catalogue = load(METHODS)
        if catalogue.methods:
            add_arguments(procedure, catalogue, command.arguments)
        return procedure


def _new_filling(plug_in: Gimp.PlugIn, name: str) -> Gimp.Procedure:
    """Return a procedure that works on a layer and returns one."""
    procedure = Gimp.ImageProcedure.new(plug_in, name, Gimp.PDBProcType.PLUGIN, run_filling, COMMANDS[name])
    procedure.set_image_types("*")
    procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
    procedure.add_layer_return_value("layer", _("Layer"), _("The layer with the filled pixels"), False, FLAGS)
    return procedure


def _new_other(plug_in: Gimp.PlugIn, name: str) -> Gimp.Procedure:
    """Return a procedure that needs no image and returns a text."""
    procedure = Gimp.Procedure.new(plug_in, name, Gimp.PDBProcType.PLUGIN, run_other, COMMANDS[name])
    procedure.add_enum_argument(
        "run-mode", _("Run mode"), _("The run mode"), Gimp.RunMode, Gimp.RunMode.NONINTERACTIVE, FLAGS
    )
    procedure.add_string_return_value("report", _("Report"), _("What was found or done"), "", FLAGS)
    return procedure


def run_filling(  # noqa: PLR0917 - GIMP calls it so
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: list[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    command: Command,
) -> Gimp.ValueArray:
    """Run a command that fills."""
    catalogue = load(METHODS)
    if not catalogue.methods:
        return _failure(
            procedure, _("GIMP Inpaint is not completely installed: it knows no methods.") + f" {AGAIN}"
        )
    return _run(Job(procedure, run_mode, image, drawables, config, catalogue), command, Gimp.Layer)


def run_other(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, command: Command) -> Gimp.ValueArray:
    """Run a command that works on no image."""
    run_mode = config.get_property("run-mode")
    return _run(Job(procedure, run_mode, None, [], config, load(METHODS)), command, str)


def _run(job: Job, command: Command, kind: type) -> Gimp.ValueArray:
    """Run a command, and tell GIMP how it ended: with a value of `kind` if all is well."""
    from refusal import Refusal  # noqa: PLC0415 - needed by a run alone, not by a query

    procedure = job.procedure
    try:
        value = import_module(command.module).run(job)
    except GivenUp:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    except (Refusal, EngineError) as error:
        return _failure(procedure, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failure(
            procedure,
            _(
                "GIMP Inpaint failed unexpectedly ({kind}: {error}); nothing was changed. Please report "
                "this, with what Filters ▸ Inpaint ▸ Diagnose… shows."
            ).format(kind=type(error).__name__, error=error),
        )
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    values.remove(1)
    values.append(GObject.Value(kind, value))
    return values


def _failure(procedure: Gimp.Procedure, sentence: str) -> Gimp.ValueArray:
    reason = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, reason)


if __name__ == "__main__":
    Gimp.main(InpaintPlugIn.__gtype__, sys.argv)
