"""Tables of boundary points, or of WKT, in CSV and Excel → polygons."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import CRS

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.coordinates import from_plots
from zoneplan.io.intake import Intake
from zoneplan.io.plotdatum import assumed
from zoneplan.io.plotfile import Plot, PlotFile, Point, decoded

ALIASES: Mapping[str, tuple[str, ...]] = {
    "DKBH": ("地块编号", "地块号", "宗地号", "编号", "DKBH", "PARCEL_ID", "PARCELID", "PLOT", "ID"),
    "DKMC": ("地块名称", "名称", "DKMC", "NAME"),
    "DKYT": ("地块用途", "用途", "DKYT", "USE"),
    "DLBM": ("地类编码", "DLBM", "YDYHFLDM"),
    "point": ("点号", "界址点号", "JZDH", "POINT"),
    "ring": ("圈号", "环号", "QH", "RING"),
    "first": ("X", "X坐标", "X(北)", "纵坐标", "北坐标", "纬度", "NORTHING", "LAT", "LATITUDE"),
    "second": ("Y", "Y坐标", "Y(东)", "横坐标", "东坐标", "经度", "EASTING", "LON", "LNG", "LONGITUDE"),
    "wkt": ("WKT", "GEOMETRY", "几何", "图形"),
}
"""Headings by what the column holds, without blanks, in capitals, brackets half-width."""
_SHOWN = 10
Row = tuple[int, dict[str, str]]


def read_table(
    path: Path, *, place: str | None = None, sheet: str | None = None, assume_crs: CRS | None = None, encoding: str | None = None
) -> Intake:  # fmt: skip
    """Read a table of boundary points (a row per point) or of WKT (a row per parcel).

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.xlsx``; the first row holds headings, see `ALIASES`. Cells are text: ``0101`` stays.
    place : str, optional
        How messages name the file.
    sheet : str, optional
        Of a workbook; default its only one.
    assume_crs : CRS, optional
        Of the coordinates; needed, since a table cannot state it.
    encoding : str, optional
        Of a CSV; default what the bytes are.

    Raises
    ------
    InputError
        No columns that are known, no rows, cells that are no numbers, no CRS given; each with its row.
    """
    place = place or path.name
    headings, rows, said = _cells(path, sheet, encoding, place)
    columns = _columns(headings)
    if "wkt" in columns:
        return _from_wkt(columns, rows, said, place, assume_crs)
    if not {"first", "second"} <= columns.keys():
        shown, known = (
            "、".join(headings),
            "、".join(ALIASES["first"][:3] + ALIASES["second"][:3] + ALIASES["wkt"][:1]),
        )
        zh = f"没有认识的坐标列;有:{shown};应有如 {known} 的列"
        raise InputError(fault("table.columns", place, zh, f"no column of coordinates is known; there are {shown}; expected such as {known}"))  # fmt: skip
    file = PlotFile("Excel" if path.suffix.lower() == ".xlsx" else said)
    for number, cells in rows:
        _take(file, number, cells, columns, place)
    return from_plots(file, place=place, assume_crs=assume_crs)


def _cells(
    path: Path, sheet: str | None, encoding: str | None, place: str
) -> tuple[list[str], list[Row], str]:
    """Headings, rows with their numbers, and the encoding."""
    if path.suffix.lower() == ".xlsx":
        table, said = _workbook(path, sheet, place), "Excel"
    else:
        text, said = decoded(path.read_bytes(), place=place, encoding=encoding)
        delimiter = max(",\t;", key=text.split("\n", 1)[0].count)
        table = iter(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    headings = [cell.strip() for cell in next(table, [])]
    rows = [
        (number, {name: cell.strip() for name, cell in zip(headings, row, strict=False)})
        for number, row in enumerate(table, start=2)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise InputError(fault("file.no_features", place, "表中没有数据行", "the table has no rows"))
    return headings, rows, said


def _workbook(path: Path, sheet: str | None, place: str) -> Iterator[list[str]]:
    """The cells of a sheet as text."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise InputError(fault("file.unreadable", place, f"不是 Excel 工作簿或已损坏:{error}", f"no Excel workbook, or damaged: {error}")) from error  # fmt: skip
    names = book.sheetnames
    if (sheet is None and len(names) > 1) or (sheet is not None and sheet not in names):
        shown = "、".join(names)
        zh, en = f"请写成 文件:工作表;有:{shown}", f"write PATH:SHEET; there are: {shown}"
        raise InputError(fault("file.layers", place, zh, en))
    for row in book[sheet or names[0]].iter_rows(values_only=True):
        yield ["" if cell is None else repr(cell) if isinstance(cell, float) else str(cell) for cell in row]


def _columns(headings: Sequence[str]) -> dict[str, str]:
    """The heading that holds each thing, the first alias that is there."""
    plain = {head.upper().replace(" ", "").replace("（", "(").replace("）", ")"): head for head in headings}
    found = {
        thing: next((plain[alias] for alias in aliases if alias in plain), None)
        for thing, aliases in ALIASES.items()
    }
    return {thing: head for thing, head in found.items() if head is not None}


def _take(
    file: PlotFile, number: int, cells: Mapping[str, str], columns: Mapping[str, str], place: str
) -> None:
    """A row as a boundary point of its plot; rows of one plot follow one another or not."""
    words = {thing: cells.get(head, "") for thing, head in columns.items()}
    fields = {thing: word for thing, word in words.items() if thing.isupper()}
    key = words.get("DKBH") or words.get("DKMC", "")
    plot = next(
        (
            one
            for one in reversed(file.plots)
            if (one.fields.get("DKBH") or one.fields.get("DKMC", "")) == key
        ),
        None,
    )
    if plot is None:
        plot = Plot(number, fields)
        file.plots.append(plot)
    try:
        first, second = float(words["first"]), float(words["second"])
    except ValueError:
        plot.broken = True
        shown = f"{words['first']}, {words['second']}"[:60]
        zh, en = f"第 {number} 行:坐标“{shown}”不是数字;地块 {plot.name} 未取得图形", f"row {number}: the coordinates '{shown}' are no numbers; plot {plot.name} has no geometry"  # fmt: skip
        file.findings.append(Finding("table.number", "error", zh, en, place, feature=(plot.name,)))
        return
    plot.points.append(Point(number, words.get("point", ""), words.get("ring") or "1", first, second))


def _from_wkt(
    columns: Mapping[str, str], rows: Sequence[Row], said: str, place: str, crs: CRS | None
) -> Intake:
    """A row per parcel, its figure as WKT."""
    texts = [cells.get(columns["wkt"], "") or None for _, cells in rows]
    shapes = shapely.from_wkt(texts, on_invalid="ignore")
    wrong = [
        f"#{row[0]}" for row, text, shape in zip(rows, texts, shapes, strict=True) if text and shape is None
    ]
    given = [assumed(crs, place)] if crs is not None else []
    findings = [*given, Finding("txt.encoding", "info", f"编码 {said},{len(rows)} 行", f"encoding {said}, {len(rows)} rows", place)]  # fmt: skip
    if wrong:
        shown = ", ".join(wrong[:_SHOWN])
        zh, en = (
            f"{len(wrong)} 行的 WKT 不能读取:{shown}",
            f"the WKT of {len(wrong)} rows cannot be read: {shown}",
        )
        findings.append(Finding("table.wkt", "error", zh, en, place, feature=tuple(wrong)))
    names = [name for name in rows[0][1] if name != columns["wkt"]]
    frame = gpd.GeoDataFrame({name: [cells.get(name, "") for _, cells in rows] for name in names}, geometry=shapes, crs=crs)  # fmt: skip
    return Intake(frame, tuple(findings))
