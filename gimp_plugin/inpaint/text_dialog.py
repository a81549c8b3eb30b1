"""A window with a text to read and to copy. Imported only where there is a display."""

from __future__ import annotations

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
from display import require_display  # noqa: E402
from gi.repository import Gdk, GimpUi, Gtk  # noqa: E402
from translation import _  # noqa: E402

SIZE = (760, 480)


def show_text(title: str, text: str) -> None:
    """Show `text` until the person closes the window."""
    require_display()
    GimpUi.init("inpaint")
    dialog = GimpUi.Dialog(title=title)
    dialog.set_default_size(*SIZE)
    margins = dict.fromkeys(("left_margin", "right_margin", "top_margin", "bottom_margin"), 6)
    view = Gtk.TextView(editable=False, monospace=True, wrap_mode=Gtk.WrapMode.WORD_CHAR, **margins)
    view.get_buffer().set_text(text)
    room = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, border_width=12)
    room.add(view)
    dialog.get_content_area().pack_start(room, True, True, 0)
    copy = Gtk.Button(label=_("_Copy"), use_underline=True)
    copy.connect("clicked", lambda _: _copy(text))
    dialog.get_action_area().add(copy)
    dialog.add_button(_("C_lose"), Gtk.ResponseType.CLOSE)
    dialog.set_default_response(Gtk.ResponseType.CLOSE)
    dialog.show_all()
    dialog.run()
    dialog.destroy()


def _copy(text: str) -> None:
    """Put the text on the clipboard, where it stays after the window is closed."""
    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
    clipboard.set_text(text, -1)
    clipboard.store()
