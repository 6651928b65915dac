"""The Excel book of a check: summary, parcels, lines, land use, findings, receipt. Columns come finished."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from zoneplan.check.dossier import WORST_FIRST, Dossier, make_dossier, sums, worst_states
from zoneplan.check.lines import OUTSIDE
from zoneplan.check.names import component_name, line_name, row_name
from zoneplan.check.outcomes import Outcome, stated_components
from zoneplan.check.result import CheckResult
from zoneplan.render.mapdata import STATES, VERDICTS
from zoneplan.render.paper import LINE_PT, for_paper, style_of_code
from zoneplan.render.plainsheet import PlainSheet
from zoneplan.render.style import Style, read_style
from zoneplan.terminal import width
from zoneplan.units import PLACES, to_unit

CREATED = datetime(2000, 1, 1)  # a fixed date: equal input, equal bytes
NOTICE = "示意 Schematic:依据示意性图形,不得用于用地审批 made from schematic geometry, not for approvals"
MOST_ROWS = 1_048_000
"""Rows that a sheet takes; what is beyond goes to the next one."""
MANY_ROWS = 50_000
"""Beyond, rows go to disk as they come and texts are not shared: constant memory."""
_WIDE, _A3 = 250, 8  # characters of a sheet that goes on A3, and that paper's number in Excel
_TOLD = 2_000  # rows from one word of progress to the next
_SUMMARY = (50, 16, 14, 14, 14, 14, 18, 16, 16, 70)
"""Widths of the summary's columns."""
_VERIFIED = {"yes": "已核 yes", "no": "未核 no"}
_UNIT_HEADS = {"m2": "m²", "ha": "公顷 ha", "mu": "亩 mu"}


@dataclass
class Column:
    """One column of a sheet: heading, width, values; ``places`` are the decimals of numbers, ``paint`` a format per text."""

    head: str
    width: float
    values: Sequence[Any]
    places: int | None = None
    paint: Mapping[str, Any] = field(default_factory=dict)
    wrap: bool = False


def write_conflicts_xlsx(
    path: Path, result: CheckResult, outcomes: Sequence[Outcome] | None = None, *, style: Style | None = None,
    progress: Callable[[float], object] = lambda share: None,
) -> None:  # fmt: skip
    """Write ``conflicts.xlsx``; words in Chinese with English beside.

    Parameters
    ----------
    path : Path
        Written in place; the same result gives the same bytes.
    result : CheckResult
    outcomes : sequence of Outcome, optional
        As of `parcel_outcomes`, worked out if not given.
    style : Style, optional
        Colours of verdicts and of land-use codes; default the built-in ones.
    progress : callable, optional
        Told now and then which share of the rows is written.

    Notes
    -----
    Every sheet but the summary has a frozen header row and a filter. Text goes in as text, never as a formula or a
    link. A sheet that would be too long for Excel goes on in the next.
    """
    dossier = make_dossier(result, outcomes)
    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False,
        "constant_memory": len(result.table) > MANY_ROWS,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": CREATED, "title": "zoneplan"})
        rows = len(result.ids) + len(result.table)
        sheets = _Sheets(
            book,
            NOTICE if result.schematic else "",
            style or read_style(),
            lambda done: progress(min(done / rows, 1.0)),
        )
        _summary(sheets, dossier)
        sheets.table("逐地块 Parcels", _parcels(dossier, sheets.verdicts))
        sheets.table("逐线 Lines", _lines(dossier, sheets.verdicts))
        if result.landuse is not None:
            sheets.table("用地 Land use", _landuse(result, sheets.codes(result.landuse["code"].astype(str))))
        if dossier.overrides:
            sheets.table("人工认定 Overrides", _overrides(dossier))
        sheets.table("说明 Findings", _findings(result))
        sheets.table("回执 Receipt", _receipt(result))


class _Sheets:
    """Worksheets of one book, in one look."""

    def __init__(self, book: Any, notice: str, style: Style, told: Callable[[int], object]) -> None:
        self.book, self.notice, self.style, self._told, self._done = book, notice, style, told, 0
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#EDEDED", "border": 1}
        )
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.warn = book.add_format(
            {"bold": True, "font_color": "#9C5700", "text_wrap": True, "valign": "top"}
        )
        self.note = book.add_format({"bold": True, "font_color": "#9C5700"})
        self._numbers: dict[int, Any] = {}
        self.verdicts = {
            f"{words[0]} {key}": book.add_format({"font_color": style.symbol(key).line, "bold": True})
            for key, words in VERDICTS.items()
        }

    def codes(self, codes: Iterable[str]) -> dict[str, Any]:
        """Formats of land-use codes: on the colour that maps draw them in."""
        grounds = {code: style_of_code(self.style, code) for code in dict.fromkeys(codes) if code}
        return {code: self.book.add_format(ground) for code, ground in grounds.items() if ground}

    def number(self, places: int) -> Any:
        """The format of numbers with so many decimals."""
        if places not in self._numbers:
            code = "#,##0" + ("." + "0" * places if places else "")
            self._numbers[places] = self.book.add_format({"num_format": code})
        return self._numbers[places]

    def table(self, name: str, columns: Sequence[Column]) -> None:
        """A sheet of columns, or several where there are too many rows."""
        many = len(columns[0].values)
        for part, start in enumerate(range(0, max(many, 1), MOST_ROWS)):
            title = name if not part else f"{name} {part + 1}"
            self._table(title, columns, start, min(start + MOST_ROWS, many))

    def _table(self, name: str, columns: Sequence[Column], start: int, end: int) -> None:
        sheet = self.book.add_worksheet(name, PlainSheet)
        top = 0
        if self.notice:
            sheet.write_string(0, 0, self.notice, self.note)
            top = 1
        sheet.set_row(top, 2 * LINE_PT)
        for at, column in enumerate(columns):
            sheet.write_string(top, at, column.head, self.head)
            sheet.set_column(at, at, column.width)
        sheet.freeze_panes(top + 1, 1)
        for_paper(sheet, header=top)
        if sum(column.width for column in columns) > _WIDE:
            sheet.set_paper(_A3)
        sheet.autofilter(top, 0, top + max(end - start, 1), len(columns) - 1)
        self.rows(sheet, top + 1, columns, start, end)

    def rows(self, sheet: Any, top: int, columns: Sequence[Column], start: int, end: int) -> None:
        """Rows of values, one after the other: a book in constant memory takes them in no other order."""
        looks = [None if column.places is None else self.number(column.places) for column in columns]
        usual = [self.wrap if column.wrap else None for column in columns]
        paints = [column.paint for column in columns]
        text, number = sheet.write_string, sheet.write_number
        for row, values in enumerate(
            zip(*(column.values[start:end] for column in columns), strict=True), start=top
        ):
            for at, value in enumerate(values):
                if isinstance(value, str):
                    if value:
                        text(row, at, value, paints[at].get(value, usual[at]))
                elif value is not None and not math.isnan(value):
                    number(row, at, value, looks[at])
            self._done += 1
            if self._done % _TOLD == 0:
                self._told(self._done)


def _summary(sheets: _Sheets, dossier: Dossier) -> None:
    """The first sheet: what was checked, what to know first, counts and sums."""
    result = dossier.result
    sheet = sheets.book.add_worksheet("汇总 Summary", PlainSheet)
    for column, columns_wide in enumerate(_SUMMARY):
        sheet.set_column(column, column, columns_wide)
    for_paper(sheet, header=0)
    sheet.set_paper(_A3)
    sheet.write_string(0, 0, "合规性审查汇总 Summary of the check", sheets.title)
    row = 1
    for zh, en in dossier.notices:
        lines = sum(math.ceil(1.1 * width(text) / sum(_SUMMARY)) for text in (zh, en))
        sheet.set_row(row, LINE_PT * lines)
        sheet.merge_range(row, 0, row, len(_SUMMARY) - 1, "", sheets.warn)
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
        *((f"地块总面积 Total area {_UNIT_HEADS[unit]}", total[unit], PLACES[unit]) for unit in total),
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
    return max((math.ceil(1.1 * width(text) / _SUMMARY[at]) for at, text in wrapped), default=1)


def _verdict_counts(dossier: Dossier, sheets: _Sheets) -> list[Column]:
    areas = sums([one.area_m2 for one in dossier.verdicts])
    names = [f"{VERDICTS[one.verdict][0]} {one.verdict}" for one in dossier.verdicts]
    return [
        Column("总结论 Overall", 0, [*names, "合计 Total"], paint=sheets.verdicts),
        Column("地块数 Parcels", 0, [*(one.parcels for one in dossier.verdicts), len(dossier.result.ids)], 0),
        *(
            Column(f"面积 {_UNIT_HEADS[unit]}", 0, [*areas.parts[unit], areas.totals[unit]], PLACES[unit])
            for unit in areas.parts
        ),
    ]


def _line_counts(dossier: Dossier) -> list[Column]:
    lines = dossier.lines
    return [
        Column("控制线 Line", 0, [_line_title(line.key) for line in lines]),
        *(
            Column(f"{STATES[state][0]} {state}", 0, [line.states[state] for line in lines], 0)
            for state in WORST_FIRST
        ),
        *(
            Column(f"重叠面积合计 {head}", 0, [to_unit(line.area_m2, unit) for line in lines], PLACES[unit])
            for unit, head in _UNIT_HEADS.items()
        ),
        Column("情形 Outcome", 0, [line.outcome.zh for line in lines], wrap=True),
    ]


def _parcels(dossier: Dossier, paint: Mapping[str, Any]) -> list[Column]:
    result, table = dossier.result, dossier.result.table
    many = len(dossier.keys)
    components = stated_components(result)
    area = np.asarray(result.area_m2, dtype=float).tolist()
    columns = [
        Column("地块编号 Parcel", 20, result.ids),
        Column("用途 Use", 12, [use or "" for use in result.uses] or [""] * len(result.ids)),
        *(
            Column(f"地块面积 {head}", 16, [to_unit(one, unit) for one in area], PLACES[unit])
            for unit, head in _UNIT_HEADS.items()
        ),
        Column(
            "总结论 Overall",
            18,
            [f"{VERDICTS[one][0]} {one}" for one in result.parcels["overall"].tolist()],
            paint=paint,
        ),
        Column("最不利状态 Worst state", 22, [f"{STATES[one][0]} {one}" for one in worst_states(result)]),
    ]
    for at, key in enumerate(dossier.keys):
        name = row_name(key)
        overlap = table["overlap_area_m2"].iloc[at::many].tolist()
        if key != OUTSIDE:
            labels = [one.label_zh for one in dossier.outcomes[at::many]]
            columns.append(Column(f"{line_name(key)} 情形", 26, labels))
        states = [STATES[one][0] for one in table["state"].iloc[at::many].tolist()]
        columns.append(Column(f"{name} 状态", 14, states))
        columns.append(Column(f"{name} 公顷 ha", 14, [to_unit(one, "ha") for one in overlap], PLACES["ha"]))
        for part, areas in components.get(key, {}).items():
            known = np.where(np.isnan(overlap), np.nan, areas).tolist()
            columns.append(
                Column(f"{name} 其中{component_name(part)} 公顷 ha", 22, [to_unit(one, "ha") for one in known], PLACES["ha"])
            )  # fmt: skip
    return columns


def _lines(dossier: Dossier, paint: Mapping[str, Any]) -> list[Column]:
    result, table = dossier.result, dossier.result.table
    titles = {key: _line_title(key) for key in dossier.keys}
    overlap = table["overlap_area_m2"].tolist()
    return [
        Column("地块编号 Parcel", 20, table["parcel_id"].tolist()),
        Column("控制线 Line", 50, [titles[key] for key in table["line"].tolist()]),
        Column("状态 State", 18, [f"{STATES[one][0]} {one}" for one in table["state"].tolist()]),
        Column("情形 Outcome", 60, [one.zh for one in dossier.outcomes]),
        Column("地块面积 m² Parcel area", 18, table["parcel_area_m2"].tolist(), PLACES["m2"]),
        *(
            Column(f"重叠面积 {head}", 16, [to_unit(one, unit) for one in overlap], PLACES[unit])
            for unit, head in _UNIT_HEADS.items()
        ),
        Column("占比 Share", 10, table["overlap_share"].tolist(), 4),
        Column("翻转距离 m Flip distance", 14, result.flip_distance_m.tolist(), 3),
        Column(
            "结论 Verdict",
            18,
            [f"{VERDICTS[one][0]} {one}" for one in table["verdict"].tolist()],
            paint=paint,
        ),
        Column("规则 Rule", 22, table["rule_id"].tolist()),
        Column("依据 Legal basis", 48, table["legal_basis"].tolist()),
        Column("需补材料或说明 Evidence needed", 60, table["evidence_needed"].tolist()),
        Column("依据已核 Verified", 14, [_VERIFIED.get(one, "") for one in table["verified"].tolist()]),
    ]


def _landuse(result: CheckResult, paint: Mapping[str, Any]) -> list[Column]:
    table = result.landuse
    assert table is not None
    heads = {"code": "地类代码 Code", "name": "地类 Class", "group": "三大类 Group"}
    columns = [Column("地块编号 Parcel", 20, table["parcel_id"].astype(str).tolist())]
    columns += [
        Column(head, 20, table[name].astype(str).tolist(), paint=paint if name == "code" else {})
        for name, head in heads.items()
    ]
    for name, words in (("area_m2", "面积"), ("net_m2", "净面积(扣田坎)")):
        if name in table:
            columns += [
                Column(f"{words} {head}", 18, [to_unit(one, unit) for one in table[name]], PLACES[unit])
                for unit, head in _UNIT_HEADS.items()
            ]
    return columns


def _overrides(dossier: Dossier) -> list[Column]:
    heads = {
        "parcel_id": ("地块编号 Parcel", 20), "line": ("控制线 Line", 40), "name": ("认定人 Name", 16),
        "reason": ("理由 Reason", 70), "date": ("日期 Date", 14),
    }  # fmt: skip
    return [
        Column(head, width, [str(row.get(key, "")) for row in dossier.overrides])
        for key, (head, width) in heads.items()
    ]


def _findings(result: CheckResult) -> list[Column]:
    found = result.findings
    return [
        Column("级别 Severity", 12, [one.severity for one in found]),
        Column("代码 Code", 24, [one.code for one in found]),
        Column("位置 Place", 24, [one.place for one in found]),
        Column("说明", 80, [one.zh for one in found]),
        Column("Message", 80, [one.en for one in found]),
        Column("要素 Features", 30, [", ".join(one.feature) for one in found]),
    ]


def _receipt(result: CheckResult) -> list[Column]:
    rows = list(_flat(result.receipt, ""))
    return [
        Column("项 Item", 44, [name for name, _ in rows]),
        Column("值 Value", 90, [value for _, value in rows]),
    ]


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Nested data as rows of path and text."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value, start=1):
            yield from _flat(item, f"{path}[{number}]")
    else:
        yield path, "" if value is None else str(value)


def _line_title(key: str) -> str:
    """Name and key of a row: 城镇开发边界(内) urban_development_boundary."""
    name = row_name(key)
    return f"{name} {key}" if name != key else key
