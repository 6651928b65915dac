"""Polygons measured: against the cells of a grid, and by themselves. The derivation is in `zoneplan.engine.trapezoids`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoneplan.engine.cells import cut_polygon, most_pieces
from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.trapezoids import below, folded_pairs, in_cell, sort_in


@inner
def _same_everywhere(
    i0: int, i1: int, j0: int, j1: int, nx: int, entry_start: Any, key: Any, end: Any, winding: Any
) -> bool:
    """Whether the cells of a box hold the same entries and no edges: what lies there is wholly in or out."""
    c = j0 * nx + i0
    count = entry_start[c + 1] - entry_start[c]
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            d = j * nx + i
            if entry_start[d + 1] - entry_start[d] != count:
                return False
            for q in range(count):
                a = entry_start[d] + q
                b = entry_start[c] + q
                if key[a] != key[b] or winding[a] != winding[b] or end[a] != (end[a - 1] if a > 0 else 0):
                    return False
    return True


def _measure(
    first: int, last: int, xy: Any, ring: Any, sign: Any, owner: Any, bounds: Any, weight: Any, h: float,
    col0: int, row0: int, nx: int, ny: int, entry_start: Any, key: Any, end: Any, winding: Any, order: Any,
    edges: Any, content: Any, n_keys: int, own: Any, feature: Any, met_key: Any, overlap: Any,
) -> tuple[int, int]:  # fmt: skip
    """Measure features `first` to `last` against the cells; returns where it stopped and how many pairs it wrote.

    It stops early where the output arrays are full, before the feature that no longer fits.
    """
    ih = 1.0 / h
    sums = np.zeros(n_keys)
    met = np.full(n_keys, -1, np.int64)
    met_order = np.zeros(n_keys, np.int64)
    cells = np.empty(256, np.int32)
    mine = np.empty((256, 4))
    change = np.zeros(256, np.int32)
    n_out = 0
    for p in range(first, last):
        own[p] = 0.0
        if owner[p] == owner[p + 1]:
            continue
        centre = 0.5 * (bounds[p, 0] + bounds[p, 2])
        own[p] = _own(p, xy, ring, sign, owner, weight[p], centre, bounds[p, 1])
        west = math.floor(bounds[p, 0] * ih) - col0
        east = math.floor(bounds[p, 2] * ih) - col0
        south = math.floor(bounds[p, 1] * ih) - row0
        north = math.floor(bounds[p, 3] * ih) - row0
        if east < 0 or west >= nx or north < 0 or south >= ny:
            continue
        beyond = west < 0 or east >= nx or south < 0 or north >= ny
        i0 = max(west, 0)
        i1 = min(east, nx - 1)
        j0 = max(south, 0)
        j1 = min(north, ny - 1)
        if not beyond and _same_everywhere(i0, i1, j0, j1, nx, entry_start, key, end, winding):
            cell = j0 * nx + i0
            if n_out + entry_start[cell + 1] - entry_start[cell] > feature.size:
                return p, n_out
            for e in range(entry_start[cell], entry_start[cell + 1]):
                feature[n_out] = p
                met_key[n_out] = key[e]
                overlap[n_out] = own[p] * winding[e]
                n_out += 1
            continue
        cols = i1 - i0 + 1
        rows = j1 - j0 + 1
        most = most_pieces(owner[p], owner[p + 1], xy, ring, h)
        if most > cells.size:
            cells = np.empty(2 * most, np.int32)
            mine = np.empty((2 * most, 4))
        if rows * (cols + 1) > change.size:
            change = np.zeros(2 * rows * (cols + 1), np.int32)
        n = cut_polygon(p, xy, ring, sign, owner, h, col0 + i0, row0 + j0, cols, rows, change, cells, mine, 0)
        n_met = _meet(n, cells, mine, change, cols, rows, i0, j0, h, col0, nx, entry_start, key, end, winding,
                      order, edges, content, weight[p], centre, sums, met, met_order)  # fmt: skip
        full = n_out + n_met > feature.size
        for m in range(n_met):
            if not full:
                feature[n_out] = p
                met_key[n_out] = met_order[m]
                overlap[n_out] = sums[m]
                n_out += 1
            met[met_order[m]] = -1
            sums[m] = 0.0
        if full:
            return p, n_out
    return last, n_out


@inner
def _own(p: int, xy: Any, ring: Any, sign: Any, owner: Any, weight: Any, centre: float, base: float) -> float:
    """Weighted area of one feature."""
    total = 0.0
    for r in range(owner[p], owner[p + 1]):
        for v in range(ring[r], ring[r + 1] - 1):
            total -= sign[r] * below(
                xy[v, 0], xy[v + 1, 0], xy[v, 1] - base, xy[v + 1, 1] - base, weight, -centre
            )
    return total


@inner
def _slot(k: int, met: Any, met_order: Any, n_met: int) -> int:
    """The place of a key among those met, given to it if it is new."""
    if met[k] < 0:
        met[k] = n_met
        met_order[n_met] = k
        return n_met + 1
    return n_met


@inner
def _meet(
    n: int, cells: Any, mine: Any, change: Any, cols: int, rows: int, i0: int, j0: int, h: float, col0: int,
    nx: int, entry_start: Any, key: Any, end: Any, winding: Any, order: Any, edges: Any, content: Any,
    weight: Any, centre: float, sums: Any, met: Any, met_order: Any,
) -> int:  # fmt: skip
    """Sum what a feature, cut into a box of cells, has in common with each key; `change` is left at zero."""
    n_met = 0
    for q in range(n):
        i = cells[q] % cols
        cell = (cells[q] // cols + j0) * nx + i + i0
        if entry_start[cell] == entry_start[cell + 1]:
            continue
        shift = (i + i0 + col0) * h - centre
        xa = mine[q, 0]
        ya = mine[q, 1]
        xb = mine[q, 2]
        yb = mine[q, 3]
        factor = -1.0
        if xa > xb:
            factor = 1.0
            xa, xb = xb, xa
            ya, yb = yb, ya
        begin = end[entry_start[cell] - 1] if entry_start[cell] > 0 else 0
        for e in range(entry_start[cell], entry_start[cell + 1]):
            value = winding[e] * below(xa, xb, ya, yb, weight, shift)
            value += in_cell(xa, ya, xb, yb, begin, end[e], order, edges, weight, shift)
            n_met = _slot(key[e], met, met_order, n_met)
            sums[met[key[e]]] += factor * value
            begin = end[e]
    for j in range(rows):
        w = 0
        for i in range(cols):
            w += change[j * (cols + 1) + i]
            change[j * (cols + 1) + i] = 0
            if w == 0:
                continue
            cell = (j + j0) * nx + i + i0
            s = (i + i0 + col0) * h - centre
            for e in range(entry_start[cell], entry_start[cell + 1]):
                held = weight[0] * content[e, 0]
                if weight[1] != 0.0 or weight[2] != 0.0:
                    first = content[e, 1] + s * content[e, 0]
                    held += weight[1] * first
                    held += weight[2] * (content[e, 2] + s * (content[e, 1] + first))
                n_met = _slot(key[e], met, met_order, n_met)
                sums[met[key[e]]] += w * held
        change[j * (cols + 1) + cols] = 0
    return n_met


measure = Compiled(_measure)


def _describe(
    first: int, last: int, xy: Any, ring: Any, hole: Any, owner: Any, sign: Any, plane_area: Any, bounds: Any
) -> None:
    """Sign of every ring; plane area and bounds of every feature."""
    for p in range(first, last):
        if owner[p] == owner[p + 1]:
            continue
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
