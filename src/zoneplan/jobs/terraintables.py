"""Tables of terrain: statistics of features, parcels by slope class, farmland that is too steep."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.check.parcels import Parcels
from zoneplan.engine import ellipsoid, overlay
from zoneplan.finding import Finding
from zoneplan.io.rasterwriter import reopened
from zoneplan.jobs.elevation import Derived
from zoneplan.layers import LayerSet
from zoneplan.terrain.farmland import steep_findings, steepness
from zoneplan.terrain.patches import outlined
from zoneplan.terrain.products import legends
from zoneplan.terrain.tables import class_areas
from zoneplan.terrain.zonal import zonal
from zoneplan.units import round_half_up

FARMLAND = "permanent_basic_farmland"
CROPLAND = "01"
DECIMALS: Mapping[str, int] = {"slope": 2, "elevation": 2, "relief": 2}


def statistics(labels: pd.DataFrame, features: gpd.GeoDataFrame, made: Derived) -> pd.DataFrame:
    """Heights, slopes and relief of features, as printed."""
    parts = [labels]
    for name, places in DECIMALS.items():
        found = zonal(features, made.path(name), name=name)
        keep = [f"{name}_max", f"{name}_no_data"] if name == "relief" else list(found.columns)
        parts.append(
            found[keep].apply(
                lambda column, places=places: [
                    round_half_up(value, 6 if str(column.name).endswith("no_data") else places)
                    for value in column
                ]
            )
        )
    return pd.concat(parts, axis=1)


def of_parcels(parcels: Parcels, made: Derived, crs: CRS) -> pd.DataFrame:
    """A row per parcel: areas by slope class, statistics, the class of the larger part."""
    area = ellipsoid.area(parcels.shapes, crs)
    labels = pd.DataFrame(
        {"id": parcels.ids, "code": [code or "" for code in parcels.uses], "area_m2": [round_half_up(float(one), 2) for one in area]},
        index=parcels.shapes.index,
    )  # fmt: skip
    frame = gpd.GeoDataFrame(geometry=parcels.shapes, crs=crs)
    scheme = made.classes.schemes[0]
    classes = class_areas(frame, made.path(scheme.id), legends(made.classes)[scheme.id], area)
    inner = classes.iloc[:, 1:]
    empty = ~(inner.max(axis=1) > 0)
    largest = [scheme.classes[at].id for at in np.argmax(np.nan_to_num(inner.to_numpy()), axis=1)]
    labels[scheme.id] = np.where(empty, "", largest)
    return pd.concat([statistics(labels, frame, made), classes], axis=1)


def farmland(layers: LayerSet, parcels: Parcels | None) -> gpd.GeoDataFrame | None:
    """Farmland of the call: parcels of cropland codes, and the parts of the farmland line."""
    found = []
    if parcels is not None:
        rows = [code is not None and code.startswith(CROPLAND) for code in parcels.uses]
        one = listed("parcels", parcels)
        assert one is not None
        found.append(one[rows])
    if "control_line" in layers:
        lines = layers["control_line"]
        mine = lines[lines["id"] == f"line_{FARMLAND}"].geometry.explode(index_parts=False)
        ids = [f"{FARMLAND}#{number}" for number in range(1, len(mine) + 1)]
        found.append(
            gpd.GeoDataFrame({"source": "control_line", "id": ids}, geometry=list(mine), crs=layers.crs)
        )
    rows_ = [one for one in found if len(one)]
    return gpd.GeoDataFrame(pd.concat(rows_, ignore_index=True), crs=layers.crs) if rows_ else None


def listed(source: str, parcels: Parcels | None) -> gpd.GeoDataFrame | None:
    if parcels is None:
        return None
    return gpd.GeoDataFrame(
        {"source": source, "id": parcels.ids}, geometry=list(parcels.shapes), crs=parcels.shapes.crs
    )


def steep(
    frame: gpd.GeoDataFrame, made: Derived, name: str, severity: str, words: tuple[str, str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """How steep the rows are; of farmland only those that have ground too steep, or without data."""
    limit = made.classes.steep.above
    table = steepness(frame, made.path("slope"), above_deg=limit)
    said = steep_findings(table, frame["id"], above_deg=limit, place=name, what=words, severity=severity)
    joined = pd.concat([frame[["source", "id"]], table], axis=1)
    places = {"steep_share": 6, "no_data_share": 6, "slope_mean": 2, "slope_p90": 2, "slope_max": 2}
    shown: pd.DataFrame = joined.round(places)
    kept = joined["slope_state"].ne("clear") | (name == "candidates")
    return shown[kept.to_numpy()], said


def steep_ground(farmland: gpd.GeoDataFrame, made: Derived) -> gpd.GeoDataFrame:
    """Where farmland is too steep: ``source, id, area_m2`` (ellipsoidal) and geometry, a row per patch of cells."""
    grid, limit = made.grid, np.float32(made.classes.steep.above)
    cells: list[BaseGeometry] = []
    with reopened(made.path("slope")) as read:
        for window in grid.windows():
            values = (read(window) > limit).astype(np.uint8)
            if values.any():
                cells += [shape for _, shape in outlined(values, grid.part(window))]
    rows = []
    if cells:
        steep_cells = overlay.union(cells)
        for source, name, shape in zip(farmland["source"], farmland["id"], farmland.geometry, strict=True):
            found = shapely.get_parts(overlay.intersection(shape, steep_cells))
            rows += [(source, name, part) for part in found if not part.is_empty]
    frame = gpd.GeoDataFrame(
        pd.DataFrame([row[:2] for row in rows], columns=["source", "id"]),
        geometry=[row[2] for row in rows], crs=grid.crs,
    )  # fmt: skip
    areas = ellipsoid.area(frame.geometry, grid.crs)
    return gpd.GeoDataFrame(frame.assign(area_m2=[round_half_up(float(area), 2) for area in areas]))
