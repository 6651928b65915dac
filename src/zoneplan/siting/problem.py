"""A siting task with everything measured, as a program; and what comes of solving it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zoneplan.siting.network import connect
from zoneplan.siting.program import FREE, Floats, Ints, Program, Solution
from zoneplan.siting.task import Siting
from zoneplan.siting.units import Candidates

Mask = npt.NDArray[np.bool_]
SLOPE, LOCKED_IN, LOCKED_OUT, CONTIGUITY = "slope", "locked_in", "locked_out", "contiguity"
CLOSE = 1e-7
"""Gap of what is said to be the most or the least."""
LEAST_HA = 1e-6
"""A hundredth of a square metre: areas are known no better, so no constraint is kept closer."""


@dataclass(frozen=True)
class Cap:
    """The most, in hectares, that something may come to; ``source`` says who says so."""

    key: str
    zh: str
    en: str
    most_ha: float
    source: str = ""


@dataclass(frozen=True)
class Problem:
    """What there is to choose from, and what binds.

    Parameters
    ----------
    task : Siting
    new : Candidates
        Units that may be added.
    back : Candidates, optional
        Units that may be given back.
    takes : tuple of Cap
        On what the chosen ground takes of a constraint; the key is a column of ``new.frame``.
    growth : tuple of Cap
        On new ground less what is given back.
    slope : ndarray
        Degrees by unit, NaN where not known; all NaN if nobody asked.
    """

    task: Siting
    new: Candidates
    back: Candidates | None
    takes: tuple[Cap, ...]
    growth: tuple[Cap, ...]
    slope: Floats

    def locked(self, ids: tuple[str, ...]) -> Mask:
        """Which units these ids name."""
        return np.asarray(self.new.frame["id"].isin(ids).to_numpy())

    @property
    def too_steep(self) -> Mask:
        """Units that a slope limit bars; those of unknown slope too."""
        limit = self.task.slope.most if self.task.slope else None
        return np.zeros(len(self.new), dtype=bool) if limit is None else ~(self.slope <= limit)

    @property
    def binding(self) -> dict[str, tuple[str, str]]:
        """Keys of all that binds, with names in Chinese and English."""
        found = {cap.key: (cap.zh, cap.en) for cap in (*self.takes, *self.growth)}
        if self.too_steep.any():
            found[SLOPE] = "坡度上限", "slope limit"
        if self.task.locked_out:
            found[LOCKED_OUT] = "锁定不选的单元", "units locked out"
        if self.task.locked_in:
            found[LOCKED_IN] = "锁定必选的单元", "units locked in"
        if self.task.contiguity != "none":
            found[CONTIGUITY] = "连片要求", "contiguity"
        return found

    def costs(self) -> dict[str, Floats]:
        """Cost of choosing each unit, by term; compactness is not here, since it depends on the neighbours."""
        task, area = self.task, self.new.area_ha
        terms = {"area": task.per_ha * area}
        for number, take in enumerate(task.takes):
            if take.per_ha:
                terms[take.title(number)] = take.per_ha * self.new.taken_ha(take.title(number))
        if task.slope and task.slope.per_ha_degree:
            terms[SLOPE] = task.slope.per_ha_degree * area * np.nan_to_num(self.slope)
        return terms

    def cost_back(self) -> Floats:
        """Cost of giving back each unit."""
        give = self.task.give_back
        if self.back is None or give is None:
            return np.empty(0)
        rate = give.per_ha if give.per_ha_field is None else self.back.frame[give.per_ha_field].astype(float)
        return np.asarray(rate * self.back.area_ha, dtype=float)


def edge_cost(units: Candidates, chosen: Mask, per_km: float) -> float:
    """Cost of the length by which the boundary grows: edges of what is chosen, less twice what is shared."""
    both = chosen[units.pairs].all(axis=1)
    metres = (units.edge_m - 2 * units.joined_m)[chosen].sum() - 2 * units.shared_m[both].sum()
    return float(per_km / 1000 * metres)


@dataclass(frozen=True)
class Choice:
    """Units chosen and given back. ``slack`` is by how much a relaxed constraint was broken, in hectares."""

    status: str
    chosen: Mask
    given: Mask
    cost: float
    bound: float
    gap: float
    slack: dict[str, float] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether there is a choice."""
        return self.status in ("optimal", "limit")


def cost_terms(problem: Problem, choice: Choice) -> dict[str, float]:
    """The cost of a choice by term; the terms add up to it."""
    terms = {name: float(cost[choice.chosen].sum()) for name, cost in problem.costs().items()}
    per_km = problem.task.per_km
    edge = edge_cost(problem.new, choice.chosen, per_km)
    if problem.back is not None:
        terms["give_back"] = float(problem.cost_back()[choice.given].sum())
        edge += edge_cost(problem.back, choice.given, per_km)
    return terms | ({"compactness": edge} if per_km else {})


def cheapest(problem: Problem) -> Choice:
    """The cheapest choice that reaches the target and keeps everything."""
    program, columns = _program(problem, frozenset(), {})
    back = sum(problem.costs().values(), np.zeros(len(problem.new)))
    _charge(program, columns.new, back)
    _charge(program, columns.back, problem.cost_back())
    _compact(program, columns.new, problem.new, problem.task.per_km)
    if problem.back is not None:
        _compact(program, columns.back, problem.back, problem.task.per_km)
    _reach(program, columns.new, problem)
    return _solved(problem, program, columns)


def largest(problem: Problem, *, lifted: frozenset[str] = frozenset()) -> Choice:
    """The choice with the most ground; ``-cost`` is its area in hectares."""
    program, columns = _program(problem, lifted, {})
    _charge(program, columns.new, -problem.new.area_ha)
    return _solved(problem, program, columns, gap=CLOSE)


def least_broken(problem: Problem, keys: tuple[str, ...]) -> Choice:
    """The choice that reaches the target and breaks these constraints by as little ground as can be."""
    program, columns = _program(
        problem, frozenset(keys) & {SLOPE, LOCKED_IN, LOCKED_OUT}, dict.fromkeys(keys)
    )
    area = problem.new.area_ha
    masks = {SLOPE: problem.too_steep, LOCKED_OUT: problem.locked(problem.task.locked_out)}
    barred = np.zeros(len(problem.new), dtype=bool)
    for key, mask in masks.items():
        barred |= mask if key in keys else False
    _charge(program, columns.new, np.where(barred, area, 0.0))
    if LOCKED_IN in keys:
        _charge(program, columns.new, np.where(problem.locked(problem.task.locked_in), -area, 0.0))
    for number in columns.slack.values():
        program.cost[number] = 1.0
    _reach(program, columns.new, problem)
    return _solved(problem, program, columns, gap=CLOSE)


@dataclass(frozen=True)
class _Columns:
    new: Ints
    back: Ints
    slack: dict[str, int]


def _program(problem: Problem, lifted: frozenset[str], relaxed: dict[str, None]) -> tuple[Program, _Columns]:
    """Variables and all that binds, but what is lifted; what is relaxed gets a slack in hectares."""
    task, program = problem.task, Program()
    low, high = np.zeros(len(problem.new)), np.ones(len(problem.new))
    if LOCKED_OUT not in lifted:
        high[problem.locked(task.locked_out)] = 0
    if SLOPE not in lifted:
        high[problem.too_steep] = 0
    if LOCKED_IN not in lifted:
        low[problem.locked(task.locked_in)] = 1
    new = program.columns(np.zeros(len(low)), low, high, whole=True)
    back = program.columns(np.zeros(0 if problem.back is None else len(problem.back)), 0, 1, whole=True)
    slack = {}
    for cap, columns, factors in _sums(problem, new, back):
        if cap.key in lifted:
            continue
        if cap.key in relaxed:
            (slack[cap.key],) = program.columns(np.zeros(1), 0, FREE).tolist()
            columns, factors = np.append(columns, slack[cap.key]), np.append(factors, -1.0)
        program.row(columns, factors, -FREE, cap.most_ha + LEAST_HA)
    if CONTIGUITY not in lifted | relaxed.keys() and task.contiguity != "none":
        connect(program, new, problem.new, together=task.contiguity == "together")
    return program, _Columns(new, back, slack)


def _sums(problem: Problem, new: Ints, back: Ints) -> Iterator[tuple[Cap, Ints, Floats]]:
    for cap in problem.takes:
        yield cap, new, problem.new.taken_ha(cap.key)
    given = np.empty(0) if problem.back is None else problem.back.area_ha
    for cap in problem.growth:
        yield cap, np.concatenate([new, back]), np.concatenate([problem.new.area_ha, -given])


def _reach(program: Program, new: Ints, problem: Problem) -> None:
    program.row(new, problem.new.area_ha, problem.task.target_ha, FREE)


def _charge(program: Program, columns: Ints, cost: Floats) -> None:
    for number, value in zip(columns.tolist(), cost.tolist(), strict=True):
        program.cost[number] += value


def _compact(program: Program, columns: Ints, units: Candidates, per_km: float) -> None:
    """Charge for every kilometre by which the boundary grows: a unit's edge, less twice what it shares."""
    if not per_km:
        return
    _charge(program, columns, per_km / 1000 * (units.edge_m - 2 * units.joined_m))
    both = program.columns(-per_km / 500 * units.shared_m, 0, 1)
    for number, (one, other) in zip(both.tolist(), units.pairs.tolist(), strict=True):
        program.row(np.array([number, columns[one]]), [1.0, -1.0], -FREE, 0)
        program.row(np.array([number, columns[other]]), [1.0, -1.0], -FREE, 0)


def _solved(problem: Problem, program: Program, columns: _Columns, *, gap: float | None = None) -> Choice:
    asked = problem.task.gap if gap is None else gap
    made: Solution = program.solve(time_limit_s=problem.task.time_limit_s, gap=asked)
    return Choice(
        made.status, made.values[columns.new] > 0.5, made.values[columns.back] > 0.5,
        made.objective, made.bound, made.gap,
        {key: float(made.values[number]) for key, number in columns.slack.items()} if made.found else {},
    )  # fmt: skip
