"""Where a coordinate TXT lies: order of the axes, zone, datum. Never guessed: what is not stated is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pyproj import CRS

from zoneplan.finding import Finding
from zoneplan.io.plotfile import ATTRIBUTES, Plot, PlotFile, Point

Order = Literal["north_east", "east_north", "lon_lat", "lat_lon"]
# EPSG codes of Gauss-Kruger zones: what to add to the zone number with prefix; without, the code of zone 25 (13)
_FAMILIES: Mapping[str, tuple[int, int, int, int, int]] = {
    # datum: geographic, 3° prefixed, 3° of zone 25, 6° prefixed, 6° of zone 13
    "2000": (4490, 4488, 4534, 4478, 4502),
    "80": (4610, 2324, 2370, 2314, 2338),
    "54": (4214, 2376, 2422, 21400, 21453),
}
_NAMES = {"2000": "2000国家大地坐标系", "80": "1980西安坐标系", "54": "1954北京坐标系"}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "坐标系": ("坐标系", "坐标系统", "坐标系名称", "坐标系统名称"),
    "带号": ("带号", "投影带号", "分带号"),
    "几度分带": ("几度分带", "分带", "分带方式"),
}
"""Keys of the file, and what else they are called."""
_WORDS: Mapping[str, re.Pattern[str]] = {
    "2000": re.compile(r"(?<!\d)2000(?!\d)|CGCS"),
    "80": re.compile(r"(?<!\d)(19)?80(?!\d)|西安|XI'?AN"),
    "54": re.compile(r"(?<!\d)(19)?54(?!\d)|北京|BEIJING"),
}
_NORTH = (300_000.0, 6_000_000.0)
_EASTS = ((100_000.0, 1_000_000.0), (13_000_000.0, 46_000_000.0))


@dataclass(frozen=True)
class Reading:
    """How a plot's two numbers are read, and the zone prefix of its eastings (0: none)."""

    order: Order
    prefix: int


def reading(plot: Plot) -> Reading | None:
    """How to read a plot, by the size of its numbers; None if they fit nothing, or not each other."""
    votes = Counter(_order(point.first, point.second) for point in plot.points)
    if len(votes) != 1 or None in votes:
        return None
    order = next(iter(votes))
    assert order is not None
    if order in ("lon_lat", "lat_lon"):
        return Reading(order, 0)
    prefixes = {int((p.second if order == "north_east" else p.first) // 1e6) for p in plot.points}
    return Reading(order, prefixes.pop()) if len(prefixes) == 1 else None


def _order(first: float, second: float) -> Order | None:
    if abs(first) <= 180 and abs(second) <= 180:
        return "lat_lon" if first < 60 and second > 70 else "lon_lat" if second < 60 and first > 70 else None
    if _is_north(first) and _is_east(second):
        return "north_east"
    return "east_north" if _is_north(second) and _is_east(first) else None


def _is_north(value: float) -> bool:
    return _NORTH[0] <= value <= _NORTH[1]


def _is_east(value: float) -> bool:
    return any(low <= value < high for low, high in _EASTS)


def concluded(
    file: PlotFile, readings: Sequence[Reading], *, assume: CRS | None, place: str
) -> tuple[dict[Reading, CRS], list[Finding]]:
    """The CRS of each way of reading, with what was concluded from what; `assume` where the file does not say it."""
    stated = file.sections.get(ATTRIBUTES, {})
    made: dict[Reading, CRS] = {}
    findings: list[Finding] = []
    for one in dict.fromkeys(readings):
        crs, said = _crs(stated, one, place)
        if crs is None and assume is not None:
            crs, said = assume, assumed(assume, place)
        findings.append(said)
        if crs is not None:
            made[one] = crs
    return made, findings


def assumed(crs: CRS, place: str) -> Finding:
    """That a file states no CRS and is read in the one given."""
    shown = f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.name
    return Finding(
        "crs.assumed", "warning",
        f"文件没有写明坐标系,按给定的 {shown} 读取", f"the file states no CRS and is read in the one given, {shown}", place,
    )  # fmt: skip


def _crs(stated: Mapping[str, str], one: Reading, place: str) -> tuple[CRS | None, Finding]:
    """The CRS that a file states for one way of reading it."""
    datum = _datum(_value(stated, "坐标系"))
    degrees = one.order in ("lon_lat", "lat_lon")
    zone, width, fault_zh, fault_en = (0, 3, "", "") if degrees else _zone(stated, one.prefix)
    if datum is None or fault_zh:
        return None, _ask(stated, one, zone, width, fault_zh, fault_en, place)
    geographic, prefixed3, plain3, prefixed6, plain6 = _FAMILIES[datum]
    if degrees:
        code = geographic
    elif one.prefix:
        code = zone + (prefixed3 if width == 3 else prefixed6)
    else:
        code = plain3 + zone - 25 if width == 3 else plain6 + zone - 13
    axes = {"north_east": "X 北 Y 东", "east_north": "X 东 Y 北(颠倒,已换回)", "lon_lat": "经度,纬度", "lat_lon": "纬度,经度"}[one.order]  # fmt: skip
    why = "" if degrees else f",{width}°带 {zone}," + ("Y 带有带号" if one.prefix else "Y 不带带号")
    zh = f"坐标系取 EPSG:{code}:文件写明“{_value(stated, '坐标系')}”{why};数字按 {axes} 读取"
    en = f"the CRS is EPSG:{code}: the file states '{_value(stated, '坐标系')}'"
    en += (
        ""
        if degrees
        else f", {width}-degree zone {zone}, eastings {'with' if one.prefix else 'without'} prefix"
    )
    en += f"; numbers read as {one.order.replace('_', ', ')}"
    severity: Literal["warning", "info"] = "warning" if one.order == "east_north" else "info"
    code_name = "txt.swapped" if one.order == "east_north" else "txt.crs"
    return CRS.from_epsg(code), Finding(code_name, severity, zh, en, place)


def _value(stated: Mapping[str, str], key: str) -> str:
    """What a file states for a key, under any of its names."""
    return next((stated[name] for name in _KEYS[key] if stated.get(name)), "")


def odd_point(plot: Plot) -> Point:
    """The first point that does not fit the others of its plot, or fits nothing."""
    votes = Counter(_order(point.first, point.second) for point in plot.points)
    usual = next((order for order, _ in votes.most_common() if order is not None), None)
    return next(
        (p for p in plot.points if usual is None or _order(p.first, p.second) != usual), plot.points[0]
    )


def _datum(text: str) -> str | None:
    """The datum that words name; None if they name none, several, or one without codes."""
    plain = text.upper().replace(" ", "")
    if "新" in plain:  # 新1954北京坐标系 is neither
        return None
    found = [datum for datum, words in _WORDS.items() if words.search(plain)]
    return found[0] if len(found) == 1 else None


def _zone(stated: Mapping[str, str], prefix: int) -> tuple[int, int, str, str]:
    """Zone and its width in degrees, or why they are not known."""
    written = re.sub(r"\D", "", _value(stated, "带号"))
    if prefix and written and int(written) != prefix:
        return (
            0,
            3,
            f"带号写作 {written},而坐标带有带号 {prefix}",
            f"the zone is stated as {written} but the eastings have prefix {prefix}",
        )
    zone = prefix or (int(written) if written else 0)
    if not zone:
        return 0, 3, "没有写明带号,坐标也不带带号", "no zone is stated, and the eastings have no prefix"
    width = 3 if 25 <= zone <= 45 else 6 if 13 <= zone <= 23 else 0
    said = re.sub(r"\D", "", _value(stated, "几度分带"))
    if not width:
        return (
            0,
            3,
            f"带号 {zone} 不在 3°带 25–45 或 6°带 13–23 内",
            f"zone {zone} is not among 25–45 (3-degree) or 13–23 (6-degree)",
        )
    if said in ("3", "6") and int(said) != width:
        return (
            0,
            3,
            f"写明 {said}°分带,而带号 {zone} 是 {width}°带",
            f"{said}-degree zones are stated, but zone {zone} is of {width} degrees",
        )
    return zone, width, "", ""


def _ask(
    stated: Mapping[str, str], one: Reading, zone: int, width: int, zh: str, en: str, place: str
) -> Finding:
    """What to give where the file does not say it."""
    named = _value(stated, "坐标系")
    if not zh:
        zh = f"坐标系写作“{named}”,不认识或不唯一" if named else "文件没有写明坐标系"
        en = f"the datum '{named}' is not known, or not one" if named else "the file states no datum"
    if one.order in ("lon_lat", "lat_lon"):
        guess = "EPSG:4490"
    elif zone and width == 3:
        guess = f"EPSG:{4488 + zone if one.prefix else 4509 + zone}"
    else:
        guess = "EPSG:4547"
    return Finding(
        "txt.crs", "error",
        f"{zh};请核对后用 --assume-crs 指明,如确为 CGCS2000 则是 {guess}(已知基准:{'、'.join(_NAMES.values())})",
        f"{en}; check it and state the CRS with --assume-crs: if it is CGCS2000, {guess}", place,
    )  # fmt: skip
