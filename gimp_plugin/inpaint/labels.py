"""The labels of the fill dialog whose letters do not change, and of GIMP's own buttons in it."""

from __future__ import annotations

from translation import _

BEFORE, OUTLINE, SOURCE = _("_Before"), _("Outl_ine"), _("So_urce")
ANOTHER, KEEP_ALL = _("_Another"), _("_Keep all")
MORE = _("More optio_ns")
METHOD, SEED = _("_Method"), _("See_d")
GROW, FEATHER = _("_Grow selection by"), _("_Feather")
OUTPUT = _("_Write to")
CONTENT = _("Cont_ent from")
LEFT, RIGHT, TOP, BOTTOM = _("Le_ft"), _("Ri_ght"), _("To_p"), _("Bo_ttom")

ALWAYS = (
    *(BEFORE, OUTLINE, SOURCE, ANOTHER, KEEP_ALL, MORE),
    *(_("_OK"), _("_Cancel"), _("_Reset"), _("_Load Saved Settings"), _("_Save Settings")),
)
"""What every dialog of a fill has, besides the settings."""
