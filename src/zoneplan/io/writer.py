"""Polygons out to the formats that officers use: nothing is lost in silence, nothing half-written."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.drawingwriter import write_drawing
from zoneplan.io.fieldnotes import FieldNote, noted_table, notes_of
from zoneplan.io.fitting import fitted_columns, free_names
from zoneplan.io.layers import stable_dates
from zoneplan.io.oddnames import refuse_name
from zoneplan.io.plotwriter import coordinate_text, write_coordinates

DRIVERS = {
    ".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".json": "GeoJSON", ".fgb": "FlatGeobuf",
    ".gdb": "OpenFileGDB", ".kml": "LIBKML",
}  # fmt: skip
NOTED = ("GPKG", "OpenFileGDB")
"""Drivers that keep aliases and widths of fields."""
WRITTEN = (*DRIVERS, ".txt", ".csv", ".dxf")
_INDEXES = (".qix", ".sbn", ".sbx", ".ain", ".aih", ".atx")
NAME_BYTES, TEXT_BYTES = 10, 254
SHAPEFILE_BYTES = 2 * 2**30
_BYTES_PER_POINT, _BYTES_PER_CELL = 16, TEXT_BYTES
_SHOWN = 10
_NOT_FIRST = (
    "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum() and chr(code) != "_") + " "
)


def write_any(
    path: Path, frame: gpd.GeoDataFrame, *, layer: str | None = None, encoding: str | None = None, place: str = "input",
    text_form: Mapping[str, Any] | None = None,
) -> tuple[list[Path], tuple[Finding, ...]]:  # fmt: skip
    """Write a frame in the format that a name asks for.

    Parameters
    ----------
    path : Path
        ``.gpkg``, ``.shp``, ``.geojson``, ``.fgb``, ``.gdb``, ``.kml``, ``.txt`` (boundary points as officers write them),
        ``.csv`` (a row per boundary point) or ``.dxf`` (a closed polyline per ring). A file that is there is replaced, a ``.gdb`` is not.
    frame : GeoDataFrame
    layer : str, optional
        Name of the layer; default the file's, of a drawing 地块.
    encoding : str, optional
        Of a shapefile's table (default UTF-8) or a text (default GBK for ``.txt``, UTF-8 with a mark for ``.csv``).
    place : str
        How messages name the input.
    text_form : mapping, optional
        For ``.txt``: options of `coordinate_text`.

    Returns
    -------
    list of Path
        What was written; a shapefile has several.
    tuple of Finding
        Names that were shortened, signs that were changed.

    Raises
    ------
    InputError
        A format that is not written; what the format cannot hold: all of it.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITTEN:
        zh, en = f"不写“{path.suffix}”;可写:{' '.join(WRITTEN)}", f"'{path.suffix}' is not written; what is: {' '.join(WRITTEN)}"  # fmt: skip
        raise InputError(fault("file.format", path, zh, en))
    if path.is_dir():
        zh, en = (
            "已有这个文件夹;请换一个名字或先移走它",
            "the folder is there already: choose another name, or move it",
        )
        raise InputError(fault("out.exists", path, zh, en))
    if suffix == ".shp" and (beside := [end for end in _INDEXES if path.with_suffix(end).exists()]):
        zh, en = f"旁边有旧的空间索引({' '.join(beside)}),替换后会与新数据不符;请换一个名字或先删除它们", f"old spatial indexes ({' '.join(beside)}) lie beside it and would not fit the new data: choose another name, or remove them"  # fmt: skip
        raise InputError(fault("out.exists", path, zh, en))
    with store.staged(path.parent) as stage:
        target = stage / path.name
        if suffix == ".txt":
            text, said = coordinate_text(frame, place=place, **(text_form or {}))
            write_coordinates(target, text, encoding=encoding or "gbk", place=place)
        elif suffix == ".csv":
            said = _write_points(target, frame, encoding or "utf-8-sig")
        elif suffix == ".dxf":
            said = write_drawing(target, frame, layer=layer, place=place)
        else:
            refuse_name(path)
            said = _write(target, frame, layer or _layer_name(path), encoding or "UTF-8", place)
        names = sorted(item.name for item in stage.iterdir())
    return [path.parent / name for name in names], said


def _layer_name(path: Path) -> str:
    """The name of a file's layer: its own, without the signs that a GeoPackage's layer must not begin with."""
    if path.suffix.lower() != ".gpkg":
        return path.stem
    return path.stem.lstrip(_NOT_FIRST) or "layer"


def _write(
    target: Path, frame: gpd.GeoDataFrame, layer: str, encoding: str, place: str
) -> tuple[Finding, ...]:
    """Through GDAL; what GDAL warns of is a finding."""
    driver = DRIVERS[target.suffix.lower()]
    frame, renamed = free_names(frame, driver, place)
    notes = notes_of(frame)
    frame, said = fitted_columns(frame, driver, place)
    said = (*renamed, *said)
    if driver == "ESRI Shapefile":
        frame, more = _for_a_shapefile(frame, encoding, target, place)
        said = (*said, *more)
    if driver == "LIBKML":
        frame = frame.to_crs(4326)
    with stable_dates(), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            if driver in NOTED:
                _write_noted(target, frame, layer, driver, notes)
            else:
                options = {"encoding": encoding} if driver == "ESRI Shapefile" else {}
                pyogrio.write_dataframe(frame, target, layer=layer, driver=driver, **_kind(frame), **options)
        except (DataSourceError, RuntimeError, ValueError, UnicodeError, pa.ArrowException) as error:
            zh, en = f"不能写成 {driver}:{error}", f"cannot be written as {driver}: {error}"
            raise InputError(fault("out.format", target.name, zh, en)) from error
    if driver not in NOTED and (aliases := [name for name, note in notes.items() if note.alias]):
        shown = "、".join(aliases[:_SHOWN])
        zh, en = f"{driver} 不能保存字段别名,{len(aliases)} 个未保存:{shown};需要时写成 .gdb 或 .gpkg", f"{driver} cannot keep the aliases of fields; {len(aliases)} are not kept: {shown}; a .gdb or .gpkg keeps them"  # fmt: skip
        said = (*said, Finding("out.alias", "warning", zh, en, place))
    words = dict.fromkeys(
        " ".join(str(one.message).split()) for one in warned if "crs" not in str(one.message)
    )
    return (
        *said,
        *(Finding("out.note", "warning", f"GDAL:{text}", f"GDAL: {text}", place) for text in words),
    )


def _kind(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """The layer's geometry type where all are areas: parts are then written alike."""
    shapes = frame.geometry.to_numpy()
    kinds = set(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]).tolist())
    if not kinds or not kinds <= {3, 6}:
        return {}
    return {
        "geometry_type": "MultiPolygon Z" if frame.has_z.any() else "MultiPolygon",
        "promote_to_multi": True,
    }


def _write_noted(
    target: Path, frame: gpd.GeoDataFrame, layer: str, driver: str, notes: Mapping[str, FieldNote]
) -> None:
    """With aliases and widths of fields."""
    kind = _kind(frame).get("geometry_type", "Unknown")
    if kind != "Unknown":
        shapes = frame.geometry.to_numpy().copy()
        single = shapely.get_type_id(shapes) == 3
        shapes[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
        frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs, index=frame.index))
    crs = frame.crs and (f"EPSG:{frame.crs.to_epsg()}" if frame.crs.to_epsg() else frame.crs.to_wkt())
    pyogrio.write_arrow(
        noted_table(frame, notes), target, layer=layer, driver=driver, geometry_name="geometry", geometry_type=kind, crs=crs
    )  # fmt: skip


def _for_a_shapefile(
    frame: gpd.GeoDataFrame, encoding: str, target: Path, place: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Names cut to 10 bytes at whole characters, none twice, with a table of them beside; what does not fit is refused."""
    table = frame.drop(columns=frame.geometry.name)
    faults = [one for name in table.columns for one in _too_long(table[name], str(name), encoding, place)]
    size = _BYTES_PER_POINT * len(shapely.get_coordinates(frame.geometry.to_numpy()))
    cells = (
        _BYTES_PER_CELL
        * len(table)
        * sum(pd.api.types.is_string_dtype(table[name]) for name in table.columns)
    )
    if max(size, cells) > SHAPEFILE_BYTES:
        zh = f"约需 {max(size, cells) / 2**30:.1f} GB,超过 shapefile 的 2 GB;请写成 .gpkg"
        faults.append(fault("out.size", place, zh, f"needs some {max(size, cells) / 2**30:.1f} GB, more than the 2 GB of a shapefile; write a .gpkg"))  # fmt: skip
    if faults:
        raise InputError(faults)
    names = short_names([str(name) for name in table.columns], encoding)
    changed = {name: short for name, short in names.items() if name != short}
    if not changed:
        return frame, ()
    beside = target.with_name(f"{target.stem}_fields.csv")
    rows = pd.DataFrame(list(names.items()), columns=["字段 field", "shapefile"])
    store.write_csv(beside, rows)
    shown = "、".join(f"{name}→{short}" for name, short in list(changed.items())[:_SHOWN])
    finding = Finding(
        "out.names", "warning",
        f"shapefile 的字段名最多 {NAME_BYTES} 个字节,{len(changed)} 个已缩短:{shown};对照表见 {beside.name}",
        f"names in a shapefile have at most {NAME_BYTES} bytes; {len(changed)} were shortened: {shown}; all are in {beside.name}", place,
    )  # fmt: skip
    return frame.rename(columns=names), (finding,)


def short_names(names: Sequence[str], encoding: str) -> dict[str, str]:
    """Names cut to `NAME_BYTES` at whole characters; none twice, whatever the case."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        short, number = _cut(name, NAME_BYTES, encoding), 1
        while short.casefold() in taken or not short:
            tail = f"_{number}"
            short, number = _cut(name, NAME_BYTES - len(tail), encoding) + tail, number + 1
        taken.add(short.casefold())
        made[name] = short
    return made


def _cut(name: str, size: int, encoding: str) -> str:
    while len(name.encode(encoding, errors="replace")) > size:
        name = name[:-1]
    return name


def _too_long(column: pd.Series[str], name: str, encoding: str, place: str) -> list[Finding]:
    """Texts that the table of a shapefile cannot hold: longer than 254 bytes, or of signs that the encoding lacks."""
    if not pd.api.types.is_string_dtype(column):
        return []
    long, foreign = [], []
    for number, value in enumerate(column, start=1):
        if isinstance(value, str):
            try:
                if len(value.encode(encoding)) > TEXT_BYTES:
                    long.append(number)
            except UnicodeEncodeError:
                foreign.append(number)
    faults = []
    for rows, zh, en in (
        (long, f"超过 {TEXT_BYTES} 字节,shapefile 放不下", f"longer than the {TEXT_BYTES} bytes of a shapefile's field"),
        (foreign, f"含 {encoding} 没有的字", f"with signs that {encoding} does not have"),
    ):  # fmt: skip
        if rows:
            shown = ", ".join(f"#{number}" for number in rows[:_SHOWN])
            faults.append(fault("out.text", f"{place}: {name}", f"{len(rows)} 个值{zh}({shown});请写成 .gpkg", f"{len(rows)} values {en} ({shown}); write a .gpkg"))  # fmt: skip
    return faults


def _write_points(target: Path, frame: gpd.GeoDataFrame, encoding: str) -> tuple[Finding, ...]:
    """A row per boundary point, as `zoneplan.io.pointtable` reads it; other columns of a parcel are repeated."""
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    owner = row[part]
    first = np.searchsorted(owner, np.arange(len(frame)))
    at = owner[ring]
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).iloc[at].reset_index(drop=True)
    number = np.arange(len(ring)) - np.searchsorted(ring, ring) + 1
    if frame.crs is not None and frame.crs.to_epsg() and "坐标系" not in table:
        table["坐标系"] = f"EPSG:{frame.crs.to_epsg()}"
    points = {"圈号": ring - first[at] + 1, "点号": [f"J{n}" for n in number], "X": xy[:, 1], "Y": xy[:, 0]}
    clash = {name: f"{name}_" for name in table if name in points}
    out = pd.concat([table.rename(columns=clash), pd.DataFrame(points)], axis=1)
    if "DKBH" not in out and "地块编号" not in out:
        out.insert(0, "地块编号", at + 1)
    places = 9 if frame.crs is not None and frame.crs.is_geographic else 4
    for name in ("X", "Y"):
        out[name] = [f"{value:.{places}f}" for value in out[name]]
    store.write_csv(target, out, encoding=encoding)
    said = []
    if clash:
        shown = "、".join(f"{name}→{new}" for name, new in clash.items())
        zh, en = f"字段与界址点表的列同名,已改名:{shown}", f"fields named like columns of the table were renamed: {shown}"  # fmt: skip
        said.append(Finding("out.names", "warning", zh, en, target.name))
    if left := int((frame.geometry.isna() | frame.geometry.is_empty).sum()):
        zh, en = f"{left} 个地块没有图形,界址点表中没有它们", f"{left} parcels have no geometry and are not in the table of points"  # fmt: skip
        said.append(Finding("out.empty", "warning", zh, en, target.name))
    return tuple(said)
