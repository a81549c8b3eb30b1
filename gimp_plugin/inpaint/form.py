"""The settings of a fill, as widgets; only what the chosen method understands is shown."""

from __future__ import annotations

import gi

gi.require_version("GimpUi", "3.0")
import labels  # noqa: E402
from gi.repository import GimpUi, GObject, Gtk  # noqa: E402
from job import Job  # noqa: E402
from source_form import SourceForm  # noqa: E402

WIDTH = 40
"""Characters of an explanation in one line."""


def build(
    dialog: GimpUi.ProcedureDialog, job: Job, arguments: tuple[str, ...], sources: SourceForm
) -> Gtk.Widget:
    """Return the form, the command's own `arguments` first; what is set goes into the job's configuration."""
    config, catalogue = job.config, job.catalogue
    common = [name for name in ("output", "grow", "feather") if config.find_property(name) is not None]
    plain = [option.argument for option in catalogue.options if not option.advanced]
    advanced = [option.argument for option in catalogue.options if option.advanced]
    about = dialog.get_label("about", "", False, False)
    about.set_line_wrap(True)
    about.set_xalign(0.0)
    about.set_max_width_chars(WIDTH)
    if "output" in common:
        dialog.get_widget("output", Gtk.ComboBox.__gtype__)
    form = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
    form.pack_start(
        dialog.fill_box("plain", [*arguments, "method", "about", *plain, *common[:1]]), False, False, 0
    )
    more = Gtk.Expander(label=labels.MORE, use_underline=True)
    rare = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    rare.pack_start(sources, False, False, 0)
    rare.pack_start(dialog.fill_box("advanced", [*common[1:], *advanced, "seed"]), False, False, 0)
    more.add(rare)
    form.pack_start(more, False, False, 0)
    form.show_all()
    _align(
        [
            *(dialog.get_widget(name, GObject.TYPE_NONE) for name in ("source", "source-radius", *common)),
            *(dialog.get_widget(option.argument, GObject.TYPE_NONE) for option in catalogue.options),
        ],
        sources,
    )

    former = catalogue.find(config.get_property("method"))

    def follow_method(*_: object) -> None:
        nonlocal former
        method = catalogue.find(config.get_property("method"))
        if "grow" in common and config.get_property("grow") == former.grow:
            config.set_property("grow", method.grow)
        former = method
        dialog.get_widget("seed", GObject.TYPE_NONE).set_visible(method.chance)
        about.set_text(method.description)
        understood = {option.argument for option in method.options}
        for option in catalogue.options:
            dialog.get_widget(option.argument, GObject.TYPE_NONE).set_visible(option.argument in understood)

    config.connect("notify::method", follow_method)
    follow_method()
    sources.follow()
    return form


def _align(widgets: list[Gtk.Widget], sources: SourceForm) -> None:
    """Let all labels be as wide as the widest."""
    group = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
    for widget in widgets:
        if isinstance(widget, GimpUi.Labeled):
            group.add_widget(widget.get_label())
    for label in sources.labels:
        group.add_widget(label)
