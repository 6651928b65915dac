"""Control lines from files as layers that a map can draw, where there is no plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.check.names import line_name
from zoneplan.crs.gate import to_working
from zoneplan.engine import ellipsoid
from zoneplan.engine.dissolve import dissolved
from zoneplan.layers import COLUMNS, LINES, REFERENCE, LayerSet
from zoneplan.topology.sound import sound_polygons


def as_layers(lines: Mapping[str, gpd.GeoDataFrame], result_crs: CRS) -> LayerSet:
    """Lines without a plan as layers, invalid polygons repaired; their common extent stands for the zone."""
    working = {
        key: sound_polygons(to_working(frame, result_crs, place=key), key)[0] for key, frame in lines.items()
    }
    west, south, east, north = shapely.total_bounds(
        [shapely.box(*frame.total_bounds) for frame in working.values()]
    )
    rows = [
        _row(f"line_{key}", key, "control_line", dissolved(frame.geometry)) for key, frame in working.items()
    ]
    base = [_row("zone:extent", "extent", "zone", shapely.box(west, south, east, north))]
    frames = {}
    for kind, made in (("control_line", rows), (REFERENCE, base)):
        frame = gpd.GeoDataFrame(made, geometry="geometry", crs=result_crs)
        frames[kind] = frame.assign(area_m2=ellipsoid.area(frame.geometry, result_crs))[
            [*COLUMNS, "geometry"]
        ]
    return LayerSet(frames, result_crs, LINES, "控制线核查", "Control line check")


def _row(row_id: str, key: str, kind: str, shape: BaseGeometry) -> dict[str, Any]:
    words = dict.fromkeys(("role", "citation", "summary"), "")
    return {
        "id": row_id,
        "name": line_name(key),
        "name_en": line_name(key, "en"),
        "kind": kind,
        **words,
        "accuracy": "surveyed",
        "accuracy_m": np.nan,
        "source": key,
        "geometry": shape,
    }
