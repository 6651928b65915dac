"""The tables of the Word report: line by line, and parcel by parcel. Every table closes on the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoneplan.check.dossier import sums
from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.check.names import STATE_WORDS, VERDICT_WORDS, component_name, line_name
from zoneplan.check.outcomes import stated_components
from zoneplan.render.plaintext import full_width, short
from zoneplan.render.word.parts import Table, Writer
from zoneplan.render.word.report import COLON, ID, MOST_ROWS, Report, amount, mark, moved_note, others
from zoneplan.units import round_half_up

MOST_SENTENCES = 30


def lines(writer: Writer, report: Report) -> None:
    writer.heading("二、分项审查")
    for column, line in enumerate(report.dossier.lines):
        if line.key == OUTSIDE:
            continue
        writer.heading(short(line.name, ID), 2)
        writer.paragraph(line.outcome.zh)
        limits = _tolerance(report, line.key)
        if limits:
            writer.paragraph(limits)
        columns = [column]
        if line.key == BOUNDARY and OUTSIDE in report.dossier.keys:
            columns.append(report.dossier.keys.index(OUTSIDE))
            _boundary(writer, report, *columns)
        else:
            _line(writer, report, column)
        _components(writer, report, line.key)
        _sentences(writer, report, columns)


def _tolerance(report: Report, key: str) -> str:
    limits = report.dossier.result.receipt["parameters"].get("tolerances", {}).get(key)
    if not limits:
        return ""
    return (
        f"容差:重叠面积不大于 {limits['area_m2']:g} 平方米且平均宽度不大于 {limits['width_m']:g} 米的,列为图形误差待核;"
        "面积照实列出,不予剔除。"
    )


def _concerned(report: Report, columns: Sequence[int]) -> list[int]:
    """The parcels listed that a line says something of: all of a few, else those that it does not leave alone."""
    if not report.selective:
        return report.order
    return [at for at in report.order if _told(report, at, columns)]


def _told(report: Report, at: int, columns: Sequence[int]) -> bool:
    """Whether a parcel is more than clear of a line."""
    many = len(report.dossier.keys)
    return any(report.states[at * many + one] not in ("clear", "touch") for one in columns)


def _line(writer: Writer, report: Report, column: int) -> None:
    """Parcels on one line: state, overlap, share, verdict, rule."""
    table, many = report.dossier.result.table, len(report.dossier.keys)
    listed = _concerned(report, [column])
    if not listed:
        return
    area = table["overlap_area_m2"].to_numpy()[column::many]
    body = listed[:MOST_ROWS]
    rest = others(body, len(area))
    made = sums([*area[body], float(np.nansum(area[rest]))])
    rows = []
    for number, at in enumerate(body):
        row = table.iloc[at * many + column]
        known = not np.isnan(row["overlap_area_m2"])
        cells = [amount(made.parts[unit][number], unit) if known else "—" for unit in made.parts]
        share = (
            "—" if np.isnan(row["overlap_share"]) else f"{round_half_up(100 * row['overlap_share'], 2):.2f}%"
        )
        rules = [one for one in row["rule_id"].split(";") if one]
        rows.append(
            (str(number + 1), report.name(at) + mark(made.moved[number]), STATE_WORDS[row["state"]][0], *cells, share,
             VERDICT_WORDS[row["verdict"]][0], report.law_numbers(rules))
        )  # fmt: skip
    if rest:
        cells = [amount(made.parts[unit][len(body)], unit) for unit in made.parts]
        rows.append(("", f"其余 {len(rest)} 个地块", "", *cells, "", "", ""))
    rows.append(("", "合计", "", *(amount(made.totals[unit], unit) for unit in made.totals), "", "", ""))
    heads = ("序号", "地块", "状态", "重叠 平方米", "公顷", "亩", "占比", "结论", "依据")
    widths = (0.9, 2.6, 1.6, 2.6, 1.9, 2.1, 1.9, 1.1, 1.9)
    writer.table(Table(heads, widths, rows, frozenset((3, 4, 5, 6)), total=True))
    moved_note(writer, made.moved)


def _boundary(writer: Writer, report: Report, column: int, other: int) -> None:
    """Parcels and the growth boundary: what lies inside, what outside."""
    table, many = report.dossier.result.table, len(report.dossier.keys)
    listed = _concerned(report, [column, other])
    if not listed:
        return
    inside, outside = (table["overlap_area_m2"].to_numpy()[at::many] for at in (column, other))
    body = listed[:MOST_ROWS]
    rest = others(body, len(inside))
    both = [sums([*area[body], float(np.nansum(area[rest]))]) for area in (inside, outside)]
    rows = []
    for number, at in enumerate(body):
        pair = [table.iloc[at * many + one] for one in (column, other)]
        cells = [
            amount(made.parts[unit][number], unit) if not np.isnan(row["overlap_area_m2"]) else "—"
            for made, row in zip(both, pair, strict=True)
            for unit in ("m2", "ha")
        ]
        verdicts = "/".join(
            VERDICT_WORDS[row["verdict"]][0] if row["state"] in ("hit", "sliver", "no_data") else "—"
            for row in pair
        )
        rules = [one for row in pair for one in row["rule_id"].split(";") if one]
        label = report.dossier.outcomes[at * many + column].label_zh
        rows.append(
            (str(number + 1), report.name(at) + mark(any(made.moved[number] for made in both)), full_width(label), *cells, verdicts,
             report.law_numbers(rules))
        )  # fmt: skip
    if rest:
        cells = [amount(made.parts[unit][len(body)], unit) for made in both for unit in ("m2", "ha")]
        rows.append(("", f"其余 {len(rest)} 个地块", "", *cells, "", ""))
    totals = [amount(made.totals[unit], unit) for made in both for unit in ("m2", "ha")]
    rows.append(("", "合计", "", *totals, "", ""))
    heads = (
        "序号",
        "地块",
        "情形",
        "边界内 平方米",
        "边界内 公顷",
        "边界外 平方米",
        "边界外 公顷",
        "结论 内/外",
        "依据",
    )
    widths = (0.8, 2.4, 2.0, 2.5, 1.8, 2.5, 1.8, 1.4, 1.4)
    writer.table(Table(heads, widths, rows, frozenset((3, 4, 5, 6)), total=True))
    moved_note(writer, [any(pair) for pair in zip(*(made.moved for made in both), strict=True)])


def _components(writer: Writer, report: Report, key: str) -> None:
    """The overlap of all parcels by the line's components, where it states several."""
    parts = stated_components(report.dossier.result).get(key, {})
    if len(parts) < 2:
        return
    made = sums([float(areas.sum()) for areas in parts.values()])
    rows = [
        (short(component_name(name), ID) + mark(made.moved[at]), *(amount(made.parts[unit][at], unit) for unit in made.parts))
        for at, name in enumerate(parts)
    ]  # fmt: skip
    rows.append(("合计", *(amount(made.totals[unit], unit) for unit in made.totals)))
    writer.table(
        Table(
            ("构成", "重叠 平方米", "公顷", "亩"),
            (5.6, 4.0, 3.5, 3.5),
            rows,
            frozenset((1, 2, 3)),
            total=True,
        )
    )
    moved_note(writer, made.moved)


def _sentences(writer: Writer, report: Report, columns: Sequence[int]) -> None:
    """What is said of each parcel, as far as there are few."""
    dossier, many = report.dossier, len(report.dossier.keys)
    if len(dossier.result.ids) == 1:
        return
    told = [at for at in report.order if _told(report, at, columns)]
    for at in told[:MOST_SENTENCES]:
        writer.pair(f"地块 {report.name(at)}{COLON}", dossier.outcomes[at * many + columns[0]].zh)
    if len(told) > MOST_SENTENCES:
        writer.paragraph(f"另有 {len(told) - MOST_SENTENCES} 个地块的情形见 conflicts.xlsx。")


def parcels_table(writer: Writer, report: Report) -> None:
    """All parcels listed: use, area, overall verdict, outcome on each line."""
    dossier, many = report.dossier, len(report.dossier.keys)
    result = dossier.result
    area = np.asarray(result.area_m2, dtype=float)
    body = report.order[:MOST_ROWS]
    rest = others(body, len(area))
    made = sums([*area[body], float(np.nansum(area[rest]))])
    shown = [at for at, key in enumerate(dossier.keys) if key != OUTSIDE]
    uses = result.uses or (None,) * len(result.ids)
    overall = result.parcels["overall"].tolist()
    rows = []
    for number, at in enumerate(body):
        cells = [
            amount(made.parts[unit][number], unit) if not np.isnan(area[at]) else "—" for unit in made.parts
        ]
        labels = [full_width(dossier.outcomes[at * many + one].label_zh) for one in shown]
        rows.append(
            (str(number + 1), report.name(at) + mark(made.moved[number]), short(uses[at] or "未知", 12), *cells,
             VERDICT_WORDS[overall[at]][0], *labels)
        )  # fmt: skip
    if rest:
        cells = [amount(made.parts[unit][len(body)], unit) for unit in made.parts]
        rows.append(("", f"其余 {len(rest)} 个地块", "", *cells, "", *[""] * len(shown)))
    totals = [amount(made.totals[unit], unit) for unit in made.totals]
    rows.append(("", "合计", "", *totals, "", *[""] * len(shown)))
    names = [short(line_name(dossier.keys[one]), 10) for one in shown]
    heads = ("序号", "地块", "用途", "平方米", "公顷", "亩", "总结论", *names)
    widths = (0.8, 1.9, 1.3, 2.5, 1.9, 2.4, 1.0, *[4.8 / max(len(shown), 1)] * len(shown))
    writer.heading("三、地块面积与结论一览")
    writer.table(Table(heads, widths, rows, frozenset((3, 4, 5)), total=True))
    moved_note(writer, made.moved)


def landuse(writer: Writer, report: Report) -> None:
    """What land use the parcels together are made of, by class, if land use was given."""
    table = report.dossier.result.landuse
    if table is None or not len(table):
        return
    grouped = table.groupby(["group", "code", "name"], sort=True)["area_m2"].sum().reset_index()
    made = sums(grouped["area_m2"].tolist())
    rows = [
        (short(row.group or "—", 10), short(row.code or "—", 12), short(row.name, 30), *(amount(made.parts[unit][at], unit) for unit in made.parts))
        for at, row in enumerate(grouped.rename(columns={"name": "title"}).rename(columns={"title": "name"}).itertuples(index=False))
    ]  # fmt: skip
    rows.append(("合计", "", "", *(amount(made.totals[unit], unit) for unit in made.totals)))
    writer.heading("土地利用现状构成", 2)
    writer.table(Table(("三大类", "地类代码", "地类", "平方米", "公顷", "亩"), (2.2, 2.2, 4.0, 3.0, 2.6, 2.6), rows, frozenset((3, 4, 5)), total=True))  # fmt: skip
