"""A picture that can be zoomed and moved, and compared with another one."""

from __future__ import annotations

from collections.abc import Mapping

import bitmap
from geometry import Size
from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

SPACE = Size(480, 380)
"""The picture's room, in pixels of the dialog, at least."""
FRAME = 4
"""Pixels that the frame around it takes, both sides together."""
STEP = 1.5
FARTHEST = 12.0
"""The picture is enlarged to so many times the size that fits, at most."""
ENLARGED = 3.0
"""A small picture is shown so many times larger, at most."""
ZOOMING_KEYS = {
    **dict.fromkeys((Gdk.KEY_plus, Gdk.KEY_equal, Gdk.KEY_KP_Add), STEP),
    **dict.fromkeys((Gdk.KEY_minus, Gdk.KEY_KP_Subtract), 1 / STEP),
    **dict.fromkeys((Gdk.KEY_0, Gdk.KEY_KP_0), 0.0),
}
MOVING_KEYS = {
    Gdk.KEY_Left: (-1, 0),
    Gdk.KEY_Right: (1, 0),
    Gdk.KEY_Up: (0, -1),
    Gdk.KEY_Down: (0, 1),
}
FURTHER = 0.1
"""A key moves the picture by this part of what is seen of it."""
FOCUSED = b"scrolledwindow:focus { border-color: currentColor; outline: 1px dashed currentColor; }"


class View(Gtk.ScrolledWindow):  # type: ignore[misc]
    """Shows one picture, or another one while `comparing`, with marks over it."""

    def __init__(self) -> None:
        super().__init__()
        self.set_size_request(SPACE.width + FRAME, SPACE.height + FRAME)
        self.set_shadow_type(Gtk.ShadowType.IN)
        self._image = Gtk.Image()
        room = Gtk.EventBox()
        room.add(self._image)
        self.add(room)
        self._pictures: tuple[GdkPixbuf.Pixbuf, GdkPixbuf.Pixbuf] | None = None
        self._marks: Mapping[str, GdkPixbuf.Pixbuf] = {}
        self._hidden: set[str] = set()
        self._comparing = False
        self._zoom = 1.0
        self._held: tuple[float, float] | None = None
        self._room = SPACE
        self.connect("size-allocate", self._on_size)
        self.connect("key-press-event", self._on_key)
        style = Gtk.CssProvider()
        style.load_from_data(FOCUSED)
        self.get_style_context().add_provider(style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        room.add_events(
            Gdk.EventMask.SCROLL_MASK
            | Gdk.EventMask.BUTTON_PRESS_MASK
            | Gdk.EventMask.BUTTON_RELEASE_MASK
            | Gdk.EventMask.BUTTON1_MOTION_MASK
        )
        room.connect("scroll-event", self._on_wheel)
        room.connect("button-press-event", self._on_press)
        room.connect("motion-notify-event", self._on_drag)
        room.connect("button-release-event", self._on_release)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown yet."""
        return self._pictures is None

    def show_pictures(
        self,
        picture: GdkPixbuf.Pixbuf,
        other: GdkPixbuf.Pixbuf,
        marks: Mapping[str, GdkPixbuf.Pixbuf],
    ) -> None:
        """Show a picture; `other` is what it is compared with, `marks` lie over both."""
        self._pictures, self._marks = (picture, other), marks
        self._draw()

    def compare(self, comparing: bool) -> None:
        """Show the other picture, or the first one again."""
        self._comparing = comparing
        self._draw()

    def mark(self, name: str, shown: bool) -> None:
        """Show one of the marks or not."""
        self._hidden = self._hidden - {name} if shown else self._hidden | {name}
        self._draw()

    def zoom(self, factor: float) -> None:
        """Enlarge the picture, its middle staying where it is; with 0 it fits the room."""
        former = self._zoom
        self._zoom = min(max(former * factor, 1.0), FARTHEST)
        self._draw()
        for adjustment in (self.get_hadjustment(), self.get_vadjustment()):
            half = adjustment.get_page_size() / 2
            middle = (adjustment.get_value() + half) * self._zoom / former
            adjustment.set_upper(max(adjustment.get_upper() * self._zoom / former, half * 2))
            adjustment.set_value(middle - half)

    def _draw(self) -> None:
        if self._pictures is None:
            return
        picture = self._pictures[self._comparing]
        width, height = picture.get_width(), picture.get_height()
        fitting = min(self._room.width / width, self._room.height / height, ENLARGED)
        size = Size(int(width * fitting * self._zoom), int(height * fitting * self._zoom))
        shown = bitmap.scale(picture, size)
        for name, mark in self._marks.items():
            if name not in self._hidden:
                bitmap.lay_over(mark, shown)
        self._image.set_from_pixbuf(shown)

    def _on_size(self, _view: Gtk.Widget, allocated: Gdk.Rectangle) -> None:
        """Fit the picture to a window of another size, as soon as that has been laid out."""
        room = Size(max(allocated.width - FRAME, SPACE.width), max(allocated.height - FRAME, SPACE.height))
        if room != self._room:
            self._room = room
            GLib.idle_add(self._draw)

    def _on_wheel(self, _room: Gtk.Widget, event: Gdk.EventScroll) -> bool:
        steps = {Gdk.ScrollDirection.UP: STEP, Gdk.ScrollDirection.DOWN: 1 / STEP}
        factor = steps.get(event.direction)
        if factor is None:
            return False
        self.zoom(factor)
        return True

    def _on_key(self, _view: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.state & Gtk.accelerator_get_default_mod_mask() & ~Gdk.ModifierType.SHIFT_MASK:
            return False
        if event.keyval in ZOOMING_KEYS:
            self.zoom(ZOOMING_KEYS[event.keyval])
            return True
        if event.keyval not in MOVING_KEYS:
            return False
        for adjustment, steps in zip(
            (self.get_hadjustment(), self.get_vadjustment()), MOVING_KEYS[event.keyval], strict=True
        ):
            adjustment.set_value(adjustment.get_value() + steps * FURTHER * adjustment.get_page_size())
        return True

    def _on_press(self, _room: Gtk.Widget, event: Gdk.EventButton) -> None:
        self._held = (event.x_root, event.y_root)

    def _on_drag(self, _room: Gtk.Widget, event: Gdk.EventMotion) -> None:
        if self._held is None:
            return
        for adjustment, now, then in zip(
            (self.get_hadjustment(), self.get_vadjustment()),
            (event.x_root, event.y_root),
            self._held,
            strict=True,
        ):
            adjustment.set_value(adjustment.get_value() - now + then)
        self._held = (event.x_root, event.y_root)

    def _on_release(self, *_: object) -> None:
        self._held = None
