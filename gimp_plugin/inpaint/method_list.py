"""The methods as a list, the one that runs networks once for each network. Imported in dialogs alone."""

from __future__ import annotations

import gi

gi.require_version("Gtk", "3.0")
from arguments import MODEL  # noqa: E402
from catalogue import Method  # noqa: E402
from engine import Models  # noqa: E402
from fields import Field  # noqa: E402
from gi.repository import Gtk  # noqa: E402
from job import Job  # noqa: E402
from labels import METHOD  # noqa: E402


class MethodList(Field):
    """The list; what is chosen goes into the configuration, a network's id with its method's."""

    def __init__(self, job: Job) -> None:
        self._config, self._methods = job.config, job.catalogue.methods
        self._models = Models({}, "")
        self._entries: dict[tuple[str, str], str] = {}
        self._list = Gtk.ComboBoxText()
        super().__init__(METHOD, self._list, job.procedure.find_argument("method").get_blurb())
        self._listening = self._list.connect("changed", lambda _: self._choose())
        for argument in ("method", MODEL):
            self._config.connect(f"notify::{argument}", lambda *_: self._show())
        self._show()

    def show_models(self, models: Models) -> None:
        """Offer these networks."""
        self._models = models
        self._show()

    def _show(self) -> None:
        """Offer what there is, what is set being chosen: also a network that is not there any more."""
        method, model = self._config.get_property("method"), self._config.get_property(MODEL) or ""
        titles = dict(self._models.titles)
        if model or not titles:
            titles.setdefault(model, model)
        entries: dict[tuple[str, str], str] = {}
        for each in self._methods:
            if _runs_networks(each):
                entries |= {
                    (each.id, name): ": ".join(filter(None, (each.title, titles[name]))) for name in titles
                }
            else:
                entries[each.id, ""] = each.title
        chosen = (method, "") if (method, "") in entries else (method, model or self._models.usual)
        with self._list.handler_block(self._listening):
            if entries != self._entries:
                self._entries = entries
                self._list.remove_all()
                for title in entries.values():
                    self._list.append_text(title)
            self._list.set_active(list(entries).index(chosen) if chosen in entries else -1)

    def _choose(self) -> None:
        """Set what was chosen; the network that is used when none is named goes without a name."""
        method, model = list(self._entries)[self._list.get_active()]
        self._config.freeze_notify()
        if method in {each.id for each in self._methods if _runs_networks(each)}:
            self._config.set_property(MODEL, "" if model == self._models.usual else model)
        self._config.set_property("method", method)
        self._config.thaw_notify()


def _runs_networks(method: Method) -> bool:
    return any(option.argument == MODEL for option in method.options)
