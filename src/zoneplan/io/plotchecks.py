"""What is wrong with, or to be known of, the plots of a coordinate file, each with its line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely

from zoneplan.crs.gate import refused as refused_crs
from zoneplan.crs.gate import zone_crs
from zoneplan.engine import ellipsoid
from zoneplan.finding import Finding
from zoneplan.io.plotfile import Plot, Point, counts, is_closed

AREA_SHARE = 0.01
"""Declared and measured areas that differ by more than this share are named."""
_LEAST_HA = 5e-5  # half of the last digit
_SHOWN = 10


def refused(code: str, plot: Plot, place: str, zh: str, en: str) -> Finding:
    """An error: the plot stays without geometry."""
    return Finding(code, "error", f"第 {plot.line} 行:地块 {plot.name} {zh};未取得图形", f"line {plot.line}: plot {plot.name} {en}; it has no geometry", place, feature=(plot.name,))  # fmt: skip


def noted(code: str, plot: Plot, place: str, zh: str, en: str) -> Finding:
    """A warning about a plot that was read."""
    return Finding(code, "warning", f"第 {plot.line} 行:地块 {plot.name} {zh}", f"line {plot.line}: plot {plot.name} {en}", place, feature=(plot.name,))  # fmt: skip


def count(plot: Plot, place: str) -> list[Finding]:
    """A declared number of points that is not theirs, with or without the closing ones."""
    declared = plot.fields.get("JZDS", "")
    if not declared or (declared.isdigit() and str(int(declared)) in counts(plot)):
        return []
    found = len(plot.points)
    return [noted("txt.count", plot, place, f"写明 {declared} 个界址点,实有 {found} 行", f"declares {declared} points, there are {found} lines")]  # fmt: skip


def opened(plot: Plot, figures: Sequence[Sequence[Point]], place: str) -> list[Finding]:
    """Rings that do not return to their first point; those whose last point has its name but lies elsewhere."""
    found = []
    left = [points for points in figures if not is_closed(points)]
    for points in left:
        first, last = points[0], points[-1]
        if first.id and first.id == last.id:
            off = float(np.hypot(first.first - last.first, first.second - last.second))
            found.append(noted("txt.misclosed", plot, place, f"第 {last.line} 行的末点与首点同为 {first.id},坐标却相差 {off:g};按所写各点闭合,请核对", f"ends in line {last.line} at {first.id} like its first point, but {off:g} away from it; closed as written: check it"))  # fmt: skip
    if n := len(left) - len(found):
        found.append(noted("txt.open", plot, place, f"有 {n} 圈末点不是首点,已闭合", f"has {n} rings that do not return to their first point; they were closed"))  # fmt: skip
    return found


def named(plots: Sequence[Plot], place: str) -> list[Finding]:
    """Plots that have a header but neither number nor name; numbers that several plots have."""
    bare = [
        plot for plot in plots if plot.fields and not (plot.fields.get("DKBH") or plot.fields.get("DKMC"))
    ]
    found = []
    if bare:
        zh, en = f"{len(bare)} 个地块既无编号也无名称:第 {_lines(bare)} 行", f"{len(bare)} plots have neither number nor name: lines {_lines(bare)}"  # fmt: skip
        found.append(Finding("txt.unnamed", "warning", zh, en, place))
    for number, same in _groups({id(plot): plot.fields.get("DKBH", "") for plot in plots}, plots):
        if number:
            zh, en = f"地块编号“{number}”有 {len(same)} 个地块:第 {_lines(same)} 行", f"{len(same)} plots have the number '{number}': lines {_lines(same)}"  # fmt: skip
            found.append(Finding("txt.number", "warning", zh, en, place, feature=(str(number),)))
    return found


def repeated(plots: Sequence[Plot], place: str) -> list[Finding]:
    """Plots with the same points: their areas add up twice."""
    points = {id(plot): frozenset((p.first, p.second) for p in plot.points) for plot in plots}
    found = []
    for key, same in _groups(points, plots):
        if key:
            zh, en = f"{len(same)} 个地块的界址点相同:第 {_lines(same)} 行,都已读入,面积会重复计算", f"{len(same)} plots have the same points: lines {_lines(same)}; all are read, and their areas add up more than once"  # fmt: skip
            found.append(
                Finding("txt.repeated", "warning", zh, en, place, feature=tuple(p.name for p in same))
            )
    return found


def areas(frame: gpd.GeoDataFrame, plots: Sequence[Plot], column: str, place: str) -> list[Finding]:
    """Plots whose declared hectares are neither their ellipsoidal nor their plane ones."""
    plane_frame = _plane(frame)
    if plane_frame is None or frame[column].isna().all():
        return []
    shapes = plane_frame.to_numpy()
    flat = shapes.copy()
    flat[shapely.get_dimensions(shapes) != 2] = shapely.Polygon()
    curved, plane = (
        ellipsoid.area(flat, ellipsoid.require_plane(plane_frame.crs)) / 1e4,
        shapely.area(flat) / 1e4,
    )
    declared = frame[column].to_numpy(dtype=float)
    off = np.minimum(np.abs(curved - declared), np.abs(plane - declared))
    wrong = (plane > 0) & np.isfinite(declared) & (off > np.maximum(AREA_SHARE * plane, _LEAST_HA))
    return [
        noted(
            "txt.area", plots[n], place,
            f"写明面积 {declared[n]:.4f} 公顷,而椭球面积为 {curved[n]:.4f}、投影面积为 {plane[n]:.4f} 公顷,请核对",
            f"declares {declared[n]:.4f} ha but measures {curved[n]:.4f} (ellipsoid), {plane[n]:.4f} (plane): check it",
        )
        for n in np.flatnonzero(wrong).tolist()
    ]  # fmt: skip


def _plane(frame: gpd.GeoDataFrame) -> gpd.GeoSeries | None:
    """Figures in a plane CRS; None where they are nowhere, or in a CRS that the gate will refuse."""
    if not np.isfinite(frame.total_bounds).all() or frame.crs is None or refused_crs(frame, ""):
        return None
    if frame.crs.is_projected:
        return frame.geometry
    west, _, east, _ = frame.total_bounds
    return frame.geometry.to_crs(zone_crs(float(west + east) / 2))


def _groups(keys: Mapping[int, Hashable], plots: Sequence[Plot]) -> list[tuple[Hashable, list[Plot]]]:
    """Plots that share a key, several each, in the order of the file."""
    groups: dict[Hashable, list[Plot]] = defaultdict(list)
    for plot in plots:
        groups[keys[id(plot)]].append(plot)
    return [(key, same) for key, same in groups.items() if len(same) > 1]


def _lines(plots: Sequence[Plot]) -> str:
    return "、".join(str(plot.line) for plot in plots[:_SHOWN]) + (" …" if len(plots) > _SHOWN else "")
