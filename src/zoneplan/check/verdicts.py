"""States and verdicts of measured lines: what is there, and what the rule book says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from zoneplan.check.measure import Measured, cut
from zoneplan.check.names import VERDICT_WORDS
from zoneplan.check.rules import Ruling, strictest
from zoneplan.engine.pieces import ZERO_M2
from zoneplan.engine.rings import Floats, Ints
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

COLUMNS = (
    "parcel_id", "line", "state", "parcel_area_m2", "overlap_area_m2", "overlap_share", "verdict",
    "rule_id", "legal_basis", "evidence_needed", "verified",
)  # fmt: skip
Number = TypeVar("Number", bound=np.generic)
Value = TypeVar("Value", bytes, str | None)
STATES = ("hit", "sliver", "touch", "clear", "no_data")
THERE = ("hit", "sliver")


@dataclass(frozen=True)
class Tolerance:
    """An overlap is a sliver (图形误差待核) if it is under both: area, and mean width 2A/P."""

    area_m2: float = 1.0
    width_m: float = 0.2

    @classmethod
    def read(cls, text: str, place: str) -> Tolerance:
        """``"m2,m"`` as a tolerance; `InputError` if it is none."""
        try:
            area, width = (float(word) for word in text.split(","))
        except ValueError:
            area = width = -1.0
        if not (0 <= area < float("inf") and 0 <= width < float("inf")):
            zh, en = f"“{text}”应写作 平方米,米,如 1,0.2", f"'{text}' should be m²,m, such as 1,0.2"
            raise InputError(fault("check.tolerance", place, zh, en))
        return cls(area, width)


@dataclass(frozen=True)
class Judged:
    """The states of one line (positions in `STATES`), and for each parcel which of ``rulings`` applies."""

    states: Ints
    which: Ints
    rulings: tuple[Ruling, ...]


def states(row: Measured, shapes: gpd.GeoSeries, tolerance: Tolerance) -> tuple[Ints, tuple[Finding, ...]]:
    """The state of every parcel; the geometry is cut only of overlaps that may be slivers."""
    there = row.area > ZERO_M2
    thin = np.zeros(len(shapes), dtype=bool)
    small = np.flatnonzero(there & (row.area <= tolerance.area_m2))
    findings: tuple[Finding, ...] = ()
    if len(small):
        made = cut(row, shapes, small)
        pieces, findings = made.pieces.to_numpy(), made.findings
        around = shapely.length(pieces)
        width = np.divide(2 * shapely.area(pieces), around, out=np.zeros(len(small)), where=around > 0)
        thin[small] = width <= tolerance.width_m
    state = np.full(len(shapes), STATES.index("clear"))
    for where, name in ((row.near, "touch"), (row.uncovered, "no_data"), (there, "hit"), (there & thin, "sliver")):  # fmt: skip
        state[where] = STATES.index(name)
    return state, findings


def judge(
    row: Measured,
    state: Ints,
    uses: Sequence[str | None],
    ruling: Callable[..., Ruling],
    day: date | None,
    national_major: str | None = None,
) -> Judged:
    """The ruling for every parcel: one for all that share state, components, use and coverage; `ruling` is `RuleBook.ruling`."""
    use_of, use_at = _distinct(uses)
    names = tuple(row.by_component)
    held = np.zeros((len(state), len(names)), dtype=bool)
    for number, name in enumerate(names):
        held[:, number] = row.by_component[name] > ZERO_M2
    sets, set_at = _distinct([one.tobytes() for one in held])
    code = ((set_at * len(use_of) + use_at) * len(STATES) + state) * 2 + row.uncovered
    found, which = np.unique(code, return_inverse=True)

    def rule(component: str, wanted: str | None) -> Ruling:
        return ruling(row.key, component=component, use=wanted, day=day, national_major=national_major)

    rulings = []
    for number in found.tolist():
        rest, part = divmod(number, 2)
        rest, kind = divmod(rest, len(STATES))
        group, wanted = divmod(rest, len(use_of))
        met = tuple(name for name, there in zip(names, sets[group], strict=False) if there) or ("",)
        rulings.append(
            _ruling(STATES[kind], [rule(component, use_of[wanted]) for component in met], partly=bool(part))
        )
    return Judged(state, which, tuple(rulings))


def table(ids: Sequence[str], area_m2: Floats, rows: Sequence[Measured], judged: Sequence[Judged]) -> pd.DataFrame:  # fmt: skip
    """The table of a check, columns `COLUMNS`: a row per parcel and line, in the parcels' order."""
    n, many = len(ids), len(rows)
    rulings, which = _together(judged)

    def words(of: Callable[[Ruling], str]) -> npt.NDArray[np.object_]:
        return np.array([of(one) for one in rulings], dtype=object)[which]

    states = _across([said.states for said in judged])
    total = np.repeat(area_m2, many)
    overlap = _across([row.area for row in rows])
    overlap[states == STATES.index("no_data")] = np.nan
    share = np.divide(overlap, total, out=np.full(n * many, np.nan), where=total > 0)
    return pd.DataFrame(
        {
            "parcel_id": np.repeat(np.array(ids, dtype=object), many),
            "line": np.tile(np.array([row.key for row in rows], dtype=object), n),
            "state": np.array(STATES, dtype=object)[states],
            "parcel_area_m2": total,
            "overlap_area_m2": overlap,
            "overlap_share": np.minimum(share, 1.0),
            "verdict": words(lambda ruling: ruling.verdict),
            "rule_id": words(lambda ruling: ruling.rule_id),
            "legal_basis": words(lambda ruling: ruling.joined("legal_basis")),
            "evidence_needed": words(evidence),
            "verified": words(lambda ruling: ruling.verified),
        }
    )


def details(judged: Sequence[Judged]) -> tuple[Ruling, ...]:
    """The rulings in the order of the table."""
    rulings, which = _together(judged)
    return tuple(rulings[number] for number in which.tolist())


def _together(judged: Sequence[Judged]) -> tuple[list[Ruling], Ints]:
    """The rulings of all lines, and which of them each row of the table has."""
    rulings: list[Ruling] = []
    columns = []
    for said in judged:
        columns.append(said.which + len(rulings))
        rulings += said.rulings
    return rulings, _across(columns)


def _across(columns: Sequence[npt.NDArray[Number]]) -> npt.NDArray[Number]:
    """One column of the table from those of its lines."""
    return np.array(columns).T.ravel()


def evidence(ruling: Ruling) -> str:
    """The papers needed; where the verdict is open, first what is missing to decide it."""
    return ";".join(
        text for text in (ruling.reason_zh, *ruling.branches, ruling.joined("evidence_needed")) if text
    )


def _distinct(values: Sequence[Value]) -> tuple[list[Value], Ints]:
    """Distinct values in order, and the position of each parcel's among them."""
    seen: Mapping[Value, int] = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return list(seen), np.fromiter((seen[value] for value in values), dtype=np.int64, count=len(values))


def _ruling(state: str, met: Sequence[Ruling], *, partly: bool) -> Ruling:
    """The strictest ruling over the components that a parcel overlaps."""
    if state == "no_data":
        return Ruling(
            "undetermined",
            reason_zh="没有此图层、图层未覆盖该地块或地块没有可用图形,请补充数据",
            reason_en="the layer was not given, does not cover the parcel, or the parcel has no figure of use",
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
        tuple(dict.fromkeys(row for ruling in met for row in ruling.out_of_force)),
        ";".join(dict.fromkeys(ruling.declared for ruling in met if ruling.declared)),
    )
    branches = whole.branches or (f"若确属占用→{VERDICT_WORDS[verdict][0]}",)
    if state == "sliver" and verdict != "permitted":
        return replace(
            whole,
            verdict="undetermined",
            reason_zh="图形误差待核:请核对界线与界址点",
            reason_en="within tolerance: check the line and the boundary points",
            branches=branches,
        )
    if partly and verdict in ("permitted", "restricted"):
        return replace(
            whole,
            verdict="undetermined",
            reason_zh="地块有一部分在图层覆盖范围以外,该部分无数据,请补充数据",
            reason_en="part of the parcel lies beyond what the layer covers: data are missing there",
            branches=whole.branches or (f"已知部分→{VERDICT_WORDS[verdict][0]}",),
        )
    return whole
