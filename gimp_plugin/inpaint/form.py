"""The settings of a fill, as widgets; only what the chosen method understands is shown."""

from __future__ import annotations

from collections.abc import Iterable

import gi

gi.require_version("Gtk", "3.0")
import labels  # noqa: E402
from arguments import MODEL  # noqa: E402
from fields import Field, mark_letters, setting  # noqa: E402
from gi.repository import Gtk  # noqa: E402
from job import Job  # noqa: E402
from method_list import MethodList  # noqa: E402
from source_form import SourceForm  # noqa: E402

WIDTH = 40
"""Characters of an explanation in one line."""


def build(job: Job, arguments: tuple[str, ...], methods: MethodList, sources: SourceForm) -> Gtk.Widget:
    """Return the form, the command's own `arguments` first; what is set goes into the job's configuration."""
    config, catalogue = job.config, job.catalogue
    options = {option.argument: option for option in catalogue.options if option.argument != MODEL}
    plain = [name for name, option in options.items() if not option.advanced]
    advanced = [name for name, option in options.items() if option.advanced]
    common = [name for name in ("output", "grow", "feather") if config.find_property(name) is not None]
    own: dict[str, Field] = {"method": methods}
    own |= {name: setting(config, name) for name in (*arguments, *options, *common, "seed")}
    about = Gtk.Label(wrap=True, xalign=0.0, max_width_chars=WIDTH)

    form = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
    form.pack_start(
        _column([*_pick(own, *arguments, "method"), about, *_pick(own, *plain, *common[:1])]), False, False, 0
    )
    more = Gtk.Expander(label=labels.MORE, use_underline=True)
    rare = _column([sources, *_pick(own, *common[1:], *advanced, "seed")])
    more.add(rare)
    form.pack_start(more, False, False, 0)
    form.show_all()
    rare.hide()
    more.connect("notify::expanded", lambda *_: rare.set_visible(more.get_expanded()))
    fields = [*own.values(), *sources.fields]
    group = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
    for field in fields:
        field.align(group)

    former = catalogue.find(config.get_property("method"))

    def follow_method(*_: object) -> None:
        nonlocal former
        method = catalogue.find(config.get_property("method"))
        if "grow" in common and config.get_property("grow") == former.grow:
            config.set_property("grow", method.grow)
        former = method
        about.set_text(method.description)
        own["seed"].set_visible(method.chance)
        understood = {option.argument for option in method.options}
        for name in options:
            own[name].set_visible(name in understood)
        mark_letters(fields)

    def follow_source(*_: object) -> None:
        sources.follow()
        mark_letters(fields)

    config.connect("notify::method", follow_method)
    config.connect("notify::source", follow_source)
    sources.follow()
    follow_method()
    return form


def _pick(fields: dict[str, Field], *names: str) -> list[Field]:
    return [fields[name] for name in names]


def _column(widgets: Iterable[Gtk.Widget]) -> Gtk.Widget:
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    for widget in widgets:
        column.pack_start(widget, False, False, 0)
    return column
