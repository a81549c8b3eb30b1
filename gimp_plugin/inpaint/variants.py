"""The last previews, as thumbnails from which one can be chosen again."""

from __future__ import annotations

from collections.abc import Callable

import bitmap
import labels
from geometry import Size
from gi.repository import Gtk
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

    def add_sketch(self, sketch: Sketch) -> None:
        """Show one more; one of the same settings is replaced, and beyond `MOST` the oldest goes."""
        others = [each for each in self._sketches if each.chosen != sketch.chosen]
        self._sketches = [*others, sketch][-MOST:]
        for child in self._thumbnails.get_children():
            self._thumbnails.remove(child)
        for number, each in enumerate(self._sketches, 1):
            self._thumbnails.pack_start(self._make_thumbnail(number, each), False, False, 0)
        self._all.set_sensitive(len(self._sketches) > 1)
        self._thumbnails.show_all()

    def offer_more(self, offered: bool) -> None:
        """Let the person ask for another one, or not where all would be the same."""
        self._more.set_sensitive(offered)

    def clear(self) -> None:
        """Forget all: the hole is another one."""
        self._sketches = []
        for child in self._thumbnails.get_children():
            self._thumbnails.remove(child)
        self._all.set_sensitive(False)

    def _make_thumbnail(self, number: int, sketch: Sketch) -> Gtk.Widget:
        picture = bitmap.after(sketch)
        width, height = picture.get_width(), picture.get_height()
        factor = THUMBNAIL / max(width, height)
        small = bitmap.scale(picture, Size(max(1, int(width * factor)), max(1, int(height * factor))))
        button = Gtk.Button(image=Gtk.Image.new_from_pixbuf(small), always_show_image=True)
        about = _("Variant {number}: {label}, seed {seed}").format(
            number=number, label=label(sketch.result.label), seed=sketch.chosen.seed
        )
        button.set_tooltip_text(about)
        button.get_accessible().set_name(about)
        button.connect("clicked", lambda _: self._choose(sketch))
        return button
