"""Whether there is a display to show a window on."""

from __future__ import annotations

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # noqa: E402
from refusal import Refusal  # noqa: E402
from translation import _  # noqa: E402


def require_display() -> None:
    """Refuse where no window can be shown: GTK would end the plug-in without a word."""
    if not Gdk.init_check([])[0] or Gdk.Display.get_default() is None:
        raise Refusal(
            _("There is no display to show a dialog on. Use the run mode NONINTERACTIVE or WITH-LAST-VALS.")
        )
