"""Parcels × control lines → states, areas and verdicts.

Pure: frames in, frames out. States are those of the interface: ``hit``, ``sliver`` (图形误差待核),
``touch``, ``clear``, ``no_data``. A parcel is never ``clear`` where a line is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from zoneplan.crs import GEOGRAPHIC, refused, zone_crs
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.layers import LayerSet
from zoneplan.lines import Line, control_lines
from zoneplan.measure import TOUCH_M, Measured, measure
from zoneplan.parcels import Parcels, ready
from zoneplan.pieces import ZERO_M2
from zoneplan.rules import RuleBook, Ruling, read_rules, strictest

COLUMNS = (
    "parcel_id", "line", "state", "parcel_area_m2", "overlap_area_m2", "overlap_share", "verdict",
    "rule_id", "legal_basis", "evidence_needed", "verified",
)  # fmt: skip
PIECE_COLUMNS = ("parcel_id", "line", "state", "verdict", "overlap_area_m2")
TOL_AREA_M2 = 1.0
TOL_WIDTH_M = 0.2
AREAS = ("ellipsoidal", "planar")
_LIBRARIES = ("zoneplan", "geopandas", "shapely", "pyproj", "numpy")


@dataclass(frozen=True)
class CheckResult:
    """The answer to a check.

    ``table`` has one row per parcel and line, columns `COLUMNS`, in the parcels' order; overlaps are
    the union (never counted twice), NaN where there are no data. ``pieces`` are the overlaps
    (``parcel_id, line, state, verdict, overlap_area_m2``), ``parcels`` one row each (``parcel_id,
    overall, area_m2``), both in the working CRS. ``details`` holds a ruling per row of ``table``.
    """

    table: pd.DataFrame
    pieces: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    receipt: dict[str, Any]
    details: tuple[Ruling, ...]
    schematic: bool


def check_parcels(
    parcels: gpd.GeoDataFrame,
    layers: LayerSet | None = None,
    *,
    lines: Mapping[str, gpd.GeoDataFrame] | None = None,
    rules: RuleBook | None = None,
    id_field: str | None = None,
    use_field: str | None = None,
    use: str | None = None,
    as_of: date | None = None,
    area: str = "ellipsoidal",
    tol_area_m2: float = TOL_AREA_M2,
    tol_width_m: float = TOL_WIDTH_M,
) -> CheckResult:
    """Check parcels against control lines.

    Parameters
    ----------
    parcels : GeoDataFrame
        Polygons in any CRS that the gate accepts.
    layers : LayerSet, optional
        A compiled plan; its control lines are known inside its zone only.
    lines : mapping of str to GeoDataFrame, optional
        Lines or further constraints by key, in place of the plan's or added; alone, only these are
        checked. A column ``component`` is used if there.
    rules : RuleBook, optional
        Default the shipped one.
    id_field, use_field, use : str, optional
        Field of ids; field of uses, or one use for all (use class ``U01``… or land-use code).
    as_of : date, optional
        Apply the rules in force on that day.
    area : {"ellipsoidal", "planar"}
    tol_area_m2, tol_width_m : float
        An overlap is a sliver if it is under both (mean width 2A/P).

    Raises
    ------
    InputError
        CRS faults, absent fields, geometry that is no polygon, nothing to check against.
    ValueError
        An area method that does not exist.
    """
    if area not in AREAS:
        raise ValueError(f"area is {area!r}, expected one of {', '.join(AREAS)}")
    if faults := _unfit(layers, lines or {}):
        raise InputError(faults)
    crs = layers.crs if layers is not None else _crs_of([parcels, *(lines or {}).values()])
    book = rules or read_rules()
    made = ready(parcels, crs, id_field=id_field, use_field=use_field, use=use, area=area)
    known, said = control_lines(layers, lines or {}, crs)
    measured = [row for line in known for row in measure(line, made, crs, area)]

    @cache
    def rule(key: str, component: str, wanted: str | None) -> Ruling:
        return book.ruling(key, component=component, use=wanted, day=as_of)

    @cache
    def ruled(key: str, state: str, components: tuple[str, ...], wanted: str | None) -> Ruled:
        return Ruled(_ruling(state, [rule(key, component, wanted) for component in components]))

    rows, details, pieces = [], [], []
    states = [_states(line, tol_area_m2, tol_width_m) for line in measured]
    for number, parcel_id in enumerate(made.ids):
        for line, state_of in zip(measured, states, strict=True):
            state = state_of[number]
            there = _components(line, number) if state in ("hit", "sliver") else ()
            said_so = ruled(line.key, state, there, made.uses[number])
            rows.append(_table_row(parcel_id, line, number, state, said_so, float(made.area_m2[number])))
            details.append(said_so.ruling)
            if there:
                pieces.append(
                    (
                        parcel_id,
                        line.key,
                        state,
                        said_so.ruling.verdict,
                        line.area[number],
                        line.pieces[number],
                    )
                )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    verdicts = table["verdict"].to_numpy().reshape(len(made.ids), len(measured))
    overall = [strictest(mine) for mine in verdicts]
    schematic = any(line.schematic for line in known)
    found = [finding for line in measured for finding in line.findings]
    parameters = {
        "area": area, "tol_area_m2": tol_area_m2, "tol_width_m": tol_width_m, "touch_m": TOUCH_M,
        "id_field": made.id_field, "use_field": made.use_field, "use": use, "as_of": as_of.isoformat() if as_of else None,
    }  # fmt: skip
    receipt = {
        "plan": layers.plan_id if layers is not None else None,
        "rule_book": book.version,
        "parameters": parameters,
        "crs": f"EPSG:{crs.to_epsg()}",
        "versions": {name: version(name) for name in _LIBRARIES},
        "schematic": schematic,
        "schematic_lines": [line.key for line in known if line.schematic],
    }
    return CheckResult(
        table,
        gpd.GeoDataFrame(pieces, columns=[*PIECE_COLUMNS, "geometry"], geometry="geometry", crs=crs),
        gpd.GeoDataFrame({"parcel_id": made.ids, "overall": overall, "area_m2": made.area_m2}, geometry=list(made.shapes), crs=crs),
        (*made.findings, *said, *found, *_notes(known, measured, made, schematic)),
        receipt,
        tuple(details),
        schematic,
    )  # fmt: skip


@dataclass(frozen=True)
class Ruled:
    """A ruling and its words, put together once for all parcels that share them."""

    ruling: Ruling

    @cached_property
    def law(self) -> str:
        return self.ruling.joined("legal_basis")

    @cached_property
    def evidence(self) -> str:
        return _evidence(self.ruling)


def _table_row(
    parcel_id: str, line: Measured, number: int, state: str, said: Ruled, total: float
) -> tuple[object, ...]:
    """One row of the table; where there are no data, overlap and share are NaN, not zero."""
    overlap = float(line.area[number]) if state != "no_data" else np.nan
    share = min(overlap / total, 1.0) if state != "no_data" and total > 0 else np.nan
    return (
        parcel_id,
        line.key,
        state,
        total,
        overlap,
        share,
        said.ruling.verdict,
        said.ruling.rule_id,
        said.law,
        said.evidence,
        said.ruling.verified,
    )


def _crs_of(frames: list[gpd.GeoDataFrame]) -> CRS:
    """The 3-degree CRS that parcels without a plan are worked in: theirs, or of the lines if they have no extent."""
    if faults := refused(frames[0], "parcels"):
        raise InputError(faults)
    frame = next((frame for frame in frames if np.isfinite(frame.total_bounds).all()), frames[-1])
    if faults := refused(frame, "parcels" if frame is frames[0] else "lines"):
        raise InputError(faults)
    west, _, east, _ = frame.to_crs(GEOGRAPHIC).total_bounds
    return zone_crs((west + east) / 2)


def _unfit(layers: LayerSet | None, lines: Mapping[str, gpd.GeoDataFrame]) -> list[Finding]:
    """Why there is nothing to check against: a parcel must not pass because nobody looked."""
    if layers is None and not lines:
        return [fault("check.no_lines", "lines", "没有可核查的控制线,请给出规划图层或控制线", "there is no line to check against; give the layers of a plan, or lines")]  # fmt: skip
    faults = []
    for key, frame in lines.items():
        if not len(frame):
            faults.append(fault("check.line_empty", key, "图层没有要素,应至少有一个面", "the layer has 0 features, expected at least one polygon"))  # fmt: skip
        wrong = [
            number
            for number, shape in enumerate(frame.geometry, 1)
            if shape is None or shape.is_empty or shapely.get_dimensions(shape) != 2
        ]
        if wrong:
            shown = ", ".join(f"#{number}" for number in wrong[:10])
            faults.append(fault("check.line_type", key, f"{len(wrong)} 个要素不是面或为空:{shown}", f"{len(wrong)} features are empty or no polygons: {shown}"))  # fmt: skip
    return faults


def _states(line: Measured, tol_area_m2: float, tol_width_m: float) -> list[str]:
    """The state of every parcel."""
    there = line.area > ZERO_M2
    shapes = np.asarray(line.pieces, dtype=object)
    around = np.where(there, shapely.length(shapes), 0.0)
    width = np.divide(2 * shapely.area(shapes), around, out=np.zeros(len(shapes)), where=around > 0)
    thin = (line.area <= tol_area_m2) & (width <= tol_width_m)
    chosen = np.select(
        [there & thin, there, line.uncovered, line.near], ["sliver", "hit", "no_data", "touch"], "clear"
    )
    return [str(state) for state in chosen]


def _components(line: Measured, number: int) -> tuple[str, ...]:
    """The components that a parcel overlaps; "" stands for the line as a whole."""
    return tuple(name for name, area in line.by_component.items() if area[number] > ZERO_M2) or ("",)


def _ruling(state: str, met: list[Ruling]) -> Ruling:
    """The strictest ruling over the components that a parcel overlaps."""
    if state == "no_data":
        return Ruling(
            "undetermined",
            reason_zh="没有此图层或图层未覆盖该地块,请补充数据",
            reason_en="the layer was not given or does not cover the parcel",
        )
    if state in ("touch", "clear"):
        return Ruling("permitted")
    verdict = strictest(ruling.verdict for ruling in met)
    whole = Ruling(
        verdict,
        tuple(dict.fromkeys(row for ruling in met for row in ruling.rules)),
        ";".join(dict.fromkeys(ruling.reason_zh for ruling in met if ruling.reason_zh)),
        "; ".join(dict.fromkeys(ruling.reason_en for ruling in met if ruling.reason_en)),
        tuple(branch for ruling in met for branch in ruling.branches),
    )
    if state == "sliver" and verdict != "permitted":
        branch = (f"若确属占用→{verdict}",) if not whole.branches else whole.branches
        return Ruling(
            "undetermined",
            whole.rules,
            "图形误差待核:请核对界线与界址点",
            "within tolerance: check the line and the boundary points",
            branch,
        )
    return whole


def _evidence(ruling: Ruling) -> str:
    """The papers needed; where the verdict is open, first what is missing to decide it."""
    return ";".join(
        text for text in (ruling.reason_zh, *ruling.branches, ruling.joined("evidence_needed")) if text
    )


def _notes(known: list[Line], measured: list[Measured], parcels: Parcels, schematic: bool) -> list[Finding]:
    """What the officer must know before using the answer."""
    found = []
    if schematic:
        keys = "、".join(line.key for line in known if line.schematic)
        found.append(
            Finding("check.schematic", "warning", f"示意:{keys} 由示意几何得出,结论不得用于用地审批", f"schematic: {keys} rest on schematic geometry; the verdicts are not usable for approvals")
        )  # fmt: skip
    for line in measured:
        partly = [parcels.ids[i] for i in np.flatnonzero(line.uncovered & (line.area > ZERO_M2))]
        if partly:
            shown = ", ".join(partly[:10])
            found.append(
                Finding("check.partly_covered", "warning", f"{line.key}:{len(partly)} 个地块有一部分在图层覆盖范围以外,只计入了已知部分:{shown}", f"{line.key}: {len(partly)} parcels lie partly beyond what the layer covers; only the known part is counted: {shown}", feature=tuple(partly[:10]))
            )  # fmt: skip
    return found
