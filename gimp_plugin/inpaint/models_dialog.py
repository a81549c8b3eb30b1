"""The window for models: what is installed, what can be fetched, and buttons for what can be done.

Imported only where there is a display.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gi

gi.require_version("GimpUi", "3.0")
from display import require_display  # noqa: E402
from engine_place import EngineError  # noqa: E402
from engine_program import EngineProgram  # noqa: E402
from gi.repository import GimpUi, GLib, Gtk, Pango  # noqa: E402
from model_commands import ADD, DEFAULT, FETCH, LIST, REMOVE, VERIFY, command  # noqa: E402
from translation import _, told  # noqa: E402

SIZE = (760, 420)
POLL_MILLISECONDS = 30
COLUMNS = (_("Model"), _("State"), _("Size"), _("Licence of the weights"))
MEGABYTE = 1e6


class ModelsDialog:
    """Runs one of the engine's commands at a time, and shows how far it is."""

    def __init__(self) -> None:
        require_display()
        GimpUi.init("inpaint")
        self._program: EngineProgram | None = None
        self._entries: dict[str, dict[str, Any]] = {}
        self._dialog = GimpUi.Dialog(title=_("Inpaint: Models"))
        self._dialog.set_default_size(*SIZE)
        self._list = Gtk.ListStore(str, str, str, str, str)
        self._table = self._make_table()
        self._about = Gtk.Label(xalign=0.0, wrap=True, selectable=True, max_width_chars=80)
        self._bar = Gtk.ProgressBar(show_text=True, ellipsize=Pango.EllipsizeMode.END)
        self._buttons: dict[str, Gtk.Button] = {}
        content = self._dialog.get_content_area()
        content.set_spacing(6)
        content.set_border_width(12)
        room = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        room.add(self._table)
        content.pack_start(room, True, True, 0)
        content.pack_start(self._about, False, False, 0)
        content.pack_start(self._make_buttons(), False, False, 0)
        content.pack_start(self._bar, False, False, 0)
        self._dialog.add_button(_("C_lose"), Gtk.ResponseType.CLOSE)

    def run(self) -> None:
        """Show the window until it is closed; a command under way ends then."""
        self._dialog.show_all()
        self._refresh()
        self._dialog.run()
        self._stop()
        self._dialog.destroy()

    def _make_table(self) -> Gtk.TreeView:
        table = Gtk.TreeView(model=self._list)
        for number, title in enumerate(COLUMNS, 1):
            table.append_column(Gtk.TreeViewColumn(title, Gtk.CellRendererText(), text=number))
        table.get_selection().connect("changed", lambda _: self._follow_selection())
        return table

    def _make_buttons(self) -> Gtk.Widget:
        row = Gtk.Box(spacing=6)
        for action, label, act in (
            (FETCH, _("_Fetch…"), self._fetch),
            (DEFAULT, _("Use as _default"), lambda: self._do(DEFAULT)),
            (VERIFY, _("_Verify"), lambda: self._do(VERIFY)),
            (REMOVE, _("_Remove…"), self._remove),
            (ADD, _("_Add a file…"), self._add),
            ("cancel", _("_Cancel"), self._stop),
        ):
            button = Gtk.Button(label=label, use_underline=True)
            button.connect("clicked", lambda _, act=act: act())
            row.pack_start(button, False, False, 0)
            self._buttons[action] = button
        return row

    @property
    def _chosen(self) -> dict[str, Any] | None:
        store, place = self._table.get_selection().get_selected()
        return None if place is None else self._entries[store[place][0]]

    def _follow_selection(self) -> None:
        """Offer what can be done with the selected model now."""
        entry, idle = self._chosen, self._program is None
        facts = entry or {}
        there = bool(facts.get("installed"))
        self._buttons[FETCH].set_sensitive(idle and entry is not None and not there)
        self._buttons[DEFAULT].set_sensitive(idle and there and not facts["default"])
        self._buttons[VERIFY].set_sensitive(idle and there)
        self._buttons[REMOVE].set_sensitive(idle and there and not facts["bundled"])
        self._buttons[ADD].set_sensitive(idle)
        self._buttons["cancel"].set_sensitive(not idle)
        if entry is not None and idle:
            known = _("Its id is {id}.").format(id=entry["id"])
            self._about.set_text(f"{told(entry['description'])} {known} {entry['url']}".strip())

    def _refresh(self, words: str = "") -> None:
        """List the models anew, then show `words`."""
        self._start(command(LIST), lambda said: self._show_list(said, words))

    def _show_list(self, said: dict[str, Any], words: str) -> None:
        chosen = self._chosen
        self._entries = {entry["id"]: entry for entry in said["models"]}
        self._list.clear()
        for entry in said["models"]:
            size = _("{size:.0f} MB").format(size=entry["bytes"] / MEGABYTE)
            place = self._list.append([entry["id"], entry["title"], _state(entry), size, entry["licence"]])
            if chosen is not None and chosen["id"] == entry["id"]:
                self._table.get_selection().select_iter(place)
        if chosen is None:
            self._table.set_cursor(Gtk.TreePath.new_first())
            self._table.grab_focus()
        if words := "\n".join([words, *map(told, said["problems"])]).strip():
            self._about.set_text(words)

    def _fetch(self) -> None:
        entry = self._chosen
        if entry is not None and self._confirm(
            _("Fetch {model} ({size:.0f} MB)?").format(model=entry["title"], size=entry["bytes"] / MEGABYTE),
            _("Its weights come from {address} and have the licence {licence}.").format(
                address=entry["url"], licence=entry["licence"]
            ),
            _("_Accept and fetch"),
        ):
            self._do(FETCH, accepted=True)

    def _remove(self) -> None:
        entry = self._chosen
        if entry is not None and self._confirm(
            _("Remove {model}?").format(model=entry["title"]),
            _("{file} will be deleted.").format(file=entry["file"]),
            _("_Remove"),
        ):
            self._do(REMOVE)

    def _add(self) -> None:
        chooser = Gtk.FileChooserNative.new(
            _("Add a model"), self._dialog, Gtk.FileChooserAction.OPEN, _("_Add"), _("_Cancel")
        )
        networks = Gtk.FileFilter()
        networks.set_name(_("Networks (.onnx)"))
        networks.add_pattern("*.onnx")
        chooser.add_filter(networks)
        if chooser.run() == Gtk.ResponseType.ACCEPT:
            self._start(command(ADD, path=chooser.get_filename()), self._done)
        chooser.destroy()

    def _do(self, action: str, *, accepted: bool = False) -> None:
        entry = self._chosen
        if entry is not None:
            self._start(command(action, entry["id"], accepted=accepted), self._done)

    def _done(self, said: dict[str, Any]) -> None:
        """List the models anew, and show what the command found."""
        found = list(map(told, said["notices"]))
        if "problems" in said:
            found += map(told, said["problems"].values() or ["All is well."])
        self._refresh("\n".join(found))

    def _confirm(self, question: str, about: str, label: str) -> bool:
        asking = Gtk.MessageDialog(
            title=self._dialog.get_title(),
            transient_for=self._dialog,
            modal=True,
            message_type=Gtk.MessageType.QUESTION,
            text=question,
            secondary_text=about,
        )
        asking.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        asking.add_button(label, Gtk.ResponseType.OK)
        answer = asking.run()
        asking.destroy()
        return bool(answer == Gtk.ResponseType.OK)

    def _start(self, words: list[str], done: Callable[[dict[str, Any]], None]) -> None:
        """Run a command; `done` is told its result."""
        try:
            self._program = EngineProgram(words)
        except EngineError as error:
            self._about.set_text(str(error))
            return
        self._follow_selection()
        GLib.timeout_add(POLL_MILLISECONDS, self._poll, self._program, done)

    def _poll(self, program: EngineProgram, done: Callable[[dict[str, Any]], None]) -> bool:
        if program is not self._program:
            return False
        try:
            while (news := program.news()) is not None:
                if news["type"] == "result":
                    self._stop()
                    done(news)
                    return False
                self._bar.set_fraction(float(news["fraction"]))
                self._bar.set_text(told(str(news["stage"])))
        except EngineError as error:
            self._stop()
            self._about.set_text(str(error))
            return False
        return True

    def _stop(self) -> None:
        """End the command under way, if there is one."""
        if self._program is not None:
            self._program.close()
            self._program = None
            self._bar.set_fraction(0.0)
            self._bar.set_text("")
            self._follow_selection()


def _state(entry: dict[str, Any]) -> str:
    if not entry["installed"]:
        return _("can be fetched")
    return _("installed, the default") if entry["default"] else _("installed")
