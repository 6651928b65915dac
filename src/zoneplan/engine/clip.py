"""Rings clipped to a box, as flat arrays: what a neighbourhood needs of a huge polygon.

Sutherland and Hodgman, one side of the box after the other. Where a ring leaves the box several times its
clipped form runs back and forth along the side; that changes no winding number, and it lies on the side,
so a box larger than what is asked about keeps it away from the answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zoneplan.engine.compiled import Compiled, making


@making
def _side(points: Any, n: int, axis: int, at: float, sign: float) -> tuple[Any, int]:
    """An open ring without what lies beyond one side: kept is where ``sign · coordinate ≤ sign · at``."""
    made = np.empty((2 * n + 2, 2))
    m = 0
    other = 1 - axis
    for k in range(n):
        a = k - 1 if k > 0 else n - 1
        before = sign * points[a, axis] <= sign * at
        now = sign * points[k, axis] <= sign * at
        if before != now:
            share = (at - points[a, axis]) / (points[k, axis] - points[a, axis])
            made[m, axis] = at
            made[m, other] = points[a, other] + share * (points[k, other] - points[a, other])
            m += 1
        if now:
            made[m, 0] = points[k, 0]
            made[m, 1] = points[k, 1]
            m += 1
    return made, m


def _clip(
    xy: Any, ring: Any, part: Any, hole: Any, west: float, south: float, east: float, north: float
) -> tuple[Any, Any, Any, Any]:
    """Rings (closed, vertices ``ring[i]`` to ``ring[i + 1]``) of polygons `part` within a box; holes keep their flag."""
    n_rings = ring.size - 1
    room = max(xy.shape[0], 16)
    out = np.empty((room, 2))
    starts = np.empty(n_rings + 1, np.int64)
    parts = np.empty(n_rings, np.int64)
    holes = np.empty(n_rings, np.bool_)
    m = 0
    kept = 0
    starts[0] = 0
    for r in range(n_rings):
        first = ring[r]
        n = ring[r + 1] - first - 1
        x_low = x_high = xy[first, 0]
        y_low = y_high = xy[first, 1]
        for v in range(first, first + n):
            x_low = min(x_low, xy[v, 0])
            x_high = max(x_high, xy[v, 0])
            y_low = min(y_low, xy[v, 1])
            y_high = max(y_high, xy[v, 1])
        if x_low >= east or x_high <= west or y_low >= north or y_high <= south:
            continue
        points = xy[first : first + n].copy()
        if x_high > east:
            points, n = _side(points, n, 0, east, 1.0)
        if x_low < west:
            points, n = _side(points, n, 0, west, -1.0)
        if y_high > north:
            points, n = _side(points, n, 1, north, 1.0)
        if y_low < south:
            points, n = _side(points, n, 1, south, -1.0)
        if n < 3:
            continue
        if m + n + 1 > room:
            room = 2 * (m + n + 1)
            bigger = np.empty((room, 2))
            bigger[:m] = out[:m]
            out = bigger
        out[m : m + n] = points[:n]
        out[m + n] = points[0]
        m += n + 1
        parts[kept] = part[r]
        holes[kept] = hole[r]
        kept += 1
        starts[kept] = m
    return out[:m].copy(), starts[: kept + 1].copy(), parts[:kept].copy(), holes[:kept].copy()


clip = Compiled(_clip)
