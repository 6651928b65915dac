"""The papers of a parcel check: CSV, JSON and GeoPackage. Columns come finished; nothing is computed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj import CRS

from zoneplan.check.dossier import authorities
from zoneplan.check.measure import Measured
from zoneplan.check.names import STATE_WORDS, VERDICT_WORDS, row_name
from zoneplan.check.outcomes import Outcome, parcel_outcomes, project_outcomes
from zoneplan.check.overrides import overall_with_overrides, override_of, with_overrides
from zoneplan.check.result import CheckResult
from zoneplan.check.rules import Ruling
from zoneplan.io import store
from zoneplan.io.jsonstream import Ready, encode, write_json_stream
from zoneplan.io.layers import stable_dates
from zoneplan.render.qgis.dress import dress_conflicts
from zoneplan.render.style import Style, read_style
from zoneplan.units import PLACES, round_half_up, to_unit

_DEPTH = 5  # of the values of a parcel's line in the JSON


def write_conflicts_csv(path: Path, result: CheckResult) -> None:
    """``conflicts.csv``: UTF-8 with BOM, one row per parcel and line; text that a spreadsheet would run is made inert.

    Where hits are overridden, by whom, why and when are columns at the end.
    """
    store.write_csv(path, with_overrides(result.table, result))


def write_conflicts_json(path: Path, result: CheckResult, outcomes: Sequence[Outcome] | None = None) -> None:
    """``conflicts.json``: receipt, summary, parcels with their lines, rules and outcomes, findings.

    Written parcel by parcel; `outcomes` as of `parcel_outcomes`, worked out if not given.
    """
    each = parcel_outcomes(result) if outcomes is None else outcomes
    after, marked = overall_with_overrides(result), override_of(result)
    states = {
        line: group["state"].value_counts().to_dict()
        for line, group in result.table.groupby("line", sort=False)
    }
    project = project_outcomes(result, each)
    write_json_stream(
        path,
        {
            "schema": "zoneplan.conflicts/1",
            "receipt": result.receipt,
            "summary": {
                "parcels": len(result.parcels),
                "overall": {
                    verdict: int((result.parcels["overall"] == verdict).sum()) for verdict in VERDICT_WORDS
                },
                "states": {
                    str(line): {str(state): int(n) for state, n in sorted(counts.items())}
                    for line, counts in states.items()
                },
                "outcomes": {line: outcome.record() for line, outcome in project.items()},
                "schematic": result.schematic,
                "usable_for_approval": not result.schematic,
                "needed": [
                    {"line": key, "zh": zh, "en": en}
                    for key, zh, en in authorities(result.receipt["schematic_lines"])
                ],
                "overrides": len(marked),
                "overall_with_overrides": {verdict: after.count(verdict) for verdict in VERDICT_WORDS},
            },
            "parcels": _parcels(result, each),
            "findings": [finding.record() for finding in result.findings],
            **({"trace": dict(result.trace)} if result.trace else {}),
        },
    )


def _parcels(result: CheckResult, outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """The parcels one by one, each with its lines."""
    rows = result.table[["line", "state", "overlap_area_m2", "overlap_share", "verdict"]].astype(object)
    flip = result.flip_distance_m
    size = len(result.table) // max(len(result.parcels), 1)
    each_row = zip(
        *(rows[name].tolist() for name in rows), flip.tolist(), outcomes, result.details, strict=True
    )
    told = _Told(result.receipt["schematic_lines"])
    after, marked, ground = overall_with_overrides(result), override_of(result), _landuse(result)
    for number, (parcel_id, overall, final, area) in enumerate(
        zip(
            result.parcels["parcel_id"],
            result.parcels["overall"],
            after,
            result.parcels["area_m2"],
            strict=True,
        )
    ):
        units = {unit: round_half_up(to_unit(float(area), unit), PLACES[unit]) for unit in ("m2", "ha", "mu")}
        yield {
            "id": parcel_id,
            "area": {**units, "method": result.receipt["parameters"]["area"]},
            "overall": overall,
            "overall_with_overrides": final,
            "lines": [
                {
                    **told.line(*row),
                    **_components(measured, number),
                    "override": marked.get((parcel_id, str(row[0]))),
                }
                for row, measured in zip(islice(each_row, size), result.shapes.rows, strict=True)
            ],
            **({"landuse": ground.get(number, [])} if result.landuse is not None else {}),
        }


def _components(row: Measured, number: int) -> dict[str, dict[str, float]]:
    """Overlap with each component of a line, in m²; nothing where it has but one."""
    if len(row.by_component) < 2:
        return {}
    return {"components": {name: float(area[number]) for name, area in row.by_component.items()}}


def _landuse(result: CheckResult) -> dict[int, list[dict[str, Any]]]:
    """What land use each parcel is made of, by its position."""
    made: dict[int, list[dict[str, Any]]] = {}
    if result.landuse is not None:
        rows = result.landuse[["code", "name", "group", "area_m2", "net_m2"]]
        for number, row in zip(rows.index.tolist(), rows.to_dict("records"), strict=True):
            made.setdefault(number, []).append({str(key): value for key, value in row.items()})
    return made


class _Told:
    """Lines of parcels as JSON; the rules and reasons that rows share are put into words once."""

    def __init__(self, schematic_lines: Sequence[str]) -> None:
        self._schematic = frozenset(schematic_lines)
        self._laws: dict[int, tuple[Ready, Ready]] = {}

    def line(
        self, key: str, state: str, overlap: float, share: float, verdict: str, flip: float,
        outcome: Outcome, ruling: Ruling,
    ) -> dict[str, Any]:  # fmt: skip
        if id(ruling) not in self._laws:
            self._laws[id(ruling)] = _law(ruling)
        rule, reason = self._laws[id(ruling)]
        return {
            "line": key,
            "state": state,
            "overlap_area_m2": _number(overlap),
            "share": _number(share),
            "verdict": verdict,
            "rule": rule,
            "schematic": key.removesuffix(":outside") in self._schematic,
            "reason": reason,
            "outcome": outcome.record(),
            "flip_distance_m": None if math.isnan(flip) else round_half_up(flip, 3),
        }


def _law(ruling: Ruling) -> tuple[Ready, Ready]:
    """Rule and reason as they stand in a line of a parcel."""
    names = ("condition", "evidence_needed", "legal_basis", "issuer", "valid_from", "valid_to")
    rule = {
        "id": ruling.rule_id,
        **{name: ruling.joined(name) for name in names},
        "verified": ruling.verified,
        "branches": list(ruling.branches),
        "declared": ruling.declared,
        "out_of_force": [rule.span() for rule in ruling.out_of_force],
    }
    reason = {"zh": ruling.reason_zh, "en": ruling.reason_en}
    return Ready(encode(rule, _DEPTH)), Ready(encode(reason, _DEPTH))


def write_conflicts_gpkg(path: Path, result: CheckResult, *, style: Style | None = None) -> None:
    """``conflicts.gpkg``: layers ``parcels`` (with overall verdict) and ``overlap`` (the pieces); overrides at the end.

    Beside it ``conflicts.qgz``, a QGIS project of both, where any parcel has geometry.
    """
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
    columns = {
        layer: [str(column) for column in frame.columns if column != "geometry"]
        for layer, frame in (("parcels", parcels), ("overlap", pieces))
    }
    west, south, east, north = map(float, parcels.total_bounds)
    box = None if math.isnan(west) else (west, south, east, north)
    dress_conflicts(path, columns, CRS(parcels.crs), box, style or read_style(), schematic=result.schematic)


def summary(result: CheckResult, *, lang: str = "zh") -> pd.DataFrame:
    """Numbers of parcels by line and state, and by overall verdict; words in one language."""
    pick = 0 if lang == "zh" else 1
    rows = []
    for line, group in result.table.groupby("line", sort=False):
        counts = group["state"].value_counts()
        rows.append(
            [
                row_name(str(line)) if pick == 0 else str(line),
                *(int(counts.get(state, 0)) for state in STATE_WORDS),
            ]
        )
    table = pd.DataFrame(
        rows, columns=[("控制线", "line")[pick], *(words[pick] for words in STATE_WORDS.values())]
    )
    overall = result.parcels["overall"].value_counts()
    table.attrs["overall"] = {
        words[pick]: int(overall.get(verdict, 0)) for verdict, words in VERDICT_WORDS.items()
    }
    return table


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
