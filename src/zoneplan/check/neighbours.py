"""Parcels against each other: overlaps, duplicates, and gaps that they enclose."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import lon_lat
from zoneplan.engine import ellipsoid, overlay
from zoneplan.engine.grid import folded_boxes
from zoneplan.engine.rings import Floats, Shapes
from zoneplan.finding import Finding
from zoneplan.landuse.matrix import Matrix, overlapping

GAP_WIDTH_M = 2.0
GAP_M2 = 100.0
"""An enclosed gap is a fault of drawing if it is narrower (2A/P) or smaller than these; else it is land left out."""
LEAST_M2 = 0.01
SAME = 1e-6
SHOWN = 20


def against_each_other(ids: Sequence[str], shapes: gpd.GeoSeries) -> tuple[Finding, ...]:
    """What parcels of one file have to do with each other.

    Parameters
    ----------
    ids : sequence of str
        Names in the order of `shapes`.
    shapes : GeoSeries
        Valid polygons on a RangeIndex in a projected CGCS2000 CRS; empty ones have no neighbours.

    Returns
    -------
    tuple of Finding
        ``parcels.overlap`` (m² ellipsoidal, both ids), ``parcels.duplicate``, ``parcels.counted_twice`` (what a total
        over the parcels counts twice), ``parcels.gap`` (enclosed, narrower than 2 m or under 100 m²).
    """
    crs = CRS(shapes.crs)
    pairs = _overlaps(shapes)
    area = ellipsoid.area(shapes, crs)
    findings = _about_pairs(ids, shapes, pairs, area, crs)
    gaps = _gaps(shapes.to_numpy(), np.union1d(pairs.row, pairs.column))
    return (*findings, *_about_gaps(gaps, crs))


def _overlaps(shapes: gpd.GeoSeries) -> Matrix:
    """Pairs that share ground; only parcels that meet a cell in which something overlaps are compared."""
    boxes = folded_boxes(shapes)
    some = np.unique(shapely.STRtree(shapes.to_numpy()).query(boxes)[1]) if len(boxes) else np.empty(0, int)
    found = overlapping(gpd.GeoSeries(shapes.iloc[some]))
    return Matrix(some[found.row], some[found.column], found.area_m2, found.plane_m2)


def _about_pairs(
    ids: Sequence[str], shapes: gpd.GeoSeries, pairs: Matrix, area: Floats, crs: CRS
) -> list[Finding]:
    findings = []
    twins = np.minimum(area[pairs.row], area[pairs.column])
    same = (pairs.area_m2 >= twins * (1 - SAME)) & (
        np.abs(area[pairs.row] - area[pairs.column]) <= SAME * twins
    )
    order = np.lexsort((pairs.column, pairs.row, -pairs.area_m2))
    for number in order[:SHOWN]:
        one, other = int(pairs.row[number]), int(pairs.column[number])
        m2, names = float(pairs.area_m2[number]), (ids[one], ids[other])
        point = lon_lat(overlay.intersection(shapes.iloc[one], shapes.iloc[other]), crs)
        if same[number]:
            findings.append(
                Finding(
                    "parcels.duplicate", "warning",
                    f"地块 {names[0]} 与 {names[1]} 是同一块地({m2:.2f} m²),请删去一个",
                    f"parcels {names[0]} and {names[1]} are the same ground ({m2:.2f} m²): remove one",
                    "parcels", feature=names, point=point,
                )
            )  # fmt: skip
        else:
            findings.append(
                Finding(
                    "parcels.overlap", "warning",
                    f"地块 {names[0]} 与 {names[1]} 重叠 {m2:.2f} m²,请核对界址点",
                    f"parcels {names[0]} and {names[1]} overlap by {m2:.2f} m²: check their boundary points",
                    "parcels", feature=names, point=point,
                )
            )  # fmt: skip
    if len(order):
        total = float(pairs.area_m2.sum())
        more = f";另有 {len(order) - SHOWN} 处未列出" if len(order) > SHOWN else ""
        more_en = f"; {len(order) - SHOWN} more are not listed" if len(order) > SHOWN else ""
        findings.append(
            Finding(
                "parcels.counted_twice", "warning",
                f"地块之间有 {len(order)} 处重叠,共 {total:.2f} m²;各地块面积相加时此处重复计算{more}",
                f"parcels overlap each other in {len(order)} places, {total:.2f} m² in all, "
                f"which adding up the parcels counts twice{more_en}",
                "parcels",
            )
        )  # fmt: skip
    return findings


def _gaps(shapes: Shapes, overlapped: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Shapes:
    """Small or narrow faces that parcels enclose between them."""
    whole = _joined(np.delete(shapes, overlapped))
    if len(overlapped):
        whole = overlay.union([whole, *shapes[overlapped]])
    holes = _holes(shapely.get_parts(whole))
    width = np.divide(2 * shapely.area(holes), shapely.length(holes), out=np.zeros(len(holes)), where=shapely.length(holes) > 0)  # fmt: skip
    faulty = (shapely.area(holes) >= LEAST_M2) & ((width <= GAP_WIDTH_M) | (shapely.area(holes) <= GAP_M2))
    faulty[faulty] = ~_own(holes[faulty], _holes(shapely.get_parts(shapes)))
    return np.asarray(holes[faulty])


def _joined(apart: Shapes) -> BaseGeometry:
    """The union of polygons that do not overlap; where they do not share every vertex, the slower one."""
    try:
        return overlay.polygonal(shapely.make_valid(shapely.coverage_union_all(apart)))
    except GEOSException:
        return overlay.union(list(apart))


def _holes(polygons: Shapes) -> Shapes:
    """The holes of polygons, as polygons."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    inner = np.r_[False, owner[1:] == owner[:-1]] if len(owner) else np.zeros(0, dtype=bool)
    return np.asarray(shapely.polygons(rings[inner]), dtype=object)


def _own(holes: Shapes, own: Shapes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which holes are the hole of a single parcel, and so not between parcels."""
    mine = np.zeros(len(holes), dtype=bool)
    if len(holes) and len(own):
        at, other = shapely.STRtree(own).query(holes, predicate="covered_by")
        mine[at[shapely.area(own[other]) <= shapely.area(holes[at]) * (1 + SAME)]] = True
    return mine


def _about_gaps(gaps: Shapes, crs: CRS) -> list[Finding]:
    area = ellipsoid.area(gaps, crs)
    return [
        Finding(
            "parcels.gap", "warning",
            f"地块之间有 {float(area[number]):.2f} m² 的缝隙(共 {len(gaps)} 处);请核对是否漏绘或界址点不一致",
            f"there is a gap of {float(area[number]):.2f} m² between parcels ({len(gaps)} in all): "
            "check for land left out or boundary points that differ",
            "parcels", point=lon_lat(gaps[number], crs),
        )
        for number in np.argsort(-area, kind="stable")[:SHOWN]
    ]  # fmt: skip
