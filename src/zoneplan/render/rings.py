"""A core as a plan's structure figure draws it: with a ring around."""

from __future__ import annotations

import math

import shapely
from shapely.geometry.base import BaseGeometry

_COMPACT = 0.7  # 4πA/P² at least: a square has 0.79, a band far less
_INNER, _OUTER = 1.12, 1.22  # of the ring, in radii of the core
_ARC = 24  # segments of a quarter


def ringed(core: BaseGeometry) -> BaseGeometry:
    """A compact area (polygon, metres) joined with a ring around it; other shapes as they are.

    A sign for the eye: areas and answers are those of the core alone. The radius is that from its centroid to the
    farthest corner.
    """
    parts = shapely.get_parts(core)
    if len(parts) != 1 or shapely.get_dimensions(core) != 2:
        return core
    if 4 * math.pi * core.area / core.length**2 < _COMPACT:
        return core
    centre = shapely.centroid(core)
    radius = float(shapely.hausdorff_distance(centre, core))
    outer, inner = (shapely.buffer(centre, radius * share, quad_segs=_ARC) for share in (_OUTER, _INNER))
    return shapely.MultiPolygon([parts[0], shapely.Polygon(outer.exterior, [inner.exterior.coords])])
