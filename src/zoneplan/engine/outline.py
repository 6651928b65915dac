"""What is known of polygons by themselves: where rings end, their signs, areas and bounds, and whether they fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoneplan.engine.compiled import Compiled
from zoneplan.engine.trapezoids import folded_pairs, sort_in


def _ring_sizes(xy: Any, start: Any, ring: Any, size: Any) -> bool:
    """Vertices of each ring of polygons, of which number i has the vertices from ``start[i]``, the rings from ``ring[i]``.

    A ring ends at the first vertex that is like its first one. False if that makes more or fewer rings
    than there are: then one of them passes its first vertex on the way, or has it twice.
    """
    for p in range(start.size - 1):
        r = ring[p]
        first = start[p]
        for v in range(start[p] + 1, start[p + 1]):
            if v > first and xy[v, 0] == xy[first, 0] and xy[v, 1] == xy[first, 1]:
                if r == ring[p + 1]:
                    return False
                size[r] = v + 1 - first
                r += 1
                first = v + 1
        if r != ring[p + 1] or first != start[p + 1]:
            return False
    return True


ring_sizes = Compiled(_ring_sizes)


def _describe(
    first: int,
    last: int,
    xy: Any,
    move: Any,
    ring: Any,
    hole: Any,
    owner: Any,
    sign: Any,
    plane_area: Any,
    bounds: Any,
) -> None:
    """Sign of every ring; plane area and bounds of every feature, which is moved first."""
    for p in range(first, last):
        if owner[p] == owner[p + 1]:
            continue
        if move[0] != 0.0 or move[1] != 0.0:
            for v in range(ring[owner[p]], ring[owner[p + 1]]):
                xy[v, 0] -= move[0]
                xy[v, 1] -= move[1]
        west = xy[ring[owner[p]], 0]
        east = west
        south = xy[ring[owner[p]], 1]
        north = south
        for r in range(owner[p], owner[p + 1]):
            x0 = xy[ring[r], 0]
            y0 = xy[ring[r], 1]
            doubled = 0.0
            for v in range(ring[r], ring[r + 1] - 1):
                x = xy[v, 0]
                y = xy[v, 1]
                doubled += (x - x0) * (xy[v + 1, 1] - y0) - (xy[v + 1, 0] - x0) * (y - y0)
                # written so that nothing depends on which way a branch goes
                west = x if x < west else west
                east = x if x > east else east
                south = y if y < south else south
                north = y if y > north else north
            sign[r] = 1 if (doubled > 0.0) != hole[r] else -1
            plane_area[p] += 0.5 * doubled * sign[r]
        bounds[p, 0] = west
        bounds[p, 1] = south
        bounds[p, 2] = east
        bounds[p, 3] = north


describe = Compiled(_describe)


def _folds(first: int, last: int, xy: Any, ring: Any, sign: Any, owner: Any, bounds: Any, fold: Any) -> None:
    """Per feature ``∫ w (w − 1)`` in plane m², w the winding number: 0 if nothing is covered twice or inside out."""
    edges = np.empty((64, 5))
    order = np.empty(64, np.int64)
    for p in range(first, last):
        size = ring[owner[p + 1]] - ring[owner[p]]
        if size > order.size:
            edges = np.empty((2 * size, 5))
            order = np.empty(2 * size, np.int64)
        n = 0
        base = bounds[p, 1]
        for r in range(owner[p], owner[p + 1]):
            for v in range(ring[r], ring[r + 1] - 1):
                n = sort_in(
                    xy[v, 0],
                    xy[v, 1] - base,
                    xy[v + 1, 0],
                    xy[v + 1, 1] - base,
                    float(sign[r]),
                    edges,
                    order,
                    n,
                )
        fold[p] = folded_pairs(n, 0.0, edges, order)


folds = Compiled(_folds)
