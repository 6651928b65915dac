"""Polygons → the canonical coordinate TXT (勘测定界/报部坐标), so that reading it gives the same polygons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import lon_lat, to_working, zone_crs
from zoneplan.engine import ellipsoid
from zoneplan.engine.rings import Floats
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.plotfile import ATTRIBUTES, HEADER, PLOTS

ALIASES: Mapping[str, tuple[str, ...]] = {
    "DKBH": ("DKBH", "地块编号", "BSM", "TBBH", "parcel_id", "id"),
    "DKMC": ("DKMC", "地块名称", "名称", "name"),
    "TFH": ("TFH", "图幅号"),
    "DKYT": ("DKYT", "地块用途", "用途", "use"),
    "DLBM": ("DLBM", "地类编码", "YDYHFLDM"),
}
"""Columns that fill a field of the header, the first that is there."""
_OWN = ("JZDS", "DKMJ", "JLTXSX", "declared_ha")
"""Columns of a file that was read, made anew when it is written."""
_SHOWN = 10
_PREFIXED, _PLAIN = 4488, 4509  # EPSG codes of 3-degree zones with and without prefix, less their numbers
_MIDDLE = 38  # the zone of a file without any figure
_BREAKS = str.maketrans({",": "，", "@": "＠", "\n": " ", "\r": " ", "\t": " "})


def coordinate_text(
    frame: gpd.GeoDataFrame,
    *,
    decimals: int = 3,
    prefix: bool = True,
    count: Literal["rows", "points"] = "rows",
    area: Literal["ellipsoidal", "planar"] = "ellipsoidal",
    place: str = "parcels",
) -> tuple[str, tuple[Finding, ...]]:
    """The text of a coordinate file.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in a CRS that the gate accepts; written in the 3-degree CGCS2000 zone of their middle. Header fields
        come from columns by `ALIASES`; ``frame.attrs["sections"]``, as reading gives it, is written back.
    decimals : int
        Of coordinates in metres.
    prefix : bool
        Write the zone before the eastings.
    count : {"rows", "points"}
        What the header counts: lines, or points without the closing ones.
    area : {"ellipsoidal", "planar"}
        Which hectares the header says.
    place : str
        How messages name the input.

    Returns
    -------
    str
        Lines end in CRLF. Outer rings run clockwise from their north-western point, holes the other way; every ring
        closes, and has a number of its own.
    tuple of Finding
        Words that were changed because the grammar keeps their signs for itself.

    Raises
    ------
    InputError
        Geometry that is no polygon, a ring smaller than the last digit; all of them.
    """
    if faults := _unfit(frame, place):
        raise InputError(faults)
    zone = _zone(frame)
    crs = CRS.from_epsg(_PREFIXED + zone)
    working = to_working(frame, crs, place=place) if frame.geometry.notna().any() else frame
    shapes = shapely.transform(working.geometry.to_numpy(), lambda xy: np.round(xy, decimals))  # as written
    hectares = (ellipsoid.area(shapes, crs) if area == "ellipsoidal" else shapely.area(shapes)) / 1e4
    findings: list[Finding] = []
    faults = []
    lines = [*_head(frame, zone, decimals), f"[{PLOTS}]"]
    for number, shape in enumerate(shapes):
        words = _words(frame, number, findings, place)
        rings = [] if shape is None else list(_rings(shape, decimals, 0 if prefix else zone * 1_000_000))
        if short := [ring for ring in rings if len(ring) < 4]:
            at = f"{place}: #{number + 1}"
            zh, en = f"有 {len(short)} 圈在 {decimals} 位小数下不足 3 个不同的点", f"has {len(short)} rings of fewer than 3 points at {decimals} decimals"  # fmt: skip
            faults.append(fault("txt.small", at, zh, en))
        points = sum(len(ring) for ring in rings)
        words["JZDS"] = str(points if count == "rows" else points - len(rings))
        words["DKMJ"] = _fixed(float(np.nan_to_num(hectares[number])), 4)
        lines.append(",".join([*(words[name] for name in HEADER), "@"]))
        lines += _points(rings, decimals)
    if faults:
        raise InputError(faults)
    return "\r\n".join([*lines, ""]), (*_left_out(frame, place), *findings)


def _left_out(frame: gpd.GeoDataFrame, place: str) -> list[Finding]:
    """Columns that a coordinate file has no place for."""
    used = {next((alias for alias in aliases if alias in frame), None) for aliases in ALIASES.values()}
    left = [str(name) for name in frame.columns if name not in {*used, *_OWN, frame.geometry.name}]
    left = [name for name in left if not frame[name].isin(["", None]).all() and frame[name].notna().any()]
    if not left:
        return []
    shown = "、".join(left[:_SHOWN]) + (" …" if len(left) > _SHOWN else "")
    zh, en = f"坐标 TXT 没有位置写 {len(left)} 个字段:{shown}", f"a coordinate TXT has no place for {len(left)} fields: {shown}"  # fmt: skip
    return [Finding("txt.columns", "warning", zh, en, place)]


def write_coordinates(path: Path, text: str, *, encoding: str = "gbk", place: str = "parcels") -> None:
    """Write the text of a coordinate file; characters that the encoding lacks are faults with their lines."""
    faults = []
    for number, line in enumerate(text.split("\r\n"), start=1):
        try:
            line.encode(encoding)
        except UnicodeEncodeError as error:
            bad = line[error.start : error.end]
            zh, en = f"第 {number} 行的“{bad}”不能用 {encoding} 写出;请用 --encoding utf-8-sig", f"'{bad}' in line {number} cannot be written in {encoding}; use --encoding utf-8-sig"  # fmt: skip
            faults.append(fault("txt.encoding", place, zh, en))
    if faults:
        raise InputError(faults)
    path.write_bytes(text.encode(encoding))


def _zone(frame: gpd.GeoDataFrame) -> int:
    """The 3-degree zone of the middle of all figures."""
    box = shapely.box(*frame.total_bounds) if np.isfinite(frame.total_bounds).all() else shapely.Polygon()
    spot = lon_lat(box, CRS(frame.crs)) if frame.crs is not None else None
    code = zone_crs(spot[0]).to_epsg() if spot else None
    return _MIDDLE if code is None else code - _PLAIN


def _unfit(frame: gpd.GeoDataFrame, place: str) -> list[Finding]:
    shapes = frame.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    wrong = np.flatnonzero(there & ~np.isin(shapely.get_type_id(shapes), (3, 6)))
    return [
        fault("txt.type", f"{place}: #{number + 1}", f"几何类型是 {shapes[number].geom_type},应为面", f"the geometry is {shapes[number].geom_type}, expected a polygon")
        for number in wrong
    ]  # fmt: skip


def _head(frame: gpd.GeoDataFrame, zone: int, decimals: int) -> Iterator[str]:
    """The sections before the plots, those that were read first; what says where the points lie is made anew."""
    kept: Mapping[str, Mapping[str, str]] = frame.attrs.get("sections", {})
    for name, pairs in kept.items():
        if name != ATTRIBUTES:
            yield f"[{name}]"
            yield from (f"{key}={value}" for key, value in pairs.items())
    given = dict(kept.get(ATTRIBUTES, {}))
    made = {
        "格式版本号": given.pop("格式版本号", "") or "1.01版本",
        "数据产生单位": given.pop("数据产生单位", ""),
        "数据产生日期": given.pop("数据产生日期", ""),
        "坐标系": "2000国家大地坐标系", "几度分带": "3", "投影类型": "高斯克吕格", "计量单位": "米", "带号": str(zone),
        "精度": _fixed(10.0**-decimals, decimals),
        "转换参数": given.pop("转换参数", "") or ",,,,,,",
    }  # fmt: skip
    yield f"[{ATTRIBUTES}]"
    yield from (
        f"{key}={value}"
        for key, value in {**made, **{k: v for k, v in given.items() if k not in made}}.items()
    )


def _words(frame: gpd.GeoDataFrame, number: int, findings: list[Finding], place: str) -> dict[str, str]:
    """The header's words of a plot; signs that the grammar keeps for itself become full-width."""
    words = dict.fromkeys(HEADER, "")
    words["JLTXSX"] = "面"
    for name, aliases in ALIASES.items():
        column = next((alias for alias in aliases if alias in frame), None)
        value = None if column is None else frame[column].iloc[number]
        text = "" if value is None or value != value else str(value)
        words[name] = text.translate(_BREAKS)
        if words[name] != text:
            findings.append(
                Finding("txt.sign", "warning", f"{column}“{text}”中的逗号、@ 或换行已改为“{words[name]}”", f"signs of the grammar in {column} '{text}' were changed: '{words[name]}'", f"{place}: #{number + 1}")
            )  # fmt: skip
    words["DKBH"] = words["DKBH"] or str(number + 1)
    return words


def _rings(shape: BaseGeometry, decimals: int, less: int) -> Iterator[Floats]:
    """Rounded rings as (north, east), closed, each from its north-western point."""
    for part in shapely.get_parts(shape):
        for hole, ring in enumerate(shapely.get_rings(part)):
            xy = np.round(shapely.get_coordinates(ring)[:-1] - (less, 0), decimals)
            xy = xy[(xy != np.roll(xy, 1, axis=0)).any(axis=1)]
            if len(xy) > 2 and (_signed(xy) > 0) == (hole == 0):
                xy = xy[::-1]
            xy = np.roll(xy, -_north_west(xy), axis=0) if len(xy) else xy
            yield np.concatenate([xy, xy[:1]])[:, ::-1]


def _signed(xy: Floats) -> float:
    """Twice the area, positive if counter-clockwise."""
    x, y = (xy - xy[0]).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _north_west(xy: Floats) -> int:
    """The vertex nearest to the north-western corner; not one that the ring meets twice."""
    _, back, often = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    off = np.hypot(xy[:, 0] - xy[:, 0].min(), xy[:, 1].max() - xy[:, 1])
    return int(np.argmin(np.where(often[back.ravel()] == 1, off, np.inf)))


def _points(rings: Sequence[Floats], decimals: int) -> Iterator[str]:
    """Lines ``J1,1,X,Y``; ids run on from ring to ring, the closing point has the first one's."""
    first = 1
    for number, ring in enumerate(rings, start=1):
        for step, (north, east) in enumerate(ring):
            name = first if step == len(ring) - 1 else first + step
            yield f"J{name},{number},{_fixed(float(north), decimals)},{_fixed(float(east), decimals)}"
        first += len(ring) - 1


def _fixed(value: float, places: int) -> str:
    """A number with so many decimals, halves up."""
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
