"""Runs, the paths that rings leave in the cells of a grid: what is known of each, and what two have in common.

A run is a row of 64 bytes, which a processor fetches at once: signed area below it, its box, its first vertex and the
one behind its last, and the sign of its ring. The derivation is in `zoneplan.engine.trapezoids`.
"""

from __future__ import annotations

from typing import Any

from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.trapezoids import below, lower

AREA, WEST, SOUTH, EAST, NORTH, FIRST, STOP, SIGN = range(8)
"""Columns of runs."""


@inner
def examine(first: int, stop: int, h: float, path: Any, facts: Any, q: int) -> int:
    """Write area and box of a run into row q; returns 1 if it goes onward.

    That is, in one direction all along, be it that from where it enters its cell to where it leaves, or along x,
    y or a diagonal, the top of the cell left out: then it parts the cell in two, whose winding numbers differ by
    one. A ring that never leaves the cell does not go onward.
    """
    a = first
    while a + 1 < stop and path[a, 1] == h and path[a + 1, 1] == h:
        a += 1
    b = stop - 1
    while b > a and path[b, 1] == h and path[b - 1, 1] == h:
        b -= 1
    ahead_x = path[b, 0] - path[a, 0]
    ahead_y = path[b, 1] - path[a, 1]
    open_ended = ahead_x != 0.0 or ahead_y != 0.0
    onward = open_ended
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
        onward &= (dx * ahead_x + dy * ahead_y >= 0.0) | ((y == h) & (to_y == h))
        x = to_x
        y = to_y
    facts[q, AREA] = 0.5 * doubled
    facts[q, WEST] = x_low
    facts[q, SOUTH] = y_low
    facts[q, EAST] = x_high
    facts[q, NORTH] = y_high
    return int(onward or (open_ended and _goes_one_way(a, b, path)))


@inner
def _goes_one_way(a: int, b: int, path: Any) -> bool:
    """Whether a path goes in one direction along x, y or a diagonal."""
    east = west = north = south = rise = sink = fall = climb = False
    for v in range(a, b):
        dx = path[v + 1, 0] - path[v, 0]
        dy = path[v + 1, 1] - path[v, 1]
        east |= dx > 0.0
        west |= dx < 0.0
        north |= dy > 0.0
        south |= dy < 0.0
        rise |= dx + dy > 0.0
        sink |= dx + dy < 0.0
        fall |= dx - dy > 0.0
        climb |= dx - dy < 0.0
    return not ((east and west) and (north and south) and (rise and sink) and (fall and climb))


@inner
def below_between(
    first: int, stop: int, path: Any, start: float, end: float, weight: Any, shift: float
) -> float:
    """Integral of the weight below a path, between the ends of another that lies wholly above it."""
    low = min(start, end)
    high = max(start, end)
    total = 0.0
    x1 = path[first, 0]
    y1 = path[first, 1]
    for v in range(first + 1, stop):
        x0 = x1
        y0 = y1
        x1 = path[v, 0]
        y1 = path[v, 1]
        a = min(max(x0, low), high)
        b = min(max(x1, low), high)
        if a != b:
            rise = (y1 - y0) / (x1 - x0)
            total += below(b, a, y0 + (b - x0) * rise, y0 + (a - x0) * rise, weight, shift)
    return total if start > end else -total


@inner
def below_both(
    a: int, b: int, mine: Any, west: float, south: float, east: float, north: float, beneath: float,
    q: int, runs: Any, path: Any, weight: Any, shift: float,
) -> float:  # fmt: skip
    """Integral of the weight below both of a path and a run, signed as their edges are: positive where one runs leftwards.

    The path has the vertices `a` to `b`, lies in a box, and `beneath` is the integral below it alone. Of edges of
    the run that lie above the box only the ends matter, and of the path only its ends to edges that lie below.
    """
    if runs[q, WEST] >= east or runs[q, EAST] <= west:
        return 0.0
    first = int(runs[q, FIRST])
    last = int(runs[q, STOP]) - 1
    if runs[q, SOUTH] >= north:
        return _capped(path[first, 0], path[last, 0], a, b, mine, west, east, beneath, weight, shift)
    if runs[q, NORTH] <= south:
        return below_between(first, last + 1, path, mine[a, 0], mine[b - 1, 0], weight, shift)
    total = 0.0
    capped = False
    start = 0.0
    for v in range(first, last):
        x0 = path[v, 0]
        y0 = path[v, 1]
        x1 = path[v + 1, 0]
        y1 = path[v + 1, 1]
        if min(y0, y1) >= north or min(x0, x1) >= east or max(x0, x1) <= west:
            if not capped:
                start = x0
                capped = True
            continue
        if capped:
            total += _capped(start, x0, a, b, mine, west, east, beneath, weight, shift)
            capped = False
        if max(y0, y1) <= south:
            total += below_between(v, v + 2, path, mine[a, 0], mine[b - 1, 0], weight, shift)
        elif x0 != x1:
            both = _below_edge(x0, y0, x1, y1, a, b, mine, weight, shift)
            total += both if x0 > x1 else -both
    if capped:
        total += _capped(start, path[last, 0], a, b, mine, west, east, beneath, weight, shift)
    return total


@inner
def _capped(
    start: float, end: float, a: int, b: int, mine: Any, west: float, east: float, beneath: float, weight: Any, shift: float
) -> float:  # fmt: skip
    """Integral of the weight below a path, between the ends of another that lies wholly above it."""
    if min(start, end) <= west and max(start, end) >= east:
        return beneath if start > end else -beneath
    if max(start, end) <= west or min(start, end) >= east:
        return 0.0
    return below_between(a, b, mine, start, end, weight, shift)


@inner
def _below_edge(
    x0: float, y0: float, x1: float, y1: float, a: int, b: int, mine: Any, weight: Any, shift: float
) -> float:
    """Integral of the weight below both of a path, signed, and an edge, not signed."""
    low = min(x0, x1)
    high = max(x0, x1)
    rise = (y1 - y0) / (x1 - x0)
    total = 0.0
    xb = mine[a, 0]
    yb = mine[a, 1]
    for v in range(a + 1, b):
        xa = xb
        ya = yb
        xb = mine[v, 0]
        yb = mine[v, 1]
        left = max(min(xa, xb), low)
        right = min(max(xa, xb), high)
        if left >= right:
            continue
        slope = (yb - ya) / (xb - xa)
        part = lower(
            left, right, ya + (left - xa) * slope, ya + (right - xa) * slope,
            y0 + (left - x0) * rise, y0 + (right - x0) * rise, weight, shift,
        )  # fmt: skip
        total += part if xa > xb else -part
    return total


@inner
def common(p: int, q: int, runs: Any, path: Any) -> float:
    """Area below both of two runs, signed as their edges are."""
    if runs[q, SOUTH] < runs[p, NORTH]:
        p, q = q, p
    return below_both(
        int(runs[p, FIRST]), int(runs[p, STOP]), path, runs[p, WEST], runs[p, SOUTH], runs[p, EAST], runs[p, NORTH],
        runs[p, AREA], q, runs, path, (1.0, 0.0, 0.0), 0.0,
    )  # fmt: skip


def _survey(
    begin: int, end: int, h: float, winding: Any, content: Any, tangled: Any, run_start: Any, onward: Any,
    runs: Any, path: Any, fold: Any,
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
        for q in range(run_start[e], run_start[e + 1]):
            fold[e] += abs(runs[q, AREA]) if onward[q] else common(q, q, runs, path)
            for p in range(q + 1, run_start[e + 1]):
                fold[e] += 2.0 * runs[q, SIGN] * runs[p, SIGN] * common(p, q, runs, path)


survey = Compiled(_survey)
