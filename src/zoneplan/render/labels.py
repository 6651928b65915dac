"""Where the words of a feature stand: inside areas, along bands and lines; a few places each, the best first.

Which of them is taken is the page's affair: it knows the size of the letters.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

ALONG = ("axis", "belt", "ecological_pattern")
"""Kinds of areas that may be bands."""
_LONG = 6.0  # mean widths: an area is a band
_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)
_SLICE = 0.1  # of a band's length, on either side of a place: its direction is that of the slice

Place = tuple[BaseGeometry, int]


def label_places(shape: BaseGeometry, layer: str) -> list[Place]:
    """Points (degrees) with turns clockwise, on the largest part of an area or the longest part of a line."""
    part = max(shapely.get_parts(shape), key=lambda p: (p.area, p.length))
    line = shapely.get_dimensions(part) == 1
    return _on_line(part) if line else _on_band(part) if layer in ALONG else _in_area(part)


def _on_line(line: BaseGeometry) -> list[Place]:
    """Places along a line, with its direction there."""
    found: list[Place] = []
    for share in _SHARES:
        ends = [line.interpolate(share + step, normalized=True) for step in (-0.05, 0.05)]
        found.append(
            (line.interpolate(share, normalized=True), _turn(ends[0], shapely.get_coordinates(ends)))
        )
    return found


def _on_band(band: BaseGeometry) -> list[Place]:
    """Places along a band: between the middles of two slices across it, which give the direction there."""
    if shapely.get_dimensions(band) != 2:
        return _in_area(band)
    start, end = _box(band)
    along = end - start
    reach = float(np.hypot(*along))
    if reach**2 < _LONG * band.area:
        return _in_area(band)
    found: list[Place] = []
    for share in _SHARES:
        ends = []
        for low, high in ((share - _SLICE, share), (share, share + _SLICE)):
            strip = shapely.LineString([start + along * low, start + along * high])
            piece = shapely.intersection(band, shapely.buffer(strip, reach, cap_style="flat"))
            if not piece.is_empty:
                ends.append(max(shapely.get_parts(piece), key=lambda p: p.area).centroid)
        if len(ends) == 2:
            middle = shapely.LineString(ends).centroid
            if shapely.contains(band, middle):
                found.append((middle, _turn(middle, shapely.get_coordinates(ends))))
    return found or _in_area(band)


def _in_area(area: BaseGeometry) -> list[Place]:
    """The middle of an area, then those of its quarters."""
    found: list[BaseGeometry] = [shapely.point_on_surface(area)]
    if shapely.get_dimensions(area) == 2:
        west, south, east, north = shapely.bounds(area).tolist()
        x, y = shapely.get_coordinates(found[0])[0].tolist()
        for box in ((west, y, x, north), (x, y, east, north), (west, south, x, y), (x, south, east, y)):
            quarter = shapely.intersection(area, shapely.box(*box))
            if shapely.get_dimensions(quarter) == 2 and not quarter.is_empty:
                part = max(shapely.get_parts(quarter), key=lambda p: p.area)
                found.append(shapely.point_on_surface(part))
    return [(point, 0) for point in found]


def _box(area: BaseGeometry) -> tuple[np.ndarray, np.ndarray]:
    """The middles of the short sides of the smallest turned box, the western one first."""
    north = math.cos(math.radians(shapely.get_y(shapely.centroid(area))))
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))[:4]
    sides = [math.hypot((b[0] - a[0]) * north, b[1] - a[1]) for a, b in pairwise([*corners, corners[0]])]
    first = 0 if sides[0] < sides[1] else 1  # a short side
    one = (corners[first] + corners[first + 1]) / 2
    two = (corners[(first + 2) % 4] + corners[(first + 3) % 4]) / 2
    start, end = sorted((one, two), key=lambda at: (at[0], at[1]))
    return start, end


def _turn(at: BaseGeometry, ends: np.ndarray) -> int:
    """How far words from one end to the other are turned clockwise from the east, -90 to 90 degrees."""
    north = math.cos(math.radians(shapely.get_y(at)))
    (x0, y0), (x1, y1) = ends.tolist()
    turn = round(-math.degrees(math.atan2(y1 - y0, (x1 - x0) * north)))
    return turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
