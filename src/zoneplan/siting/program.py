"""Mixed-integer linear programs, solved by HiGHS. The one home of the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FREE = float("inf")
_TOLERANCE = 1e-9


class _Silent(highspy.Highs):
    """The solver without its banner, which it prints while it sets up callbacks; none are used here."""

    def enableCallbacks(self) -> None:
        self.silent()


@dataclass(frozen=True)
class Solution:
    """What the solver found.

    ``status`` is ``optimal`` (within the gap asked for), ``limit`` (a solution, the time was up), ``infeasible``
    (proven), or ``unknown`` (the time was up before any solution). ``bound`` is what no solution can be better than,
    ``gap`` the distance to it, relative.
    """

    status: str
    values: Floats
    objective: float
    bound: float
    gap: float

    @property
    def found(self) -> bool:
        """Whether there is a solution."""
        return self.status in ("optimal", "limit")


@dataclass
class Program:
    """A program to be minimised, built column by column and row by row."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[Ints, Floats, float, float]] = field(default_factory=list)

    def columns(
        self, cost: Floats, low: Floats | float, high: Floats | float, *, whole: bool = False
    ) -> Ints:
        """New variables; returns their numbers. `whole` ones take integers only."""
        n = len(cost)
        first = len(self.cost)
        self.cost += np.asarray(cost, dtype=float).tolist()
        self.low += np.broadcast_to(low, n).astype(float).tolist()
        self.high += np.broadcast_to(high, n).astype(float).tolist()
        self.whole += [whole] * n
        return np.arange(first, first + n)

    def row(self, columns: Ints, factors: Sequence[float] | Floats, low: float, high: float) -> None:
        """``low ≤ Σ factor · column ≤ high``; columns of factor 0 are left out."""
        values = np.asarray(factors, dtype=float)
        kept = values != 0
        self.rows.append((np.asarray(columns)[kept], values[kept], low, high))

    def solve(self, *, time_limit_s: float, gap: float) -> Solution:
        """The cheapest solution; one thread and a fixed seed, so that equal programs give equal answers."""
        solver = _Silent()
        options = {
            "threads": 1, "random_seed": 1, "time_limit": time_limit_s, "mip_rel_gap": gap,
            "mip_abs_gap": 0.0, "mip_feasibility_tolerance": _TOLERANCE, "primal_feasibility_tolerance": _TOLERANCE,
        }  # fmt: skip
        for name, value in options.items():
            solver.setOptionValue(name, value)
        solver.passModel(self._model())
        solver.run()
        return self._solution(solver)

    def _solution(self, solver: highspy.Highs) -> Solution:
        status, info = solver.getModelStatus(), solver.getInfo()
        have = info.primal_solution_status == highspy.kSolutionStatusFeasible
        if status == highspy.HighsModelStatus.kOptimal:
            name = "optimal"
        elif status in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            name, have = "infeasible", False
        else:
            name = "limit" if have else "unknown"
        values = np.array(solver.getSolution().col_value) if have else np.zeros(len(self.cost))
        whole = np.array(self.whole, dtype=bool)
        values[whole] = np.round(values[whole])
        objective = float(info.objective_function_value) if have else float("nan")
        mixed = bool(whole.any())
        bound = float(info.mip_dual_bound) if mixed else objective
        return Solution(name, values, objective, bound, float(info.mip_gap) if mixed and have else 0.0)

    def _model(self) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.cost), len(self.rows)
        model.col_cost_, model.col_lower_, model.col_upper_ = map(np.array, (self.cost, self.low, self.high))
        model.row_lower_ = np.array([row[2] for row in self.rows])
        model.row_upper_ = np.array([row[3] for row in self.rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(row[0]) for row in self.rows])]).astype(
            np.int32
        )
        nothing = [np.empty(0)]
        model.a_matrix_.index_ = np.concatenate([*nothing, *(row[0] for row in self.rows)]).astype(np.int32)
        model.a_matrix_.value_ = np.concatenate([*nothing, *(row[1] for row in self.rows)])
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        model.integrality_ = [kinds[one] for one in self.whole]
        return model
