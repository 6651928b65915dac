"""Doubts about a CRS as findings: refused, or corrected and how."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from zoneplan.crs.case import Doubt, Judgement, Treatment
from zoneplan.crs.datum import web_source
from zoneplan.crs.zones import between_m, code, horizontal, in_china, transformed
from zoneplan.errors import fault
from zoneplan.finding import Finding

_SHOWN = 10
_SHIFTS = ("crs.legacy", "crs.gcj02", "crs.bd09")


def refusals(
    doubts: Sequence[Doubt], place: str, treatment: Treatment, n: int, *, first: int = 0, final: bool = False
) -> list[Finding]:
    """The doubts that are not to be corrected, as faults."""
    found = []
    for doubt in doubts:
        if doubt.fixable and (treatment.correct or doubt.given):
            continue
        zh, en = _about(doubt, n, first)
        if doubt.fixable and not final:
            role = f" {treatment.role}" if treatment.role else ""
            zh, en = f"{zh};确认无误后可加 --correct{role} 改正", f"{en}; --correct{role} corrects it"
        found.append(fault(doubt.code, place, zh, en))
    return found


def _about(doubt: Doubt, n: int, first: int = 0) -> tuple[str, str]:
    """The words of a doubt, with the features where it is not about all."""
    zh, en = doubt.words.zh, doubt.words.en
    if len(doubt.rows) == n and doubt.code != "crs.coordinates":
        return zh, en
    rows = ", ".join(str(row + 1 + first) for row in doubt.rows[:_SHOWN])
    more = f" … ({len(doubt.rows)})" if len(doubt.rows) > _SHOWN else ""
    if doubt.code == "crs.coordinates":
        return f"第 {rows}{more} 个要素的{zh}", f"features {rows}{more} have {en}"
    return f"第 {rows}{more} 个要素:{zh}", f"features {rows}{more}: {en}"


def corrected(doubt: Doubt, frame: gpd.GeoDataFrame, judged: Judgement, place: str) -> Finding:
    """What was wrong and what was done about it, with one point before and after."""
    row = next(int(row) for row in doubt.rows if judged.which[row] >= 0)
    reading = judged.readings[judged.which[row]]
    before = shapely.get_coordinates(frame.geometry.iloc[row])[0]
    after = reading.moved(before[None, :2])[0]
    zh, en = _about(doubt, len(frame))
    how_zh, how_en = doubt.words.done_zh, doubt.words.done_en
    if reading.shift is not None and doubt.code in _SHIFTS:
        more_zh, more_en = reading.shift.words()
        how_zh, how_en = f"{how_zh}:{more_zh}", f"{how_en}: {more_en}"
    point = place_of(after, reading.to)
    away = _away_m(before, CRS(frame.crs), point)
    move_zh, move_en = (f",移动 {away:.1f} 米", f", moved {away:.1f} m") if away is not None else ("", "")
    shown = f"({before[0]:.6f}, {before[1]:.6f}) → {code(reading.to)} ({after[0]:.6f}, {after[1]:.6f})"
    return Finding(
        doubt.code, "warning",
        f"{zh}。已按要求改正:{how_zh};第 {row + 1} 个要素首点 {shown}{move_zh}",
        f"{en}. Corrected as asked: {how_en}; first point of feature {row + 1} {shown}{move_en}",
        place, feature=tuple(f"#{at + 1}" for at in doubt.rows[:_SHOWN]) if len(doubt.rows) < len(frame) else (),
        point=point,
    )  # fmt: skip


def notes(names: Sequence[str], judged: Judgement, treatment: Treatment, place: str) -> list[Finding]:
    """A name that looks like a web map's export: its coordinates may be shifted, and nobody can see it."""
    name = web_source(names)
    if (
        name is None
        or treatment.datum is not None
        or any(d.code in ("crs.gcj02", "crs.bd09") for d in judged.doubts)
    ):
        return []
    return [
        Finding(
            "crs.web_source", "warning",
            f"名称“{name}”像是网络地图的导出;若坐标为 GCJ-02 或 BD-09,会偏移数百米而无法看出,请用 --datum 写明",
            f"the name '{name}' looks like the export of a web map; if it is GCJ-02 or BD-09 it is some hundred metres off and nobody can see it: say so by --datum",
            place,
        )
    ]  # fmt: skip


def place_of(xy: npt.NDArray[np.float64] | None, crs: CRS) -> tuple[float, float] | None:
    """A point in degrees of its own datum, if that is a place in China."""
    inner = horizontal(crs)
    if xy is None or inner.geodetic_crs is None:
        return None
    lon, lat = (
        xy[None, :2] if inner.is_geographic else transformed(xy[None, :2], inner, inner.geodetic_crs)
    )[0]
    return (round(float(lon), 7), round(float(lat), 7)) if in_china(lon, lat) else None


def _away_m(before: npt.NDArray[np.float64], crs: CRS, after: tuple[float, float] | None) -> float | None:
    """How far a point moved, where it was a place in China before."""
    there = place_of(before, crs)
    return None if there is None or after is None else between_m(there, after)
