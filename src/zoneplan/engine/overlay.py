"""The one place that intersects geometry.

GEOS gives silent wrong areas for nearly coincident edges far from the origin, so every operation
is done at a local origin and on a grid of a micrometre or less, and `overlaps` checks what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import compiled
from zoneplan.engine.placement import placed
from zoneplan.engine.rings import POLYGON, Shapes
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

# from fine to coarse; 2⁻²⁷ is the last digit of a coordinate of 38 million metres, so the first two move no vertex
GRIDS_M = (2.0**-33, 2.0**-27, 1e-6)
GRID_M = GRIDS_M[-1]
COARSE_GRID_M = 1e-4
MARGIN_M = 1.0  # controls are clipped this far outside a feature's box, so that no cut runs along its edge
MANY = 64  # polygons with more vertices are clipped before two of them are intersected

T = TypeVar("T")


@dataclass(frozen=True)
class Overlaps:
    """What features have in common with a layer.

    Parameters
    ----------
    pieces : GeoSeries
        Polygons on the features' index; an empty Polygon where there is no overlap.
    findings : tuple of Finding
        Features whose overlap failed its check every way it was computed (code ``overlay.area``).
    """

    pieces: gpd.GeoSeries
    findings: tuple[Finding, ...] = ()


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Only the polygon parts of a geometry; an empty Polygon if there are none."""
    parts = [part for part in _leaves(geometry) if isinstance(part, Polygon) and part.area > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts) if parts else Polygon()


def union(geometries: Sequence[BaseGeometry], *, grid_m: float = GRID_M) -> BaseGeometry:
    """The union of polygons; vertices are snapped to a grid of `grid_m`."""
    return _at_origin(lambda *shapes: shapely.union_all(shapes, grid_size=grid_m), *geometries)


def intersection(one: BaseGeometry, other: BaseGeometry, *, grid_m: float = GRID_M) -> BaseGeometry:
    """What two polygons have in common; shared edges and points are dropped."""
    return _at_origin(lambda a, b: shapely.intersection(a, b, grid_size=grid_m), one, other)


def difference(one: BaseGeometry, other: BaseGeometry, *, grid_m: float = GRID_M) -> BaseGeometry:
    """The first polygon without the second."""
    return _at_origin(lambda a, b: shapely.difference(a, b, grid_size=grid_m), one, other)


def plane_area(geometries: Iterable[BaseGeometry]) -> npt.NDArray[np.float64]:
    """Plane area in m², each geometry at its own origin: coordinates in the millions cost digits."""

    def at_origin(shape: BaseGeometry) -> BaseGeometry:
        origin = np.floor(shape.bounds[:2])
        return shapely.transform(shape, lambda xy: xy - origin)

    return np.array([0.0 if shape.is_empty else at_origin(shape).area for shape in geometries])


def overlaps(features: gpd.GeoSeries, layer: BaseGeometry | gpd.GeoSeries) -> Overlaps:
    """The part of each feature that a layer covers, never counted twice.

    Parameters
    ----------
    features : GeoSeries
        Polygons in a projected CRS (metres); None and empty geometry have no overlap.
    layer : geometry or GeoSeries
        Polygons in the same CRS; they may overlap one another.

    Returns
    -------
    Overlaps
        A feature that lies wholly inside is returned as it is.

    Raises
    ------
    InputError
        If both sides carry a CRS and these differ.

    Notes
    -----
    Per feature P: the layer's polygons C are clipped to the box of P, united, intersected with P.
    The result must satisfy ``max |P∩C| ≤ |P∩U| ≤ min(|P|, Σ|P∩C|)``, and a point inside P must be on
    the same side of it as of the polygons C. A result that does not is computed another way; if
    none does, a finding of severity error names the feature.
    """
    if isinstance(layer, gpd.GeoSeries):
        _require_same_crs(features, layer)
    controls = _controls(layer)
    shapes = np.asarray(features, dtype=object)
    sound = shapely.is_valid(shapes)
    tree = shapely.STRtree(np.where(sound, shapes, shapely.envelope(shapes)))
    pieces = np.full(len(shapes), Polygon(), dtype=object)
    # the tree holds the features, so that each control is prepared once, however large it is
    inside = np.unique(tree.query(controls, predicate="covers")[1])
    inside = inside[sound[inside]]
    pieces[inside] = shapes[inside]
    control, met = tree.query(controls, predicate="intersects")
    order = np.lexsort((control, met))
    crossed, first = np.unique(met[order], return_index=True)
    findings: list[Finding] = []
    for position, near in zip(crossed, np.split(control[order], first)[1:], strict=True):
        if pieces[position].is_empty:
            pieces[position], holds = _overlap(shapes[position], controls[near])
            if not holds:
                findings.append(doubt(str(features.index[position]), shapes[position], features))
    return Overlaps(gpd.GeoSeries(pieces, index=features.index, crs=features.crs), tuple(findings))


def pieces(ones: Shapes, others: Shapes) -> Shapes:
    """What each polygon has in common with the other at the same position.

    Valid polygons of equal number, at a local origin already; the result is empty where two only touch.
    """
    made = np.full(len(ones), Polygon(), dtype=object)
    low = np.maximum(shapely.bounds(ones)[:, :2], shapely.bounds(others)[:, :2])
    high = np.minimum(shapely.bounds(ones)[:, 2:], shapely.bounds(others)[:, 2:])
    close = np.flatnonzero((low <= high).all(axis=1))
    boxes = np.hstack([low, high])[close]

    def part(first: int, last: int) -> Shapes:
        here = close[first:last], boxes[first:last]
        return _common(*(_near_each(side[here[0]], here[1]) for side in (ones, others)))

    if len(close):
        made[close] = np.concatenate(compiled.spread(part, len(close)))
    return made


def _common(ones: Shapes, others: Shapes) -> Shapes:
    """What polygons have in common pair by pair: all at once, or each in the way that works for it."""
    try:
        made: Shapes = np.asarray(shapely.intersection(ones, others, grid_size=GRID_M), dtype=object)
    except GEOSException:
        made = np.empty(len(ones), dtype=object)
        for number, pair in enumerate(zip(ones, others, strict=True)):
            ways = (partial(_meet, *pair, grid) for grid in (GRID_M, COARSE_GRID_M, None))
            made[number] = next((piece for way in ways if (piece := _attempt(way)) is not None), Polygon())
        return made
    mixed = (shapely.get_type_id(made) != POLYGON) | ~(shapely.area(made) > 0)
    made[mixed] = [polygonal(shape) for shape in made[mixed]]
    return made


def near(shape: BaseGeometry, bounds: npt.NDArray[np.float64]) -> BaseGeometry:
    """A polygon near a box only, if it has so many vertices that the rest costs time."""
    if shapely.get_num_coordinates(shape) <= MANY:
        return shape
    return polygonal(_valid(shapely.clip_by_rect(shape, *bounds[:2] - MARGIN_M, *bounds[2:] + MARGIN_M)))


def _near_each(shapes: Shapes, boxes: npt.NDArray[np.float64]) -> Shapes:
    """Polygons near the box of each."""
    made: Shapes = np.empty(len(shapes), dtype=object)
    made[:] = [near(*pair) for pair in zip(shapes, boxes, strict=True)]
    return made


def _overlap(feature: BaseGeometry, controls: Shapes) -> tuple[BaseGeometry, bool]:
    """A feature's overlap with the polygons near it, and whether its check holds."""
    origin = np.floor(feature.bounds[:2])
    plain = polygonal(_valid(feature))
    here: BaseGeometry = shapely.transform(plain, lambda xy: xy - origin)
    west, south, east, north = here.bounds
    box = west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M
    moved = shapely.transform(controls, lambda xy: xy - origin)
    near = [part for shape in shapely.clip_by_rect(moved, *box) if (part := polygonal(_valid(shape))).area]
    if not near:
        return Polygon(), True
    shapely.prepare(near)
    if shapely.covers(near, here).any():
        return feature, True
    singles = _attempt(lambda: [_meet(here, part, GRIDS_M[0]) for part in near]) or []
    piece: BaseGeometry = Polygon()
    holds = False
    for piece in _ways(here, near, singles):
        holds = bool(singles) and _holds(here, near, [single.area for single in singles], piece)
        if holds:
            break
    return polygonal(placed(np.array([piece]), origin)[0]), holds


def _ways(
    here: BaseGeometry, near: list[BaseGeometry], singles: list[BaseGeometry]
) -> Iterator[BaseGeometry]:
    """One overlap after another, each computed in a different way, the most trusted first."""

    def on(grid: float | None) -> BaseGeometry:
        return _meet(here, shapely.union_all(near, grid_size=grid), grid)

    ways: list[Callable[[], BaseGeometry]] = [
        partial(on, GRIDS_M[0]),
        partial(on, GRID_M),
        lambda: polygonal(shapely.union_all(singles, grid_size=GRID_M)),
        partial(on, COARSE_GRID_M),
        partial(on, None),
    ]
    for way in ways:
        made = _attempt(way)
        if made is not None:
            yield made


def _holds(here: BaseGeometry, near: list[BaseGeometry], singles: list[float], piece: BaseGeometry) -> bool:
    tolerance = max(1e-3, 1e-6 * here.area)
    least, most = max(singles), min(here.area, sum(singles))
    if not least - tolerance <= piece.area <= most + tolerance:
        return False
    # the singles come from the same engine: a point in polygon test does not
    probe = here.representative_point()
    clear_m = min(probe.distance(part.boundary) for part in near)
    return clear_m < 1e-3 or bool(shapely.covers(near, probe).any()) == piece.covers(probe)


def doubt(name: str, feature: BaseGeometry, features: gpd.GeoSeries) -> Finding:
    """The finding ``overlay.area``: a feature whose overlap does not pass its check."""
    point = None
    if features.crs is not None:
        spot = gpd.GeoSeries([feature.representative_point()], crs=features.crs).to_crs("EPSG:4490")
        point = (round(float(spot.x.iloc[0]), 7), round(float(spot.y.iloc[0]), 7))
    return Finding(
        code="overlay.area",
        severity="error",
        zh=f"要素 {name} 的重叠面积换各种方法计算均未通过核对(应满足 max|P∩C| ≤ |P∩U| ≤ min(|P|, Σ|P∩C|),并与不经几何算得的面积一致);"
        "请检查该处图形并人工复核,勿采用此面积",
        en=f"the overlap of feature {name} failed its check every way it was computed (expected "
        "max|P∩C| ≤ |P∩U| ≤ min(|P|, Σ|P∩C|), and the area measured without geometry); repair the geometry there and do not use this area",
        place=name,
        feature=(name,),
        point=point,
    )


def _controls(layer: BaseGeometry | gpd.GeoSeries) -> Shapes:
    """The single polygons of a layer."""
    given = list(layer) if isinstance(layer, gpd.GeoSeries) else [layer]
    parts = [part for shape in given for part in _leaves(_valid(shape)) if isinstance(part, Polygon)]
    controls = np.empty(len(parts), dtype=object)
    controls[:] = parts
    return controls


def _require_same_crs(features: gpd.GeoSeries, layer: gpd.GeoSeries) -> None:
    if features.crs is not None and layer.crs is not None and features.crs != layer.crs:
        raise InputError(
            fault(
                "crs.mismatch",
                "overlay",
                f"图层坐标系为 {layer.crs.name},要素坐标系为 {features.crs.name};请先转换到同一坐标系",
                f"the layer is in {layer.crs.name}, the features are in {features.crs.name}; "
                "transform one of them first",
            )
        )


def _meet(one: BaseGeometry, other: BaseGeometry, grid: float | None) -> BaseGeometry:
    return polygonal(shapely.intersection(one, other, grid_size=grid))


def _valid(shape: BaseGeometry | None) -> BaseGeometry:
    if shape is None:
        return Polygon()
    # by rings, not by lines: a hole along an edge of its shell stays a hole, what two parts share stays ground
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _attempt(operation: Callable[[], T]) -> T | None:
    """The result, or None where the engine gives up: the next way is tried."""
    try:
        return operation()
    except GEOSException:
        return None


def _at_origin(operation: Callable[..., BaseGeometry], *shapes: BaseGeometry) -> BaseGeometry:
    """Run an operation on polygons shifted by whole metres to a local origin, and shift back."""
    plain = [polygonal(_valid(shape)) for shape in shapes]
    known = [shape.bounds[:2] for shape in plain if not shape.is_empty]
    if not known:
        return Polygon()
    origin = np.floor(np.min(known, axis=0))
    made = operation(*shapely.transform(plain, lambda xy: xy - origin))
    return polygonal(placed(np.array([made]), origin)[0])


def _leaves(geometry: BaseGeometry | None) -> list[BaseGeometry]:
    if geometry is None or geometry.is_empty:
        return []
    parts = list(getattr(geometry, "geoms", [geometry]))
    return parts if parts == [geometry] else [leaf for part in parts for leaf in _leaves(part)]
