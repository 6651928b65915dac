"""A layer as one geometry, to be drawn."""

from __future__ import annotations

import geopandas as gpd
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import overlay
from zoneplan.engine.grid import folded_boxes, united


def dissolved(features: gpd.GeoSeries) -> BaseGeometry:
    """Valid polygons as one geometry, to be drawn: what overlaps united, edges that neighbours share left out.

    Snapping to a grid takes most of a minute where there are a million vertices: only what overlaps is snapped, and all of it
    where neighbours have vertices of their own along the edges that they share.
    """
    shapes = features.to_numpy()
    if len(shapes) == 1:
        return overlay.polygonal(shapes[0])
    if len(boxes := folded_boxes(features)):
        shapes = united(shapes, boxes, overlay.GRID_M)
    try:
        made = shapely.coverage_union_all(shapes)
    except GEOSException:  # GEOS says so where the edges of neighbours do not fit
        return overlay.union(list(shapes))
    return overlay.polygonal(made) if made.is_valid else overlay.union(list(shapes))
