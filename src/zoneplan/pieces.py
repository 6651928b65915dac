"""The geometry of overlaps: cut by GEOS, every piece checked against its area without geometry.

What lies wholly inside or outside is known from the areas, so that only what crosses a boundary is
intersected: with what the layer has in its neighbourhood, on all cores. A piece whose area is not that of
`zoneplan.overlap` is made again, slowly, by `zoneplan.overlay.overlaps`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from zoneplan import compiled, overlay
from zoneplan.overlap import overlap_areas
from zoneplan.overlay import MARGIN_M, Overlaps, Shapes, polygonal
from zoneplan.rings import MULTIPOLYGON, POLYGON, Floats, Ints

ZERO_M2 = 1e-6  # below this an overlap is the arithmetic of cutting
_FEW_VERTICES = 256
_AREAL = (POLYGON, MULTIPOLYGON)


def overlap_pieces(
    features: gpd.GeoSeries, layer: gpd.GeoSeries, *, plane_areas: Floats | None = None
) -> Overlaps:
    """The part of each feature that a layer covers, never counted twice.

    Parameters
    ----------
    features : GeoSeries
        Polygons in a projected CRS (metres); None and empty geometry have no overlap.
    layer : GeoSeries
        Polygons in the same CRS; they may overlap one another.
    plane_areas : ndarray, optional
        Overlaps in plane m² if they are known, as `overlap_areas` gives them.

    Returns
    -------
    Overlaps
        A feature that lies wholly inside is returned as it is. ``overlay.area`` names features whose
        piece does not have the area of the overlap, however it was cut.

    Raises
    ------
    InputError
        As `overlap_areas`.
    """
    if plane_areas is None:
        plane_areas = overlap_areas(features, {"layer": layer}, area="planar").table["layer"].to_numpy()
    shapes = features.to_numpy()
    own = np.nan_to_num(shapely.area(shapes))
    made = np.full(len(shapes), Polygon(), dtype=object)
    whole = plane_areas >= own - np.maximum(ZERO_M2, 1e-9 * own)
    whole &= own > 0
    made[whole] = shapes[whole]
    crossing = np.flatnonzero(~whole & ~(plane_areas <= ZERO_M2) & (own > 0))
    if not len(crossing):
        return Overlaps(gpd.GeoSeries(made, index=features.index, crs=features.crs))
    origin = np.floor(shapely.total_bounds(shapes[crossing])[:2])
    local = shapely.transform(shapes[crossing], lambda xy: xy - origin)
    parts = shapely.get_parts(layer.to_numpy()[~layer.isna().to_numpy()])
    cut = _cut(local, shapely.transform(parts, lambda xy: xy - origin))
    made[crossing] = shapely.transform(cut, lambda xy: xy + origin)
    off = np.abs(shapely.area(cut) - plane_areas[crossing]) > 1e-6 * (1.0 + shapely.length(local))
    again = crossing[off | np.isnan(plane_areas[crossing])]
    if not len(again):
        return Overlaps(gpd.GeoSeries(made, index=features.index, crs=features.crs))
    slow = overlay.overlaps(gpd.GeoSeries(features.iloc[again]), layer)
    made[again] = slow.pieces.to_numpy()
    return Overlaps(gpd.GeoSeries(made, index=features.index, crs=features.crs), slow.findings)


def boundary_chunks(shapes: Shapes, size: int = 32) -> Shapes:
    """The boundaries of polygons as short lines of at most `size` edges."""
    rings = shapely.get_rings(shapely.get_parts(shapes[~shapely.is_missing(shapes)]))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.searchsorted(ring, np.arange(len(rings) + 1))
    counts = [(np.arange(a, b - 1, size), b) for a, b in pairwise(start)]
    first = np.concatenate([c for c, _ in counts]) if counts else np.empty(0, np.int64)
    last = np.concatenate([np.minimum(c + size, b - 1) for c, b in counts]) if counts else first
    length = last - first + 1
    line = np.repeat(np.arange(len(first)), length)
    at = np.arange(len(line)) - np.repeat(np.cumsum(length) - length, length) + np.repeat(first, length)
    return np.asarray(shapely.linestrings(xy[at], indices=line)) if len(line) else np.empty(0, dtype=object)


def _cut(features: Shapes, layer: Shapes) -> Shapes:
    """What each feature has in common with the layer's polygons."""
    near = np.full(len(features), Polygon(), dtype=object)
    for group, there in _groups(features, layer):
        near[group] = there

    def part(first: int, last: int) -> Shapes:
        try:
            return np.asarray(shapely.intersection(features[first:last], near[first:last]))
        except GEOSException:  # one pair spoils the stretch: left empty, it fails its check and is made again
            return np.full(last - first, Polygon(), dtype=object)

    made = np.concatenate(compiled.spread(part, len(features)))
    mixed = ~np.isin(shapely.get_type_id(made), _AREAL)
    made[mixed] = [polygonal(shape) for shape in made[mixed]]
    return made


def _groups(features: Shapes, layer: Shapes) -> Iterator[tuple[Ints, BaseGeometry]]:
    """Features by neighbourhood, each group with what the layer has within its bounds, all in one geometry."""
    bounds = shapely.bounds(features)
    centre = bounds[:, :2] + bounds[:, 2:]
    todo = [(np.arange(len(features)), layer)]
    while todo:
        group, parts = todo.pop()
        west, south = bounds[group, :2].min(axis=0) - MARGIN_M
        east, north = bounds[group, 2:].max(axis=0) + MARGIN_M
        box = shapely.bounds(parts)
        meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
        clipped = shapely.get_parts(shapely.clip_by_rect(parts[meets], west, south, east, north))
        parts = clipped[(shapely.get_type_id(clipped) == POLYGON) & (shapely.area(clipped) > 0)]
        if len(group) == 1 or shapely.get_num_coordinates(parts).sum() <= _FEW_VERTICES:
            yield group, _one(parts)
            continue
        axis = int(north - south > east - west)
        order = np.argsort(centre[group, axis], kind="stable")
        half = len(group) // 2
        todo += [(group[order[:half]], parts), (group[order[half:]], parts)]


def _one(parts: Shapes) -> BaseGeometry:
    """Polygons as one geometry; those that share edges or overlap are united."""
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    return whole if whole.is_valid else shapely.union_all(shapely.make_valid(parts), grid_size=overlay.GRID_M)
