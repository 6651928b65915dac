"""Statistics of rasters by feature, with the exact share of every cell (exactextract)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.operation import Operation
from exactextract.raster import RasterioRasterSource, RasterSource
from pyproj import CRS
from rasterio.windows import Window as RasterWindow

from zoneplan.crs.zones import horizontal, projection, zone_of
from zoneplan.engine.grid import require_same_crs
from zoneplan.terrain.cellgrid import CACHE_MB
from zoneplan.terrain.classes import NO_DATA

Floats = npt.NDArray[np.float64]
Classify = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
CELLS_AT_ONCE = 2_000_000
TOUCHED = {"min_coverage_frac": 1e-6}
"""A cell that shares less of itself is not touched: an edge on the line between cells, and rounding."""


def zonal(
    features: gpd.GeoSeries | gpd.GeoDataFrame,
    raster: Path | str,
    *,
    name: str,
    percentiles: Sequence[int] = (50, 90),
) -> pd.DataFrame:
    """Least, mean, greatest value and percentiles of a raster in each feature.

    Parameters
    ----------
    features : GeoSeries or GeoDataFrame
        Polygons in the raster's CRS.
    raster : path
        A raster of one band with square cells in metres, such as ``slope.tif``.
    name : str
        What the columns begin with.
    percentiles : sequence of int

    Returns
    -------
    DataFrame
        On the features' index: ``<name>_min``, ``_mean``, ``_p50`` …, ``_max`` in the raster's unit, and
        ``<name>_no_data``, the share of the feature's area (0 to 1) where there is none. NaN where a feature has no
        area or no data.

    Raises
    ------
    InputError
        Different CRS.

    Notes
    -----
    Every cell counts by the share of it that the feature covers; least and greatest take every cell that is touched.
    """
    series = features.geometry
    with opened(raster) as file:
        require_same_crs(series.crs, CRS.from_wkt(file.crs.to_wkt()), str(name))
        source = RasterioRasterSource(file, 1, name=name)
        operations = [
            Operation("min", "min", source, None, TOUCHED),
            Operation("mean", "mean", source),
            Operation("max", "max", source, None, TOUCHED),
        ]
        operations += [Operation("quantile", "p", source, None, {"q": one / 100}) for one in percentiles]
        found = _extracted(series, operations, file.crs)
        shares = class_shares(series, file, classify=_known)
    found.columns = ["min", "mean", "max", *(f"p{one}" for one in percentiles)]
    columns = ["min", "mean", *(f"p{one}" for one in percentiles), "max"]
    made = pd.DataFrame({f"{name}_{one}": found[one].astype(float) for one in columns})
    made[f"{name}_no_data"] = shares[NO_DATA]
    return made


def class_shares(
    features: gpd.GeoSeries | gpd.GeoDataFrame,
    dataset: Any,
    *,
    classify: Classify | None = None,
    no_data: float | None = None,
) -> pd.DataFrame:
    """The share of each feature's area that each class of a raster covers.

    Parameters
    ----------
    features : GeoSeries or GeoDataFrame
        Polygons in the raster's CRS.
    dataset : rasterio dataset
        Upright cells, in metres or degrees.
    classify : callable, optional
        Turns values into classes; it sees NaN where there is no data, if the raster holds numbers. Default the values.
    no_data : float, optional
        Value without data; default what the raster states.

    Returns
    -------
    DataFrame
        On the features' index, a column per class found (int, ascending) and `NO_DATA`, which holds also what lies
        beyond the raster; a row adds up to 1, and is NaN where a feature has no area.

    Notes
    -----
    A cell counts by its area on the ellipsoid: in degrees it changes from row to row, in a Gauss-Kruger zone (or UTM) from
    column to column; in other plane CRS all cells count alike.
    """
    series = features.geometry
    crs = horizontal(CRS.from_wkt(dataset.crs.to_wkt()))
    require_same_crs(series.crs, crs, "classes")
    missing = dataset.nodata if no_data is None else no_data
    source = _Classes(dataset, classify, missing)
    weights = _CellAreas(dataset, crs) if crs.is_geographic or zone_of(crs) is not None else None
    frac = "frac" if weights is None else "weighted_frac"
    operations = [
        Operation("unique", "unique", source),
        Operation(frac, "frac", source, weights),
        Operation("count", "count", source),
    ]
    found = _extracted(series, operations, dataset.crs)
    found.columns = ["unique", "frac", "count"]
    values = [_list(row) for row in found["unique"]]
    classes = sorted({int(value) for row in values for value in row} | {NO_DATA})
    place = {value: n for n, value in enumerate(classes)}
    made = np.zeros((len(series), len(classes)))
    for row, (one, shares) in enumerate(zip(values, found["frac"], strict=True)):
        for value, share in zip(one, _list(shares), strict=True):
            made[row, place[int(value)]] += share
    area = shapely.area(series.to_numpy())
    cell = abs(dataset.transform.a * dataset.transform.e)
    beyond = np.zeros(len(series))
    outside = _reaches_out(series, dataset)
    covered = found["count"].fillna(0.0).to_numpy(dtype=float) * cell
    beyond[outside] = np.clip(1 - covered[outside] / area[outside], 0.0, 1.0)
    sums = made.sum(axis=1)
    made *= np.divide(1 - beyond, sums, out=np.zeros(len(sums)), where=sums > 0)[:, None]
    made[:, place[NO_DATA]] += beyond
    made[~(area > 0)] = np.nan
    return pd.DataFrame(made, index=series.index, columns=classes)


@contextmanager
def opened(raster: Any) -> Iterator[Any]:
    """A dataset as it is; a path opened meanwhile."""
    if isinstance(raster, str | Path):
        with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), rasterio.open(raster) as dataset:
            yield dataset
    else:
        yield raster


def above(threshold: float) -> Classify:
    """Classes 1 (not above a value) and 2 (above it)."""

    def classify(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.where(np.isnan(values), NO_DATA, np.where(values > np.float32(threshold), 2, 1))

    return classify


class _Classes(RasterSource):  # type: ignore[misc]  # the library is not typed
    """A raster's values as classes; no data is a class too."""

    def __init__(self, dataset: Any, classify: Classify | None, missing: float | None) -> None:
        super().__init__()
        self._dataset, self._classify, self._missing = dataset, classify, missing
        self.set_name("classes")

    def res(self) -> tuple[float, float]:
        return self._dataset.transform.a, -self._dataset.transform.e

    def extent(self) -> tuple[float, float, float, float]:
        west, south, east, north = self._dataset.bounds
        return west, south, east, north

    def nodata_value(self) -> None:
        return None

    def srs_wkt(self) -> str:
        return str(self._dataset.crs.to_wkt())

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> npt.NDArray[Any]:
        values = self._dataset.read(1, window=RasterWindow(x0, y0, nx, ny))
        missing = np.zeros(values.shape, bool) if self._missing is None else values == self._missing
        if values.dtype.kind == "f":
            values = np.where(missing, np.float32(np.nan), values)
        if self._classify is not None:
            values = self._classify(values)
        return np.where(missing, NO_DATA, values).astype(np.int32)


class _CellAreas(_Classes):
    """The area of cells on the ellipsoid, in proportion: in degrees it changes by row, in a Gauss-Kruger zone by column."""

    def __init__(self, dataset: Any, crs: CRS) -> None:
        super().__init__(dataset, None, None)
        transform = dataset.transform
        x = transform.c + transform.a * (np.arange(dataset.width) + 0.5)
        y = transform.f + transform.e * (np.arange(dataset.height) + 0.5)
        if crs.is_geographic:
            assert crs.ellipsoid is not None
            phi, e2 = np.radians(y), 1 - (1 - 1 / crs.ellipsoid.inverse_flattening) ** 2
            self._areas = (np.cos(phi) / (1 - e2 * np.sin(phi) ** 2) ** 2)[:, None]
        else:
            lon, lat = projection(crs)(x, np.full(len(x), y.mean()), inverse=True)
            self._areas = 1 / np.atleast_2d(projection(crs).get_factors(lon, lat).areal_scale)
        self.set_name("weights")

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> npt.NDArray[Any]:
        part = self._areas[y0 : y0 + ny] if self._areas.shape[1] == 1 else self._areas[:, x0 : x0 + nx]
        return np.ascontiguousarray(np.broadcast_to(part, (ny, nx)))


def _extracted(series: gpd.GeoSeries, operations: Sequence[Operation], crs: Any) -> pd.DataFrame:
    """A column per operation, in their order, on the features' index; NaN for features without ground."""
    shapes = series.to_numpy()
    full = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(full):
        return pd.DataFrame(np.nan, index=series.index, columns=range(len(operations)), dtype=object)
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes[full], crs=CRS.from_wkt(crs.to_wkt())))
    made = exact_extract(
        operations[0].values, frame, list(operations), output="pandas", max_cells_in_memory=CELLS_AT_ONCE
    )
    made.index = pd.Index(full)
    table = pd.DataFrame(made.reindex(range(len(shapes))))
    table.index = series.index
    return table


def _known(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """1 where there is data."""
    return np.where(np.isnan(values), NO_DATA, 1)


def _reaches_out(series: gpd.GeoSeries, dataset: Any) -> npt.NDArray[np.bool_]:
    """Features with ground beyond a raster."""
    box = series.bounds.to_numpy()
    west, south, east, north = dataset.bounds
    with np.errstate(invalid="ignore"):
        out = (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    return np.asarray(out & (shapely.area(series.to_numpy()) > 0))


def _list(cell: Any) -> list[float]:
    return [] if isinstance(cell, float) or cell is None else [float(value) for value in cell]
