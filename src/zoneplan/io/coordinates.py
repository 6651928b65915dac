"""The officers' coordinate TXT (勘测定界/报部坐标) → polygons. The grammar is in `plotfile`, datum and axes in `plotdatum`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import plotchecks as checks
from zoneplan.io.intake import Intake
from zoneplan.io.plotdatum import Reading, concluded, odd_point, reading
from zoneplan.io.plotfile import EXTRA, HEADER, Plot, PlotFile, Point, parse, rings

DECLARED = "declared_ha"
_SHOWN = 10
_TO_HA = {"公顷": 1.0, "HA": 1.0, "亩": 1 / 15, "平方米": 1e-4, "㎡": 1e-4, "M2": 1e-4}
_FIGURE = {"线": 1, "点": 0}


def read_coordinates(
    path: Path, *, place: str | None = None, assume_crs: CRS | None = None, encoding: str | None = None
) -> Intake:
    """Read a coordinate TXT.

    Parameters
    ----------
    path : Path
    place : str, optional
        How messages name the file; default its name.
    assume_crs : CRS, optional
        Of the coordinates, where the file does not state what is needed.
    encoding : str, optional
        Default what the bytes are.

    Returns
    -------
    Intake
        A row per plot, in order: header fields as text (``DKBH`` number, ``DKMC`` name, ``DKMJ`` area as written,
        ``JZDS``, ``JLTXSX``, ``TFH``, ``DKYT``, ``DLBM``; of longer headers ``TBLX``, ``DL``, ``DBQ``, ``DBH``, ``BZ``),
        ``declared_ha``, geometry; None where a plot's points cannot be read, which an error finding names with its line.
        ``frame.attrs["sections"]`` holds the file's ``key=value`` sections.

    Raises
    ------
    InputError
        No plots; a datum or zone that the file does not state.
    """
    place = place or path.name
    return from_plots(
        parse(path.read_bytes(), place=place, encoding=encoding), place=place, assume_crs=assume_crs
    )


def from_plots(file: PlotFile, *, place: str, assume_crs: CRS | None = None) -> Intake:
    """Plots as `read_coordinates` returns them, from what a file says."""
    plots = [plot for plot in file.plots if plot.fields or plot.points or plot.broken]
    if plots and not any(plot.fields or plot.points for plot in plots):
        zh = f"不是坐标 TXT:没有一行是界址点或以 @ 结尾的地块标题(第 {plots[0].line} 行起)"
        en = f"no coordinate TXT: not one line is a boundary point, or a plot's header that ends in @ (from line {plots[0].line} on)"
        raise InputError(fault("txt.no_plots", place, zh, en))
    if not plots:
        zh, en = (
            "没有地块;应有 [地块坐标] 和以 @ 结尾的地块标题",
            "there are no plots; expected [地块坐标] and plot headers that end in @",
        )
        raise InputError(fault("txt.no_plots", place, zh, en))
    said = [Finding("txt.encoding", "info", f"编码 {file.encoding},{len(plots)} 个地块", f"encoding {file.encoding}, {len(plots)} plots", place)]  # fmt: skip
    readings = [_reading(plot, said, place) for plot in plots]
    known = [one for one in readings if one is not None]
    crs_of, concluded_so = concluded(file, known, assume=assume_crs, place=place)
    if faults := [finding for finding in concluded_so if finding.severity == "error"]:
        raise InputError([*(f for f in (*file.findings, *said) if f.severity == "error"), *faults])
    shapes = [_geometry(plot, one, said, place) for plot, one in zip(plots, readings, strict=True)]
    if all(shape is None for shape in shapes):
        raise InputError([f for f in (*file.findings, *said) if f.severity == "error"])
    frame = _frame(file, plots, _one_crs(shapes, readings, crs_of, crs_of[known[0]]))
    found = (
        *checks.named(plots, place),
        *checks.repeated(plots, place),
        *checks.areas(frame, plots, DECLARED, place),
    )
    return Intake(frame, (*said[:1], *concluded_so, *file.findings, *_brief(said[1:]), *found))


def _brief(said: Sequence[Finding]) -> list[Finding]:
    """The findings of plots, with those that only say how rings were read cut to a few."""
    told = [finding for finding in said if finding.code == "txt.rings"]
    if len(told) <= _SHOWN:
        return list(said)
    more = told[_SHOWN:]
    zh, en = f"另有 {len(more)} 个地块的多圈按包含关系读取", f"and {len(more)} more plots of several rings, read by what contains what"  # fmt: skip
    rest = replace(more[0], zh=zh, en=en, feature=tuple(name for one in more for name in one.feature))
    return [*(one for one in said if one.code != "txt.rings" or one in told[:_SHOWN]), rest]


def _reading(plot: Plot, said: list[Finding], place: str) -> Reading | None:
    """How a plot's numbers are read; what fits nothing is said."""
    if not plot.points:
        if not plot.broken:
            said.append(checks.refused("txt.no_points", plot, place, "没有界址点", "has no boundary points"))
        return None
    found = reading(plot)
    if found is None:
        point = odd_point(plot)
        shown = f"{point.first:.3f}, {point.second:.3f}"
        said.append(
            checks.refused(
                "txt.axes", plot, place,
                f"第 {point.line} 行的坐标 {shown} 不像 X 北(0.3–6 百万)、Y 东(6 位或带带号的 8 位),也不像经纬度,或与其余各点不一致",
                f"has coordinates in line {point.line}, {shown}, that are neither northing and easting nor degrees, or unlike its other points",
            )
        )  # fmt: skip
    return found


def _geometry(plot: Plot, one: Reading | None, said: list[Finding], place: str) -> BaseGeometry | None:
    """A plot's figure; None if it cannot be had."""
    if one is None or plot.broken:
        return None
    said += checks.count(plot, place)
    figure = _FIGURE.get(plot.fields.get("JLTXSX", ""), 2)
    figures = list(rings(plot.points))
    loops = [_loop(points, one) for points in figures]
    if figure == 0:
        return shapely.MultiPoint(np.concatenate(loops))
    if figure == 1:
        return shapely.MultiLineString([loop for loop in loops if len(loop) > 1])
    if short := [points for points in figures if len({(p.first, p.second) for p in points}) < 3]:
        lines = "、".join(str(points[0].line) for points in short)
        said.append(checks.refused("txt.few_points", plot, place, f"有不足 3 个不同点的圈(第 {lines} 行起)", f"has rings of fewer than 3 different points (from lines {lines})"))  # fmt: skip
        return None
    said += checks.opened(plot, figures, place)
    return _nested(loops, plot, said, place)


def _loop(points: Sequence[Point], one: Reading) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Points as (east, north) or (longitude, latitude)."""
    xy = np.array([(point.first, point.second) for point in points])
    return xy[:, ::-1] if one.order in ("north_east", "lat_lon") else xy


def _nested(
    loops: Sequence[np.ndarray[tuple[int, int], np.dtype[np.float64]]],
    plot: Plot,
    said: list[Finding],
    place: str,
) -> BaseGeometry:
    """Rings by what contains what, whatever their numbers: an outermost one is a part, one inside a part a hole."""
    faces = [shapely.Polygon(loop) for loop in loops]
    if len(faces) == 1:
        return faces[0]
    order = sorted(range(len(faces)), key=lambda k: -faces[k].area)
    valid = [shapely.make_valid(face, method="structure", keep_collapsed=False) for face in faces]
    around: dict[int, list[int]] = {}
    for place_in_order, k in enumerate(order):
        spot = shapely.point_on_surface(valid[k])
        around[k] = [other for other in order[:place_in_order] if shapely.contains(valid[other], spot) and not faces[other].equals(faces[k])]  # fmt: skip
    twice = [k for at, k in enumerate(order) if any(faces[k].equals(faces[other]) for other in order[:at])]
    if twice:
        said.append(checks.noted("txt.ring_twice", plot, place, f"有 {len(twice)} 圈与另一圈相同,只取一次", f"has {len(twice)} rings that repeat another; taken once"))  # fmt: skip
    kept = [k for k in order if k not in twice]
    shells = [k for k in kept if len(around[k]) % 2 == 0]
    holes = {k: [h for h in kept if len(around[h]) % 2 == 1 and around[h][-1] == k] for k in shells}
    n_holes = sum(map(len, holes.values()))
    said.append(
        Finding(
            "txt.rings", "info",
            f"第 {plot.line} 行:地块 {plot.name} 的 {len(faces)} 圈按包含关系读为 {len(shells)} 个部分、{n_holes} 个洞",
            f"line {plot.line}: the {len(faces)} rings of plot {plot.name} are, by what contains what, {len(shells)} parts and {n_holes} holes",
            place, feature=(plot.name,),
        )
    )  # fmt: skip
    parts = [shapely.Polygon(loops[k], [loops[h] for h in holes[k]]) for k in sorted(shells)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _one_crs(
    shapes: Sequence[BaseGeometry | None], readings: Sequence[Reading | None], crs_of: Mapping[Reading, CRS], target: CRS
) -> gpd.GeoSeries:  # fmt: skip
    """Figures in the CRS of the first plot; those of another zone or in degrees are transformed."""
    made = np.array([*shapes, None], dtype=object)[:-1]
    for one, crs in crs_of.items():
        if crs != target:
            mine = np.array([other == one for other in readings])
            made[mine] = gpd.GeoSeries(made[mine], crs=crs).to_crs(target).to_numpy()
    return gpd.GeoSeries(made, crs=target)


def _frame(file: PlotFile, plots: Sequence[Plot], shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    names = [
        name for name in (*HEADER, *EXTRA) if name in HEADER or any(name in plot.fields for plot in plots)
    ]
    columns = {name: [plot.fields.get(name, "") for plot in plots] for name in names}
    frame = gpd.GeoDataFrame({**columns, DECLARED: [_hectares(plot) for plot in plots]}, geometry=shapes)
    frame.attrs["sections"] = file.sections
    return frame


def _hectares(plot: Plot) -> float:
    """The declared area: hectares, unless a unit is written with it; NaN if none is."""
    text = plot.fields.get("DKMJ", "").upper().replace(" ", "")
    unit = next((unit for unit in _TO_HA if text.endswith(unit)), "")
    try:
        return float(text.removesuffix(unit)) * _TO_HA.get(unit, 1.0)
    except ValueError:
        return float("nan")
