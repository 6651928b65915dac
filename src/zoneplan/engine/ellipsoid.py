"""Ellipsoidal area and length on CGCS2000.

The area formula is that of the technical annex to 国土调查办发〔2008〕32号, in use since for the
national land surveys; see `zoneplan.engine.series`.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.zones import to_degrees
from zoneplan.engine import compiled
from zoneplan.engine.rings import MULTIPOLYGON, POLYGON, Outlines, Rings, outlines
from zoneplan.engine.series import FLATTENING, SEMI_MAJOR_M, Tiles, fitted, sum_rings, sum_rings_with_numpy
from zoneplan.engine.tiling import Array, box_of
from zoneplan.errors import InputError, fault

_BLOCK = 2000  # polygons
_FEW_VERTICES = 100_000  # up to here numpy is done before compiled code is loaded


def area(geometries: Sequence[BaseGeometry] | npt.NDArray[np.object_] | gpd.GeoSeries, crs: CRS) -> Array:
    """Ellipsoidal area of polygons.

    Parameters
    ----------
    geometries : array-like of shapely geometries, shape (n,)
        Polygons or multipolygons in `crs`; holes are subtracted. Lines, points and empty geometry
        measure 0, None measures NaN.
    crs : pyproj.CRS
        Projected CGCS2000 CRS in metres.

    Returns
    -------
    ndarray of float64, shape (n,)
        Square metres, not rounded.

    Raises
    ------
    InputError
        If `crs` is not a projected CGCS2000 CRS in metres; coordinates that are not finite.

    Notes
    -----
    As the official tools do: edges longer than `SPLIT_M` split into equal pieces, plane coordinates
    rounded to 4 decimals, latitude and longitude to 1e-6 arc second.
    """
    require_plane(crs)
    shapes = np.asarray(geometries, dtype=object)
    kinds = shapely.get_type_id(shapes)
    if np.isin(kinds, (POLYGON, MULTIPOLYGON)).all():
        return _of_polygons(shapes, crs)
    polygons = shapes.copy()
    polygons[~np.isin(kinds, (POLYGON, MULTIPOLYGON))] = None
    for number in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapely.get_parts(shapes[number]))
        polygons[number] = shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == POLYGON]))
    return np.where(shapely.is_missing(shapes), np.nan, _of_polygons(polygons, crs))


def area_of_rings(polygons: Rings, crs: CRS, *, threads: int | None = None) -> Array:
    """Ellipsoidal area in m² of polygons that are flat arrays already; else as `area`."""
    require_plane(crs)
    if not len(polygons.xy):
        return np.zeros(len(polygons))
    low, high = box_of(polygons.bounds)
    tiles = fitted(low + polygons.origin, high + polygons.origin, crs)
    return _of_outlines(polygons, tiles, few=_few(len(polygons.xy)), threads=threads)


def _of_polygons(polygons: npt.NDArray[np.object_], crs: CRS) -> Array:
    """Areas of polygons and multipolygons, in blocks whose coordinates a processor keeps at hand."""
    if not len(polygons):
        return np.zeros(0)
    bounds = shapely.total_bounds(polygons)
    if not np.isfinite(bounds).all():
        outlines(polygons)  # raises if any coordinate is not finite
        return np.zeros(len(polygons))
    tiles = fitted(bounds[:2], bounds[2:], crs)
    sample = shapely.get_num_coordinates(polygons[:_BLOCK])
    few = _few(float(sample.mean()) * len(polygons))
    made = np.zeros(len(polygons))

    def part(first: int, last: int) -> None:
        for at in range(first, last, _BLOCK):
            block = outlines(polygons[at : min(at + _BLOCK, last)], (0.0, 0.0))
            made[at : at + len(block)] = _of_outlines(block, tiles, few=few, threads=1)

    try:
        if len(polygons) <= _BLOCK:
            return _of_outlines(outlines(polygons, (0.0, 0.0)), tiles, few=few)
        compiled.spread(part, len(polygons))
    except InputError:
        outlines(polygons)  # names them by their numbers
        raise
    return made


def _few(vertices: float) -> bool:
    """Whether numpy is the sooner way."""
    return vertices < _FEW_VERTICES and not sum_rings.loaded


def _of_outlines(polygons: Outlines, tiles: Tiles, *, few: bool, threads: int | None = None) -> Array:
    """Areas by the formula: with numpy where there are few or no compiler, else compiled."""
    sums = np.zeros(len(polygons.ring) - 1)
    if few or sum_rings.fast is None:
        sum_rings_with_numpy(polygons, tiles, sums)
    else:
        compiled.spread(
            lambda first, last: sum_rings(
                first, last, polygons.xy, polygons.ring, *polygons.origin, *tiles.arguments, sums
            ),
            len(sums), threads,
        )  # fmt: skip
    signed = np.where(polygons.hole, -1.0, 1.0) * np.abs(sums)
    owner = np.repeat(np.arange(len(polygons)), np.diff(polygons.owner))
    return np.asarray(np.bincount(owner, signed, len(polygons)), dtype=np.float64)


def length(geometries: Sequence[BaseGeometry] | npt.NDArray[np.object_] | gpd.GeoSeries, crs: CRS) -> Array:
    """Geodesic length of lines in metres, on the ellipsoid and between vertices.

    Parameters, CRS and errors as for `area`; polygons, points, None and empty geometry measure 0.
    """
    require_plane(crs)
    degrees = to_degrees(crs)
    geod = Geod(a=SEMI_MAJOR_M, f=FLATTENING)
    shapes = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    total = np.zeros(len(shapes))
    for part, number in zip(parts, owner, strict=True):
        if shapely.get_dimensions(part) == 1:
            lon, lat = degrees.transform(*shapely.get_coordinates(part).T)
            total[number] += geod.line_length(lon, lat)
    return total


def require_plane(crs: CRS | None) -> CRS:
    """The CRS, if areas can be computed in it; else `InputError`."""
    metres = crs is not None and crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info)
    china = crs is not None and crs.datum is not None and "China 2000" in crs.datum.name
    if crs is None or not (metres and china and crs.ellipsoid is not None):
        found = "没有坐标系" if crs is None else f"坐标系为 {crs.name}"
        said = "there is no CRS" if crs is None else f"the CRS is {crs.name}"
        raise InputError(
            fault(
                "crs.area", crs.name if crs is not None else "CRS",
                f"{found};面积只能在 CGCS2000 高斯-克吕格投影坐标系(米)中计算,请先转换,如 EPSG:4547",
                f"{said}; areas are computed in a projected CGCS2000 CRS in metres only: "
                "transform the data first, for instance to EPSG:4547",
            )
        )  # fmt: skip
    return crs
