"""Overlap areas of features with layers, exact and without geometry.

Layers (few, huge) are cut once into the cells of a grid; features (many, small) meet only the cells
they touch. The mathematics is in `zoneplan.engine.trapezoids`. Where the pieces themselves are wanted, see
`zoneplan.engine.overlay`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from zoneplan.engine import compiled, ellipsoid, outline
from zoneplan.engine.grid import FOLD_M2, Grid, make_coverage_grid, make_grid, require_same_crs
from zoneplan.engine.rings import Floats, Ints, Rings, rings
from zoneplan.engine.shares import measure, weights
from zoneplan.engine.simple import find_simple
from zoneplan.errors import InputError
from zoneplan.finding import Finding

AREAS = ("ellipsoidal", "planar")
FEW_FEATURES = 1000  # for these only the cells near them are cut
_LARGE = 500  # vertices


@dataclass(frozen=True)
class OverlapAreas:
    """Areas that features have in common with layers.

    Parameters
    ----------
    table : DataFrame
        On the features' index: ``area_m2``, and a column of m² per layer (union, never counted twice).
        NaN in all columns where a feature covers ground twice or is inside out: repair it first.
    findings : tuple of Finding
        ``overlap.feature`` names such features, ``overlap.united`` layers that overlap themselves.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def overlap_areas(
    features: gpd.GeoSeries | gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoSeries | gpd.GeoDataFrame] | Grid,
    *,
    area: str = "ellipsoidal",
    threads: int | None = None,
) -> OverlapAreas:
    """The area that each feature has in common with each layer.

    Parameters
    ----------
    features : GeoSeries or GeoDataFrame
        Polygons in a projected CRS (metres); None and empty geometry measure 0.
    layers : mapping of str to GeoSeries or GeoDataFrame, or Grid
        Polygons in the same CRS; those of one layer may overlap one another.
    area : {"ellipsoidal", "planar"}
        Ellipsoidal areas need a projected CGCS2000 CRS.
    threads : int, optional
        Default one per core. The answer does not depend on it.

    Raises
    ------
    InputError
        Different CRS, geometry that is no polygon, coordinates that are not finite.
    ValueError
        An area method that does not exist.

    Notes
    -----
    Plane areas are exact but for the rounding of the sums, some 1e-9 m² a feature. For ellipsoidal
    areas the feature itself is measured by `zoneplan.engine.ellipsoid.area` and divided in the ratio of the
    overlap to the whole, both integrated with the scale of the projection, so that what is inside and
    what is outside add up and a feature wholly inside has its own area.
    """
    _require_area(area)
    series = features.geometry
    if isinstance(layers, Grid):
        grid = layers
    else:
        extent = tuple(series.total_bounds) if len(series) <= FEW_FEATURES else None
        grid = make_grid(layers, within=extent)
    found = overlap_parts(series, grid, (area,), threads=threads)
    columns = dict(zip(grid.keys, found.parts[area].T, strict=True))
    table = pd.DataFrame({"area_m2": found.whole[area], **columns}, index=series.index)
    return OverlapAreas(table, found.findings)


@dataclass(frozen=True)
class Parts:
    """Areas by method: of whole features, shape (n,), and what each shares with each layer, shape (n, layers).

    NaN where a feature covers ground twice; ``findings`` as those of `OverlapAreas`.
    """

    whole: dict[str, Floats]
    parts: dict[str, Floats]
    findings: tuple[Finding, ...]


def overlap_parts(
    series: gpd.GeoSeries, grid: Grid, methods: Sequence[str], *, threads: int | None = None
) -> Parts:
    """As `overlap_areas`, by one or several area methods and as plain arrays."""
    require_same_crs(series.crs, grid.crs, "overlap")
    shapes = series.to_numpy()
    mine = rings(shapes, grid.origin)
    doubtful = np.flatnonzero(folded(mine, shapes.take, threads))
    whole, parts = {}, {}
    for method in methods:
        weight = weights(mine, series.crs if method == "ellipsoidal" else None)
        measured = measure(mine, grid, weight, threads=threads)
        total = _whole(series, mine, method)
        share = measured.scaled(measured.dense(len(grid.keys)), total)
        share[doubtful], total = np.nan, np.where(np.isin(np.arange(len(total)), doubtful), np.nan, total)
        whole[method], parts[method] = total, share
    return Parts(whole, parts, (*grid.findings, *_doubts(doubtful, series)))


def overlap_matrix(
    rows: gpd.GeoSeries, columns: gpd.GeoSeries, *, area: str = "ellipsoidal", threads: int | None = None
) -> pd.DataFrame:
    """The areas that each feature of one coverage has in common with each of another.

    Parameters
    ----------
    rows, columns : GeoSeries
        Polygons in one projected CRS, unique labels. Features of one side may overlap one another;
        each pair is measured by itself.
    area, threads
        As for `overlap_areas`.

    Returns
    -------
    DataFrame
        ``row, column, area_m2``, a line per pair that overlaps by more than 1e-6 plane m², in the
        order of the features.

    Raises
    ------
    InputError, ValueError
        As for `overlap_areas`; features that cover ground twice are refused.
    """
    _require_area(area)
    require_same_crs(rows.crs, columns.crs, "overlap")
    grid = make_coverage_grid(columns, within=tuple(rows.total_bounds))
    mine, theirs = rings(rows.to_numpy(), grid.origin), rings(columns.to_numpy(), grid.origin)
    faults = [
        finding
        for side, made in ((rows, mine), (columns, theirs))
        for finding in _doubts(np.flatnonzero(folded(made, side.to_numpy().take, threads)), side)
    ]
    if faults:
        raise InputError(faults)
    weight = weights(mine, rows.crs if area == "ellipsoidal" else None)
    found = measure(mine, grid, weight, threads=threads)
    real = np.flatnonzero(found.value > FOLD_M2)
    order = real[np.lexsort((found.key[real], found.feature[real]))]
    feature, key = found.feature[order], found.key[order]
    whole = _whole(rows, mine, area)[feature]
    share = found.value[order] / found.own[feature]
    return pd.DataFrame(
        {
            "row": rows.index.to_numpy()[feature],
            "column": columns.index.to_numpy()[key],
            "area_m2": np.minimum(share, 1.0) * whole,
        }
    )


def folded(
    features: Rings, shapes_at: Callable[[Ints], Any], threads: int | None = None
) -> npt.NDArray[np.bool_]:
    """Features that cover ground twice or are inside out, so that a sum over their edges is not their area.

    `shapes_at` gives the geometry of features by position.

    Rings that surely do not meet themselves are none. The rest by the fold of `zoneplan.engine.trapezoids`, which
    needs no predicate; those of more than `_LARGE` vertices, where pairs of edges are too many, by the validity
    test of GEOS.
    """
    fold, simple = np.zeros(len(features)), np.zeros(len(features), dtype=bool)
    size = features.ring[features.owner[1:]] - features.ring[features.owner[:-1]]
    large = size > _LARGE
    polygons = features.xy, features.ring, features.sign, features.owner, features.bounds
    few = compiled.few(int((size[~large] ** 2).sum()))

    def part(first: int, last: int) -> None:
        find_simple(
            first, last, features.xy, features.ring, features.owner, features.bounds, simple, interpret=few
        )
        for begin, end in _runs(large[first:last] | simple[first:last]):
            outline.folds(first + begin, first + end, *polygons, fold, interpret=few)

    compiled.spread(part, len(features), threads)
    doubt = np.abs(fold) > np.maximum(FOLD_M2, 1e-9 * np.abs(features.plane_area))
    doubt[large] = ~shapely.is_valid(shapes_at(np.flatnonzero(large)))
    return np.asarray(doubt)


def _whole(series: gpd.GeoSeries, mine: Rings, area: str) -> Floats:
    """Area of each feature, however it is asked for; empty ones measure 0."""
    if area == "planar":
        return mine.plane_area
    return ellipsoid.area_of_rings(mine, ellipsoid.require_plane(series.crs))


def _require_area(area: str) -> None:
    if area not in AREAS:
        raise ValueError(f"area is {area!r}, expected one of {', '.join(AREAS)}")


def _runs(skipped: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Stretches that are not skipped."""
    edges = np.flatnonzero(np.diff(np.r_[True, skipped, True].astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _doubts(where: Ints, features: gpd.GeoSeries) -> list[Finding]:
    """Features that cover ground twice, by their labels."""
    return [
        Finding(
            "overlap.feature", "error",
            f"要素 {features.index[number]} 的面自相重叠或内外颠倒({shapely.is_valid_reason(features.iloc[number])}),面积未计算;请先修复",
            f"feature {features.index[number]} covers ground twice or is inside out ({shapely.is_valid_reason(features.iloc[number])}); "
            "its areas are not computed: repair it first",
            str(features.index[number]), feature=(str(features.index[number]),),
        )
        for number in where
    ]  # fmt: skip
