"""Colours as eyes see them: how far two are apart, for eyes that tell red from green and for eyes that do not.

Sources: sRGB by IEC 61966-2-1; CIELAB (D65); the difference CIEDE2000 (Sharma, Wu, Dalal 2005); dichromats by Machado, Oliveira,
Fernandes 2009, severity 1.0, on linear RGB; contrast of text by WCAG 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EYES: Mapping[str, tuple[str, str]] = {
    "normal": ("正常色觉", "normal colour vision"),
    "protanopia": ("红色盲", "protanopia"),
    "deuteranopia": ("绿色盲", "deuteranopia"),
    "tritanopia": ("蓝色盲", "tritanopia"),
}
_SEEN: Mapping[str, Floats] = {
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of ``#rrggbb``."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def over(colour: str, opacity: float, ground: str = "#ffffff") -> str:
    """The colour that a translucent one makes on a ground."""
    mixed = (
        round(opacity * top + (1 - opacity) * below)
        for top, below in zip(channels(colour), channels(ground), strict=True)
    )
    return "#" + "".join(f"{one:02x}" for one in mixed)


def lab(colour: str, eyes: str = "normal") -> Floats:
    """CIELAB of ``#rrggbb`` as eyes of a kind (`EYES`) see it."""
    linear = _linear(colour)
    if eyes in _SEEN:
        linear = np.clip(_SEEN[eyes] @ linear, 0.0, 1.0)
    part = (_XYZ @ linear) / _WHITE
    x, y, z = np.where(part > (6 / 29) ** 3, np.cbrt(part), part / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(first: str, second: str, eyes: str = "normal") -> float:
    """CIEDE2000 between two colours: about 1 is the least that is seen, 10 is seen at a glance."""
    return ciede2000(lab(first, eyes), lab(second, eyes))


def contrast(first: str, second: str) -> float:
    """Contrast of text on a ground, 1 to 21; text should have 4.5."""
    dark, light = sorted(float(_XYZ[1] @ _linear(colour)) for colour in (first, second))
    return (light + 0.05) / (dark + 0.05)


def ciede2000(first: Floats, second: Floats) -> float:
    """The difference of two CIELAB colours; names as in the paper."""
    mean_chroma = (np.hypot(*first[1:]) + np.hypot(*second[1:])) / 2
    g = 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    (l1, c1, h1), (l2, c2, h2) = (_polar(one, g) for one in (first, second))
    turn = h2 - h1
    turn -= 360 * round(turn / 360) if c1 * c2 else turn
    mean_hue = h1 + turn / 2 if c1 * c2 else h1 + h2
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * _cos(mean_hue - 30)
        + 0.24 * _cos(2 * mean_hue)
        + 0.32 * _cos(3 * mean_hue + 6)
        - 0.20 * _cos(4 * mean_hue - 63)
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    around = np.exp(-((((mean_hue % 360) - 275) / 25) ** 2))
    r_t = -np.sin(np.radians(60 * around)) * 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    light, chroma = (l2 - l1) / s_l, (c2 - c1) / s_c
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / s_h
    return float(np.sqrt(light**2 + chroma**2 + hue**2 + r_t * chroma * hue))


def _polar(one: Floats, g: float) -> tuple[float, float, float]:
    a = (1 + g) * one[1]
    return float(one[0]), float(np.hypot(a, one[2])), float(np.degrees(np.arctan2(one[2], a)) % 360)


def _cos(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def _linear(colour: str) -> Floats:
    part = np.array(channels(colour)) / 255
    made: Floats = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return made
