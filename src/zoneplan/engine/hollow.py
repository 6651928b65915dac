"""Polygons without holes that have no points: such polygons are valid, and GEOS 3.14 reads past the end of such holes."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Shapes


def without_hollow_rings(shapes: Shapes) -> Shapes:
    """The same geometry, that of the polygons concerned made again; the same array where there are none."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    holed = np.flatnonzero(shapely.get_num_interior_rings(parts) > 0)
    rings, part = shapely.get_rings(parts[holed], return_index=True)
    concerned = np.unique(owner[holed[part[shapely.is_empty(rings)]]])
    if not len(concerned):
        return shapes
    made = shapes.copy()
    made[concerned] = [_filled(shape) for shape in shapes[concerned]]
    return made


def _filled(shape: BaseGeometry) -> BaseGeometry:
    """A polygon, several, or a collection without hollow rings."""
    if isinstance(shape, shapely.Polygon):
        return _polygon(shape)
    if isinstance(shape, shapely.MultiPolygon):
        return shapely.MultiPolygon([_polygon(part) for part in shape.geoms])
    if isinstance(shape, shapely.GeometryCollection):
        return shapely.GeometryCollection([_filled(part) for part in shape.geoms])
    return shape


def _polygon(shape: shapely.Polygon) -> shapely.Polygon:
    return shapely.Polygon(shape.exterior, [ring for ring in shape.interiors if not ring.is_empty])
