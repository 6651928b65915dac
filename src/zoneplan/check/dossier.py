"""What the papers of a check say besides its rows: counts, sums, notices, laws, evidence. Numbers, not layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.check.names import line_name
from zoneplan.check.outcomebook import read_outcomes
from zoneplan.check.outcomes import Outcome, parcel_outcomes, project_outcomes
from zoneplan.check.result import CheckResult
from zoneplan.check.rulefile import read_rules
from zoneplan.check.rules import STRICTEST_FIRST, Rule
from zoneplan.units import PLACES, round_half_up, shares, to_unit

UNITS = ("m2", "ha", "mu")
WORST_FIRST = ("hit", "no_data", "sliver", "touch", "clear")
RULED = ("hit", "sliver")


@dataclass(frozen=True)
class Sums:
    """Areas as they are printed: parts in each unit that add up to the printed total of that unit.

    ``moved`` says which parts differ from plain rounding half up, so that a paper can mark them.
    """

    parts: Mapping[str, tuple[float, ...]]
    totals: Mapping[str, float]
    moved: tuple[bool, ...]


@dataclass(frozen=True)
class Count:
    """How many parcels have an overall verdict, and their area."""

    verdict: str
    parcels: int
    area_m2: float


@dataclass(frozen=True)
class LineCount:
    """One row of the table for all parcels: how many are in which state, the sum of overlaps, the outcome."""

    key: str
    name: str
    states: Mapping[str, int]
    area_m2: float
    outcome: Outcome
    schematic: bool


@dataclass(frozen=True)
class Law:
    """One legal basis that was applied; ``verified`` only if every rule that rests on it is."""

    title: str
    issuer: str
    valid_from: str
    valid_to: str
    verified: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Dossier:
    """A check summed up. ``outcomes`` has one entry per row of the table; ``area_m2`` leaves out what has no area."""

    result: CheckResult
    outcomes: tuple[Outcome, ...]
    area_m2: float
    unmeasured: int
    verdicts: tuple[Count, ...]
    lines: tuple[LineCount, ...]
    laws: tuple[Law, ...]
    overrides: tuple[Mapping[str, Any], ...]
    unverified: int

    @property
    def overall(self) -> str:
        """The strictest verdict of any parcel."""
        return next((one.verdict for one in self.verdicts if one.parcels), "permitted")

    @property
    def notices(self) -> tuple[tuple[str, str], ...]:
        """What page one says before anything else, in both languages."""
        return tuple(_notices(self))

    @property
    def keys(self) -> list[str]:
        """Keys of the table's rows for one parcel."""
        return [line.key for line in self.lines]


def make_dossier(result: CheckResult, outcomes: Sequence[Outcome] | None = None) -> Dossier:
    """Sum up a check; `outcomes` as of `parcel_outcomes`, worked out if not given."""
    each = tuple(parcel_outcomes(result) if outcomes is None else outcomes)
    area = np.asarray(result.area_m2, dtype=float)
    overall = result.parcels["overall"].to_numpy()
    counts = tuple(
        Count(verdict, int((overall == verdict).sum()), float(np.nansum(area[overall == verdict])))
        for verdict in STRICTEST_FIRST
    )
    applied = {
        rule.rule_id: rule
        for state, ruling in zip(result.table["state"], result.details, strict=True)
        if state in RULED
        for rule in ruling.rules
    }
    return Dossier(
        result, each, float(np.nansum(area)), int((np.isnan(area) | result.shapes.shapes.is_empty.to_numpy()).sum()), counts, _lines(result, each),
        _laws(list(applied.values())), tuple(result.receipt.get("overrides") or ()),
        sum(rule.verified != "yes" for rule in applied.values()),
    )  # fmt: skip


def sums(areas_m2: Sequence[float]) -> Sums:
    """Areas and their total, each unit rounded half up so that the parts add up; what has no area counts as nothing."""
    values = [0.0 if np.isnan(value) else float(value) for value in areas_m2]
    total = float(np.sum(values))
    parts, totals = {}, {}
    moved = np.zeros(len(values), dtype=bool)
    for unit in UNITS:
        made = shares([to_unit(value, unit) for value in values], to_unit(total, unit), PLACES[unit])
        parts[unit] = made.parts
        totals[unit] = round_half_up(to_unit(total, unit), PLACES[unit])
        moved |= np.array(made.moved, dtype=float) != 0
    return Sums(parts, totals, tuple(moved.tolist()))


def worst_states(result: CheckResult) -> list[str]:
    """The worst state of each parcel; being inside or outside the growth boundary is no conflict by itself."""
    many = len(result.table) // max(len(result.ids), 1)
    keys = result.table["line"][:many].tolist()
    rank = {state: place for place, state in enumerate(WORST_FIRST)}
    codes = np.array([rank[state] for state in result.table["state"]]).reshape(len(result.ids), many)
    for column, key in enumerate(keys):
        if key in (BOUNDARY, OUTSIDE):
            codes[:, column][codes[:, column] == rank["hit"]] = rank["clear"]
    return [WORST_FIRST[place] for place in codes.min(axis=1)] if many else ["clear"] * len(result.ids)


def authorities(keys: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """Key of each line, and the authoritative file that it has to come from, in both languages."""
    words = ((key, read_outcomes().of(key).authority) for key in keys)
    return tuple((key, one.zh, one.en) for key, one in words)


def strictest_first(result: CheckResult) -> list[int]:
    """Positions of the parcels, the strictest verdict first, among equals the worse state, then the larger overlap."""
    many = len(result.table) // max(len(result.ids), 1)
    keys = result.table["line"][:many].tolist()
    counted = [column for column, key in enumerate(keys) if key not in (BOUNDARY, OUTSIDE)]
    area = result.table["overlap_area_m2"].fillna(0.0).to_numpy().reshape(len(result.ids), many)[:, counted]
    verdict = [STRICTEST_FIRST.index(one) for one in result.parcels["overall"]]
    state = [WORST_FIRST.index(one) for one in worst_states(result)]
    return sorted(range(len(result.ids)), key=lambda at: (verdict[at], state[at], -float(area[at].sum()), at))


def _lines(result: CheckResult, each: Sequence[Outcome]) -> tuple[LineCount, ...]:
    project = project_outcomes(result, each)
    schematic = set(result.receipt["schematic_lines"])
    found = []
    for key, rows in result.table.groupby("line", sort=False):
        counts = rows["state"].value_counts()
        own = str(key).removesuffix(":outside")
        found.append(
            LineCount(
                str(key), line_name(own), {state: int(counts.get(state, 0)) for state in WORST_FIRST},
                float(rows["overlap_area_m2"].sum()), project[own], own in schematic,
            )
        )  # fmt: skip
    return tuple(found)


def _laws(rules: Sequence[Rule]) -> tuple[Law, ...]:
    """The documents that rules cite, each once; an issuer is known where a rule names one, or as many as documents."""
    found: dict[str, list[Rule]] = {}
    issuers: dict[str, str] = {}
    for rule in sorted(rules, key=lambda one: one.rule_id):
        for title in _listed(rule.legal_basis):
            found.setdefault(title, []).append(rule)
    for rule in (*rules, *read_rules().rules):
        titles, names = _listed(rule.legal_basis), _listed(rule.issuer)
        if len(names) in (1, len(titles)):
            for title, name in zip(titles, names * (len(titles) // len(names)), strict=True):
                issuers.setdefault(title, name)
    return tuple(
        Law(
            title,
            issuers.get(title) or "、".join(dict.fromkeys(one.issuer for one in mine)),
            _days(one.valid_from for one in mine),
            _days(one.valid_to for one in mine),
            all(one.verified == "yes" for one in mine),
            tuple(one.rule_id for one in mine),
        )
        for title, mine in sorted(found.items())
    )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _days(days: Iterable[str]) -> str:
    return "、".join(sorted({day for day in days if day}))


def _notices(dossier: Dossier) -> Iterator[tuple[str, str]]:
    result = dossier.result
    if result.schematic:
        names = "、".join(dict.fromkeys(line.name for line in dossier.lines if line.schematic))
        keys = ", ".join(result.receipt["schematic_lines"])
        needed = authorities(result.receipt["schematic_lines"])
        yield (
            f"示意:{names}由示意几何得出,本报告不得用于用地审批;须以正式成果重新核查:{';'.join(zh for _, zh, _ in needed)}。",
            f"Schematic: {keys} rest on schematic geometry. Not usable for land approval; check again with {'; '.join(en for _, _, en in needed)}.",
        )
    unknown = sum(one == "no_data" for one in result.table["state"])
    if unknown:
        parcels = len(set(np.flatnonzero(result.table["state"] == "no_data") // max(len(dossier.keys), 1)))
        yield (
            f"无数据:{parcels} 个地块在至少一条线上没有数据,未能核查;无数据不等于不涉及。",
            f"No data: for {parcels} parcels at least one line is not known; no data is not no conflict.",
        )
    if dossier.overrides:
        yield (
            f"人工认定:{len(dossier.overrides)} 处占用经人工标注为不适用,原结论仍列于本报告。",
            f"Overrides: {len(dossier.overrides)} hits were marked as not applicable by hand; the original verdicts stay in this report.",
        )
    if dossier.unverified:
        yield (
            f"依据未核:所用规则中有 {dossier.unverified} 条尚未与正式文本核对,标为“未核”;引用前请核对原文。",
            f"Unverified: {dossier.unverified} of the rules applied have not been checked against the official text.",
        )
    if dossier.unmeasured:
        yield (
            f"{dossier.unmeasured} 个地块没有可量算的几何,面积未计入合计。",
            f"{dossier.unmeasured} parcels have no geometry that can be measured; totals leave them out.",
        )
