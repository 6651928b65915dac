"""Tables of boundary points, or of WKT, in CSV and Excel → polygons."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.coordinates import DECLARED, from_plots
from zoneplan.io.intake import Intake
from zoneplan.io.plotdatum import assumed
from zoneplan.io.plotfile import HEADER, Plot, PlotFile, Point, decoded
from zoneplan.resources import STANDARD
from zoneplan.textrows import plain_cell

_SHOWN = 10
_HEADINGS, _LONGEST = 20, 30
Row = tuple[int, dict[str, str]]


def read_table(
    path: Path, *, place: str | None = None, sheet: str | None = None, assume_crs: CRS | None = None, encoding: str | None = None
) -> Intake:  # fmt: skip
    """Read a table of boundary points (a row per point) or of WKT (a row per parcel).

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.xlsx``; the first row holds headings (those known: ``standard/columns.csv``). Cells are text:
        ``0101`` stays. Further columns are kept, a parcel's from its first row. Rows without a parcel's number belong to
        the parcel above (cells that were merged).
    place : str, optional
        How messages name the file.
    sheet : str, optional
        Of a workbook; default its only one.
    assume_crs : CRS, optional
        Of the coordinates; needed unless a column states it.
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
    stated = None if assume_crs else _stated(rows, columns, place)
    crs = assume_crs or stated
    if "wkt" in columns and not (_is_other(rows, columns["wkt"]) and {"first", "second"} <= columns.keys()):
        return _told(_from_wkt(columns, rows, said, place, crs), stated, columns, place)
    if not {"first", "second"} <= columns.keys():
        known = _known()
        shown, wanted = (
            _shown(headings),
            "、".join(known["first"][:3] + known["second"][:3] + known["wkt"][:1]),
        )
        zh, en = f"没有认识的坐标列;有:{shown};应有如 {wanted} 的列", f"no column of coordinates is known; there are {shown}; expected such as {wanted}"  # fmt: skip
        raise InputError(fault("table.columns", place, zh, en))
    file = PlotFile("Excel" if path.suffix.lower() == ".xlsx" else said)
    first_rows = _plots(file, rows, columns, place)
    intake = from_plots(file, place=place, assume_crs=crs)
    others = [head for head in headings if head and head not in columns.values()]
    frame = intake.frame.drop(columns=[name for name in (*HEADER, DECLARED) if name not in columns])
    for head in others:
        frame[head] = [cells.get(head, "") for cells in first_rows]
    ordered = frame[[*(name for name in frame if name != "geometry"), "geometry"]]
    return _told(replace(intake, frame=ordered), stated, columns, place)


def _shown(headings: Sequence[str]) -> str:
    """Headings for a message: those that are not blank, in one line, not too many."""
    words = [" ".join(head.split())[:_LONGEST] for head in headings if head.strip()]
    return "、".join(words[:_HEADINGS]) + (f" …(共 {len(words)} 列)" if len(words) > _HEADINGS else "") or "-"


def _is_other(rows: Sequence[Row], head: str) -> bool:
    """Whether a column that could hold WKT holds something else."""
    first = next((cells[head] for _, cells in rows if cells.get(head)), "")
    return not first[:1].isalpha() or "(" not in first


def _shape(text: str | None) -> BaseGeometry | None:
    """A figure from WKT; None where it cannot be read, or is of a kind that is not (arcs, surfaces)."""
    try:
        made: BaseGeometry | None = shapely.from_wkt(text, on_invalid="ignore")
    except NotImplementedError:
        return None
    return made


def _told(intake: Intake, stated: CRS | None, columns: Mapping[str, str], place: str) -> Intake:
    """What was read, with where the CRS comes from if a column states it."""
    if stated is None:
        return intake
    zh, en = f"坐标系取自列“{columns['crs']}”:{stated.to_string()}", f"the CRS is that of the column '{columns['crs']}': {stated.to_string()}"  # fmt: skip
    others = [finding for finding in intake.findings if finding.code not in ("crs.assumed", "txt.crs")]
    return replace(intake, findings=(*others, Finding("table.crs", "info", zh, en, place)))


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
    headings = _each_once([cell.strip() for cell in next(table, [])])
    rows = [
        (number, {name: plain_cell(cell) for name, cell in zip(headings, row, strict=False)})
        for number, row in enumerate(table, start=2)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise InputError(fault("file.no_features", place, "表中没有数据行", "the table has no rows"))
    return headings, rows, said


def _each_once(headings: Sequence[str]) -> list[str]:
    """Headings; of those that are the same, all but the first with a number, so that no column is lost."""
    made: list[str] = []
    for head in headings:
        number, new = 2, head
        while head and new in made:
            new, number = f"{head}_{number}", number + 1
        made.append(new)
    return made


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
        for thing, aliases in _known().items()
    }
    return {thing: head for thing, head in found.items() if head is not None}


@cache
def _known() -> Mapping[str, tuple[str, ...]]:
    """Headings by what the column holds, without blanks, in capitals, brackets half-width."""
    with (STANDARD / "columns.csv").open(encoding="utf-8", newline="") as file:
        return {row["holds"]: tuple(row["headings"].split(";")) for row in csv.DictReader(file)}


def _stated(rows: Sequence[Row], columns: Mapping[str, str], place: str) -> CRS | None:
    """The CRS that a column states; a fault if it states several, or one that does not exist."""
    named = sorted({cells.get(columns["crs"], "") for _, cells in rows} - {""}) if "crs" in columns else []
    if not named:
        return None
    try:
        if len(named) == 1:
            return CRS.from_user_input(int(named[0]) if named[0].isdigit() else named[0])
        zh, en = f"列“{columns['crs']}”写有多个坐标系", f"the column '{columns['crs']}' states several CRS"
    except CRSError:
        zh, en = f"列“{columns['crs']}”写的不是坐标系(应如 EPSG:4547)", f"the column '{columns['crs']}' states no CRS (expected such as EPSG:4547)"  # fmt: skip
    shown = ", ".join(name[:40] for name in named[:_SHOWN])
    raise InputError(fault("table.crs", place, f"{zh}:{shown}", f"{en}: {shown}"))


def _plots(
    file: PlotFile, rows: Sequence[Row], columns: Mapping[str, str], place: str
) -> list[Mapping[str, str]]:
    """Rows as boundary points of their plots, which follow one another or not; the first row of each plot."""
    by_key: dict[str, Plot] = {}
    firsts: list[Mapping[str, str]] = []
    filled: list[int] = []
    key = ""
    for number, cells in rows:
        words = {thing: cells.get(head, "") for thing, head in columns.items()}
        named = words.get("DKBH") or words.get("DKMC", "")
        if not named and key:
            filled.append(number)
        key = named or key
        if key not in by_key:
            fields = {thing: word for thing, word in words.items() if thing.isupper()}
            by_key[key] = Plot(number, fields)
            file.plots.append(by_key[key])
            firsts.append(cells)
        _take(file, by_key[key], number, words, place)
    if filled:
        shown = ", ".join(map(str, filled[:_SHOWN])) + (" …" if len(filled) > _SHOWN else "")
        zh = f"{len(filled)} 行没有地块编号,归入其上一行的地块(第 {shown} 行)"
        en = f"{len(filled)} rows have no parcel's number and are taken to be of the parcel above (rows {shown})"
        file.findings.append(Finding("table.filled", "warning", zh, en, place))
    return firsts


def _take(file: PlotFile, plot: Plot, number: int, words: Mapping[str, str], place: str) -> None:
    """A row as a boundary point."""
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
    shapes = np.array([_shape(text) for text in texts], dtype=object)
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
