"""The last previews, as thumbnails from which one can be chosen again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bitmap
import labels
from geometry import Size
from gi.repository import GdkPixbuf, Gtk
from settings import Choices
from sketch import Sketch
from translation import _, label

MOST = 6
THUMBNAIL = 64
"""Pixels of a thumbnail's longer side."""


class Variants(Gtk.Box):  # type: ignore[misc]
    """A row of thumbnails, with a button for another one and, if `keep_all` is given, one to keep them all.

    Parameters
    ----------
    another
        Called when the person wants another fill.
    choose
        Called with the one that the person wants to see again.
    keep_all
        Called when the person wants all of them.
    """

    def __init__(
        self,
        another: Callable[[], None],
        choose: Callable[[Sketch], None],
        keep_all: Callable[[], None] | None,
    ) -> None:
        super().__init__(spacing=6)
        self._choose = choose
        self._sketches: list[Sketch] = []
        self._pictures: list[GdkPixbuf.Pixbuf] = []
        self._thumbnails = Gtk.Box(spacing=3)
        self._more = more = Gtk.Button(label=labels.ANOTHER, use_underline=True, valign=Gtk.Align.CENTER)
        more.set_tooltip_text(_("Fill with the next seed"))
        more.connect("clicked", lambda _: another())
        self._all = Gtk.Button(
            label=labels.KEEP_ALL, use_underline=True, valign=Gtk.Align.CENTER, sensitive=False
        )
        self._all.set_tooltip_text(_("Write all of them as a group of layers, of which one is visible"))
        self.pack_start(more, False, False, 0)
        self.pack_start(self._thumbnails, True, True, 0)
        if keep_all is not None:
            self._all.connect("clicked", lambda _: keep_all())
            self.pack_start(self._all, False, False, 0)
        self.set_size_request(-1, THUMBNAIL + 16)

    @property
    def sketches(self) -> tuple[Sketch, ...]:
        """Those that are shown, the oldest first."""
        return tuple(self._sketches)

    def find(self, chosen: Choices) -> Sketch | None:
        """Return the one that was made with these settings, if it is still shown."""
        return next((each for each in self._sketches if each.chosen == chosen), None)

    def add_sketches(self, sketches: Sequence[Sketch]) -> None:
        """Show some more; those of the same settings are replaced, and beyond `MOST` the oldest go."""
        settings = [each.chosen for each in sketches]
        kept = [each for each in self._sketches if each.chosen not in settings]
        self._show([*kept, *sketches][-MOST:])

    def offer_more(self, offered: bool) -> None:
        """Let the person ask for another one, or not where all would be the same."""
        self._more.set_sensitive(offered)

    def clear(self) -> None:
        """Forget all: the hole is another one."""
        self._show([])

    def _show(self, sketches: list[Sketch]) -> None:
        """Show these and no others; those that were shown before are not drawn anew."""
        drawn = dict(zip(map(id, self._sketches), self._pictures, strict=True))
        self._sketches = sketches
        self._pictures = [drawn.get(id(each)) or _draw(each) for each in sketches]
        for child in self._thumbnails.get_children():
            self._thumbnails.remove(child)
        for number, (sketch, picture) in enumerate(zip(sketches, self._pictures, strict=True), 1):
            self._thumbnails.pack_start(self._make_button(number, sketch, picture), False, False, 0)
        self._all.set_sensitive(len(sketches) > 1)
        self._thumbnails.show_all()

    def _make_button(self, number: int, sketch: Sketch, picture: GdkPixbuf.Pixbuf) -> Gtk.Widget:
        button = Gtk.Button(image=Gtk.Image.new_from_pixbuf(picture), always_show_image=True)
        about = _("Variant {number}: {label}, seed {seed}").format(
            number=number, label=label(sketch.result.label), seed=sketch.chosen.seed
        )
        button.set_tooltip_text(about)
        button.get_accessible().set_name(about)
        button.connect("clicked", lambda _: self._choose(sketch))
        return button


def _draw(sketch: Sketch) -> GdkPixbuf.Pixbuf:
    """Return the fill as a thumbnail."""
    picture = bitmap.after(sketch)
    width, height = picture.get_width(), picture.get_height()
    factor = THUMBNAIL / max(width, height)
    return bitmap.scale(picture, Size(max(1, int(width * factor)), max(1, int(height * factor))))
