"""The geometry that edits give: WKT, coordinates or a file's rows, in the working CRS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import geopandas as gpd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import to_working
from zoneplan.engine.overlay import union
from zoneplan.errors import Gathered, InputError, fault
from zoneplan.scenario.edits import Edit, Road, Shape, shapes

Read = Callable[[Edit, str, Shape], gpd.GeoDataFrame]
Ground = Mapping[tuple[str, str], gpd.GeoDataFrame]


def read_ground(edits: tuple[Edit, ...], crs: CRS, read: Read, places: Callable[[Edit, str], str]) -> Ground:
    """The rows of every shape of the edits, by (edit id, key); `InputError` with all faults at once."""
    gathered, made = Gathered(), {}
    for edit in edits:
        for key, shape in shapes(edit):
            with gathered.step():
                line = isinstance(edit, Road)
                rows = partial(read, edit, key)
                made[edit.id, key] = read_shape(shape, crs, rows, places(edit, key), line=line)
    gathered.check()
    return made


def read_shape(
    shape: Shape, crs: CRS, read: Callable[[Shape], gpd.GeoDataFrame], place: str, *, line: bool = False
) -> gpd.GeoDataFrame:
    """The rows of one shape in the working CRS: valid polygons, or lines; `read` reads the rows of its file."""
    frame = read(shape) if shape.file else _inline(shape, place, line=line)
    return _fit(to_working(_chosen(frame, shape, place), crs, place=place), place, line=line)


def whole(frame: gpd.GeoDataFrame) -> BaseGeometry:
    """All rows as one polygon."""
    return union(list(frame.geometry))


def _inline(shape: Shape, place: str, *, line: bool) -> gpd.GeoDataFrame:
    try:
        crs = CRS.from_user_input(shape.crs)
        if shape.wkt:
            geometry = shapely.from_wkt(shape.wkt)
        else:
            geometry = (shapely.LineString if line else shapely.Polygon)(shape.coordinates)
    except (ShapelyError, ValueError, CRSError) as error:
        raise InputError(
            fault("scenario.shape", place, f"无法读成图形:{error}", f"cannot be read as a shape: {error}")
        ) from error
    return gpd.GeoDataFrame(geometry=[geometry], crs=crs)


def _chosen(frame: gpd.GeoDataFrame, shape: Shape, place: str) -> gpd.GeoDataFrame:
    if shape.field is None:
        return frame
    if shape.field not in frame:
        raise InputError(
            fault("scenario.field", place, f"没有字段“{shape.field}”", f"there is no field '{shape.field}'")
        )
    found = frame[shape.field].astype(str)
    if missing := [value for value in shape.values if value not in set(found)]:
        raise InputError(
            fault("scenario.value", place, f"字段“{shape.field}”中没有:{'、'.join(missing)}",
                  f"field '{shape.field}' has no {', '.join(missing)}")
        )  # fmt: skip
    return frame[found.isin(shape.values)]


def _fit(frame: gpd.GeoDataFrame, place: str, *, line: bool) -> gpd.GeoDataFrame:
    """The frame, if every row is a valid polygon (a line, for a road)."""
    wanted = 1 if line else 2
    values = frame.geometry.to_numpy()
    if len(frame) and (shapely.get_dimensions(values) == wanted).all() and shapely.is_valid(values).all():
        return frame
    zh, en = ("线", "lines") if line else ("面", "polygons")
    raise InputError(
        fault("scenario.shape", place, f"应为有效的{zh}要素,且不为空", f"expected valid {en}, and not empty")
    )
