"""What plans, layers, findings, results and scenarios look like in a notebook: tables and small maps, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import singledispatch
from html import escape

import geopandas as gpd
import numpy as np
import shapely

from zoneplan.check.names import STATE_WORDS, VERDICT_WORDS, row_name
from zoneplan.check.result import CheckResult
from zoneplan.finding import SEVERITIES, Finding, Findings
from zoneplan.layers import LayerSet
from zoneplan.plan import Plan
from zoneplan.render.brief.panels import Panel, draw_panels
from zoneplan.render.mapdata import ACCURACY
from zoneplan.render.maplayers import drawings
from zoneplan.render.picture import Maps
from zoneplan.render.scenario_papers import Table
from zoneplan.render.sheet.content import contents
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.lettering import lettering
from zoneplan.render.sheet.paper import Box, Paper, Window
from zoneplan.render.sheet.symbols import draw
from zoneplan.render.siting_papers import sheets
from zoneplan.render.style import read_style
from zoneplan.scenario.scenario import Scenario
from zoneplan.scenario.waterfall import Fall
from zoneplan.siting.problem import Choice, Problem
from zoneplan.siting.reasons import Reasons
from zoneplan.units import PLACES, round_half_up, to_unit

ROWS = 12
_WIDTH_MM, _DPI = 120.0, 110
_CELL = "padding:2px 8px;text-align:left;border-bottom:1px solid #ddd"
_WARN = "display:inline-block;background:#fff4d6;border:1px solid #9c5700;color:#9c5700;padding:1px 6px"
SCHEMATIC = "示意:图形没有测量依据,不得用于审批 · schematic, not for approvals"
SITING_TABLES = ("结果 Result", "约束 Constraints", "原因 Reasons")
CONTROL = ("control", "base")
VERIFIED = {"yes": "已核", "no": "未核"}
SEVERITY_WORDS = {"error": "错误 error", "warning": "注意 warning", "info": "说明 info"}


@singledispatch
def html_of(thing: object) -> str:
    """HTML of anything that has a picture of its own; every word of data escaped."""
    raise TypeError(f"{type(thing).__name__} has no picture")


@html_of.register
def _(plan: Plan) -> str:
    rows = [
        (_kind(kind), element.id, element.name, element.role, element.cited)
        for kind, _, element in plan.items()
    ]
    head = f"{plan.name} {plan.name_en} · {plan.source.title}"
    return _box(
        head, _table(("类别 kind", "编号 id", "名称 name", "定位 role", "出处 citation"), rows, most=40)
    )


@html_of.register
def _(layers: LayerSet) -> str:
    rows = [
        (
            _kind(kind), str(len(frame)), f"{round_half_up(to_unit(float(frame['area_m2'].sum()), 'km2'), 4):,.4f}",
            "、".join(ACCURACY[one][0] for one in sorted(set(frame["accuracy"]))),
        )
        for kind, frame in layers.elements.items()
    ]  # fmt: skip
    head = f"{layers.name} · {layers.crs.name} (EPSG:{layers.crs.to_epsg()})"
    table = _table(("类别 kind", "要素 elements", "面积 km²", "精度 accuracy"), rows)
    return _box(head, table, _picture(_map_of(layers)), schematic=layers.schematic)


@html_of.register
def _(finding: Finding) -> str:
    return _findings([finding])


@html_of.register
def _(findings: Findings) -> str:
    counts = " · ".join(
        f"{SEVERITY_WORDS[one]} {number}"
        for one in SEVERITIES
        if (number := sum(f.severity == one for f in findings))
    )
    return _box(counts or "没有发现 no findings", _findings(findings))


@html_of.register
def _(result: CheckResult) -> str:
    counts = result.parcels["overall"].value_counts()
    head = f"{len(result.ids)} 个地块 parcels: " + " · ".join(
        f"{words[0]} {counts[verdict]}" for verdict, words in VERDICT_WORDS.items() if verdict in counts
    )
    shown = result.table.head(ROWS)
    rows = [
        (
            str(row["parcel_id"]), row_name(str(row["line"])), STATE_WORDS[row["state"]][0],
            "" if np.isnan(row["overlap_area_m2"]) else f"{round_half_up(row['overlap_area_m2'], PLACES['m2']):,.2f}",
            VERDICT_WORDS[row["verdict"]][0], str(row["legal_basis"] or ""), VERIFIED.get(str(row["verified"]), ""),
        )
        for row in shown.to_dict("records")
    ]  # fmt: skip
    heads = (
        "地块 parcel",
        "控制线 line",
        "状态 state",
        "占用 m²",
        "结论 verdict",
        "依据 legal basis",
        "已核 verified",
    )
    drawn = Maps(result, read_style())
    picture = _picture(drawn.project([])) if drawn.any else ""
    return _box(head, _table(heads, rows, of=len(result.table)), picture, schematic=result.schematic)


@html_of.register
def _(scenario: Scenario) -> str:
    rows = [
        (edit.id, edit.kind, "是" if edit.enabled else "否", edit.author, edit.date.isoformat(), edit.reason)
        for edit in scenario.edits
    ]
    heads = ("编号 id", "类型 kind", "启用 on", "提出 author", "日期 date", "理由 reason")
    return _box(
        f"{scenario.name} {scenario.name_en} · 基础 base: {scenario.base}", _table(heads, rows, most=40)
    )


def scenario_html(
    base: LayerSet, layers: LayerSet, falls: Sequence[Fall], findings: Findings, name: str
) -> str:
    """A scenario measured: what changes, the map of it, what breaks."""
    changed = [fall for fall in falls if fall.change]
    rows = [(f"{f.zh} {f.en}", f.unit, f"{f.before:,}", f"{f.after:,}", f"{f.change:+,}") for f in changed]
    table = _table(("指标 indicator", "单位 unit", "原 before", "现 after", "变化 change"), rows, most=30)
    png = draw_panels(base, [Panel(name, "", layers)], style=read_style())
    serious = [one for one in findings if one.severity == "error"]
    return _box(name, table, _picture(png), _findings(serious) if serious else "", schematic=base.schematic)


def siting_html(
    layers: LayerSet, problem: Problem, choice: Choice, reasons: Reasons | None, units: gpd.GeoDataFrame, findings: Findings,
) -> str:  # fmt: skip
    """A siting task solved: what was chosen and where, or why there is no choice."""
    papers = sheets(problem, choice, reasons, problem.new, units["state"].to_numpy())
    shown = [table for name, table in papers.items() if name in SITING_TABLES]
    chosen = np.asarray(units.geometry)[choice.chosen]
    picture = _picture(_map_of(layers, chosen)) + _key("gained", "选中 chosen") if choice.found else ""
    tables = "".join(_plain(table) for table in shown)
    head = f"{problem.task.name} {problem.task.name_en}"
    return _box(head, _findings(findings), tables, picture, schematic=layers.schematic)


def _key(name: str, words: str) -> str:
    """The colour of a symbol, and what it stands for."""
    symbol = read_style().symbol(name)
    box = f"display:inline-block;width:1.4em;height:.9em;border:2px solid {escape(symbol.line)}"
    return f'<p><span style="{box}"></span> {escape(words)}</p>'


def _plain(table: Table) -> str:
    """A table of the workbook."""
    head, *rows = [["" if one is None else str(one) for one in row] for row in table]
    return _table(head, rows, most=40)


def _kind(kind: str) -> str:
    """A kind of elements as the map calls it, and its key."""
    layer = read_style().layers.get(kind)
    return f"{layer.zh} {kind}" if layer else kind


def _findings(findings: Iterable[Finding]) -> str:
    ordered = sorted(findings, key=lambda one: SEVERITIES.index(one.severity))
    rows = [(SEVERITY_WORDS[one.severity], one.code, one.place, one.zh, one.en) for one in ordered]
    return _table(("级别", "编码 code", "位置 place", "内容", "message"), rows)


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, most: int = ROWS, of: int | None = None
) -> str:
    """A table of at most so many rows; says how many there are."""
    cells = "".join(f'<th style="{_CELL}">{escape(one)}</th>' for one in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(one)}</td>' for one in row) + "</tr>"
        for row in rows[:most]
    )
    total = len(rows) if of is None else of
    more = f"<p>… 共 {total} 行 rows</p>" if total > most else ""
    return f'<table style="border-collapse:collapse;font-size:90%"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>{more}'


def _box(head: str, *parts: str, schematic: bool = False) -> str:
    notice = f'<p><span style="{_WARN}">{SCHEMATIC}</span></p>' if schematic else ""
    return f"<div><p><b>{escape(head)}</b></p>{notice}{''.join(parts)}</div>"


def _picture(png: bytes) -> str:
    data = base64.b64encode(png).decode()
    return f'<img alt="map" style="max-width:640px;display:block;margin:6px 0" src="data:image/png;base64,{data}">'


def _map_of(layers: LayerSet, gained: np.ndarray | None = None) -> bytes:
    """Every layer that a map shows at first, small; with ground that is gained: the control lines and that ground."""
    west, south, east, north = layers.zone.bounds
    height = _WIDTH_MM * (north - south) / (east - west)
    ink = Ink(Paper("small", _WIDTH_MM, height), lettering())
    middle = ((west + east) / 2, (south + north) / 2)
    window = Window(Box(0, 0, _WIDTH_MM, height), middle, round(1030 * (east - west) / _WIDTH_MM))
    style = read_style()
    drawn = drawings(layers, None, style, "zh")
    shown = [one for one in drawn if (one.show if gained is None else one.group in CONTROL)]
    for content in contents(shown, layers.crs):
        content.draw(ink, window)
    if gained is not None:
        draw(ink, shapely.transform(gained, window.page), style.symbol("gained"), within=window.frame)
    return ink.png(_DPI)
