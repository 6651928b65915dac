"""The one place that intersects geometry (booleans first).

GEOS gives silent wrong areas for nearly coincident edges far from the origin, so every operation
is done at a local origin and on a grid of one micrometre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

GRID_M = 1e-6


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Only the polygon parts of a geometry; an empty Polygon if there are none."""
    parts = [part for part in _leaves(geometry) if isinstance(part, Polygon) and part.area > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts) if parts else Polygon()


def union(geometries: Sequence[BaseGeometry]) -> BaseGeometry:
    """The union of polygons."""
    return _at_origin(lambda *shapes: shapely.union_all(shapes, grid_size=GRID_M), *geometries)


def intersection(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What two polygons have in common; shared edges and points are dropped."""
    return _at_origin(lambda a, b: shapely.intersection(a, b, grid_size=GRID_M), one, other)


def difference(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """The first polygon without the second."""
    return _at_origin(lambda a, b: shapely.difference(a, b, grid_size=GRID_M), one, other)


def _at_origin(operation: Callable[..., BaseGeometry], *shapes: BaseGeometry) -> BaseGeometry:
    """Run an operation on polygons shifted by whole metres to a local origin, and shift back."""
    plain = [polygonal(shape) for shape in shapes]
    known = [shape.bounds[:2] for shape in plain if not shape.is_empty]
    if not known:
        return Polygon()
    origin = np.floor(np.min(known, axis=0))
    made = operation(*shapely.transform(plain, lambda xy: xy - origin))
    return polygonal(shapely.transform(made, lambda xy: xy + origin))


def _leaves(geometry: BaseGeometry) -> list[BaseGeometry]:
    if geometry is None or geometry.is_empty:
        return []
    parts = list(getattr(geometry, "geoms", [geometry]))
    return parts if parts == [geometry] else [leaf for part in parts for leaf in _leaves(part)]
