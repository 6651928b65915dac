"""Two-way tables: cells that add up to printed totals both ways.

First the cells are adjusted to their totals (condition adjustment with weights against area: what is moved is in
proportion to the cell, as little as can be), then each is rounded down or up so that every total holds exactly,
the nearest such rounding by the flow of least cost. Where both ways cannot be had, because the totals themselves do
not agree, what is left stands in a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from zoneplan.units import round_half_up, shares

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FREE_SHARE = 1e-3  # a column without a total takes up at most this share of itself
_COST = 1_000_000


@dataclass(frozen=True)
class TwoWay:
    """Printed cells and totals.

    Parameters
    ----------
    cells : list of list of float
        By row; each row adds up to its total exactly.
    rows, columns : list of float
        Totals; a column adds up to its total with its `closing`.
    closing : list of float
        What the cells of a column miss its total by; zero but where the totals of rows and columns disagree.
    """

    cells: list[list[float]]
    rows: list[float]
    columns: list[float]
    closing: list[float]


def two_way(
    cells: Sequence[Sequence[float]], rows: Sequence[float], columns: Sequence[float | None], places: int
) -> TwoWay:
    """Round a table so that rows and columns add up.

    Parameters
    ----------
    cells : sequence of sequence of float
        Not negative; rows add up to `rows`, columns nearly to `columns`. Zero stays zero.
    rows : sequence of float
        Totals that are printed, rounded half up.
    columns : sequence of float or None
        Likewise; None where the total is whatever its cells make.
    places : int
        Decimals.

    Raises
    ------
    ValueError
        Numbers that are negative or not finite, a row with a total and no cells.
    """
    value = np.array(cells, dtype=float).reshape(len(rows), len(columns))
    if not np.isfinite(value).all() or (value < 0).any():
        raise ValueError("cells must be finite and not negative")
    step = Decimal(1).scaleb(-places)

    def steps(number: float) -> int:
        return int(Decimal(repr(round_half_up(float(number), places))) / step)

    def printed(number: int) -> float:
        return float(number * step) + 0.0

    down = np.array([steps(total) for total in rows], dtype=np.int64)
    if (down[~(value > 0).any(axis=1)] != 0).any():
        raise ValueError("a row has a total and no cells")
    wanted = [None if total is None else steps(total) for total in columns]
    scaled = value * 10.0**places
    made = np.zeros(value.shape, dtype=np.int64)
    across = np.zeros(len(columns), dtype=np.int64)
    for row, column in _blocks(value):
        targets = _targets(scaled[np.ix_(row, column)], down[row], [wanted[j] for j in column])
        across[column] = targets
        made[np.ix_(row, column)] = _fitted(scaled[np.ix_(row, column)], down[row], targets)
    totals = [int(sum(made[:, j])) if total is None else total for j, total in enumerate(wanted)]
    return TwoWay(
        [[printed(int(cell)) for cell in line] for line in made],
        [printed(int(total)) for total in down],
        [printed(total) for total in totals],
        [printed(total - int(sum(made[:, j]))) for j, total in enumerate(totals)],
    )


def _blocks(value: Array) -> list[tuple[Ints, Ints]]:
    """Rows and columns that hang together by cells that are not zero."""
    n = value.shape[0]
    graph: Any = nx.Graph()
    graph.add_edges_from((int(i), int(j) + n) for i, j in np.argwhere(value > 0))
    made = []
    for nodes in nx.connected_components(graph):
        both = np.array(sorted(nodes), dtype=np.int64)
        made.append((both[both < n], both[both >= n] - n))
    return made


def _targets(scaled: Array, down: Ints, wanted: Sequence[int | None]) -> Ints:
    """Column totals in steps that agree with those of the rows."""
    whole = int(down.sum())
    made = scaled.sum(axis=0)
    free = np.array([total is None for total in wanted])
    known = np.array([0 if total is None else total for total in wanted], dtype=np.int64)
    left = whole - int(known.sum())
    if free.any() and left >= 0 and abs(left - made[free].sum()) <= 1 + _FREE_SHARE * made[free].sum():
        known[free] = _spread(made[free], left)
        return known
    return _spread(np.where(free, made, known), whole)


def _spread(parts: Array, whole: int) -> Ints:
    """Whole numbers in proportion to parts that add up to a whole."""
    return np.array(shares((parts * (whole / parts.sum())).tolist(), whole, 0).parts, dtype=np.int64)


def _fitted(scaled: Array, down: Ints, across: Ints) -> Ints:
    """Whole numbers near the cells with the totals given, which agree."""
    exact = _adjusted(scaled, down, across)
    low = np.floor(exact).astype(np.int64)
    for slack in (0, 1, 2):
        least = np.where(scaled > 0, np.maximum(low - slack, 0), 0)
        graph: Any = nx.DiGraph()
        n = len(down)
        for i in range(n):
            graph.add_node(i, demand=int(least[i].sum() - down[i]))
        for j in range(len(across)):
            graph.add_node(n + j, demand=int(across[j] - least[:, j].sum()))
        for i, j in np.argwhere(scaled > 0).tolist():
            cost = round(_COST * (1 - 2 * (exact[i, j] - low[i, j])))
            graph.add_edge(i, n + j, capacity=1 + 2 * slack, weight=cost)
        try:
            flow = nx.min_cost_flow(graph)
        except nx.NetworkXUnfeasible:  # a cell on a whole number, off by the arithmetic
            continue
        more = [[flow[i].get(n + j, 0) for j in range(len(across))] for i in range(n)]
        return np.asarray(least + np.array(more, dtype=np.int64))
    raise ValueError(
        f"a table of {scaled.shape} cells cannot be rounded to its totals {down.tolist()}, {across.tolist()}"
    )


def _adjusted(scaled: Array, down: Ints, across: Ints) -> Array:
    """Cells times (1 + a + b), a by row and b by column, so that both totals hold."""
    rows, columns = scaled.sum(axis=1), scaled.sum(axis=0)
    matrix = np.block([[np.diag(rows), scaled], [scaled.T, np.diag(columns)]])
    off = np.concatenate([down - rows, across - columns])
    factor = np.linalg.lstsq(matrix, off, rcond=None)[0]
    n = len(down)
    return np.asarray(np.maximum(scaled * (1 + factor[:n, None] + factor[None, n:]), 0.0))
