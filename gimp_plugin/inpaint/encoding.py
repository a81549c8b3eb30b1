"""The form in which pixels travel between GIMP and the engine."""

from __future__ import annotations

from dataclasses import dataclass

from gi.repository import Gimp

COMPONENTS = {"u8": ("uint8", "B"), "u16": ("uint16", "H"), "float": ("float32", "f")}
"""Babl's name of a component, its dtype on the wire, and its code in `array` and `memoryview`."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The form in which pixels travel: always display-encoded, and exact for the image's precision."""

    colours: int
    alpha: bool
    component: str

    @property
    def pixels(self) -> str:
        """Babl's name for the pixels."""
        model = "R'G'B'" if self.colours == 3 else "Y'"
        return f"{model}{'A' if self.alpha else ''} {self.component}"

    @property
    def pixels_with_alpha(self) -> str:
        """Babl's name for the same pixels in a layer that has alpha."""
        return Encoding(self.colours, True, self.component).pixels

    @property
    def coverage(self) -> str:
        """Babl's name for the selection or a mask."""
        return f"Y {self.component}"

    @property
    def channels(self) -> int:
        """Colours and alpha."""
        return self.colours + self.alpha

    @property
    def dtype(self) -> str:
        """The dtype on the wire."""
        return COMPONENTS[self.component][0]

    @property
    def code(self) -> str:
        """The component's code in `array` and `memoryview`."""
        return COMPONENTS[self.component][1]

    @property
    def full(self) -> int:
        """The value that means all or opaque."""
        return {"u8": 255, "u16": 65535, "float": 1}[self.component]


def choose_encoding(image: Gimp.Image, layer: Gimp.Layer) -> Encoding:
    """Return the form in which a layer's pixels travel."""
    return Encoding(1 if layer.is_gray() else 3, layer.has_alpha(), _component(image))


def _component(image: Gimp.Image) -> str:
    """Choose the smallest component that carries every pixel of the image exactly.

    GIMP hands pixels out in sRGB's terms. 8 and 16 bits hold them only where the image is sRGB itself:
    colours of a wider profile lie beyond their range, and linear light needs finer steps than they have.
    """
    if not _is_srgb(image):
        return "float"
    exact = {
        Gimp.Precision.U8_NON_LINEAR: "u8",
        Gimp.Precision.U8_PERCEPTUAL: "u8",
        Gimp.Precision.U16_NON_LINEAR: "u16",
        Gimp.Precision.U16_PERCEPTUAL: "u16",
    }
    return exact.get(image.get_precision(), "float")


def _is_srgb(image: Gimp.Image) -> bool:
    profile = image.get_color_profile()
    if profile is None:
        return True
    return bool(
        profile.is_equal(Gimp.ColorProfile.new_rgb_srgb())
        or profile.is_equal(Gimp.ColorProfile.new_d65_gray_srgb_trc())
    )


def channel_form(image: Gimp.Image, component: str = "u8") -> str:
    """Return Babl's name for a channel's values, which are no light: GIMP's own model for them."""
    nick = image.get_precision().value_nick
    model = "Y" if nick.endswith("-linear") and not nick.endswith("-non-linear") else "Y'"
    return f"{model} {component}"
