"""A small hand-made plan in EPSG:4547: a zone of 10 km, everything in it easy to work out by hand.

Kilometres from the zone's lower left corner. Groups: west (0-4), middle (4-8, upper part), east
(8-10). Spaces: ecological above 6, agricultural 3-6, urban below 3.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from pyproj import CRS
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import ellipsoid
from zoneplan.layers import COLUMNS, REFERENCE, LayerSet

CRS_CODE = "EPSG:4547"
EAST, NORTH = 421454.0, 3120865.0
"""Lower left corner of the zone in metres."""

Row = tuple[str, str, str, BaseGeometry]


def square(west: float, south: float, east: float, north: float) -> Polygon:
    """A box in kilometres from the zone's corner."""
    return box(EAST + west * 1e3, NORTH + south * 1e3, EAST + east * 1e3, NORTH + north * 1e3)


def line(*points: tuple[float, float]) -> LineString:
    """A line in kilometres from the zone's corner."""
    return LineString([(EAST + x * 1e3, NORTH + y * 1e3) for x, y in points])


def frame(kind: str, rows: list[Row], *, accuracy: str = "schematic") -> gpd.GeoDataFrame:
    """A frame with the documented columns; `rows` are (id, name, name_en, geometry)."""
    crs = CRS.from_user_input(CRS_CODE)
    shapes = gpd.GeoSeries([row[3] for row in rows], crs=crs)
    flat = shapes.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    made = gpd.GeoDataFrame(
        {
            "id": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "name_en": [row[2] for row in rows],
            "kind": kind,
            "role": "",
            "citation": "第三章第一节",
            "summary": "",
            "accuracy": accuracy,
            "accuracy_m": 50.0,
            "source": "synthetic",
            "area_m2": np.where(flat, ellipsoid.area(shapes, crs), np.nan),
        },
        geometry=shapes,
        crs=crs,
    )
    return made[[*COLUMNS, "geometry"]]


def layers(*, accuracy: str = "schematic") -> LayerSet:
    """The synthetic plan as a `LayerSet`."""
    groups = frame("group", [
        ("group_west", "西组团", "West group", square(0, 0, 4, 10)),
        ("group_middle", "中组团", "Middle group", square(4, 2, 8, 10)),
        ("group_east", "东组团", "East group", square(8, 0, 10, 10)),
    ], accuracy=accuracy)  # fmt: skip
    spaces = frame("space", [
        ("ecological_space", "生态空间", "Ecological space", square(0, 6, 10, 10)),
        ("agricultural_space", "农业空间", "Agricultural space", square(0, 3, 10, 6)),
        ("urban_space", "城镇空间", "Urban space", square(0, 0, 10, 3)),
    ], accuracy=accuracy)  # fmt: skip
    lines = frame("control_line", [
        ("line_ecological_redline", "生态保护红线", "Ecological red line", square(1, 7, 9, 9)),
        ("line_permanent_basic_farmland", "永久基本农田", "Permanent basic farmland", square(1, 3.5, 7, 5.5)),
        ("line_urban_development_boundary", "城镇开发边界", "Urban boundary", square(2, 0.5, 9, 2.5)),
    ], accuracy=accuracy)  # fmt: skip
    lines["component"] = "core"
    base = frame(REFERENCE, [
        ("zone", "示范区", "Demonstration zone", square(0, 0, 10, 10)),
        ("road_1", "中央大道", "Central avenue", line((0, 5), (10, 5))),
        ("river_1", "南河", "South river", line((0, 2), (5, 2.5), (10, 2))),
        ("lake_1", "北湖", "North lake", square(4.5, 8, 5.5, 8.5)),
        ("station_1", "东站", "East station", Point(EAST + 9000, NORTH + 5000)),
    ], accuracy=accuracy)  # fmt: skip
    base["kind"] = ["zone", "road", "river", "lake", "station"]
    on_line = base.geometry.geom_type.eq("LineString").to_numpy()
    base["length_m"] = np.where(on_line, ellipsoid.length(base.geometry, base.crs), np.nan)
    frames = {"group": groups, "space": spaces, "control_line": lines, REFERENCE: base}
    return LayerSet(frames, CRS.from_user_input(CRS_CODE), "synthetic", "示例规划", "Synthetic plan")
