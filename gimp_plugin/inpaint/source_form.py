"""Where content comes from, as widgets: the choice and what it needs. Imported in dialogs alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gi

gi.require_version("Gtk", "3.0")
from arguments import EXCLUSION, RADIUS, SOURCE_CHANNEL, SOURCE_LAYER, SOURCE_NEEDS  # noqa: E402
from fields import Field, setting  # noqa: E402
from gi.repository import Gimp, Gtk  # noqa: E402
from job import Job  # noqa: E402
from translation import _  # noqa: E402


class SourceForm(Gtk.Box):  # type: ignore[misc]
    """The choice, and below it a radius, a layer or a channel; and always the channel to keep out of."""

    def __init__(self, job: Job) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._config = job.config
        self._radius = setting(job.config, "source-radius")
        self._choosers = {
            SOURCE_LAYER: ItemChooser(job, SOURCE_LAYER, lambda: _other_layers(job), _("(choose one)")),
            SOURCE_CHANNEL: ItemChooser(job, SOURCE_CHANNEL, job.image.get_channels, _("(choose one)")),
            EXCLUSION: ItemChooser(job, EXCLUSION, job.image.get_channels, _("(nothing left out)")),
        }
        self.fields = (setting(job.config, "source"), self._radius, *self._choosers.values())
        for field in self.fields:
            self.pack_start(field, False, False, 0)

    def refresh(self) -> None:
        """Offer the layers and channels that there are now."""
        for chooser in self._choosers.values():
            chooser.refresh()

    def follow(self) -> None:
        """Show what the chosen source needs, and hide the rest."""
        source = self._config.get_property("source")
        self._radius.set_visible(source == RADIUS)
        for needed, argument in SOURCE_NEEDS.items():
            self._choosers[argument].set_visible(source == needed)


class ItemChooser(Field):
    """A list of layers or channels; the chosen one goes into the configuration.

    Parameters
    ----------
    job
        The call whose configuration has the argument.
    argument
        Its name.
    find
        Returns what can be chosen now.
    nothing
        What the list's first entry says, which stands for no choice.
    """

    def __init__(
        self,
        job: Job,
        argument: str,
        find: Callable[[], Sequence[Gimp.Item]],
        nothing: str,
    ) -> None:
        self._config, self._argument, self._find, self._nothing = job.config, argument, find, nothing
        self._items: list[Gimp.Item] = []
        self._list = Gtk.ComboBoxText()
        spec = job.procedure.find_argument(argument)
        super().__init__(spec.get_nick(), self._list, spec.get_blurb())
        self._listening = self._list.connect("changed", lambda _: self._choose())
        self._config.connect(f"notify::{argument}", lambda *_: self._show())
        self.refresh()

    def refresh(self) -> None:
        """Offer what there is now."""
        self._items = list(self._find())
        with self._list.handler_block(self._listening):
            self._list.remove_all()
            for name in (self._nothing, *(item.get_name() for item in self._items)):
                self._list.append_text(name)
        self._show()

    def _show(self) -> None:
        chosen = self._config.get_property(self._argument)
        with self._list.handler_block(self._listening):
            self._list.set_active(1 + self._items.index(chosen) if chosen in self._items else 0)

    def _choose(self) -> None:
        place = self._list.get_active()
        self._config.set_property(self._argument, self._items[place - 1] if place > 0 else None)


def _other_layers(job: Job) -> list[Gimp.Layer]:
    """Return every layer of the image, from the top down, but for the one that is filled."""
    found, rest = [], list(job.image.get_layers())
    while rest:
        layer = rest.pop(0)
        found.append(layer)
        rest[:0] = layer.get_children() if layer.is_group() else []
    return [layer for layer in found if layer not in job.drawables]
