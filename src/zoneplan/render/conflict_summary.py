"""The first sheet of the Excel book of a check: what was checked, what to know first, counts and sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from zoneplan.check.dossier import WORST_FIRST, Dossier, sums
from zoneplan.check.names import STATE_WORDS, VERDICT_WORDS, row_title
from zoneplan.render.columnsheets import A3, Column, ColumnSheets
from zoneplan.render.headings import UNIT_HEADS
from zoneplan.render.paper import LINE_PT, for_paper
from zoneplan.terminal import width
from zoneplan.units import PLACES, to_unit

_WIDTHS = (50, 16, 14, 14, 14, 14, 18, 16, 16, 70)


def write_summary(sheets: ColumnSheets, dossier: Dossier) -> None:
    """The first sheet: what was checked, what to know first, counts and sums."""
    result = dossier.result
    sheet = sheets.book.add_worksheet("汇总 Summary")
    for column, columns_wide in enumerate(_WIDTHS):
        sheet.set_column(column, column, columns_wide)
    for_paper(sheet, header=0)
    sheet.set_paper(A3)
    sheet.write_string(0, 0, "合规性审查汇总 Summary of the check", sheets.title)
    row = 1
    for zh, en in dossier.notices:
        lines = sum(math.ceil(1.1 * width(text) / sum(_WIDTHS)) for text in (zh, en))
        sheet.set_row(row, LINE_PT * lines)
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", sheets.warn)
        sheet.write_string(row, 0, f"{zh}\n{en}", sheets.warn)
        row += 1
    total = sums([dossier.area_m2]).totals
    facts: list[tuple[str, Any, int | None]] = [
        ("规划 Plan", result.receipt.get("plan") or "—", None),
        ("规则库版本 Rule book", result.receipt["rule_book"], None),
        ("按哪一日的规则 Rules as of", result.receipt["parameters"].get("as_of") or "现行 in force", None),
        ("坐标系 CRS", result.receipt["crs"], None),
        ("面积口径 Area", result.receipt["parameters"]["area"], None),
        ("地块数 Parcels", len(result.ids), 0),
        *((f"地块总面积 Total area {UNIT_HEADS[unit]}", total[unit], PLACES[unit]) for unit in total),
        ("人工认定数 Overrides", len(dossier.overrides), 0),
    ]
    for name, value, places in facts:
        row += 1
        sheet.write_string(row, 0, name, sheets.bold)
        if places is None:
            sheet.write_string(row, 1, str(value))
        else:
            sheet.write_number(row, 1, value, sheets.number(places))
    for columns in (_verdict_counts(dossier, sheets), _line_counts(dossier)):
        row += 2
        sheet.set_row(row, 2 * LINE_PT)
        for at, one in enumerate(columns):
            sheet.write_string(row, at, one.head, sheets.head)
        many = len(columns[0].values)
        for number in range(many):
            sheet.set_row(row + 1 + number, LINE_PT * _lines_of(columns, number))
        sheets.rows(sheet, row + 1, columns, 0, many)
        row += many


def _lines_of(columns: Sequence[Column], number: int) -> int:
    """How many lines a row of the summary takes."""
    wrapped = [(at, one.values[number]) for at, one in enumerate(columns) if one.wrap]
    return max((math.ceil(1.1 * width(text) / _WIDTHS[at]) for at, text in wrapped), default=1)


def _verdict_counts(dossier: Dossier, sheets: ColumnSheets) -> list[Column]:
    areas = sums([one.area_m2 for one in dossier.verdicts])
    names = [f"{VERDICT_WORDS[one.verdict][0]} {one.verdict}" for one in dossier.verdicts]
    return [
        Column("总结论 Overall", 0, [*names, "合计 Total"], paint=sheets.verdicts),
        Column("地块数 Parcels", 0, [*(one.parcels for one in dossier.verdicts), len(dossier.result.ids)], 0),
        *(
            Column(f"面积 {UNIT_HEADS[unit]}", 0, [*areas.parts[unit], areas.totals[unit]], PLACES[unit])
            for unit in areas.parts
        ),
    ]


def _line_counts(dossier: Dossier) -> list[Column]:
    lines = dossier.lines
    return [
        Column("控制线 Line", 0, [row_title(line.key) for line in lines]),
        *(
            Column(f"{STATE_WORDS[state][0]} {state}", 0, [line.states[state] for line in lines], 0)
            for state in WORST_FIRST
        ),
        *(
            Column(f"重叠面积合计 {head}", 0, [to_unit(line.area_m2, unit) for line in lines], PLACES[unit])
            for unit, head in UNIT_HEADS.items()
        ),
        Column("情形 Outcome", 0, [line.outcome.zh for line in lines], wrap=True),
    ]
