"""Area tables as Excel and CSV: finished columns in, nothing computed here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyproj import CRS

from zoneplan.finding import Finding
from zoneplan.landuse.sheetfill import Filled
from zoneplan.layers import LayerSet
from zoneplan.render.headings import HEADERS, SHEETS
from zoneplan.render.paper import LINE_PT, for_paper, style_of_code
from zoneplan.render.style import Style, read_style
from zoneplan.render.template_paper import write_filled
from zoneplan.render.workbook import PlainBook
from zoneplan.terminal import width
from zoneplan.textrows import inert

SCHEMATIC = "示意 Schematic:依据示意性图形,不作为审批依据 made from schematic geometry, not for approval"

_LANDUSE = ("landuse", "planned", "transition")  # tables whose ids are codes
_CODES = ("row_id", "column_id")


@dataclass(frozen=True)
class Subject:
    """What tables are about: name, CRS, the accuracies of what they were made from, whether any is schematic, and a
    label of invented data."""

    name: str
    crs: CRS
    accuracy: tuple[str, ...] = ()
    schematic: bool = False
    label: str = ""

    @property
    def notice(self) -> str:
        """What stands on every sheet; empty if there is nothing to warn of."""
        return "  ".join(filter(None, (SCHEMATIC if self.schematic else "", self.label)))


def subject_of(layers: LayerSet) -> Subject:
    """Tables about a plan's layers."""
    kinds = sorted({str(value) for frame in layers.frames.values() for value in frame["accuracy"]})
    return Subject(f"{layers.name} {layers.name_en}".strip(), layers.crs, tuple(kinds), layers.schematic)


def write_areas_xlsx(
    path: Path,
    subject: Subject,
    tables: Mapping[str, pd.DataFrame],
    *,
    sheets: Sequence[Filled] = (),
    findings: Sequence[Finding] = (),
    style: Style | None = None,
) -> None:
    """Write area tables as a workbook: a sheet 说明 first, then one sheet per table; a cross table
    also as a matrix in hectares.

    Parameters
    ----------
    path : Path
        Written in place; the same tables give the same bytes.
    subject : Subject
        Schematic ones put a notice on every sheet.
    tables : mapping of str to DataFrame
        As of `zoneplan.areas.tables.all_tables`. Text is written as text: no cell becomes a formula or a link.
    sheets : sequence of Filled
        Sheets of a template, put before the tables.
    findings : sequence of Finding
        What the sheet 说明 lists besides the findings of the tables.
    style : Style, optional
        Colours of land-use codes; default the built-in ones.
    """
    with PlainBook(path, f"{subject.name} 面积表") as book:
        formats = _formats(book)
        said = [one for table in tables.values() for one in table.attrs.get("findings", ())]
        _write_about(book, subject, [*findings, *said], formats)
        notice = subject.notice
        for filled in sheets:
            write_filled(book, filled, notice=notice)
        for name, table in tables.items():
            title = SHEETS.get(name, name)
            formats["codes"] = _codes(book, table, style or read_style()) if name.startswith(_LANDUSE) else {}
            if "column_id" in table and table["column_id"].nunique() > 1:
                _write_table(book, _free(f"{title} ha", book), _matrix(table), formats, notice=notice)
            _write_table(book, _free(title, book), table, formats, notice=notice)


def write_areas_csv(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write area tables as one long CSV (UTF-8 with BOM, CRLF), the first column naming the table.

    A column that a table does not have is empty. Text that a spreadsheet would take for a formula
    gets a leading apostrophe.
    """
    columns = list(dict.fromkeys(name for table in tables.values() for name in table.columns))
    lines = pd.concat(
        [table.astype(object).assign(table=name) for name, table in _plain(tables).items()], ignore_index=True
    ).reindex(columns=["table", *columns])
    text = lines.map(_cell).to_csv(index=False, lineterminator="\r\n")
    path.write_bytes(text.encode("utf-8-sig"))


def _free(title: str, book: PlainBook) -> str:
    """A sheet name that no sheet has yet, not longer than Excel allows."""
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
    name, number = title[:31], 2
    while name.casefold() in taken:
        name, number = f"{title[:28]} {number}", number + 1
    return name


def _matrix(table: pd.DataFrame) -> pd.DataFrame:
    """A cross table as a matrix of printed hectares, in the order of its rows and columns."""
    rows = table.drop_duplicates("row_id").set_index("row_id")["row_name"]
    columns = table.drop_duplicates("column_id").set_index("column_id")["column_name"]
    wide = table.pivot(index="row_id", columns="column_id", values="area_ha").reindex(
        index=rows.index, columns=columns.index
    )
    wide.columns = pd.Index(columns)
    wide.insert(0, "row_name", rows, allow_duplicates=True)
    return wide.reset_index(drop=True)


def _plain(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Copies without ``attrs``, which pandas compares when it joins tables."""
    return {name: pd.DataFrame(dict(table.items())) for name, table in tables.items()}


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return inert(value)
    return "" if value is None or math.isnan(value) else f"{value:.6f}".rstrip("0").rstrip(".")


def _formats(book: PlainBook) -> dict[str, Any]:
    made = {code: book.add_format({"num_format": code}) for _, _, code in HEADERS.values() if code}
    made[""] = book.add_format({"num_format": "@"})
    made["head"] = book.add_format(
        {"bold": True, "bottom": 1, "bg_color": "#E7EDF3", "text_wrap": True, "valign": "top"}
    )
    made["notice"] = book.add_format({"bold": True, "font_color": "#B00020"})
    made["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    return made


def _codes(book: PlainBook, table: pd.DataFrame, style: Style) -> dict[str, Any]:
    """Formats of the land-use codes in a table's columns of ids."""
    codes = dict.fromkeys(str(code) for name in _CODES if name in table for code in table[name])
    return {code: book.add_format(look) for code in codes if (look := style_of_code(style, code))}


def _write_about(
    book: PlainBook, subject: Subject, said: Sequence[Finding], formats: Mapping[str, Any]
) -> None:
    sheet = book.add_worksheet("说明 About")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    lines = [
        ("对象 Subject", subject.name),
        ("坐标系 CRS", f"{subject.crs.name} (EPSG:{subject.crs.to_epsg()})"),
        ("椭球 Ellipsoid", "CGCS2000, a = 6378137 m, 1/f = 298.257222101"),
        ("方法 Method", "椭球面积(国土调查办发〔2008〕32号公式,边长大于70米等分) ellipsoidal area, edges split at 70 m"),
        ("单位 Units", "m²;公顷 ha = 10 000 m²;km² = 1 000 000 m²;亩 mu = 10 000/15 m²"),
        ("凑整 Rounding", "分项按最大余数法凑整,分项之和等于合计 parts rounded by largest remainder, they add up to the total"),
        ("精度 Accuracy", ", ".join(subject.accuracy)),
    ]  # fmt: skip
    lines += [("核对 Check", f"{finding.zh} {finding.en}") for finding in dict.fromkeys(said)]
    if subject.notice:
        sheet.write_string(0, 0, subject.notice, formats["notice"])
    for row, (label, text) in enumerate(lines, start=1):
        sheet.set_row(row, LINE_PT * max(1, math.ceil(width(text) / 95)))
        sheet.write_string(row, 0, label, formats["head"])
        sheet.write_string(row, 1, text, formats["wrap"])
    for_paper(sheet, header=0)


def _write_table(
    book: PlainBook, title: str, table: pd.DataFrame, formats: Mapping[str, Any], *, notice: str
) -> None:
    sheet = book.add_worksheet(title)
    top = 1 if notice else 0
    if notice:
        sheet.write_string(0, 0, notice, formats["notice"])
    for column, (name, values) in enumerate(table.items()):
        header, width, code = HEADERS.get(str(name), (str(name), 36, ""))
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, header, formats["head"])
        for row, value in enumerate(values, start=top + 1):
            if isinstance(value, str):
                look = formats["codes"].get(value) if name in _CODES else None
                sheet.write_string(row, column, value, look or formats[""])
            elif value is not None and not math.isnan(value):
                sheet.write_number(row, column, float(value), formats[code or "#,##0.0000"])
    sheet.freeze_panes(top + 1, 2)
    for_paper(sheet, header=top)
