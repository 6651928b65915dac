"""The geometry of overlaps, every piece checked against its area without geometry.

What lies wholly inside or outside is known from the areas, so that only what crosses a boundary is
cut. Pieces are traced and proved by `zoneplan.engine.weaving`; what edges that touch or coincide leave in doubt there
is intersected by GEOS with what the layer has in its neighbourhood, on all cores. A piece of GEOS whose area is not that
of `zoneplan.engine.overlap` is made again in other ways, and the best of them kept.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import compiled, overlay
from zoneplan.engine.clip import clip
from zoneplan.engine.overlap import overlap_areas
from zoneplan.engine.overlay import MARGIN_M, Overlaps, polygonal
from zoneplan.engine.placement import placed
from zoneplan.engine.rings import MULTIPOLYGON, POLYGON, Floats, Ints, Rings, Shapes, rings
from zoneplan.engine.weaving import PLACE, weave

FINE_M = 1e-9  # a piece that misses its area by more than this times the feature's perimeter is cut again
NAMED_M = 1e-6  # and named, if it then still misses it by this much
ZERO_M2 = 1e-6  # below this an overlap is the arithmetic of cutting
_FEW_VERTICES = 256
_WORTH = 64  # vertices of the layer per vertex of the features that are left
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
        A feature that lies wholly inside is returned as it is. Pieces have no heights. ``overlay.area`` names features whose
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
    whole = plane_areas >= own - np.maximum(ZERO_M2, 1e-12 * own)
    whole &= own > 0
    made[whole] = shapes[whole]
    crossing = np.flatnonzero(~whole & ~(plane_areas <= ZERO_M2) & (own > 0))
    if not len(crossing):
        return Overlaps(gpd.GeoSeries(made, index=features.index, crs=features.crs))
    theirs = rings(layer.to_numpy(), PLACE, "layer")
    made[crossing] = _woven(shapes[crossing], theirs, layer.to_numpy(), plane_areas[crossing])
    left = crossing[shapely.is_missing(made[crossing])]
    made[left], wrong = _cut_and_checked(shapes[left], theirs, plane_areas[left])
    findings = tuple(overlay.doubt(str(features.index[n]), shapes[n], features) for n in left[wrong])
    return Overlaps(gpd.GeoSeries(made, index=features.index, crs=features.crs), findings)


def _woven(features: Shapes, layer: Rings, shapes: Shapes, wanted: Floats) -> Shapes:
    """What features have in common with a layer (as rings, and as shapes); None where that is left to GEOS."""
    rounding_m = 0.5 * float(np.spacing(np.abs(layer.xy).max(initial=0.0)))  # of the crossings' coordinates
    slack = _slack(features, FINE_M + rounding_m)
    made = weave(features, layer, wanted, slack)
    left = np.flatnonzero(shapely.is_missing(made))
    if len(left) and len(joined := _joined(shapes, features[left])):
        made[left] = weave(features[left], rings(joined, PLACE, "layer"), wanted[left], slack[left])
    return made


def _joined(layer: Shapes, features: Shapes) -> Shapes:
    """The polygons of a layer near features, those that share edges made one; none where that is not worth it."""
    parts = shapely.get_parts(layer)
    near = np.unique(shapely.STRtree(parts).query(features)[1])
    size = shapely.get_num_coordinates(parts[near]).sum()
    if len(near) < 2 or size > _WORTH * shapely.get_num_coordinates(features).sum():
        return parts[:0]
    try:
        return np.array([shapely.coverage_union_all(parts[near])], dtype=object)
    except GEOSException:  # they overlap
        return parts[:0]


def _cut_and_checked(features: Shapes, layer: Rings, wanted: Floats) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """What features have in common with a layer, cut by GEOS; and which of them do not have the area wanted."""
    if not len(features):
        return features, np.zeros(0, dtype=bool)
    origin = np.floor(shapely.total_bounds(features)[:2])
    local = shapely.transform(features, lambda xy: xy - origin)
    near = _neighbourhoods(local, layer.at((float(origin[0]), float(origin[1]))))
    cut = _cut(local, near)
    off = _off(cut, local, wanted, FINE_M)
    cut[off] = _cut(local[off], shapely.make_valid(near[off], method="structure", keep_collapsed=False))
    again = np.flatnonzero(off)[_off(cut[off], local[off], wanted[off], FINE_M)]
    for number in again:
        cut[number] = _best(cut[number], local[number], near[number], float(wanted[number]))
    made = placed(cut, origin)
    return made, _off(made, local, wanted, NAMED_M)


def _slack(features: Shapes, width_m: float) -> Floats:
    """The area of a strip so wide along the edge of each feature."""
    return np.asarray(width_m * (1.0 + shapely.length(features)))


def _off(cut: Shapes, features: Shapes, plane_areas: Floats, width_m: float) -> npt.NDArray[np.bool_]:
    """Pieces that do not have the area of their overlap, but for a strip so wide along the feature's edge."""
    return ~(np.abs(shapely.area(cut) - plane_areas) <= _slack(features, width_m))


def _best(cut: BaseGeometry, feature: BaseGeometry, near: BaseGeometry, plane_area: float) -> BaseGeometry:
    """Of all ways to cut a piece the one whose area is nearest to what it must be."""
    ways = [cut]
    parts = shapely.get_parts(near)
    for grid_m in (*overlay.GRIDS_M, overlay.COARSE_GRID_M):
        try:
            ways.append(
                overlay.intersection(feature, overlay.union(list(parts), grid_m=grid_m), grid_m=grid_m)
            )
        except GEOSException:
            continue
    return min(ways, key=lambda way: abs(way.area - plane_area))


def _cut(features: Shapes, near: Shapes) -> Shapes:
    """What each feature has in common with its neighbourhood."""

    def part(first: int, last: int) -> Shapes:
        try:
            return np.asarray(shapely.intersection(features[first:last], near[first:last]))
        except GEOSException:  # one pair spoils the stretch: each by itself
            return np.array(
                [_meet(*pair) for pair in zip(features[first:last], near[first:last], strict=True)]
            )

    made = np.concatenate([features[:0], *compiled.spread(part, len(features))])
    mixed = ~np.isin(shapely.get_type_id(made), _AREAL)
    made[mixed] = [polygonal(shape) for shape in made[mixed]]
    return made


def _meet(feature: BaseGeometry, near: BaseGeometry) -> BaseGeometry:
    """What two polygons have in common; nothing where the engine gives up, which fails the check of the area."""
    try:
        return shapely.intersection(feature, near)
    except GEOSException:
        return Polygon()


def _neighbourhoods(features: Shapes, layer: Rings) -> Shapes:
    """For each feature what the layer has around it, one geometry for a group of neighbours."""
    bounds = shapely.bounds(features)
    centre = bounds[:, :2] + bounds[:, 2:]
    part = np.cumsum(~layer.hole) - 1  # a shell begins a polygon
    few = compiled.few(len(layer.xy) * 4)
    todo = [(np.arange(len(features)), (layer.xy, layer.ring, part, layer.hole))]
    groups, held = [], []
    while todo:
        group, rings = todo.pop()
        west, south = bounds[group, :2].min(axis=0) - MARGIN_M
        east, north = bounds[group, 2:].max(axis=0) + MARGIN_M
        rings = clip(*rings, west, south, east, north, interpret=few)
        if len(group) == 1 or len(rings[0]) <= _FEW_VERTICES:
            groups.append(group)
            held.append(rings)
            continue
        order = np.argsort(centre[group, int(north - south > east - west)], kind="stable")
        half = len(group) // 2
        todo += [(group[order[:half]], rings), (group[order[half:]], rings)]
    near = np.empty(len(features), dtype=object)
    for group, shape in zip(groups, _geometries(held), strict=True):
        near[group] = shape
    return near


def _geometries(held: list[tuple[Floats, Ints, Ints, npt.NDArray[np.bool_]]]) -> Shapes:
    """Multipolygons from clipped rings; holes whose shell is gone go with it."""
    coordinates, ring_end, part_end, shape_end = [], [], [], []
    vertices = rings = 0
    for xy, ring, part, hole in held:
        starts = np.flatnonzero(~hole)
        owner = np.searchsorted(part[starts], part)  # polygons are in order
        known = (
            (owner < len(starts)) & (part[starts][np.minimum(owner, len(starts) - 1)] == part)
            if len(starts)
            else hole & False
        )
        if not known.all():
            kept = np.concatenate([xy[ring[r] : ring[r + 1]] for r in np.flatnonzero(known)] or [xy[:0]])
            sizes = np.diff(ring)[known]
            xy, ring = kept, np.concatenate([[0], np.cumsum(sizes)])
            starts = np.flatnonzero(~hole[known])
        coordinates.append(xy)
        ring_end.append(ring[1:] + vertices)
        part_end.append(
            np.append(starts[1:], len(ring) - 1) + rings if len(starts) else np.empty(0, np.int64)
        )
        vertices += len(xy)
        rings += len(ring) - 1
        shape_end.append(len(starts))
    offsets = (
        np.concatenate([[0], *ring_end]),
        np.concatenate([[0], *part_end]),
        np.concatenate([[0], np.cumsum(shape_end)]),
    )
    made = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, np.concatenate(coordinates), offsets)
    return np.asarray(made, dtype=object)
