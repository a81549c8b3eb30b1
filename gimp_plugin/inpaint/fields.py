"""Settings as widgets: a title, and behind it what it names. Imported in dialogs alone.

GIMP's own dialog would make them, too, but it wants a letter of its own for each setting that there is,
also for those that never stand together, and there are more of them than letters.
"""

from __future__ import annotations

from collections.abc import Iterable

import gi

gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, GObject, Gtk  # noqa: E402
from labels import ALWAYS  # noqa: E402
from mnemonics import letters, mark  # noqa: E402

PAGE = 10
"""Steps of a number that the keys Page Up and Page Down make."""


class Field(Gtk.Box):  # type: ignore[misc]
    """A title in front of a control; a check button bears its title itself.

    Where no letter is marked in `title`, `mark_letters` finds one that is free while the field is shown.
    """

    def __init__(self, title: str, control: Gtk.Widget, about: str) -> None:
        super().__init__(spacing=6)
        self.title = title
        bears_title = isinstance(control, Gtk.CheckButton)
        self._words = (
            control if bears_title else Gtk.Label(use_underline=True, xalign=0.0, mnemonic_widget=control)
        )
        self.write(title)
        control.set_tooltip_text(about)
        if not bears_title:
            self.pack_start(self._words, False, False, 0)
        self.pack_start(control, not isinstance(control, Gtk.SpinButton), True, 0)

    def write(self, title: str) -> None:
        """Write the title, a letter marked in it by an underscore."""
        self._words.set_label(title)

    def align(self, group: Gtk.SizeGroup) -> None:
        """Let the control begin where those of the others in the group do."""
        if isinstance(self._words, Gtk.Label):
            group.add_widget(self._words)


def setting(config: Gimp.ProcedureConfig, name: str) -> Field:
    """Return the field of a setting; GIMP keeps its control and the configuration the same."""
    spec = config.find_property(name)
    title = spec.get_nick()
    match spec.value_type:
        case GObject.TYPE_BOOLEAN:
            control = GimpUi.prop_check_button_new(config, name, title)
        case GObject.TYPE_INT:
            control = GimpUi.prop_spin_button_new(config, name, 1, PAGE, 0)
        case GObject.TYPE_DOUBLE:
            control = GimpUi.prop_spin_button_new(config, name, 1, PAGE, 1)
        case _ if spec.__gtype__.name == "GimpParamChoice":
            control = GimpUi.prop_choice_combo_box_new(config, name)
        case _:
            control = GimpUi.prop_entry_new(config, name, -1)
    if isinstance(control, Gtk.Entry):  # a spin button is one
        control.set_activates_default(True)
    return Field(title, control, spec.get_blurb())


def mark_letters(fields: Iterable[Field]) -> None:
    """Mark a letter in each field that is shown, and that no other part of the dialog has."""
    shown = [field for field in fields if field.get_visible()]
    taken = letters([*ALWAYS, *(field.title for field in shown)])
    free = [field for field in shown if "_" not in field.title]
    for field, title in zip(free, mark([field.title for field in free], taken), strict=True):
        field.write(title)
