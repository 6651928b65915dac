"""Polygons → DXF drawings: a closed polyline per ring, so that reading the drawing gives the same polygons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from zoneplan.crs.gate import lon_lat, zone_crs
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.drawing import CRS_PROPERTY
from zoneplan.io.drawingrings import APP, HOLES, LABELS, LAYER, Mark
from zoneplan.io.plotwriter import ALIASES

if TYPE_CHECKING:
    from ezdxf.document import Drawing

VERSION = "R2010"  # text is UTF-8 from R2007 on
DEFAULT_LAYER = "地块"
_CODE_PAGE = "gbk"  # named in the header; what is written is UTF-8
_STYLE, _FONT = "宋体", "simsun.ttc"
_METRES = 6  # $INSUNITS
_RED, _GREEN, _WHITE = 1, 3, 7  # CAD colours of shells, holes, labels
_FORBIDDEN = str.maketrans(dict.fromkeys('<>/\\":;?*|=,`', "_"))
_LONGEST = 60  # characters of a layer's name and of a label
_MOST = 15_000  # bytes of attributes; extended data of an entity take 16,383
_LABEL = 0.07  # height of a label in square roots of its parcel's area
_LABEL_M = (0.5, 50.0)
_SHOWN = 10
_POLYGONS = (3, 6)


def write_drawing(
    path: Path, frame: gpd.GeoDataFrame, *, layer: str | None = None, place: str = "parcels"
) -> tuple[Finding, ...]:
    """Write a DXF of AutoCAD 2010, which CAD programs since then read.

    Parameters
    ----------
    path : Path
        Written in place; the same frame gives the same bytes.
    frame : GeoDataFrame
        Polygons; in degrees they are written in metres, in the 3-degree zone of their middle. A column ``Layer`` says the CAD layer.
    layer : str, optional
        CAD layer of parcels where there is no such column; default 地块.
    place : str
        How messages name the input.

    Returns
    -------
    tuple of Finding
        What was changed, and parcels that are not in the drawing.

    Raises
    ------
    InputError
        Geometry that is no polygon, attributes of more than some 15 kB; all of them.

    Notes
    -----
    Rings are closed polylines, holes on ``LAYER_洞``; a parcel's number and name are a text on ``LAYER_注记``. Extended data hold the
    attributes, as text, and say which rings are one parcel. The CRS is a property of the drawing (坐标系).
    """
    shapes = frame.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rows = [_attributes(row) for row in frame.drop(columns=frame.geometry.name).to_dict("records")]
    if faults := [*_no_areas(shapes, there, place), *_too_long(rows, place)]:
        raise InputError(faults)
    metres, said = _in_metres(frame, place)
    layers, changed = _layers(frame, layer or DEFAULT_LAYER, place)
    with _fixed_dates():
        drawing = _empty(metres.crs)
        for number in np.flatnonzero(there).tolist():
            _add(drawing, metres.iloc[number], layers[number], number + 1, rows[number])
        drawing.saveas(path)
    if left := int((~there).sum()):
        zh, en = f"{left} 个地块没有图形,图中没有它们", f"{left} parcels have no geometry and are not in the drawing"  # fmt: skip
        said.append(Finding("out.empty", "warning", zh, en, place))
    return (*said, *changed)


def _empty(crs: CRS | None) -> Drawing:
    """A drawing in metres with a Chinese font, that says its CRS."""
    from ezdxf.filemanagement import new

    made = new(VERSION, units=_METRES)
    made.encoding = _CODE_PAGE
    made.appids.add(APP)
    made.styles.add(_STYLE, font=_FONT)
    if crs is not None and crs.to_epsg():
        made.header.custom_vars.append(CRS_PROPERTY, f"EPSG:{crs.to_epsg()}")
    return made


@contextmanager
def _fixed_dates() -> Iterator[None]:
    """No clock and no random ids in what is written meanwhile."""
    from ezdxf._options import options

    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before


def _add(drawing: Drawing, shape: Any, layer: str, number: int, attributes: Mapping[str, str]) -> None:
    """One parcel: its rings and its label."""
    from ezdxf.enums import TextEntityAlignment

    space = drawing.modelspace()
    for part, polygon in enumerate(shapely.get_parts(shape), start=1):
        for hole, ring in enumerate(shapely.get_rings(polygon)):
            name = _layer(drawing, layer + HOLES, _GREEN) if hole else _layer(drawing, layer, _RED)
            points = shapely.get_coordinates(ring)[:-1].tolist()
            line = space.add_lwpolyline(points, close=True, dxfattribs={"layer": name})
            line.set_xdata(APP, Mark(number, part, {} if part > 1 or hole else dict(attributes)).codes())
    spot = shapely.point_on_surface(shape)
    words = [_named(attributes, field) for field in ("DKBH", "DKMC")]
    label = space.add_text(
        " ".join(" ".join(words).split())[:_LONGEST] or str(number),
        height=float(np.clip(_LABEL * shape.area**0.5, *_LABEL_M)),
        dxfattribs={"layer": _layer(drawing, layer + LABELS, _WHITE), "style": _STYLE},
    )
    label.set_placement((spot.x, spot.y), align=TextEntityAlignment.MIDDLE_CENTER)
    label.set_xdata(APP, Mark(number, 0, {}).codes())


def _layer(drawing: Drawing, name: str, colour: int) -> str:
    """A CAD layer, there from now on."""
    if name not in drawing.layers:
        drawing.layers.add(name, color=colour)
    return name


def _attributes(row: Mapping[Any, Any]) -> dict[str, str]:
    """A row as text; what is missing is left out."""
    return {str(name): str(value) for name, value in row.items() if name != LAYER and not pd.isna(value)}


def _named(attributes: Mapping[str, str], field: str) -> str:
    """What a parcel has under one of a field's names."""
    return next((attributes[alias] for alias in ALIASES[field] if attributes.get(alias)), "")


def _in_metres(frame: gpd.GeoDataFrame, place: str) -> tuple[gpd.GeoSeries, list[Finding]]:
    """Figures in a plane CRS without heights, and what was changed for it."""
    said = []
    made = frame.geometry
    if made.has_z.any():
        made = made.force_2d()
        zh, en = "图形的高程(Z)未写入", "heights (Z) of the figures are not written"
        said.append(Finding("out.type", "warning", zh, en, place))
    if made.crs is not None and made.crs.is_geographic and np.isfinite(made.total_bounds).all():
        spot = lon_lat(shapely.box(*made.total_bounds), CRS(made.crs))
        if spot is not None:
            zone = zone_crs(spot[0])
            made, code = made.to_crs(zone), f"EPSG:{zone.to_epsg()}"
            said.append(Finding("out.crs", "info", f"经纬度已换算为米({code})", f"degrees were turned into metres ({code})", place))  # fmt: skip
    if made.crs is None or made.crs.to_epsg() is None:
        zh, en = "没有 EPSG 编号的坐标系,图中未写明坐标系", "there is no CRS with an EPSG code: the drawing states none"  # fmt: skip
        said.append(Finding("out.crs", "warning", zh, en, place))
    return made, said


def _layers(frame: gpd.GeoDataFrame, layer: str, place: str) -> tuple[list[str], list[Finding]]:
    """The CAD layer of each parcel; signs that a name may not have become ``_``."""
    given = frame[LAYER] if LAYER in frame else [None] * len(frame)
    asked = [layer if pd.isna(name) or not str(name).strip() else str(name).strip() for name in given]
    made = ["".join(sign if sign.isprintable() else "_" for sign in name.translate(_FORBIDDEN))[:_LONGEST] for name in asked]  # fmt: skip
    changed = {old: new for old, new in zip(asked, made, strict=True) if old != new}
    if not changed:
        return made, []
    shown = "、".join(f"{old[:40]}→{new[:40]}" for old, new in list(changed.items())[:_SHOWN])
    zh, en = f"CAD 图层名不能含 <>/\\\":;?*|=,` 且不宜过长,已改为:{shown}", f"names of CAD layers may not hold <>/\\\":;?*|=,` nor be long, and were changed: {shown}"  # fmt: skip
    return made, [Finding("out.names", "warning", zh, en, place)]


def _no_areas(shapes: Any, there: Any, place: str) -> Iterator[Finding]:
    for number in np.flatnonzero(there & ~np.isin(shapely.get_type_id(shapes), _POLYGONS)).tolist():
        kind = shapes[number].geom_type
        yield fault("out.geometry", f"{place}: #{number + 1}", f"几何类型是 {kind},应为面", f"the geometry is {kind}, expected a polygon")  # fmt: skip


def _too_long(rows: Sequence[Mapping[str, str]], place: str) -> Iterator[Finding]:
    for number, row in enumerate(rows, start=1):
        size = sum(len(f"{name}{value}".encode()) for name, value in row.items())
        if size > _MOST:
            longest = max(row, key=lambda name: len(row[name]))
            zh = f"属性共 {size} 字节(最长的是 {longest}),DXF 的一个图元最多 {_MOST};请写成 .gpkg"
            yield fault("out.text", f"{place}: #{number}", zh, f"the attributes have {size} bytes (the longest is {longest}), a DXF entity takes {_MOST}; write a .gpkg")  # fmt: skip
