"""What two layers of polygons share, pair by pair: the one door of land-use tables to the overlay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from zoneplan.engine.overlap import overlap_matrix
from zoneplan.finding import Finding

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

THINNEST_M = 1e-5  # what overlaps or is left over counts once it is thicker than this along a whole edge
LEAST_M2 = 1e-3


@dataclass(frozen=True)
class Matrix:
    """What two layers share: positions, ellipsoidal and plane m² of each pair with common ground."""

    row: Index
    column: Index
    area_m2: Array
    plane_m2: Array
    findings: tuple[Finding, ...] = ()


def matrix(rows: gpd.GeoSeries, columns: gpd.GeoSeries) -> Matrix:
    """What the polygons of two layers in one projected CGCS2000 CRS share, pair by pair.

    Parameters
    ----------
    rows, columns : GeoSeries
        Each without None; polygons of one side may overlap each other.
    """
    one, other = (gpd.GeoSeries(side.to_numpy(), crs=side.crs) for side in (rows, columns))
    plane, shown = (overlap_matrix(one, other, area=area) for area in ("planar", "ellipsoidal"))
    both = plane.merge(shown, on=["row", "column"], suffixes=("_plane", ""))
    return Matrix(
        both["row"].to_numpy(dtype=np.int64),
        both["column"].to_numpy(dtype=np.int64),
        both["area_m2"].to_numpy(dtype=float),
        both["area_m2_plane"].to_numpy(dtype=float),
    )


def overlapping(shapes: gpd.GeoSeries) -> Matrix:
    """Pairs of polygons of one layer that share ground, each once (row < column), slivers left out."""
    plain = np.asarray(shapes, dtype=object)
    one, other = shapely.STRtree(plain).query(plain, predicate="intersects")
    later = one < other
    one, other = one[later], other[later]
    shapely.prepare(plain)
    apart = shapely.touches(plain[one], plain[other])
    suspects = np.unique(np.concatenate([one[~apart], other[~apart]]))
    if not len(suspects):
        empty = np.zeros(0, dtype=np.int64)
        return Matrix(empty, empty, np.zeros(0), np.zeros(0))
    some = gpd.GeoSeries(shapes.iloc[suspects])
    found = matrix(some, some)
    row, column = suspects[found.row], suspects[found.column]
    edge = np.minimum(shapely.length(plain[row]), shapely.length(plain[column]))
    real = (row < column) & (found.plane_m2 > np.maximum(LEAST_M2, THINNEST_M * edge))
    order = np.flatnonzero(real)[np.lexsort((column[real], row[real]))]
    return replace(
        found,
        row=row[order],
        column=column[order],
        area_m2=found.area_m2[order],
        plane_m2=found.plane_m2[order],
    )
