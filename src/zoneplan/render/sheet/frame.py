"""The double frame: neat line, outer line, ticks of the kilometre grid with coordinates, degrees at the corners."""

from __future__ import annotations

import math

import numpy as np
from pyproj import CRS, Transformer

from zoneplan.engine.rings import Floats
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.lettering import MM_PER_POINT
from zoneplan.render.sheet.paper import Box, Window
from zoneplan.units import round_above

BAND = 4.4
"""Between the two lines, on A3."""
_TICKS = 42.0  # mm between ticks, at least
_SIZE = 5.6
_FINE, _BOLD = 0.22, 0.75
_CROSS, _PALE = 1.6, "#8a8a8a"


def draw_frame(ink: Ink, window: Window, crs: CRS) -> None:
    """Both lines, ticks outwards from the neat line, grid crosses inside, coordinates between the lines."""
    unit, frame = ink.paper.unit, window.frame
    band = BAND * unit
    ticks = _tick_metres(window, unit)
    _crosses(ink, window, ticks)
    _grid_ticks(ink, window, ticks, band)
    _corners(ink, window, crs, band)
    ink.box(frame, line="#000000", width=_FINE * unit)
    ink.box(frame.inset(-band), line="#000000", width=_BOLD * unit)


def _tick_metres(window: Window, unit: float) -> float:
    """A round distance on the ground that is at least `_TICKS` on paper."""
    return round_above(_TICKS * unit * window.scale / 1000)


def _between(low: float, high: float, step: float) -> Floats:
    return np.asarray(np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step, float)


def _crosses(ink: Ink, window: Window, step: float) -> None:
    west, south, east, north = window.bounds
    x, y = np.meshgrid(_between(west, east, step), _between(south, north, step))
    spots = window.page(np.column_stack([x.ravel(), y.ravel()]))
    arm = _CROSS * ink.paper.unit
    strokes = [
        np.stack([spots - reach, spots + reach], axis=1) for reach in (np.array([arm, 0]), np.array([0, arm]))
    ]
    ink.lines(np.concatenate(strokes), line=_PALE, width=0.12 * ink.paper.unit, within=window.frame)


def _grid_ticks(ink: Ink, window: Window, step: float, band: float) -> None:
    unit, frame = ink.paper.unit, window.frame
    west, south, east, north = window.bounds
    clear, tick, size = 17 * unit, 1.3 * unit, _SIZE * unit
    rise = size * MM_PER_POINT * 0.36
    segments = []
    for metres in _between(west, east, step):
        x = float(window.page(np.array([[metres, south]]))[0, 0])
        segments += [[(x, frame.y), (x, frame.y - tick)], [(x, frame.top), (x, frame.top + tick)]]
        if frame.x + clear < x < frame.right - clear:
            for y in (frame.y - band / 2, frame.top + band / 2):
                ink.text(x + 0.8 * unit, y - rise, f"{metres:.0f}", size=size)
    for metres in _between(south, north, step):
        y = float(window.page(np.array([[west, metres]]))[0, 1])
        segments += [[(frame.x, y), (frame.x - tick, y)], [(frame.right, y), (frame.right + tick, y)]]
        if frame.y + clear < y < frame.top - clear:
            for x in (frame.x - band / 2, frame.right + band / 2):
                ink.text(x + rise, y + 0.8 * unit, f"{metres:.0f}", size=size, turn=90)
    if segments:
        ink.lines(np.array(segments), line="#000000", width=_FINE * unit)


def _corners(ink: Ink, window: Window, crs: CRS, band: float) -> None:
    """Longitude and latitude of each corner: longitudes above and below, latitudes at the sides."""
    unit, frame = ink.paper.unit, window.frame
    size = _SIZE * unit
    rise, gap = size * MM_PER_POINT * 0.36, 0.6 * unit
    for (lon, lat), (x, y) in zip(corner_degrees(window, crs), corners(frame), strict=True):
        left, low = x == frame.x, y == frame.y
        level = (frame.y - band / 2 if low else frame.top + band / 2) - rise
        ink.text(x + gap if left else x - gap, level, degrees(lon), size=size, align=0 if left else 1)
        side = (frame.x - band / 2 if left else frame.right + band / 2) + rise
        ink.text(side, y + gap if low else y - gap, degrees(lat), size=size, turn=90, align=0 if low else 1)


def corners(frame: Box) -> tuple[tuple[float, float], ...]:
    """Lower left, upper left, upper right, lower right."""
    return ((frame.x, frame.y), (frame.x, frame.top), (frame.right, frame.top), (frame.right, frame.y))


def corner_degrees(window: Window, crs: CRS) -> list[tuple[float, float]]:
    """(longitude, latitude) of the `corners` of the neat line, on the datum of the CRS."""
    ground = window.ground(np.array(corners(window.frame)))
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(ground[:, 0], ground[:, 1])
    return [(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]


def degrees(value: float, *, seconds: bool = True) -> str:
    """An angle as degrees, minutes and, rounded, seconds: ``113°05′12″``."""
    whole = round(abs(value) * 3600) if seconds else round(abs(value) * 60) * 60
    minute, second = divmod(whole, 60)
    degree, minute = divmod(minute, 60)
    sign = "−" if value < 0 and whole else ""
    return f"{sign}{degree}°{minute:02d}′" + (f"{second:02d}″" if seconds else "")
