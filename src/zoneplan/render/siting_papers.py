"""A solved siting task as tables: what was chosen, what binds, why a target cannot be met, every unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from zoneplan.render.scenario_papers import Table
from zoneplan.siting.problem import Cap, Choice, Problem, cost_terms
from zoneplan.siting.reasons import Reasons
from zoneplan.siting.units import Candidates

STATES = {
    "chosen": "选中 chosen", "free": "未选 not chosen", "locked_out": "锁定不选 locked out", "too_steep": "坡度过大或未知 too steep or unknown",
    "given": "退出 given back", "kept": "保留 kept",
}  # fmt: skip

ENOUGH = {True: "是 yes", False: "否 no", None: "未判定 not decided"}


def sheets(
    problem: Problem, choice: Choice, reasons: Reasons | None, units: Candidates, states: np.ndarray
) -> dict[str, Table]:
    """Tables by sheet name, header first; hectares with four decimals."""
    made: dict[str, Table] = {
        "结果 Result": _result(problem, choice, reasons),
        "约束 Constraints": _constraints(problem, choice),
    }
    if reasons is not None:
        made["原因 Reasons"] = _reasons(reasons)
    takes = [cap.key for cap in problem.takes]
    head = (
        "编号 Unit",
        "状态 State",
        "面积 Area (ha)",
        *(f"占用 Takes {key} (ha)" for key in takes),
        "坡度 Slope (°)",
    )
    rows = [
        (
            str(name), STATES[str(state)], _ha(area), *(_ha(units.taken_ha(key)[at]) for key in takes),
            None if np.isnan(problem.slope[at]) else float(problem.slope[at]),
        )
        for at, (name, state, area) in enumerate(zip(units.frame["id"], states, units.area_ha, strict=True))
    ]  # fmt: skip
    made["单元 Units"] = [head, *rows]
    if problem.back is not None:
        made["退出 Give back"] = [
            ("编号 Unit", "状态 State", "面积 Area (ha)", "费用 Cost"),
            *(
                (str(name), STATES["given" if given else "kept"], _ha(area), float(cost))
                for name, given, area, cost in zip(
                    problem.back.frame["id"],
                    choice.given,
                    problem.back.area_ha,
                    problem.cost_back(),
                    strict=True,
                )
            ),
        ]
    return made


def _result(problem: Problem, choice: Choice, reasons: Reasons | None) -> Table:
    area = problem.new.area_ha
    rows: list[tuple[object, ...]] = [
        ("目标 Target", _ha(problem.task.target_ha), "ha"),
        ("候选单元 Units", len(problem.new), ""),
        ("候选面积 Ground of all units", _ha(float(area.sum())), "ha"),
        ("求解状态 Status", choice.status, ""),
    ]
    if choice.found:
        rows += [
            ("选中单元 Units chosen", int(choice.chosen.sum()), ""),
            ("选中面积 Ground chosen", _ha(float(area[choice.chosen].sum())), "ha"),
            ("费用 Cost", round(choice.cost, 6), ""),
            ("费用下界 Bound", round(choice.bound, 6), ""),
            ("间隙 Gap", round(choice.gap, 8), ""),
            *(
                (f"费用之 Cost of: {term}", round(cost, 6), "")
                for term, cost in cost_terms(problem, choice).items()
            ),
        ]
    if reasons is not None:
        rows.append(("至多可得 Most that can be had", _ha(reasons.most_ha), "ha"))
    return [("项目 Item", "值 Value", "单位 Unit"), *rows]


def _constraints(problem: Problem, choice: Choice) -> Table:
    def used(cap: Cap) -> Decimal | None:
        if not choice.found:
            return None
        if cap in problem.takes:
            return _ha(float(problem.new.taken_ha(cap.key)[choice.chosen].sum()))
        given = 0.0 if problem.back is None else float(problem.back.area_ha[choice.given].sum())
        return _ha(float(problem.new.area_ha[choice.chosen].sum()) - given)

    head = ("约束 Constraint", "上限 Most (ha)", "用去 Used (ha)", "依据 Source")
    return [
        head,
        *(
            (f"{cap.zh} {cap.en}", _ha(cap.most_ha), used(cap), cap.source)
            for cap in (*problem.takes, *problem.growth)
        ),
    ]


def _reasons(reasons: Reasons) -> Table:
    head = (
        "去掉的约束 Without",
        "至多可得 Reach (ha)",
        "够否 Enough",
        "至少突破 Broken by (ha)",
        "须放开的单元 Units to release",
    )
    return [
        head,
        *(
            (
                f"{stop.zh} {stop.en}", _ha(stop.reach_ha), ENOUGH[stop.enough],
                None if stop.over_ha is None else _ha(stop.over_ha), ", ".join(stop.units),
            )
            for stop in reasons.stops
        ),
    ]  # fmt: skip


def _ha(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal("0.0001"), ROUND_HALF_UP)
