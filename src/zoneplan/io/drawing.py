"""DXF drawings → polygons: closed polylines with the name of their layer, and the texts that stand in them."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.drawingrings import APP, HOLES, LAYER, Mark, read_mark, rings_to_parcels, texts_inside
from zoneplan.io.gdaloptions import READING, gdal_options
from zoneplan.io.intake import Intake
from zoneplan.io.shapefileparts import completed
from zoneplan.io.vector import unreadable

UTF8_FROM = 1021  # AC1021, AutoCAD 2007
CRS_PROPERTY = "坐标系"
"""Property of a drawing that states its CRS."""
TEXT, CODES = "Text", "RawCodeValues"
_POINT, _LINE, _AREAS = 0, 1, (3, 6)
_STATED = re.compile(rb"\$CUSTOMPROPERTYTAG\s+1\s+([^\r\n]+)\s+9\s+\$CUSTOMPROPERTY\s+1\s+([^\r\n]+)")


@dataclass(frozen=True)
class _Head:
    """What a drawing says of itself: whether its text is UTF-8, its CRS, whether `APP` is in it."""

    utf8: bool
    crs: CRS | None
    marked: bool


def read_drawing(path: Path, *, place: str | None = None, layer: str | None = None) -> Intake:
    """Read the closed polylines, and areas, of a DXF.

    Parameters
    ----------
    path : Path
    place : str, optional
        How messages name the file.
    layer : str, optional
        Only this CAD layer (with its holes).

    Returns
    -------
    Intake
        Columns ``Layer`` (of the drawing), ``Text`` (what stands in the figure) if there is any, the attributes that
        `zoneplan.io.drawingwriter` kept, geometry. Closed polylines on ``LAYER_洞`` are holes of those on ``LAYER``. Without a CRS
        unless the drawing's property 坐标系 states one. What is no area is counted in a finding.

    Raises
    ------
    InputError
        No drawing, no closed polyline, no such layer.
    """
    place = place or path.name
    head = _head(path)
    frame = _entities(path, head, place)
    layers = sorted(frame[LAYER].dropna().astype(str).unique())
    shown = "、".join(layers)
    if layer is not None:
        if layer not in layers:
            zh, en = f"没有图层“{layer}”;有:{shown}", f"there is no layer '{layer}'; there are: {shown}"
            raise InputError(fault("file.layer", place, zh, en))
        frame = frame[frame[LAYER].isin([layer, layer + HOLES])].reset_index(drop=True)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    kinds = shapely.get_type_id(shapes)
    closed = (kinds == _LINE) & shapely.is_closed(shapes) & (shapely.get_num_coordinates(shapes) > 3)
    shapes[closed] = [shapely.Polygon(line) for line in shapes[closed]]
    kept = closed | np.isin(kinds, _AREAS)
    if not kept.any():
        zh, en = f"没有闭合的多段线;图层有:{shown}", f"there is no closed polyline; the layers are: {shown}"
        raise InputError(fault("drawing.open", place, zh, en))
    marks: list[Mark | None] = [read_mark(codes) for codes in frame[CODES]]
    ours = np.array([mark is not None for mark in marks])
    texts = (kinds == _POINT) & frame[TEXT].notna().to_numpy()
    at = np.flatnonzero(kept)
    parcels, said = rings_to_parcels(shapes[at], frame[LAYER].astype(str).to_numpy()[at], [marks[n] for n in at], place)  # fmt: skip
    words = texts_inside(parcels, shapes[texts & ~ours], frame[TEXT].to_numpy()[texts & ~ours])
    if TEXT not in parcels and any(words):
        parcels.insert(1, TEXT, words)
    left = int((~(kept | texts)).sum())
    return Intake(
        parcels if head.crs is None else parcels.set_crs(head.crs), (*_stated(head, place), _counted(int(kept.sum()), int(texts.sum()), left, place), *said)
    )  # fmt: skip


def _head(path: Path) -> _Head:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        version = re.search(rb"\$ACADVER\s+1\s+AC(\d{4})", content[:4096])
        marked = content.find(APP.encode()) >= 0
        stated = {match[1].strip(): match[2].strip() for match in _STATED.finditer(content)}
    named = stated.get(CRS_PROPERTY.encode(), b"").decode(errors="replace")
    try:
        crs = CRS.from_user_input(named) if re.fullmatch(r"EPSG:\d{4,6}", named) else None
    except CRSError:
        crs = None
    return _Head(version is not None and int(version[1]) >= UTF8_FROM, crs, marked)


def _entities(path: Path, head: _Head, place: str) -> gpd.GeoDataFrame:
    """What GDAL finds in a drawing; extended data only where there are some of ours."""
    options = {"INCLUDE_RAW_CODE_VALUES": "YES"} if head.marked else {}
    try:
        with (
            completed(path, place) as (plain, _),
            gdal_options({**READING, "DXF_ENCODING": "UTF-8" if head.utf8 else None}),
        ):
            made: gpd.GeoDataFrame = pyogrio.read_dataframe(plain, layer="entities", **options)
    except (DataSourceError, DataLayerError, ValueError, RuntimeError, UnicodeError) as error:
        raise InputError(unreadable(place, str(error), path)) from error
    return made.assign(**{name: None for name in (TEXT, CODES) if name not in made})


def _stated(head: _Head, place: str) -> tuple[Finding, ...]:
    if head.crs is None:
        return ()
    zh, en = f"坐标系取自图形特性“{CRS_PROPERTY}”:{head.crs.to_string()}", f"the CRS is that of the drawing's property '{CRS_PROPERTY}': {head.crs.to_string()}"  # fmt: skip
    return (Finding("drawing.crs", "info", zh, en, place),)


def _counted(areas: int, texts: int, left: int, place: str) -> Finding:
    return Finding(
        "drawing.read", "warning" if left else "info",
        f"{areas} 条闭合多段线读为面,其中的文字(全图 {texts} 个)记在 {TEXT} 列;其余 {left} 个图元(不闭合的线、点等)未读入",
        f"{areas} closed polylines read as polygons, texts in them (of {texts}) are in the column {TEXT}; {left} other entities (open lines, points) are left out",
        place,
    )  # fmt: skip
