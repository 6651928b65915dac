"""Filled sheets of a template as worksheets: finished numbers in, nothing computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from zoneplan.landuse.sheetfill import Cell, Filled
from zoneplan.render.paper import LINE_PT, for_paper
from zoneplan.render.workbook import PlainBook
from zoneplan.terminal import width


def write_filled(book: PlainBook, filled: Filled, *, notice: str = "") -> None:
    """Write a filled sheet.

    Parameters
    ----------
    book : PlainBook
    filled : Filled
    notice : str
        A line above the title, for instance that the geometry is schematic.

    Notes
    -----
    Title, headings, rows and notes; rows under others are indented, rows with rows under them and
    the total are bold. Text goes in as text.
    """
    sheet = filled.sheet
    page = book.add_worksheet(sheet.name)
    title = book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
    head = book.add_format(
        {
            "bold": True,
            "border": 1,
            "bg_color": "#E7EDF3",
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
    )
    top = 0
    if notice:
        page.write_string(top, 0, notice, book.add_format({"bold": True, "font_color": "#B00020"}))
        top += 1
    last = len(sheet.columns) - 1
    page.set_row(top, 28)
    if last:
        page.merge_range(top, 0, top, last, "", title)
    page.write_string(top, 0, sheet.title, title)
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width)
        page.write_string(top + 1, number, column.heading, head)
    _write_rows(book, page, filled, top + 2)
    note = book.add_format({"font_size": 9, "valign": "top"})
    for offset, text in enumerate(sheet.notes):
        page.write_string(
            top + 2 + len(filled.cells) + offset, 0, f"注:{text}" if offset == 0 else text, note
        )
    page.freeze_panes(top + 2, 1)
    for_paper(page, header=top + 1)


def _write_rows(book: Any, page: Any, filled: Filled, top: int) -> None:
    made: dict[tuple[str, bool, int], Any] = {}

    def style(code: str, bold: bool, indent: int) -> Any:
        key = (code, bold, indent)
        if key not in made:
            looks = {
                "num_format": code,
                "border": 1,
                "bold": bold,
                "valign": "vcenter",
                "text_wrap": code == "@",
            }
            made[key] = book.add_format({**looks, "indent": indent} if indent else looks)
        return made[key]

    depths = (*filled.depths, -1)
    first_name = next((n for n, column in enumerate(filled.sheet.columns) if column.field == "name"), -1)
    for number, (cells, depth) in enumerate(zip(filled.cells, filled.depths, strict=True)):
        bold = depth < 0 or depths[number + 1] > depth
        page.set_row(top + number, LINE_PT * _lines(cells, filled))
        for at, (cell, column) in enumerate(zip(cells, filled.sheet.columns, strict=True)):
            if isinstance(cell, str):
                page.write_string(
                    top + number, at, cell, style("@", bold, max(depth, 0) if at == first_name else 0)
                )
            else:
                places = f".{'0' * column.decimals}" if column.decimals else ""
                page.write_number(top + number, at, cell, style(f"#,##0{places}", bold, 0))


def _lines(cells: Sequence[Cell], filled: Filled) -> int:
    """Lines that a row takes when its texts are wrapped: not every program sees to that itself."""
    pairs = zip(cells, filled.sheet.columns, strict=True)
    return max(
        1,
        *(math.ceil(width(cell) * 1.1 / column.width) for cell, column in pairs if isinstance(cell, str)),
        1,
    )
