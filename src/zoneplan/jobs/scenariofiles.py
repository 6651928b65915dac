"""What a scenario is written as: layers, changed ground, workbook, JSON, findings; diffs and sweeps."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd

from zoneplan.errors import InputError, fault
from zoneplan.io.layers import write_findings, write_frames, write_layers
from zoneplan.io.store import staged, write_json
from zoneplan.jobs.scenarios import ScenarioResult, plain
from zoneplan.render.qgis.dress import dress_plan
from zoneplan.render.scenario_papers import Table, write_scenario_xlsx, write_tables
from zoneplan.render.style import read_style
from zoneplan.scenario.changed import changed_ground
from zoneplan.scenario.state import changes_frame
from zoneplan.scenario.waterfall import Fall
from zoneplan.textrows import inert

MOST_MAPS = 24
"""Small maps of a sweep; the chart and the table have every value."""


def write_scenario(result: ScenarioResult, folder: Path, *, lang: str = "zh") -> list[Path]:
    """layers.gpkg with project.qgz, changed.gpkg, compare.html, brief.docx, scenario.xlsx, scenario.json, findings.json and findings.gpkg; whole or nothing."""
    from zoneplan.render.brief.paper import write_brief
    from zoneplan.render.compare import scenario_map

    changes = list(result.replayed.changes)
    with staged(folder) as stage:
        write_layers(stage / "layers.gpkg", result.layers)
        dress_plan(stage / "layers.gpkg", result.layers, read_style())
        frames = {side: changes_frame(result.layers, changes, side) for side in ("gained", "lost")}
        write_frames(stage / "changed.gpkg", frames)
        write_scenario_xlsx(
            stage / "scenario.xlsx", result.scenario, result.falls, result.limits, result.findings,
            schematic=result.layers.schematic,
        )  # fmt: skip
        write_json(stage / "scenario.json", record(result))
        write_brief(
            stage / "brief.docx",
            result.replayed,
            result.falls,
            result.limits,
            result.findings,
            style=read_style(),
        )
        scenario_map(result.scenario, result.base, result.layers, lang=lang).save(stage / "compare.html")
        write_json(stage / "findings.json", [one.record() for one in result.findings])
        write_findings(stage / "findings.gpkg", result.findings)
        names = sorted(path.name for path in stage.iterdir())
    return [folder / name for name in names]


def record(result: ScenarioResult) -> dict[str, Any]:
    """The result as plain data; decimals as text, so that nothing is lost."""
    return {
        "schema": "zoneplan.scenario-result/1",
        "scenario": plain(result.scenario),
        "schematic": result.layers.schematic,
        "crs": f"EPSG:{result.layers.crs.to_epsg()}",
        "waterfall": [_fall(one) for one in result.falls],
        "limits": [
            {
                "indicator": one.fall.key, "most": _text(one.limit.most), "least": _text(one.limit.least),
                "source": one.limit.source, "verified": one.limit.verified, "state": one.state, "over": _text(one.over),
                "first": one.first, "since": one.since, "mended": one.mended,
            }
            for one in result.limits
        ],
        "changes": [
            {"edit": one.edit, "element": one.element, "gained_m2": round(one.gained_m2, 2), "lost_m2": round(one.lost_m2, 2)}
            for one in result.replayed.changes
        ],
        "findings": [one.record() for one in result.findings],
    }  # fmt: skip


def write_diff(one: ScenarioResult, other: ScenarioResult, folder: Path, *, lang: str = "zh") -> list[Path]:
    """Two scenarios compared with each other: diff.gpkg (ground of one only), compare.html, diff.xlsx, diff.json.

    Raises
    ------
    InputError
        If the two are in different CRSs, or have different elements.
    """
    from zoneplan.render.compare import compare_map

    ground = _ground(one, other)
    values = [
        (f.key, f.zh, f.en, f.unit, f.after, g.after, _less(g.after, f.after)) for f, g in _paired(one, other)
    ]
    edits = _edits(one, other)
    with staged(folder) as stage:
        write_frames(stage / "diff.gpkg", ground)
        head = ("指标 Indicator", "单位 Unit", f"A {one.scenario.name}", f"B {other.scenario.name}", "B − A")
        tables: dict[str, Table] = {
            "指标 Indicators": [
                head,
                *((f"{zh} {en}", unit, a, b, c) for _, zh, en, unit, a, b, c in values),
            ],
            "编辑 Edits": [("编号 Id", "A", "B", "比较 Comparison"), *edits],
        }
        schematic = one.layers.schematic or other.layers.schematic
        write_tables(stage / "diff.xlsx", "情景比较 Scenario diff", tables, schematic=schematic)
        data = {
            "schema": "zoneplan.scenario-diff/1", "schematic": schematic, "a": one.scenario.id, "b": other.scenario.id,
            "indicators": [
                {"key": key, "a": _text(a), "b": _text(b), "difference": _text(c)} for key, _, _, _, a, b, c in values
            ],
            "edits": [dict(zip(("id", "a", "b", "comparison"), row, strict=True)) for row in edits],
        }  # fmt: skip
        write_json(stage / "diff.json", data)
        names = (f"A {one.scenario.name}", f"B {other.scenario.name}")
        compare_map(one.layers, other.layers, names=names, lang=lang).save(stage / "compare.html")
        files = sorted(path.name for path in stage.iterdir())
    return [folder / name for name in files]


def write_sweep(
    results: Sequence[tuple[float, ScenarioResult]], folder: Path, *, parameter: str
) -> list[Path]:
    """A row of indicators per value: sweep.csv (UTF-8 with BOM) and sweep.xlsx; a chart and small maps as PNG."""
    from zoneplan.render.brief.charts import sweep_chart
    from zoneplan.render.brief.panels import Panel, draw_panels

    first = results[0][1]
    keys = [fall.key for fall in first.falls]
    rows = [
        (value, sum(limit.state == "broken" for limit in made.limits), *(fall.after for fall in made.falls))
        for value, made in results
    ]
    names = [f"{fall.zh} {fall.en} ({fall.unit})" for fall in first.falls]
    with staged(folder) as stage:
        with (stage / "sweep.csv").open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow([inert(parameter), "limits_broken", *keys])
            out.writerows([["" if value is None else value for value in row] for row in rows])
        head = (parameter, "超限数 Limits broken", *names)
        write_tables(
            stage / "sweep.xlsx",
            "参数扫描 Sweep",
            {"扫描 Sweep": [head, *rows]},
            schematic=first.layers.schematic,
        )
        (stage / "sweep.png").write_bytes(
            sweep_chart(
                parameter,
                [value for value, _ in results],
                [made.falls for _, made in results],
                first.limits,
                schematic=first.layers.schematic,
            )
        )
        panels = [Panel(f"{parameter} = {value:g}", "", made.layers) for value, made in results]
        (stage / "sweep_maps.png").write_bytes(
            draw_panels(first.base, panels[:MOST_MAPS], style=read_style(), columns=4)
        )
    return [folder / name for name in ("sweep.csv", "sweep.xlsx", "sweep.png", "sweep_maps.png")]


def _ground(one: ScenarioResult, other: ScenarioResult) -> dict[str, gpd.GeoDataFrame]:
    a, b = one.layers, other.layers
    ids = [[str(name) for frame in layers.elements.values() for name in frame["id"]] for layers in (a, b)]
    if a.crs != b.crs or sorted(ids[0]) != sorted(ids[1]):
        raise InputError(
            fault("scenario.diff", f"{one.scenario.id}, {other.scenario.id}", "两个情景的坐标系或要素不同,不能比较",
                  "the scenarios differ in CRS or elements and cannot be compared")
        )  # fmt: skip
    ground = changed_ground(a, b)
    return {
        name: ground.loc[ground["side"] == side, ["element", "area_m2", "geometry"]].reset_index(drop=True)
        for name, side in (("only_a", "lost"), ("only_b", "gained"))
    }


def _paired(one: ScenarioResult, other: ScenarioResult) -> list[tuple[Fall, Fall]]:
    there = {fall.key: fall for fall in other.falls}
    return [(fall, there[fall.key]) for fall in one.falls if fall.key in there]


def _edits(one: ScenarioResult, other: ScenarioResult) -> list[tuple[str, str, str, str]]:
    """Every edit of both: its place in each ledger, and whether it is the same."""
    a, b = (
        {edit.id: (str(n), edit) for n, edit in enumerate(r.scenario.edits, start=1)} for r in (one, other)
    )
    rows = []
    for key in dict.fromkeys([*a, *b]):
        here, there = a.get(key), b.get(key)
        word = "仅 A only A" if there is None else "仅 B only B" if here is None else (
            "相同 same" if here[1] == there[1] else "不同 different"
        )  # fmt: skip
        rows.append((key, here[0] if here else "", there[0] if there else "", word))
    return rows


def _fall(one: Fall) -> dict[str, Any]:
    return {
        "key": one.key, "zh": one.zh, "en": one.en, "unit": one.unit, "before": _text(one.before),
        "steps": [{"edit": name, "contribution": _text(value)} for name, value in one.steps],
        "after": _text(one.after), "change": _text(one.change), "why": one.why,
    }  # fmt: skip


def _less(value: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if value is None or other is None else value - other


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
