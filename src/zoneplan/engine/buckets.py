"""Edges in the cells of a grid, so that only those that may meet are compared; and the comparison.

A side is said only where floating point is certain of it (the bound is that of Shewchuk, Discrete &
Computational Geometry 18, 1997); what is not certain is left to whoever can do better.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoneplan.engine.compiled import inner, making

_PAD = 1e-6  # of a cell: an edge is held a little further than it reaches
_LEAST_M = 0.05  # side of a cell, so that the pad is wider than coordinates are rounded
_CERTAIN = 4e-16


@inner
def side(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Positive where c lies left of the line from a to b, negative right of it, 0 where that is not certain."""
    one = (bx - ax) * (cy - ay)
    other = (by - ay) * (cx - ax)
    turn = one - other
    if abs(turn) <= _CERTAIN * (abs(one) + abs(other)):
        return 0.0
    return turn


@inner
def meets(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float) -> int:
    """1 where the edges a–b and c–d cross, 0 where they are apart, −1 where that is not certain or they touch."""
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return 0
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return 0
    c = side(ax, ay, bx, by, cx, cy)
    d = side(ax, ay, bx, by, dx, dy)
    if (c > 0.0 and d > 0.0) or (c < 0.0 and d < 0.0):
        return 0
    a = side(cx, cy, dx, dy, ax, ay)
    b = side(cx, cy, dx, dy, bx, by)
    if (a > 0.0 and b > 0.0) or (a < 0.0 and b < 0.0):
        return 0
    if a == 0.0 or b == 0.0 or c == 0.0 or d == 0.0:
        return -1
    return 1


@inner
def lattice(xy: Any, ring: Any, first: int, last: int) -> tuple[float, float, float, int, int]:
    """A grid over rings `first` to `last` with about as many cells as edges: west, south, side, columns, rows."""
    west = east = xy[ring[first], 0]
    south = north = xy[ring[first], 1]
    length = 0.0
    for r in range(first, last):
        for v in range(ring[r], ring[r + 1]):
            x = xy[v, 0]
            y = xy[v, 1]
            west = min(west, x)
            east = max(east, x)
            south = min(south, y)
            north = max(north, y)
            if v > ring[r]:
                length += abs(x - xy[v - 1, 0]) + abs(y - xy[v - 1, 1])
    edges = max(ring[last] - ring[first], 1)
    wide = east - west
    high = north - south
    h = max(math.sqrt(wide * high / (2.0 * edges)), (wide + high) / edges)
    h = max(h, length / (8.0 * edges), _LEAST_M)
    return west, south, h, int(wide / h) + 1, int(high / h) + 1


@inner
def rows(ay: float, by: float, south: float, h: float, ny: int) -> tuple[int, int]:
    """The rows that an edge passes, from and to; none where the first is the greater."""
    low = math.floor((min(ay, by) - south) / h - _PAD)
    high = math.floor((max(ay, by) - south) / h + _PAD)
    return max(int(low), 0), min(int(high), ny - 1)


@inner
def columns(
    ax: float, ay: float, bx: float, by: float, row: int, west: float, south: float, h: float, nx: int
) -> tuple[int, int]:  # fmt: skip
    """The columns that an edge passes in a row, from and to; none where the first is the greater."""
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    low = south + row * h
    high = low + h
    left = ax if ay >= low or ay == by else ax + (low - ay) / (by - ay) * (bx - ax)
    right = bx if by <= high or ay == by else ax + (high - ay) / (by - ay) * (bx - ax)
    if left > right:
        left, right = right, left
    i0 = math.floor((left - west) / h - _PAD)
    i1 = math.floor((right - west) / h + _PAD)
    return max(int(i0), 0), min(int(i1), nx - 1)


@making
def bucketed(
    xy: Any, ring: Any, first: int, last: int, west: float, south: float, h: float, nx: int, ny: int
) -> tuple[Any, Any]:  # fmt: skip
    """The edges of rings `first` to `last` by cell, each by its first vertex: where a cell's begin, and they."""
    start = np.zeros(nx * ny + 2, np.int64)  # one more, so that filling leaves the beginnings behind
    for r in range(first, last):
        for v in range(ring[r], ring[r + 1] - 1):
            j0, j1 = rows(xy[v, 1], xy[v + 1, 1], south, h, ny)
            for j in range(j0, j1 + 1):
                i0, i1 = columns(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], j, west, south, h, nx)
                for i in range(i0, i1 + 1):
                    start[j * nx + i + 2] += 1
    for cell in range(nx * ny):
        start[cell + 2] += start[cell + 1]
    held = np.empty(start[nx * ny + 1], np.int64)
    for r in range(first, last):
        for v in range(ring[r], ring[r + 1] - 1):
            j0, j1 = rows(xy[v, 1], xy[v + 1, 1], south, h, ny)
            for j in range(j0, j1 + 1):
                i0, i1 = columns(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], j, west, south, h, nx)
                for i in range(i0, i1 + 1):
                    held[start[j * nx + i + 1]] = v
                    start[j * nx + i + 1] += 1
    return start, held
