"""Runs, the paths that rings leave in the cells of a grid: what is known of each, and what two have in common.

A run is a row (cell, first vertex, sign of its ring, whether it goes onward) and ends where the next begins;
its facts are a row (signed area below, west, south, east, north). The derivation is in `zoneplan.engine.trapezoids`.
"""

from __future__ import annotations

from typing import Any

from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.trapezoids import below, lower


@inner
def examine(first: int, stop: int, h: float, path: Any, facts: Any, q: int) -> int:
    """Write the facts of a run; returns 1 if it goes onward.

    That is, in one direction all along, be it along x, y or a diagonal, the top of its cell left out: then it
    parts its cell in two, whose winding numbers differ by one. Where a ring starts or ends within the cell, a
    line from the bottom up to there, or from there down, is a part of the run: it adds nothing to the sums.
    """
    starts_within = not _at_side(path[first, 0], path[first, 1], h)
    ends_within = not _at_side(path[stop - 1, 0], path[stop - 1, 1], h)
    east = west = False
    north = rise = climb = starts_within
    south = sink = fall = ends_within
    doubled = 0.0
    x = path[first, 0]
    y = path[first, 1]
    x_low = x_high = x
    y_low = y_high = y
    for v in range(first + 1, stop):
        to_x = path[v, 0]
        to_y = path[v, 1]
        dx = to_x - x
        dy = to_y - y
        doubled -= dx * (y + to_y)
        x_low = min(x_low, to_x)
        x_high = max(x_high, to_x)
        y_low = min(y_low, to_y)
        y_high = max(y_high, to_y)
        if y != h or to_y != h:
            east |= dx > 0.0
            west |= dx < 0.0
            north |= dy > 0.0
            south |= dy < 0.0
            rise |= dx + dy > 0.0
            sink |= dx + dy < 0.0
            fall |= dx - dy > 0.0
            climb |= dx - dy < 0.0
        x = to_x
        y = to_y
    facts[q, 0] = 0.5 * doubled
    facts[q, 1] = x_low
    facts[q, 2] = y_low
    facts[q, 3] = x_high
    facts[q, 4] = y_high
    return 0 if (east and west) and (north and south) and (rise and sink) and (fall and climb) else 1


@inner
def _at_side(x: float, y: float, h: float) -> bool:
    """Whether a run leaves its cell here; one that leaves by the top ends in its right corner."""
    return x == 0.0 or x == h or y == 0.0


@inner
def below_both(
    xa: float, ya: float, xb: float, yb: float, q: int, runs: Any, facts: Any, path: Any, weight: Any, shift: float
) -> float:  # fmt: skip
    """Integral of the weight below an edge and below a run, each positive where it runs leftwards."""
    sign = 1.0
    if xa < xb:
        xa, ya, xb, yb = xb, yb, xa, ya
        sign = -1.0
    if facts[q, 1] >= xa or facts[q, 3] <= xb or xa == xb:
        return 0.0
    first = runs[q, 1]
    stop = runs[q + 1, 1]
    slope = (ya - yb) / (xa - xb)
    if facts[q, 2] >= max(ya, yb):  # all of the run lies above: only where it starts and stops matters
        x0 = min(max(path[first, 0], xb), xa)
        x1 = min(max(path[stop - 1, 0], xb), xa)
        return sign * below(x1, x0, yb + (x1 - xb) * slope, yb + (x0 - xb) * slope, weight, shift)
    total = 0.0
    x1 = path[first, 0]
    y1 = path[first, 1]
    for v in range(first + 1, stop):
        x0 = x1
        y0 = y1
        x1 = path[v, 0]
        y1 = path[v, 1]
        left = max(min(x0, x1), xb)
        right = min(max(x0, x1), xa)
        if left >= right:
            continue
        rise = (y1 - y0) / (x1 - x0)
        part = lower(
            left, right, yb + (left - xb) * slope, yb + (right - xb) * slope,
            y0 + (left - x0) * rise, y0 + (right - x0) * rise, weight, shift,
        )  # fmt: skip
        total += part if x0 > x1 else -part
    return sign * total


@inner
def common(p: int, q: int, runs: Any, facts: Any, path: Any) -> float:
    """Area below both of two runs, signed as their edges are."""
    total = 0.0
    if facts[p, 1] >= facts[q, 3] or facts[q, 1] >= facts[p, 3]:
        return total
    for v in range(runs[p, 1], runs[p + 1, 1] - 1):
        total += below_both(
            path[v, 0], path[v, 1], path[v + 1, 0], path[v + 1, 1], q, runs, facts, path, (1.0, 0.0, 0.0), 0.0
        )
    return total


def _survey(
    begin: int, end: int, h: float, winding: Any, content: Any, tangled: Any, run_start: Any, order: Any,
    runs: Any, facts: Any, path: Any, fold: Any,
) -> None:  # fmt: skip
    """The fold ``∫ w (w − 1)`` of the entries `begin` to `end`.

    A run adds its own 0 or ±1 to w, if it goes onward, so that its square is its area without sign.
    """
    for e in range(begin, end):
        w = winding[e]
        added = content[e] - w * h * h
        fold[e] = (w * w - w) * h * h + (2.0 * w - 1.0) * added
        if not tangled[e]:
            fold[e] += abs(added)
            continue
        for one in range(run_start[e], run_start[e + 1]):
            q = order[one]
            fold[e] += abs(facts[q, 0]) if runs[q, 3] else common(q, q, runs, facts, path)
            for other in range(one + 1, run_start[e + 1]):
                p = order[other]
                above = facts[q, 2] >= facts[p, 4]
                both = common(p, q, runs, facts, path) if above else common(q, p, runs, facts, path)
                fold[e] += 2.0 * runs[q, 2] * runs[p, 2] * both


survey = Compiled(_survey)
