"""The Excel book of a check: summary, parcels, lines, land use, findings, receipt. Columns come finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoneplan.check.dossier import Dossier, make_dossier, worst_states
from zoneplan.check.lines import OUTSIDE
from zoneplan.check.names import STATE_WORDS, VERDICT_WORDS, component_name, line_name, row_name, row_title
from zoneplan.check.outcomes import Outcome, stated_components
from zoneplan.check.result import CheckResult
from zoneplan.render.columnsheets import Column, ColumnSheets
from zoneplan.render.conflict_summary import write_summary
from zoneplan.render.headings import UNIT_HEADS
from zoneplan.render.style import Style, read_style
from zoneplan.render.workbook import PlainBook
from zoneplan.units import PLACES, to_unit

NOTICE = "示意 Schematic:依据示意性图形,不得用于用地审批 made from schematic geometry, not for approvals"
MANY_ROWS = 50_000
"""Beyond, the book is written in constant memory."""
_VERIFIED = {"yes": "已核 yes", "no": "未核 no"}


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
    with PlainBook(path, large=len(result.table) > MANY_ROWS) as book:
        rows = len(result.ids) + len(result.table)
        sheets = ColumnSheets(
            book,
            NOTICE if result.schematic else "",
            style or read_style(),
            lambda done: progress(min(done / rows, 1.0)),
        )
        write_summary(sheets, dossier)
        sheets.table("逐地块 Parcels", _parcels(dossier, sheets.verdicts))
        sheets.table("逐线 Lines", _lines(dossier, sheets.verdicts))
        if result.landuse is not None:
            sheets.table("用地 Land use", _landuse(result, sheets.codes(result.landuse["code"].astype(str))))
        if dossier.overrides:
            sheets.table("人工认定 Overrides", _overrides(dossier))
        sheets.table("说明 Findings", _findings(result))
        sheets.table("回执 Receipt", _receipt(result))


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
            for unit, head in UNIT_HEADS.items()
        ),
        Column(
            "总结论 Overall",
            18,
            [f"{VERDICT_WORDS[one][0]} {one}" for one in result.parcels["overall"].tolist()],
            paint=paint,
        ),
        Column(
            "最不利状态 Worst state", 22, [f"{STATE_WORDS[one][0]} {one}" for one in worst_states(result)]
        ),
    ]
    for at, key in enumerate(dossier.keys):
        name = row_name(key)
        overlap = table["overlap_area_m2"].iloc[at::many].tolist()
        if key != OUTSIDE:
            labels = [one.label_zh for one in dossier.outcomes[at::many]]
            columns.append(Column(f"{line_name(key)} 情形", 26, labels))
        states = [STATE_WORDS[one][0] for one in table["state"].iloc[at::many].tolist()]
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
    titles = {key: row_title(key) for key in dossier.keys}
    overlap = table["overlap_area_m2"].tolist()
    return [
        Column("地块编号 Parcel", 20, table["parcel_id"].tolist()),
        Column("控制线 Line", 50, [titles[key] for key in table["line"].tolist()]),
        Column("状态 State", 18, [f"{STATE_WORDS[one][0]} {one}" for one in table["state"].tolist()]),
        Column("情形 Outcome", 60, [one.zh for one in dossier.outcomes]),
        Column("地块面积 m² Parcel area", 18, table["parcel_area_m2"].tolist(), PLACES["m2"]),
        *(
            Column(f"重叠面积 {head}", 16, [to_unit(one, unit) for one in overlap], PLACES[unit])
            for unit, head in UNIT_HEADS.items()
        ),
        Column("占比 Share", 10, table["overlap_share"].tolist(), 4),
        Column("翻转距离 m Flip distance", 14, result.flip_distance_m.tolist(), 3),
        Column(
            "结论 Verdict",
            18,
            [f"{VERDICT_WORDS[one][0]} {one}" for one in table["verdict"].tolist()],
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
                for unit, head in UNIT_HEADS.items()
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
