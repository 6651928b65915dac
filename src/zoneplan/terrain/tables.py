"""Areas of classes by element, which add up to each element's own area; statistics by element."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from zoneplan.areas.tables import AREA_COLUMNS, SHARE_PLACES, TOTAL, closed_table
from zoneplan.engine import ellipsoid
from zoneplan.engine.series import SPLIT_M
from zoneplan.layers import REFERENCE, LayerSet
from zoneplan.terrain.classes import NO_DATA, Legend
from zoneplan.terrain.zonal import Classify, class_shares, opened
from zoneplan.units import PLACES, rounded, shares

MISSING = ("no_data", "无数据 no data")
LABELS = ["kind", "id", "name"]


def zones_of(layers: LayerSet) -> gpd.GeoDataFrame:
    """The zone and every element that has an area: ``kind, id, name, area_m2`` (ellipsoidal) and geometry."""
    base = layers[REFERENCE]
    whole = base[base["kind"] == "zone"]
    frames = [whole.assign(kind="zone", id="zone"), *layers.elements.values()]
    rows = pd.concat([frame[[*LABELS, "geometry"]] for frame in frames], ignore_index=True)
    made = gpd.GeoDataFrame(rows, geometry="geometry", crs=layers.crs)
    area = ellipsoid.area(made.geometry, layers.crs)
    return gpd.GeoDataFrame(made.assign(area_m2=area))[area > 0].reset_index(drop=True)


def class_table(
    zones: gpd.GeoDataFrame, raster: Any, legend: Legend, *, classify: Classify | None = None
) -> pd.DataFrame:
    """Areas of a raster's classes by zone.

    Parameters
    ----------
    zones : GeoDataFrame
        As of `zones_of`.
    raster : path or rasterio dataset
        In any CRS; the zones are transformed to it.
    legend : Legend
    classify : callable, optional
        As for `zoneplan.terrain.zonal.class_shares`.

    Returns
    -------
    DataFrame
        Long, as of `zoneplan.areas.tables.cross_table`: ``row_parent`` (kind), ``row_id``, ``row_name``, ``column_id``,
        ``column_name``, ``share_of_row``, areas in four units, ``moved_m2``. The parts of a row, the one without data
        included, add up to the row's own ellipsoidal area as printed.

    Notes
    -----
    Shares of cells by `zoneplan.terrain.zonal.class_shares`, times the zone's ellipsoidal area.
    """
    with opened(raster) as dataset:
        found = class_shares(_in(zones, dataset), dataset, classify=classify)
    known = {one.value: one for one in legend.classes}
    made = found.reindex(columns=[NO_DATA, *known], fill_value=0.0)
    strange = [value for value in found.columns if value not in made.columns]
    made[NO_DATA] += found[strange].sum(axis=1)
    heads = [MISSING, *((one.id, one.words) for one in legend.classes)]
    own = zones["area_m2"].to_numpy(dtype=float)
    cells = made.to_numpy() * own[:, None]
    blocks = []
    for kind in zones["kind"].unique():
        mine = (zones["kind"] == kind).to_numpy()
        labels = list(zip(zones["id"][mine], zones["name"][mine], strict=True))
        table = closed_table(labels, heads, cells[mine], own[mine])
        if mine.sum() == 1:  # its own total
            table = table[table["row_id"] == labels[0][0]]
        sums = table["row_id"] == TOTAL[0]
        table.loc[sums, "row_id"] = f"{kind}:{TOTAL[0]}"
        blocks.append(table.assign(row_parent=kind))
    table = pd.concat(blocks, ignore_index=True)
    whole = table["area_m2"].where(table["column_id"] == TOTAL[0]).bfill()
    table["share_of_row"] = rounded(table["area_m2"] / whole, SHARE_PLACES)
    return table[
        [
            "row_parent",
            "row_id",
            "row_name",
            "column_id",
            "column_name",
            "share_of_row",
            *AREA_COLUMNS,
            "moved_m2",
        ]
    ]


def class_areas(
    features: gpd.GeoDataFrame, raster: Any, legend: Legend, own: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """On the features' index: m² of each class and without data, which add up to the feature's own area as printed."""
    with opened(raster) as dataset:
        found = class_shares(_in(features, dataset), dataset)
    values = [NO_DATA, *(one.value for one in legend.classes)]
    made = found.reindex(columns=values, fill_value=0.0).to_numpy()
    rows = [
        shares(list(part * area), area, PLACES["m2"]).parts
        if np.isfinite(part).all()
        else [float("nan")] * len(values)
        for part, area in zip(made, own, strict=True)
    ]
    columns = [f"{legend.id}_no_data_m2", *(f"{legend.id}_{one.id}_m2" for one in legend.classes)]
    return pd.DataFrame(rows, index=features.index, columns=columns)


def _in(features: gpd.GeoDataFrame, dataset: Any) -> gpd.GeoSeries:
    """Features in the CRS of a raster; edges are split first, so that straight ones stay where they were."""
    crs = CRS.from_wkt(dataset.crs.to_wkt())
    if features.crs == crs:
        return features.geometry
    return features.geometry.segmentize(SPLIT_M).to_crs(crs)
