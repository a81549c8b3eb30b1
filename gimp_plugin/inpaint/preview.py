"""The part of the dialog that shows how the fill will look."""

from __future__ import annotations

import bitmap
import labels
from gi.repository import Gdk, Gtk
from region import Region
from sketch import Sketch
from translation import _
from view import STEP, View

HOLDING_KEYS = (Gdk.KEY_space, Gdk.KEY_Return, Gdk.KEY_KP_Enter)
HOLE, SOURCE = "hole", "source"
"""What can be marked over the picture."""
LINE = 60
"""Characters of a message in one line."""


class Preview(Gtk.Box):  # type: ignore[misc]
    """The view, what can be done with it, and in words what goes on.

    The outline is drawn so many pixels `apart` from what is filled.
    """

    def __init__(self, apart: int = 0) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._apart = apart
        self._view = View()
        self._words = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=LINE, selectable=False)
        self._bar = Gtk.ProgressBar()
        self._marks: dict[str, Gtk.CheckButton] = {}
        self._region: Region | None = None
        self.pack_start(self._view, True, True, 0)
        self.pack_start(self._bar, False, False, 0)
        self.pack_start(self._controls(), False, False, 0)
        self.pack_start(self._words, False, False, 0)

    def show_region(self, region: Region) -> None:
        """Show what is to be filled, where no fill can be seen yet."""
        if self._view.is_empty:
            picture = bitmap.before(region)
            self._view.show_pictures(picture, picture, {HOLE: bitmap.outline(region, self._apart)})

    def show_unfilled(self, region: Region, anew: bool) -> None:
        """Show a picture of which nothing is filled: `anew`, or only where nothing is shown yet."""
        if anew or self._view.is_empty:
            picture = bitmap.before(region)
            self._view.show_pictures(picture, picture, {})
            self._bar.set_fraction(0.0)

    def show_sketch(self, sketch: Sketch) -> None:
        """Show a fill; the picture before it is shown while the button is held."""
        if sketch.region is not self._region:
            self._region = sketch.region
            self._before = bitmap.before(sketch.region)
            self._outline = bitmap.outline(sketch.region, self._apart)
        marks = {SOURCE: bitmap.tint(sketch), HOLE: self._outline}
        self._view.show_pictures(bitmap.after(sketch), self._before, marks)
        self._bar.set_fraction(0.0)
        self.say("")

    def mark(self, name: str, shown: bool) -> None:
        """Show or hide one of the marks over the picture."""
        self._marks[name].set_active(shown)

    def busy(self, fraction: float) -> None:
        """Show how far the next one is."""
        self._bar.set_fraction(fraction)

    def say(self, words: str) -> None:
        """Show a message."""
        self._words.set_text(words)

    def _controls(self) -> Gtk.Widget:
        row = Gtk.Box(spacing=6)
        held = Gtk.Button(label=labels.BEFORE, use_underline=True)
        held.set_tooltip_text(_("Hold this to see the picture as it is"))
        held.connect("button-press-event", lambda *_: self._view.compare(True))
        held.connect("button-release-event", lambda *_: self._view.compare(False))
        held.connect("focus-out-event", lambda *_: self._view.compare(False))
        held.connect("key-press-event", self._on_key, True)
        held.connect("key-release-event", self._on_key, False)
        row.pack_start(held, False, False, 0)
        for name, label, about in (
            (HOLE, labels.OUTLINE, _("Show a dashed line around what is filled")),
            (SOURCE, labels.SOURCE, _("Show, tinted and hatched, where content may come from")),
        ):
            button = Gtk.CheckButton(label=label, use_underline=True, active=name == HOLE)
            button.set_tooltip_text(about)
            button.connect("toggled", lambda button, name=name: self._view.mark(name, button.get_active()))
            row.pack_start(button, False, False, 0)
            self._marks[name] = button
            self._view.mark(name, button.get_active())
        for icon, about, factor in (
            ("zoom-in-symbolic", _("Enlarge the preview"), STEP),
            ("zoom-fit-best-symbolic", _("Show the whole preview"), 0.0),
            ("zoom-out-symbolic", _("Make the preview smaller"), 1 / STEP),
        ):
            button = Gtk.Button.new_from_icon_name(icon, Gtk.IconSize.BUTTON)
            button.set_tooltip_text(about)
            button.get_accessible().set_name(about)
            button.connect("clicked", lambda _, by=factor: self._view.zoom(by))
            row.pack_end(button, False, False, 0)
        return row

    def _on_key(self, _button: Gtk.Widget, event: Gdk.EventKey, pressed: bool) -> bool:
        if event.keyval not in HOLDING_KEYS:
            return False
        self._view.compare(pressed)
        return True
