"""A band as a plan's structure figure draws it: with an arrow head at either end."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Floats

_WIDTH, _LENGTH = 2.2, 1.5  # of a head, in widths of the band
_NEAR = (
    5.0,
    2.5,
)  # the direction of an end is that from the middle of the band within the first many widths to the second's
_SHORTEST = 6.0  # widths


def arrowed(band: BaseGeometry) -> BaseGeometry:
    """A long band (polygon, metres) joined with a head beyond each of its ends; other shapes as they are.

    A sign for the eye: areas and answers are those of the band alone.
    """
    signs = heads(band)
    return shapely.union_all([band, *signs]) if signs else band


def heads(band: BaseGeometry) -> list[shapely.Polygon]:
    """The heads of a long band, none for other shapes.

    The ends are the two corners of its hull that lie farthest apart; its width is its area by that distance.
    """
    corners = shapely.get_coordinates(shapely.convex_hull(band))
    if len(corners) < 4 or shapely.get_dimensions(band) != 2:
        return []
    apart = np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1))
    pair = np.unravel_index(int(apart.argmax()), apart.shape)
    width = float(shapely.area(band)) / float(apart.max())
    if width * _SHORTEST > apart.max():
        return []  # too short to have a direction
    return [_head(band, corners[end], width) for end in pair]


def _head(band: BaseGeometry, corner: Floats, width: float) -> shapely.Polygon:
    """The triangle beyond the end at a corner."""
    near, nearer = (
        shapely.intersection(band, shapely.buffer(shapely.Point(corner), reach * width)) for reach in _NEAR
    )
    inner, outer = (shapely.get_coordinates(shapely.centroid(part))[0] for part in (near, nearer))
    ahead = (outer - inner) / np.hypot(*(outer - inner))
    aside = np.array([-ahead[1], ahead[0]])
    hull = shapely.get_coordinates(near)
    middle = outer + ahead * ((hull - outer) @ ahead).max()  # where the band ends
    middle = middle - ahead * width * 0.2
    return shapely.Polygon(
        [
            middle + aside * width * _WIDTH / 2,
            middle + ahead * width * _LENGTH,
            middle - aside * width * _WIDTH / 2,
        ]
    )
