"""The middle of a long band, for words along it."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Floats

_LONG = 6.0  # widths
_STATIONS = 61


def is_band(part: BaseGeometry) -> bool:
    """Whether a polygon is much longer than wide."""
    reach = _ends(part)
    if reach is None:
        return False
    length = float(np.hypot(*(reach[1] - reach[0])))
    return float(part.area) * _LONG < length * length


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
    cuts = shapely.linestrings(np.stack([middles - across * reach, middles + across * reach], axis=1))
    found = []
    for cut in shapely.intersection(cuts, part):
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
