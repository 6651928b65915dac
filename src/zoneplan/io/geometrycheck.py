"""Whether the features of a layer have the geometry that is asked for; each that has not is named."""

from __future__ import annotations

import geopandas as gpd
import shapely

from zoneplan.errors import fault
from zoneplan.finding import Finding

_FAMILIES = {
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
    "LineString": "line",
    "MultiLineString": "line",
    "Point": "point",
    "MultiPoint": "point",
}
_FAMILY_ZH = {"polygon": "面", "line": "线", "point": "点"}
_SHOWN = 10


def check_geometry(
    frame: gpd.GeoDataFrame, *, place: str, families: set[str], invalid: bool = False
) -> list[Finding]:
    """Faults of a layer's geometry, each feature named: missing, of the wrong type, or (unless `invalid`) invalid."""
    faults: dict[str, list[tuple[str, str]]] = {}
    wanted_zh = "、".join(_FAMILY_ZH[name] for name in sorted(families))
    wanted_en = " or ".join(sorted(families))
    for number, (label, shape) in enumerate(zip(_labels(frame), frame.geometry, strict=True), start=1):
        at = f"{place}: #{number}{label}"
        if shape is None or shape.is_empty:
            faults.setdefault("geometry.empty", []).append((at, "|几何为空|the geometry is empty"))
        elif _FAMILIES.get(shape.geom_type) not in families:
            kind = shape.geom_type
            faults.setdefault("geometry.type", []).append(
                (at, f"|几何类型是 {kind},应为{wanted_zh}|the geometry is {kind}, expected {wanted_en}")
            )
        elif not invalid and not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            faults.setdefault("geometry.invalid", []).append(
                (at, f"|几何无效:{reason};可用 zoneplan audit 文件 --repair structure 修复|invalid geometry: {reason}; zoneplan audit FILE --repair structure repairs it")
            )  # fmt: skip
    found = []
    for code, rows in faults.items():
        for at, words in rows[:_SHOWN]:
            _, zh, en = words.split("|")
            found.append(fault(code, at, zh, en))
        if (more := len(rows) - _SHOWN) > 0:
            found.append(fault(code, place, f"另有 {more} 个同类问题", f"and {more} more of the same"))
    return found


def without_empty(frame: gpd.GeoDataFrame, place: str) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """A layer without the features that have no geometry, which a finding names; one that has no other stays."""
    empty = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    if not empty.any() or empty.all():
        return frame, ()
    rows = [number for number, none in enumerate(empty.tolist(), start=1) if none]
    shown = ", ".join(f"#{row}" for row in rows[:_SHOWN]) + (" …" if len(rows) > _SHOWN else "")
    zh, en = (
        f"{len(rows)} 个要素没有图形,未参与核查,请核对是否漏绘:{shown}",
        f"{len(rows)} features have no geometry and take no part; see whether any was forgotten: {shown}",
    )
    made = frame[~empty]
    made.attrs = frame.attrs
    return made, (Finding("geometry.empty", "warning", zh, en, place),)


def _labels(frame: gpd.GeoDataFrame) -> list[str]:
    column = next((name for name in ("name", "NAME", "名称", "id", "BSM") if name in frame), None)
    return ["" if column is None else f" {value}" for value in (frame[column] if column else frame.index)]
