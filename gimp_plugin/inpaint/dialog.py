"""The dialog of an interactive run. Imported only there: GTK ends a program that has no display."""

from __future__ import annotations

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
from catalogue import Catalogue  # noqa: E402
from document import Refusal  # noqa: E402
from gi.repository import Gdk, Gimp, GimpUi, GObject  # noqa: E402

WORDS_A_LINE = 46


def ask(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, catalogue: Catalogue) -> bool:
    """Show the dialog; its settings go into `config`. False when the person gave up.

    Raises
    ------
    Refusal
        When there is no display to show it on.
    """
    require_display()
    GimpUi.init("inpaint")
    dialog = GimpUi.ProcedureDialog.new(procedure, config, "Fill Selection")
    about = dialog.get_label("about", "", False, False)
    about.set_line_wrap(True)
    about.set_xalign(0.0)
    about.set_max_width_chars(WORDS_A_LINE)
    dialog.fill(["method", "about", "seed", *(option.argument for option in catalogue.options)])

    def follow_method(*_: object) -> None:
        method = catalogue.find(config.get_property("method"))
        about.set_text(method.description)
        understood = {option.name for option in method.options}
        for option in catalogue.options:
            dialog.get_widget(option.argument, GObject.TYPE_NONE).set_visible(option.name in understood)

    config.connect("notify::method", follow_method)
    follow_method()
    confirmed = dialog.run()
    dialog.destroy()
    return bool(confirmed)


def require_display() -> None:
    """Refuse where no window can be shown: GTK would end the plug-in without a word."""
    opened, _ = Gdk.init_check([])
    if not opened or Gdk.Display.get_default() is None:
        raise Refusal(
            "There is no display to show a dialog on. Run “plug-in-inpaint-fill” with the run mode "
            "NONINTERACTIVE or WITH-LAST-VALS."
        )
