"""GeoJSON written byte for byte the same, and what is wrong with GeoJSON that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from zoneplan.errors import fault
from zoneplan.finding import Finding


def write_geojson(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Byte-stable GeoJSON in CGCS2000 degrees: one feature a line, 9 decimals, rings normalised."""
    degrees = frame.to_crs("EPSG:4490")
    columns = [column for column in degrees.columns if column != degrees.geometry.name]
    lines = []
    for row, shape in zip(degrees[columns].itertuples(index=False), degrees.geometry, strict=True):
        properties = {key: _plain(value) for key, value in zip(columns, row, strict=True)}
        rounded = shapely.transform(shape, lambda xy: np.round(xy, 9))
        geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(shapely.normalize(rounded))))
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    head = '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},"features":['
    path.write_text(head + "\n" + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    """A cell as JSON: NaN and missing are null, numpy numbers are numbers."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, tuple | list):
        return list(value)
    return value.item() if isinstance(value, np.generic) else value


def geojson_faults(path: Path, place: str) -> list[Finding]:
    """Faults of a GeoJSON file with the feature they are in; empty if nothing is found."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        return [
            fault(
                "file.json",
                f"{place}:{error.lineno}:{error.colno}",
                f"不是合法的 JSON:{error.msg}",
                f"not valid JSON: {error.msg}",
            )
        ]
    except UnicodeDecodeError as error:
        return [
            fault(
                "file.encoding",
                place,
                f"第 {error.start} 字节起不是 UTF-8",
                f"not UTF-8 from byte {error.start}",
            )
        ]
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        single = data.get("geometry", data) if isinstance(data, dict) else None
        rings = [fault("geometry.ring", place, zh, en) for zh, en in _ring_faults(single)]
        return rings or [fault("file.geojson", place, "不是 FeatureCollection", "not a FeatureCollection")]
    if not features:
        return [fault("file.no_features", place, "图层有 0 个要素", "the layer has 0 features")]
    found = []
    for number, feature in enumerate(features, start=1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        properties = feature.get("properties") if isinstance(feature, dict) else None
        name = properties.get("name", "") if isinstance(properties, dict) else ""
        if isinstance(geometry, dict) and (odd := _odd_number(geometry.get("coordinates"))) is not None:
            zh, en = f"坐标 {odd} 不是有效数值", f"the coordinate {odd} is no number of use"
            found.append(fault("geometry.number", f"{place}: #{number} {name}".rstrip(), zh, en))
        for zh, en in _ring_faults(geometry):
            found.append(fault("geometry.ring", f"{place}: #{number} {name}".rstrip(), zh, en))
    return found


def _odd_number(coordinates: Any) -> float | None:
    """The first number that is not finite (``1e309``, ``NaN``) in nested coordinates."""
    left = [coordinates]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += reversed(one)
        elif isinstance(one, float) and not np.isfinite(one):
            return one
    return None


def _ring_faults(geometry: Any) -> list[tuple[str, str]]:
    if not isinstance(geometry, dict):
        return []
    nested = {"Polygon": [geometry.get("coordinates")], "MultiPolygon": geometry.get("coordinates")}.get(
        str(geometry.get("type")), []
    )
    found = []
    for part in nested if isinstance(nested, list) else []:
        for ring in part if isinstance(part, list) else []:
            if not isinstance(ring, list) or len(ring) < 4:
                n = len(ring) if isinstance(ring, list) else 0
                found.append(
                    (
                        f"环只有 {n} 个点,至少需要 4 个(首尾相同)",
                        f"a ring has {n} points, at least 4 are needed (first = last)",
                    )
                )
            elif ring[0] != ring[-1]:
                found.append(
                    (
                        f"环没有闭合:首点 {ring[0]},末点 {ring[-1]}",
                        f"a ring is not closed: first {ring[0]}, last {ring[-1]}",
                    )
                )
    return found
