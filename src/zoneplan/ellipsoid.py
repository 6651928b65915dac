"""Ellipsoidal area and length on CGCS2000.

The area formula is that of the technical annex to 国土调查办发〔2008〕32号, in use since for the
national land surveys: the area between an edge and the equator by a series in the eccentricity,
summed over the edges of each ring, with edges split at 70 m so that straight lines of the
projection stay straight.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from numpy.polynomial import polynomial
from pyproj import CRS, Geod, Proj, Transformer
from shapely.geometry.base import BaseGeometry

from zoneplan.errors import InputError, fault

Array = npt.NDArray[np.float64]

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1 / 298.257222101
SPLIT_M = 70.0
_E2 = FLATTENING * (2 - FLATTENING)
_SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
_E4, _E6, _E8 = _E2**2, _E2**3, _E2**4
_SERIES = (
    1 + 3 / 6 * _E2 + 30 / 80 * _E4 + 35 / 112 * _E6 + 630 / 2304 * _E8,
    1 / 6 * _E2 + 15 / 80 * _E4 + 21 / 112 * _E6 + 420 / 2304 * _E8,
    3 / 80 * _E4 + 7 / 112 * _E6 + 180 / 2304 * _E8,
    1 / 112 * _E6 + 45 / 2304 * _E8,
    5 / 2304 * _E8,
)
_ARC_SECOND = np.pi / 180 / 3600


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
        If `crs` is not a projected CGCS2000 CRS in metres.

    Notes
    -----
    As the official tools do: edges longer than `SPLIT_M` split into equal pieces, plane coordinates
    rounded to 4 decimals, latitude and longitude to 1e-6 arc second.
    """
    _require_plane(crs)
    shapes = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    rings, part = shapely.get_rings(parts[flat], return_index=True)
    total = np.where(shapely.is_missing(shapes), np.nan, 0.0)
    if len(rings) == 0:
        return total
    first = np.r_[True, part[1:] != part[:-1]]  # a polygon's first ring is its shell
    signed = np.where(first, 1.0, -1.0) * np.abs(_ring_sums(rings, crs))
    np.add.at(total, owner[flat][part], signed)
    return total


def length(geometries: Sequence[BaseGeometry] | npt.NDArray[np.object_] | gpd.GeoSeries, crs: CRS) -> Array:
    """Geodesic length of lines in metres, on the ellipsoid and between vertices.

    Parameters, CRS and errors as for `area`; polygons, points, None and empty geometry measure 0.
    """
    _require_plane(crs)
    to_degrees = _to_degrees(crs)
    geod = Geod(a=SEMI_MAJOR_M, f=FLATTENING)
    shapes = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    total = np.zeros(len(shapes))
    for part, number in zip(parts, owner, strict=True):
        if shapely.get_dimensions(part) == 1:
            lon, lat = to_degrees.transform(*shapely.get_coordinates(part).T)
            total[number] += geod.line_length(lon, lat)
    return total


def _ring_sums(rings: npt.NDArray[np.object_], crs: CRS) -> Array:
    """Signed sum of the edge formula for each ring."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, edge_ring = xy[:-1][same], xy[1:][same], ring[:-1][same]
    pieces = np.floor(np.hypot(*(end - start).T) / SPLIT_M).astype(np.int64) + 1
    where = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(where)) - np.repeat(np.cumsum(pieces) - pieces, pieces)

    def cut(number: npt.NDArray[np.int64]) -> tuple[Array, Array]:
        share = (number / pieces[where])[:, None]
        plane = np.round(start[where] + (end - start)[where] * share, 4)
        lon, lat = _to_degrees(crs).transform(plane[:, 0], plane[:, 1])
        grid = 1e-6 * _ARC_SECOND
        return np.round(np.radians(lon) / grid) * grid, np.round(np.radians(lat) / grid) * grid

    (lon1, lat1), (lon2, lat2) = cut(step), cut(step + 1)
    owner = edge_ring[where]
    # any meridian does for a closed ring; one of its own keeps digits, whatever else is measured with it
    reference = lon1[np.searchsorted(owner, np.arange(len(rings)))][owner]
    sums = np.bincount(owner, _edge(lon1 - reference, lat1, lon2 - reference, lat2), len(rings))
    return np.asarray(sums, dtype=np.float64)


def _edge(lon1: Array, lat1: Array, lon2: Array, lat2: Array) -> Array:
    """Area between each edge, the reference meridian and the equator (radians in, m² out)."""
    half, middle = (lat2 - lat1) / 2, (lat1 + lat2) / 2
    series = np.zeros_like(half)
    for order, factor in enumerate(_SERIES):
        odd = 2 * order + 1
        series += (-1) ** order * factor * np.sin(odd * half) * np.cos(odd * middle)
    return 2 * _SEMI_MINOR_M**2 * ((lon1 + lon2) / 2) * series


def _to_degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _require_plane(crs: CRS) -> None:
    ellipsoid = crs.ellipsoid
    metres = crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info)
    china = crs.datum is not None and "China 2000" in crs.datum.name
    if not (metres and china and ellipsoid is not None):
        raise InputError(
            fault(
                "crs.area", crs.name,
                f"坐标系为 {crs.name};面积只能在 CGCS2000 高斯-克吕格投影坐标系(米)中计算,请先转换,如 EPSG:4547",
                f"the CRS is {crs.name}; areas are computed in a projected CGCS2000 CRS in metres only: "
                "transform the data first, for instance to EPSG:4547",
            )
        )  # fmt: skip


def scale_weights(bounds: Array, crs: CRS) -> Array:
    """Square metres on the ellipsoid per plane square metre, as a quadratic in easting for each feature.

    Parameters
    ----------
    bounds : ndarray, shape (n, 4)
        West, south, east, north of features in `crs`; NaN where a feature is empty.
    crs : pyproj.CRS
        Projected CGCS2000 CRS in metres.

    Returns
    -------
    ndarray, shape (n, 3)
        a, b, c: the scale at easting E is ``a + b·d + c·d²`` with d = E − the feature's centre.

    Raises
    ------
    InputError
        If `crs` is not a projected CGCS2000 CRS in metres.

    Notes
    -----
    The scale is the reciprocal of PROJ's areal scale, fitted over the extent of all features by a
    polynomial (residual some 1e-11). North-south change within a feature is left out: 3e-13 per metre.
    Integrated over a region this agrees with the standard formula, whose edges are split at 70 m, to
    0.005 m² per km².
    """
    _require_plane(crs)
    known = np.isfinite(bounds).all(axis=1)
    weights = np.tile([1.0, 0.0, 0.0], (len(bounds), 1))
    if not known.any():
        return weights
    west, south = bounds[known, :2].min(axis=0)
    east, north = bounds[known, 2:].max(axis=0)
    middle = np.array([west + east, south + north]) / 2
    half = np.maximum(np.array([east - west, north - south]) / 2, 1000.0)
    degree = (6, 3)
    u, v = (axis.ravel() for axis in np.meshgrid(np.linspace(-1, 1, 25), np.linspace(-1, 1, 9)))
    proj = Proj(crs)
    lon, lat = proj(middle[0] + half[0] * u, middle[1] + half[1] * v, inverse=True)
    scale = 1.0 / proj.get_factors(lon, lat).areal_scale
    terms = polynomial.polyvander2d(u, v, degree)
    fit = np.linalg.lstsq(terms, scale)[0].reshape(degree[0] + 1, degree[1] + 1)
    x = ((bounds[known, 0] + bounds[known, 2]) / 2 - middle[0]) / half[0]
    y = ((bounds[known, 1] + bounds[known, 3]) / 2 - middle[1]) / half[1]
    for order, factor in enumerate((1.0, 1.0, 0.5)):
        slope = polynomial.polyder(fit, order)
        weights[known, order] = factor * polynomial.polyval2d(x, y, slope) / half[0] ** order
    return weights
