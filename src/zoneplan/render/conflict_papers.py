"""The papers of a parcel check: CSV, JSON, Excel and GeoPackage. Columns come finished; nothing is computed."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import xlsxwriter

from zoneplan.conflicts import CheckResult
from zoneplan.io.layers import stable_dates
from zoneplan.io.store import write_json
from zoneplan.overrides import TABLE_COLUMNS, overall_with_overrides, override_of, with_overrides
from zoneplan.render.mapdata import STATES, VERDICTS
from zoneplan.render.paper import for_paper
from zoneplan.units import PLACES, round_half_up, to_unit

CREATED = datetime(2000, 1, 1)  # a fixed date: equal input, equal bytes
NOTICE = "示意 Schematic:依据示意性图形,不得用于用地审批 made from schematic geometry, not for approvals"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TEXT = ("parcel_id", "line", "state", "verdict", "rule_id", "legal_basis", "evidence_needed", "verified")
_HEADERS = {
    "parcel_id": ("地块编号 Parcel", 18),
    "line": ("控制线 Line", 54),
    "state": ("状态 State", 16),
    "parcel_area_m2": ("地块面积 m² Parcel area", 18),
    "overlap_area_m2": ("占用面积 m² Overlap", 18),
    "overlap_ha": ("占用面积 ha", 14),
    "overlap_mu": ("占用面积 亩 mu", 14),
    "overlap_share": ("占比 Share", 10),
    "verdict": ("结论 Verdict", 14),
    "rule_id": ("规则 Rule", 22),
    "legal_basis": ("依据 Legal basis", 48),
    "evidence_needed": ("需补材料或说明 Evidence needed", 60),
    "verified": ("依据已核 Verified", 14),
}
LINES_ZH = {
    "ecological_redline": "生态保护红线",
    "permanent_basic_farmland": "永久基本农田",
    "urban_development_boundary": "城镇开发边界(内)",
    "urban_development_boundary:outside": "城镇开发边界(外)",
}


def write_conflicts_csv(path: Path, result: CheckResult) -> None:
    """``conflicts.csv``: UTF-8 with BOM, one row per parcel and line; text that a spreadsheet would run is made inert.

    Where hits are overridden, by whom, why and when are columns at the end.
    """
    table = with_overrides(result.table, result).copy()
    for column in [name for name in (*_TEXT, *TABLE_COLUMNS) if name in table]:
        table[column] = table[column].map(_inert)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table.to_csv(file, index=False, lineterminator="\r\n")


def write_conflicts_json(path: Path, result: CheckResult) -> None:
    """``conflicts.json``: receipt, summary, parcels with their lines and rules, findings."""
    size = len(result.table) // max(len(result.parcels), 1)
    rows = list(result.table.itertuples(index=False))
    parcels = []
    after, marked = overall_with_overrides(result), override_of(result)
    for number, (parcel_id, overall, area) in enumerate(
        zip(result.parcels["parcel_id"], result.parcels["overall"], result.parcels["area_m2"], strict=True)
    ):
        span = range(number * size, (number + 1) * size)
        units = {unit: round_half_up(to_unit(float(area), unit), PLACES[unit]) for unit in ("m2", "ha", "mu")}
        parcels.append(
            {
                "id": parcel_id,
                "area": {**units, "method": result.receipt["parameters"]["area"]},
                "overall": overall,
                "overall_with_overrides": after[number],
                "lines": [
                    {**_line(rows[i], result, i), "override": marked.get((parcel_id, str(rows[i].line)))}
                    for i in span
                ],
            }
        )
    states = {
        line: group["state"].value_counts().to_dict()
        for line, group in result.table.groupby("line", sort=False)
    }
    write_json(
        path,
        {
            "schema": "zoneplan.conflicts/1",
            "receipt": result.receipt,
            "summary": {
                "parcels": len(result.parcels),
                "overall": {
                    verdict: int((result.parcels["overall"] == verdict).sum()) for verdict in VERDICTS
                },
                "states": {
                    str(line): {str(state): int(n) for state, n in sorted(counts.items())}
                    for line, counts in states.items()
                },
                "schematic": result.schematic,
                "overrides": len(marked),
                "overall_with_overrides": {verdict: after.count(verdict) for verdict in VERDICTS},
            },
            "parcels": parcels,
            "findings": [finding.record() for finding in result.findings],
            **({"trace": dict(result.trace)} if result.trace else {}),
        },
    )


def _line(row: Any, result: CheckResult, index: int) -> dict[str, Any]:
    ruling = result.details[index]
    rule = {
        name: ruling.joined(name)
        for name in ("condition", "evidence_needed", "legal_basis", "issuer", "valid_from", "valid_to")
    }
    return {
        "line": row.line,
        "state": row.state,
        "overlap_area_m2": _number(row.overlap_area_m2),
        "share": _number(row.overlap_share),
        "verdict": row.verdict,
        "rule": {
            "id": ruling.rule_id,
            **rule,
            "verified": ruling.verified,
            "branches": list(ruling.branches),
            "declared": ruling.declared,
            "out_of_force": [rule.span() for rule in ruling.out_of_force],
        },
        "schematic": row.line.removesuffix(":outside") in result.receipt["schematic_lines"],
        "reason": {"zh": ruling.reason_zh, "en": ruling.reason_en},
        "flip_distance_m": _number(round(float(result.flip_distance_m[index]), 3)),
    }


def write_conflicts_xlsx(path: Path, result: CheckResult) -> None:
    """``conflicts.xlsx``: one sheet of parcels, one of rows per line, one of findings; words in Chinese."""
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    ) as book:
        book.set_properties({"created": CREATED, "title": "zoneplan"})
        overall = result.parcels.drop(columns="geometry").assign(
            overall=[VERDICTS[v][0] for v in result.parcels["overall"]]
        )
        _sheet(
            book,
            "结论 Verdicts",
            overall,
            {"overall": ("结论 Verdict", 14), "area_m2": ("面积 m² Area", 18)},
            result,
        )
        rows = result.table.copy()
        at = list(rows.columns).index("overlap_share")
        rows.insert(at, "overlap_ha", rows["overlap_area_m2"].map(lambda area: to_unit(area, "ha")))
        rows.insert(at + 1, "overlap_mu", rows["overlap_area_m2"].map(lambda area: to_unit(area, "mu")))
        rows["line"] = [f"{LINES_ZH.get(key, key)} {key}" if key in LINES_ZH else key for key in rows["line"]]
        rows["state"] = [f"{STATES[state][0]} {state}" for state in rows["state"]]
        rows["verdict"] = [f"{VERDICTS[verdict][0]} {verdict}" for verdict in rows["verdict"]]
        rows["verified"] = [{"yes": "已核 yes", "no": "未核 no"}.get(value, "") for value in rows["verified"]]
        _sheet(book, "逐线 Lines", rows, _HEADERS, result)
        findings = pd.DataFrame(
            [(f.severity, f.code, f.zh, f.en) for f in result.findings],
            columns=["severity", "code", "说明", "message"],
        )
        _sheet(book, "说明 Findings", findings, {"说明": ("说明", 70), "message": ("message", 70)}, result)


def _sheet(
    book: Any, name: str, table: pd.DataFrame, headers: dict[str, tuple[str, int]], result: CheckResult
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#EDEDED", "border": 1}
    )
    warn = book.add_format({"bold": True, "font_color": "#9C5700"})
    places = {"m2": 2, "ha": 4, "mu": 4, "share": 4}
    formats = {n: book.add_format({"num_format": "#,##0." + "0" * n}) for n in set(places.values())}
    top = 0
    if result.schematic:
        sheet.write_string(0, 0, NOTICE, warn)
        top = 1
    for column, key in enumerate(table.columns):
        words, size = headers.get(key, _HEADERS.get(key, (key, 16)))
        sheet.write_string(top, column, words, bold)
        sheet.set_column(column, column, size)
        form = formats[next((n for unit, n in places.items() if str(key).endswith(unit)), 2)]
        for row, value in enumerate(table[key], start=top + 1):
            if isinstance(value, float):
                if not math.isnan(value):
                    sheet.write_number(row, column, value, form)
            else:
                sheet.write_string(row, column, "" if value is None else str(value))
    sheet.freeze_panes(top + 1, 1)
    for_paper(sheet, header=top)
    if len(table):
        sheet.autofilter(top, 0, top + len(table), len(table.columns) - 1)


def write_conflicts_gpkg(path: Path, result: CheckResult) -> None:
    """``conflicts.gpkg``: layers ``parcels`` (with overall verdict) and ``overlap`` (the pieces); overrides at the end."""
    parcels, pieces = result.parcels, with_overrides(result.pieces, result)
    if override_of(result):
        parcels = parcels.assign(overall_with_overrides=overall_with_overrides(result))
    with stable_dates():
        for layer, frame in (("parcels", parcels), ("overlap", pieces)):
            typed = gpd.GeoDataFrame(frame, geometry="geometry", crs=result.parcels.crs)
            pyogrio.write_dataframe(
                typed,
                path,
                layer=layer,
                driver="GPKG",
                geometry_type="MultiPolygon",
                promote_to_multi=True,
                append=path.exists(),
            )


def summary(result: CheckResult, *, lang: str = "zh") -> pd.DataFrame:
    """Numbers of parcels by line and state, and by overall verdict; words in one language."""
    pick = 0 if lang == "zh" else 1
    rows = []
    for line, group in result.table.groupby("line", sort=False):
        counts = group["state"].value_counts()
        rows.append(
            [
                LINES_ZH.get(str(line), str(line)) if pick == 0 else str(line),
                *(int(counts.get(state, 0)) for state in STATES),
            ]
        )
    table = pd.DataFrame(
        rows, columns=[("控制线", "line")[pick], *(words[pick] for words in STATES.values())]
    )
    overall = result.parcels["overall"].value_counts()
    table.attrs["overall"] = {
        words[pick]: int(overall.get(verdict, 0)) for verdict, words in VERDICTS.items()
    }
    return table


def _inert(value: str) -> str:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it."""
    return "'" + value if value.startswith(_FORMULA_STARTS) else value


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
