"""One door for every file that an officer holds: its name says which reader opens it."""

from __future__ import annotations

from pathlib import Path

from geopandas import GeoDataFrame
from pyproj import CRS

from zoneplan.errors import InputError
from zoneplan.finding import Finding
from zoneplan.io.archives import unpacked
from zoneplan.io.coordinates import read_coordinates
from zoneplan.io.drawing import read_drawing
from zoneplan.io.intake import Intake
from zoneplan.io.pointtable import read_table
from zoneplan.io.polygons import closed_rings
from zoneplan.io.sandbox import sandboxed
from zoneplan.io.vector import DRIVERS, dbf_encoding, read_vector, refuse_path

TEXT, TABLES, DRAWINGS, ARCHIVES = (".txt",), (".csv", ".xlsx"), (".dxf",), (".zip", ".kmz")
_SHOWN = 10
READ = (*DRIVERS, *TEXT, *TABLES, *DRAWINGS, *ARCHIVES)


def read_any(
    path: Path | str,
    *,
    layer: str | None = None,
    place: str | None = None,
    assume_crs: CRS | None = None,
    encoding: str | None = None,
) -> Intake:
    """Read polygons (or what a file has) from any format.

    Parameters
    ----------
    path : path
        GeoPackage, shapefile, GeoJSON, FlatGeobuf, FileGDB, KML, coordinate TXT, CSV or Excel of points or WKT, DXF,
        and .zip or .kmz of one of these; on this machine.
    layer : str, optional
        Of a file with several; the sheet of a workbook, the CAD layer of a drawing.
    place : str, optional
        How messages name the file; default its name.
    assume_crs : CRS, optional
        Where the file states none; for TXT and tables in place of what is concluded.
    encoding : str, optional
        Of text; default what the bytes are.

    Raises
    ------
    InputError
        As the reader of the format; whatever a library does on the file ends in one.

    Notes
    -----
    Libraries written in C read in a process of its own, with limits of time and memory.
    """
    path = Path(path)
    place = place or path.name
    suffix = path.suffix.lower()
    refuse_path(path, place, more=(*TEXT, *TABLES, *DRAWINGS, *ARCHIVES))
    if suffix in ARCHIVES:
        kinds = tuple(kind for kind in READ if kind not in ARCHIVES)
        with unpacked(path, place, suffixes=kinds if suffix == ".zip" else (".kml",)) as inner:
            return read_any(
                inner, layer=layer, place=f"{place}/{inner.name}", assume_crs=assume_crs, encoding=encoding
            )
    if suffix in TEXT:
        return read_coordinates(path, place=place, assume_crs=assume_crs, encoding=encoding)
    if suffix in TABLES:
        return read_table(path, place=place, sheet=layer, assume_crs=assume_crs, encoding=encoding)
    if suffix in DRAWINGS:
        return sandboxed(
            lambda: read_drawing(path, place=place, layer=layer, crs=assume_crs), path, place=place
        )
    said = _table_encoding(path, encoding, place)
    frame, opened = sandboxed(
        lambda: _rings_closed(path, layer=layer, place=place, encoding=encoding), path, place=place
    )
    if frame.crs is None and assume_crs is not None:
        frame = frame.set_crs(assume_crs)
    return Intake(frame, (*said, *_opened(opened, place)))


def _rings_closed(
    path: Path, *, layer: str | None, place: str, encoding: str | None
) -> tuple[GeoDataFrame, list[int]]:
    """A layer, rings that were open closed, and which features had one (counted from 0)."""
    try:
        return read_vector(path, layer=layer, place=place, encoding=encoding), []
    except InputError as error:
        if {found.code for found in error.faults} <= {"geometry.ring", "file.unreadable"}:
            return closed_rings(path, layer=layer, place=place, encoding=encoding)
        raise


def _opened(numbers: list[int], place: str) -> tuple[Finding, ...]:
    if not numbers:
        return ()
    shown = ", ".join(f"#{number + 1}" for number in numbers[:_SHOWN]) + (
        " …" if len(numbers) > _SHOWN else ""
    )
    zh = f"{len(numbers)} 个要素有未闭合的环(首尾点不同),已闭合:{shown};请在数据中改正"
    en = f"{len(numbers)} features had a ring that was not closed (first and last point differ); closed: {shown}; correct the data"
    return (
        Finding(
            "geometry.ring", "warning", zh, en, place, feature=tuple(str(number + 1) for number in numbers)
        ),
    )


def _table_encoding(path: Path, encoding: str | None, place: str) -> tuple[Finding, ...]:
    """What a shapefile's table is read in; a code page file that says otherwise is named."""
    if path.suffix.lower() != ".shp":
        return ()
    found = encoding or dbf_encoding(path, place)
    beside = next((p for p in (path.with_suffix(".cpg"), path.with_suffix(".CPG")) if p.exists()), None)
    stated = beside.read_text(encoding="ascii", errors="replace").strip() if beside else ""
    same = not stated or stated.upper().replace("-", "") in _NAMES.get(
        found.upper(), (found.upper().replace("-", ""),)
    )
    zh = (
        f"属性表按 {found} 读取"
        + ("" if encoding else "(据其字节)")
        + (f";.cpg 写的是 {stated}" if stated else ";没有 .cpg")
    )
    en = (
        f"the table is read in {found}"
        + ("" if encoding else " (by its bytes)")
        + (f"; its .cpg says {stated}" if stated else "; there is no .cpg")
    )
    return (Finding("file.encoding", "info" if same else "warning", zh, en, place),)


_NAMES = {"UTF-8": ("UTF8", "65001"), "GB18030": ("GB18030", "GBK", "GB2312", "936", "CP936", "54936")}
