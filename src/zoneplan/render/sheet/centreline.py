"""Courses along which words can follow a long band, or the arms of a net of narrow strips."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Floats

_LONG = 6.0  # widths
_STATIONS = 61
_INSIDE = 0.8  # of its length, that the middle of a band lies inside
_MOST_ARMS = 8


def courses(part: BaseGeometry) -> list[Floats]:
    """Lines, each of shape (n, 2), that run in the middle of a polygon's long and narrow arms; none if it has none."""
    reach = _ends(part)
    if reach is None:
        return []
    length = float(np.hypot(*(reach[1] - reach[0])))
    if float(part.area) * _LONG < length * length:
        line = centre_line(part)
        run = shapely.LineString(line)
        if float(shapely.intersection(run, part).length) > _INSIDE * float(run.length):
            return [line]
    width = 2 * float(part.area) / float(part.length)
    return _arms(part, width) if width * _LONG < length else []


def _arms(part: BaseGeometry, width: float) -> list[Floats]:
    """The middle lines of a net's longest straight arms: edges moved inwards by half the net's mean width."""
    made: list[tuple[float, Floats]] = []
    for ring in shapely.get_rings(shapely.orient_polygons(part)):
        xy = shapely.get_coordinates(ring)
        for start, end in pairwise(xy):
            along = end - start
            length = float(np.hypot(*along))
            if length < _LONG * width:
                continue
            inwards = np.array([-along[1], along[0]]) / length  # outer rings anticlockwise, holes clockwise
            made.append((length, np.array([start, end]) + inwards * width / 2))
    return [line for _, line in sorted(made, key=lambda one: -one[0])[:_MOST_ARMS]]


def centre_line(part: BaseGeometry) -> Floats:
    """The middle of a band from one end to the other, shape (n, 2): that of its widest cut at each station."""
    ends = _ends(part)
    if ends is None:
        return shapely.get_coordinates(part)[:2]
    start, end = ends
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]])
    reach = float(np.hypot(*(end - start)))
    middles = start + np.linspace(0, 1, _STATIONS)[1:-1, None] * (end - start)
    found = []
    for middle in middles:
        cut = shapely.intersection(
            shapely.LineString([middle - across * reach, middle + across * reach]), part
        )
        pieces = [piece for piece in shapely.get_parts(cut) if piece.length > 0]
        if pieces:
            widest = max(pieces, key=lambda piece: float(piece.length))
            found.append(shapely.get_coordinates(widest.interpolate(0.5, normalized=True))[0])
    return np.array(found) if len(found) > 1 else np.array([start, end])


def _ends(part: BaseGeometry) -> tuple[Floats, Floats] | None:
    """The two corners of its hull that lie farthest apart."""
    corners = shapely.get_coordinates(shapely.convex_hull(part))
    if len(corners) < 4:
        return None
    apart = np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1))
    first, second = np.unravel_index(int(apart.argmax()), apart.shape)
    start, end = sorted((tuple(corners[first]), tuple(corners[second])))
    return np.array(start), np.array(end)
