"""A picture of any channels and range, as the RGB pictures of 0…1 that networks know, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inpaint_core.arrays import Bool, Float

ROBUST = (0.5, 99.5)
"""Percentiles of the known values that are shown as 0 and 1 in pictures of unusual range."""


def hidden(image: Float, hole: Bool, source: Bool) -> Bool:
    """Return what a network must not look at, (H, W) bool.

    It is whatever is no source, but for what is transparent: the shape of an object is known where it ends.
    """
    unknown = ~source
    if image.shape[2] in (2, 4):
        unknown &= (image[..., -1] > 0.0) | hole
    return unknown


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a network is to be asked about.

    Attributes
    ----------
    pictures
        One or two (H, W, 3) float32, RGB, 0…1: the colours and, where it varies, alpha as grey.
    """

    pictures: tuple[Float, ...]
    _channels: int
    _low: float
    _high: float
    _backdrop: Float

    @classmethod
    def of(cls, image: Float, source: Bool) -> Canvas:
        """Prepare a working picture (see `methods.Fill`), on a backdrop of its mean colour."""
        channels = image.shape[2]
        alpha = image[..., -1:] if channels in (2, 4) else None
        colours = image if alpha is None else image[..., :-1]
        low, high = _range(colours, source)
        backdrop = np.zeros(colours.shape[2], np.float32)
        if alpha is None:
            return cls((_rgb(_scaled(colours, low, high)),), channels, low, high, backdrop)
        scaled = colours * np.float32(1.0 / high)
        backdrop = scaled[source].sum(axis=0) / np.maximum(alpha[source].sum(), np.float32(1e-6))
        shown = scaled + (1.0 - alpha) * backdrop
        return cls((_rgb(shown), _rgb(alpha)), channels, 0.0, high, backdrop)

    def back(self, answers: tuple[Float, ...]) -> Float:
        """Return answers for the pictures, which it uses up, as one working picture, (H, W, C) float32."""
        wide = self._channels > 2
        colours = answers[0] if wide else answers[0].mean(axis=2, keepdims=True)
        span = np.float32(self._high - self._low)
        if len(answers) == 1:
            colours *= span
            colours += np.float32(self._low)
            return colours
        alpha = answers[1].mean(axis=2, keepdims=True)
        premultiplied = np.clip(colours - (1.0 - alpha) * self._backdrop, 0.0, alpha)
        return np.concatenate([premultiplied * span, alpha], axis=2, dtype=np.float32)


def _scaled(colours: Float, low: float, high: float) -> Float:
    return colours if (low, high) == (0.0, 1.0) else (colours - low) * np.float32(1.0 / (high - low))


def _rgb(plane: Float) -> Float:
    """Return a plane as a picture of its own, clipped."""
    return np.clip(plane if plane.shape[2] == 3 else np.repeat(plane, 3, axis=2), 0.0, 1.0)


def _range(colours: Float, source: Bool) -> tuple[float, float]:
    """Return what becomes 0 and 1: these, unless what is known of the picture goes beyond."""
    if colours.min() >= 0.0 and colours.max() <= 1.0:
        return 0.0, 1.0
    known = colours[source]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if low >= 0.0 and high <= 1.0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, ROBUST))
    return min(low, 0.0), max(high, 1.0)
