"""A scenario as a workbook: waterfall, comparison, limits, edits, findings; and tables of other comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from zoneplan.finding import Finding
from zoneplan.render.paper import for_paper
from zoneplan.render.report import SCHEMATIC
from zoneplan.render.workbook import PlainBook
from zoneplan.scenario.scenario import Scenario
from zoneplan.scenario.waterfall import Fall, Judged

Table = Sequence[Sequence[Any]]
STATES = {"kept": "符合 kept", "broken": "超限 broken", "not_computed": "未核 not computed"}


def write_scenario_xlsx(path: Path, scenario: Scenario, falls: Sequence[Fall], limits: Sequence[Judged], findings: Sequence[Finding], *, schematic: bool) -> None:  # fmt: skip
    """Write the workbook; the same result gives the same bytes.

    Parameters
    ----------
    path : Path
    scenario, falls, limits, findings
        As of `zoneplan.jobs.scenarios.ScenarioResult`.
    schematic : bool
        Put a notice on every sheet.
    """
    tables = {
        "瀑布 Waterfall": waterfall_rows(falls),
        "对比 Comparison": comparison_rows(falls),
        "限值 Limits": limit_rows(limits),
        "编辑 Edits": edit_rows(scenario),
        "说明 Findings": [
            ("级别 Severity", "编码 Code", "位置 Place", "内容 Message", "Message (en)"),
            *((one.severity, one.code, one.place, one.zh, one.en) for one in findings),
        ],
    }
    write_tables(path, f"{scenario.name} {scenario.name_en}", tables, schematic=schematic)


def write_tables(path: Path, title: str, tables: Mapping[str, Table], *, schematic: bool) -> None:
    """Tables, header first, as sheets. Text stays text: no cell becomes a formula or a link."""
    with PlainBook(path, title) as book:
        head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E7EDF3", "text_wrap": True, "valign": "top"}
        )
        notice = book.add_format({"bold": True, "font_color": "#B00020"})
        number, text = book.add_format({"num_format": "#,##0.######"}), book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})  # fmt: skip
        for name, (header, *rows) in tables.items():
            sheet = book.add_worksheet(name)
            if schematic:
                sheet.write_string(0, 0, SCHEMATIC, notice)
            for column, value in enumerate(header):
                sheet.set_column(column, column, 40 if column == 0 else 22)
                sheet.write_string(1, column, value, head)
            for at, row in enumerate(rows, start=2):
                for column, value in enumerate(row):
                    if isinstance(value, Decimal | int | float):
                        sheet.write_number(at, column, float(value), number)
                    elif value is not None:
                        sheet.write_string(at, column, str(value), text)
            sheet.freeze_panes(2, 1)
            for_paper(sheet, header=1)


def waterfall_rows(falls: Sequence[Fall]) -> Table:
    """Before, the contribution of each edit, after; and the change, which is the sum of the contributions."""
    edits = [name for name, _ in falls[0].steps]
    head = ("指标 Indicator", "单位 Unit", "原值 Before", *edits, "现值 After", "变化 Change", "备注 Note")
    rows = [
        (f"{f.zh} {f.en}", f.unit, f.before, *(step for _, step in f.steps), f.after, f.change, f.why or None)
        for f in falls
    ]
    return [head, *rows]


def comparison_rows(falls: Sequence[Fall]) -> Table:
    """The value after every edit, absolute."""
    head = ("指标 Indicator", "单位 Unit", "原值 Base", *(name for name, _ in falls[0].steps))
    return [head, *((f"{f.zh} {f.en}", f.unit, *f.values) for f in falls)]


def limit_rows(limits: Sequence[Judged]) -> Table:
    """Every limit with its source, whether it is kept, by how much not and by which edit."""
    head = (
        "指标 Indicator", "现值 After", "不大于 Most", "不小于 Least", "结论 State", "超出 Over by", "首次超限 First broken after",
        "持续自 Broken since", "途中超限 Mended on the way", "依据 Source", "已核 Verified",
    )  # fmt: skip
    rows = [
        (
            f"{one.fall.zh} {one.fall.en}", one.fall.after, one.limit.most, one.limit.least, STATES[one.state], one.over,
            one.first, one.since, "是 yes" if one.mended else "", one.limit.source, "已核 yes" if one.limit.verified else "未核 no",
        )
        for one in limits
    ]  # fmt: skip
    return [head, *rows]


def edit_rows(scenario: Scenario) -> Table:
    """The ledger: every edit, switched-off ones included."""
    head = (
        "编号 Id",
        "类型 Kind",
        "启用 Enabled",
        "作者 Author",
        "日期 Date",
        "理由 Reason",
        "参数 Parameters",
    )
    said = {"id", "kind", "enabled", "author", "date", "reason"}
    rows = [
        (
            edit.id, edit.kind, "是 yes" if edit.enabled else "否 no", edit.author, edit.date.isoformat(), edit.reason,
            edit.model_dump_json(exclude=said, exclude_none=True),
        )
        for edit in scenario.edits
    ]  # fmt: skip
    return [head, *rows]
