"""North arrow with the convergence of meridians, scale bar and ratio."""

from __future__ import annotations

import math

import numpy as np
from pyproj import CRS, Transformer

from zoneplan.render.sheet.frame import degrees
from zoneplan.render.sheet.ink import Ink, ring_path
from zoneplan.render.sheet.paper import Box, Window
from zoneplan.render.sheet.words import say

HEIGHT, LEAST_WIDTH = 35.0, 66.0
"""Of the block, on A3."""
_LEAST_ANGLE = (
    9.0  # degrees that true north is drawn off grid north at least: the angle itself is too small to see
)


def convergence(window: Window, crs: CRS) -> float:
    """The convergence of meridians at the middle of the map, degrees: grid north east of true north is positive.

    By its definition: from the direction, in the projection, of the meridian through the middle.
    """
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(*window.middle)
    x, y = to_degrees.transform(np.full(2, lon), lat + np.array([-1e-3, 1e-3]), direction="INVERSE")
    return -math.degrees(math.atan2(x[1] - x[0], y[1] - y[0]))


def scale_words(scale: int) -> str:
    """``1:75000``."""
    return f"1:{scale}"


def draw_bearings(ink: Ink, box: Box, window: Window, crs: CRS, lang: str) -> None:
    """North arrow at the left, ratio and scale bar at its right."""
    unit = ink.paper.unit
    north = Box(box.x, box.y, 21 * unit, box.height)
    _north(ink, north, convergence(window, crs), lang)
    _scale(
        ink, Box(north.right + 2 * unit, box.y, box.right - north.right - 2 * unit, box.height), window, lang
    )


def _north(ink: Ink, box: Box, angle: float, lang: str) -> None:
    unit = ink.paper.unit
    x, foot = box.x + box.width / 2, box.top - 24.5 * unit
    tip, half = foot + 17 * unit, 3.2 * unit
    tail = foot + 3.4 * unit
    right, left = [(x, tip), (x + half, foot), (x, tail)], [(x, tip), (x, tail), (x - half, foot)]
    for corners, fill in ((right, "#1a1a1a"), (left, "#ffffff")):
        ink.path(ring_path([corners]), fill=fill, line="#1a1a1a", width=0.2 * unit)
    ink.text(x, tip + 1.2 * unit, "N", size=10 * unit, align=0.5, bold=True)
    if abs(angle) >= 0.5 / 60:
        # grid north lies east of true north by the angle: true north lies west of the arrow
        lean = math.radians(math.copysign(max(abs(angle), _LEAST_ANGLE), -angle))
        end = (x + math.sin(lean) * 15 * unit, tail + math.cos(lean) * 15 * unit)
        ink.lines(np.array([[(x, tail), end]]), line="#1a1a1a", width=0.25 * unit)
        ink.dots(np.array([end]), size=1.1 * unit, fill="#1a1a1a")
        side = 1 if lean > 0 else 0
        ink.text(end[0] + (0.9 if side else -0.9) * unit, end[1] - 0.9 * unit, say("真北", "true N", lang), size=5 * unit, align=1 - side)  # fmt: skip
    size = 5.6 * unit
    lines = (say("坐标北(N)向上", "grid north up", lang), say("子午线收敛角", "convergence", lang), f"γ = {degrees(angle)}")  # fmt: skip
    for number, words in enumerate(lines):
        ink.text(x, foot - (3.0 + 2.7 * number) * unit, words, size=size, align=0.5)


def _scale(ink: Ink, box: Box, window: Window, lang: str) -> None:
    unit = ink.paper.unit
    middle = box.x + box.width / 2
    ink.text(middle, box.top - 6.5 * unit, say("比例尺", "Scale", lang) + " " + scale_words(window.scale), size=10 * unit, align=0.5, bold=True)  # fmt: skip
    metres = bar_metres(window, box.width - 9 * unit)
    length = metres * 1000 / window.scale
    x, y, high = middle - length / 2, box.top - 16 * unit, 1.5 * unit
    for number in range(4):
        piece = Box(x + number * length / 4, y, length / 4, high)
        ink.box(piece, fill="#1a1a1a" if number % 2 == 0 else "#ffffff", line="#1a1a1a", width=0.2 * unit)
    in_km = metres >= 2000
    for number in (0, 2, 4):
        value = metres * number / 4 / (1000 if in_km else 1)
        name = f"{value:g}" + ((" km" if in_km else " m") if number == 4 else "")
        shift = ink.letters.width(name.partition(" ")[0], 6 * unit) / 2
        ink.text(x + number * length / 4 - shift, y + high + 0.9 * unit, name, size=6 * unit)
    note = say(f"{ink.paper.name} 原大打印时准确", f"exact when printed full size on {ink.paper.name}", lang)
    rows = ink.letters.wrap(note, 5.6 * unit, box.width)
    for number, words in enumerate(rows):
        ink.text(middle, y - (3.4 + 2.6 * number) * unit, words, size=5.6 * unit, align=0.5, colour="#555555")


def bar_metres(window: Window, longest: float) -> float:
    """The longest round distance that is at most so many millimetres, in four whole parts."""
    most = longest * window.scale / 1000
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (8, 4, 2, 1) if step * power <= most)
