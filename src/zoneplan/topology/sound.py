"""Layers to measure against, made sound: what is invalid is repaired and named, the rest stays bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from zoneplan.crs.gate import lon_lat
from zoneplan.engine.rings import MULTIPOLYGON, POLYGON
from zoneplan.finding import Finding, Severity
from zoneplan.topology.patches import reason_zh
from zoneplan.topology.prepared import names_of
from zoneplan.topology.repair import repair

_SHOWN = 10
_SLOW = 2e8  # holes times vertices: a tenth of a second


def sound_polygons(
    frame: gpd.GeoDataFrame, place: str, *, thorough: bool = True
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A layer with its invalid polygons repaired by structure.

    Parameters
    ----------
    frame : GeoDataFrame
        In a projected CRS in metres.
    place : str
        How messages name the layer.
    thorough : bool
        False leaves polygons of thousands of holes as they are: GEOS looks for each hole along the whole shell, ten seconds
        where there are two million vertices. For callers who see by the fold whether they cover ground twice.

    Returns
    -------
    GeoDataFrame
        The same rows; the same object where nothing is invalid.
    list of Finding
        ``lines.repaired`` for each feature that was repaired: reason, place, area before and after (plane m²). Its severity is
        ``error`` where the two methods of repair differ, so that nobody can tell what the polygon was meant to cover.
    """
    shapes = np.asarray(frame.geometry, dtype=object)
    tested = np.isin(shapely.get_type_id(shapes), (POLYGON, MULTIPOLYGON))
    if not thorough:
        tested &= ~_slow(shapes)
    looked_at = np.flatnonzero(tested)
    invalid = looked_at[~shapely.is_valid(shapes[looked_at])]
    if not len(invalid):
        return frame, []
    mended, report = repair(gpd.GeoDataFrame(geometry=shapes[invalid], crs=frame.crs))
    shapes = shapes.copy()
    shapes[invalid] = mended.geometry.to_numpy()
    names, crs = names_of(frame), CRS(frame.crs)
    rows = list(report.to_dict("index").values())
    told = sorted(zip(invalid.tolist(), rows, strict=True), key=lambda one: not one[1]["methods_differ"])
    said = [
        _repaired(place, f"#{number + 1}", names[number], row, lon_lat(shapes[number], crs))
        for number, row in told[:_SHOWN]
    ]
    if more := told[_SHOWN:]:
        worst: Severity = "error" if any(row["methods_differ"] for _, row in more) else "warning"
        numbers = ", ".join(f"#{number + 1}" for number, _ in more)
        zh, en = (
            f"另有 {len(more)} 个无效几何同样修复:{numbers}",
            f"{len(more)} more invalid polygons were repaired: {numbers}",
        )
        said.append(Finding("lines.repaired", worst, zh, en, place))
    name = frame.geometry.name
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs, name=name)), said


def _slow(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Polygons of which GEOS takes long to say whether they are valid."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    steps = shapely.get_num_interior_rings(parts).astype(float) * shapely.get_num_coordinates(parts)
    return np.asarray(np.bincount(owner, steps, len(shapes)) > _SLOW)


def _repaired(
    place: str, number: str, name: tuple[str, ...], row: Mapping[Any, Any], point: tuple[float, float] | None
) -> Finding:
    if row["outcome"] == "kept":
        zh, en = (
            "坐标不是有效数值,不能修复,未参与计算",
            "its coordinates are no numbers: it cannot be repaired, and takes no part",
        )
        return Finding("lines.repaired", "error", f"{number} {zh}", f"{number}: {en}", place, feature=name)
    zh, en = repaired_words(
        row,
        "应覆盖哪些地面无法判断,请改正图形后重新核查",
        "what it was meant to cover cannot be told, correct it and check again",
    )
    severity: Severity = "error" if row["methods_differ"] else "warning"
    return Finding(
        "lines.repaired", severity, f"{number} {zh}", f"{number} {en}", place, feature=name, point=point
    )


def repaired_words(row: Mapping[Any, Any], doubt_zh: str, doubt_en: str) -> tuple[str, str]:
    """A row of `repair`'s report in words; `doubt_zh` and `doubt_en` say what it means that the two methods differ."""
    words = str(row["reason"]).partition("[")[0]
    areas = f"{row['area_before_m2']:.2f} → {row['area_after_m2']:.2f} m²"
    zh, en = "", ""
    if row["methods_differ"]:
        other = f"{row['linework_m2']:.2f} m²"
        zh, en = (
            f";另一方法(linework)得 {other},{doubt_zh}",
            f"; the other method (linework) gives {other}: {doubt_en}",
        )
    return (
        f"几何无效({reason_zh(words)},{words}),已按 structure 方法修复后计算:{areas}{zh}",
        f"was invalid ({words}) and was repaired (structure) before measuring: {areas}{en}",
    )
