"""Rows of the rule book as CSV or Excel, in the format that an office's file of rules has."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from zoneplan.check.rulefile import COLUMNS
from zoneplan.check.rules import Rule
from zoneplan.errors import InputError, fault
from zoneplan.io import store
from zoneplan.render.paper import for_paper
from zoneplan.render.workbook import PlainBook
from zoneplan.textrows import FORMULA_STARTS

_WIDTHS = {
    "rule_id": 24,
    "line": 30,
    "use_name": 30,
    "condition": 48,
    "evidence_needed": 36,
    "legal_basis": 48,
    "issuer": 30,
}


def write_rules(path: Path, rows: Sequence[Rule]) -> None:
    """Write rows with all their columns; reading the file as an office's gives the same rows.

    Parameters
    ----------
    path : Path
        ``.csv`` (UTF-8 with BOM; text that a spreadsheet would run gets an apostrophe) or ``.xlsx`` (cells are text).
    rows : sequence of Rule

    Raises
    ------
    InputError
        Another suffix; a folder that cannot be written.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx}
    if path.suffix.lower() not in writers:
        zh, en = "应为 .csv 或 .xlsx 文件", "expected a file .csv or .xlsx"
        raise InputError(fault("rules.format", path, zh, en))
    with store.staged(path.parent) as stage:
        writers[path.suffix.lower()](stage / path.name, rows)


def _write_csv(path: Path, rows: Sequence[Rule]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            [("'" if cell.startswith(FORMULA_STARTS) else "") + cell for cell in astuple(rule)]
            for rule in rows
        )


def _write_xlsx(path: Path, rows: Sequence[Rule]) -> None:
    with PlainBook(path) as book:
        sheet = book.add_worksheet("rules")
        bold = book.add_format({"bold": True, "bg_color": "#EDEDED", "border": 1})
        text = book.add_format({"num_format": "@"})
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, _WIDTHS.get(name, 14), text)
            sheet.write_string(0, column, name, bold)
        for number, rule in enumerate(rows, 1):
            for column, cell in enumerate(astuple(rule)):
                sheet.write_string(number, column, cell, text)
        sheet.freeze_panes(1, 1)
        for_paper(sheet, header=0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
