"""One door for every file that an officer holds: its name says which reader opens it."""

from __future__ import annotations

from pathlib import Path

from pyproj import CRS

from zoneplan.errors import InputError
from zoneplan.finding import Finding
from zoneplan.io.archives import unpacked
from zoneplan.io.coordinates import read_coordinates
from zoneplan.io.dbftext import CUT, cut_finding, dbf_encoding
from zoneplan.io.drawing import read_drawing
from zoneplan.io.fieldnotes import NOTES, field_notes
from zoneplan.io.intake import Intake
from zoneplan.io.plotdatum import assumed
from zoneplan.io.pointtable import read_table
from zoneplan.io.polygons import close_rings
from zoneplan.io.sandbox import sandboxed
from zoneplan.io.shapefileparts import part
from zoneplan.io.vector import DRIVERS, PARTS, read_vector, refuse_path

TEXT, TABLES, DRAWINGS, ARCHIVES = (".txt",), (".csv", ".xlsx"), (".dxf",), (".zip", ".kmz")
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
        Where the file states none.
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
        wanted = kinds if suffix == ".zip" else (".kml",)
        with unpacked(path, place, suffixes=wanted, name=layer) as (inner, within):
            return read_any(
                inner, layer=within, place=f"{place}/{inner.name}", assume_crs=assume_crs, encoding=encoding
            )
    if suffix in TEXT:
        return read_coordinates(path, place=place, assume_crs=assume_crs, encoding=encoding)
    if suffix in TABLES:
        return sandboxed(
            lambda: read_table(path, place=place, sheet=layer, assume_crs=assume_crs, encoding=encoding),
            path,
            place=place,
        )
    if suffix in DRAWINGS:
        made = sandboxed(lambda: read_drawing(path, place=place, layer=layer), path, place=place)
    else:
        made = sandboxed(lambda: _read_vector(path, layer, place, encoding), path, place=place)
    if made.frame.crs is not None or assume_crs is None:
        return made
    return Intake(made.frame.set_crs(assume_crs), (*made.findings, assumed(assume_crs, place)))


def _read_vector(path: Path, layer: str | None, place: str, encoding: str | None) -> Intake:
    """Through GDAL; a ring that is not closed is closed, and named."""
    said = _table_encoding(path, encoding, place)
    try:
        frame = read_vector(path, layer=layer, place=place, encoding=encoding)
    except InputError as error:
        if not {found.code for found in error.faults} <= {"geometry.ring", "file.unreadable"}:
            raise
        frame, closed = close_rings(path, layer, place, encoding=encoding)
        said = (*said, *closed)
    said = (*frame.attrs.get(PARTS, ()), *said, *cut_finding(frame.attrs.get(CUT, []), place))
    if path.suffix.lower() in (".gdb", ".gpkg"):
        frame.attrs[NOTES] = field_notes(path, layer)
    return Intake(frame, said)


def _table_encoding(path: Path, encoding: str | None, place: str) -> tuple[Finding, ...]:
    """What a shapefile's table is read in; a code page file that says otherwise is named."""
    if path.suffix.lower() != ".shp" or part(path, ".dbf") is None:
        return ()
    found = encoding or dbf_encoding(path, place)
    beside = part(path, ".cpg")
    stated = " ".join(beside.read_text(encoding="ascii", errors="replace").split())[:_CPG] if beside else ""
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


_CPG = 40  # characters of a code page file; one that holds anything else is cut
_NAMES = {"UTF-8": ("UTF8", "65001"), "GB18030": ("GB18030", "GBK", "GB2312", "936", "CP936", "54936")}
