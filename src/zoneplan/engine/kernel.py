"""Polygons measured against the cells of a grid; the derivation is in `zoneplan.engine.trapezoids`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoneplan.engine.cells import cut_stretch, grown
from zoneplan.engine.compiled import Compiled, inner, making
from zoneplan.engine.runs import EAST, FIRST, NORTH, SIGN, SOUTH, STOP, WEST, below_both
from zoneplan.engine.trapezoids import below

_NEAR = 1e-6  # metres: more than rounding


@inner
def _undisturbed(
    west: float, south: float, east: float, north: float, i0: int, i1: int, j0: int, j1: int, h: float, col0: int,
    row0: int, nx: int, entry_start: Any, run_start: Any, runs: Any, path: Any,
) -> bool:  # fmt: skip
    """Whether no edge of a run in a box of cells comes near a box: what lies there is wholly in or out."""
    for j in range(j0, j1 + 1):
        low = south - (j + row0) * h - _NEAR
        high = north - (j + row0) * h + _NEAR
        for i in range(i0, i1 + 1):
            left = west - (i + col0) * h - _NEAR
            right = east - (i + col0) * h + _NEAR
            cell = j * nx + i
            for q in range(run_start[entry_start[cell]], run_start[entry_start[cell + 1]]):
                if (
                    runs[q, WEST] > right
                    or runs[q, EAST] < left
                    or runs[q, SOUTH] > high
                    or runs[q, NORTH] < low
                ):
                    continue
                for v in range(int(runs[q, FIRST]), int(runs[q, STOP]) - 1):
                    x0 = path[v, 0]
                    y0 = path[v, 1]
                    x1 = path[v + 1, 0]
                    y1 = path[v + 1, 1]
                    if (
                        (x0 <= right or x1 <= right) and (x0 >= left or x1 >= left)
                        and (y0 <= high or y1 <= high) and (y0 >= low or y1 >= low)
                        and (y0 != h or y1 != h)
                    ):  # fmt: skip
                        return False
    return True


@inner
def _winding_at(x: float, y: float, e: int, winding: Any, run_start: Any, runs: Any, path: Any) -> int:
    """Winding number of an entry at a place of its cell that no edge comes near: those that pass above count."""
    w = float(winding[e])
    for q in range(run_start[e], run_start[e + 1]):
        first = int(runs[q, FIRST])
        last = int(runs[q, STOP]) - 1
        if runs[q, SOUTH] >= y:  # then it counts by where it starts and stops, whatever it does in between
            w += runs[q, SIGN] * (int(path[first, 0] > x) - int(path[last, 0] > x))
        elif runs[q, NORTH] > y:
            for v in range(first, last):
                if path[v, 1] >= y:
                    w += runs[q, SIGN] * (int(path[v, 0] > x) - int(path[v + 1, 0] > x))
    return int(w)


def _measure(
    begin: int, end: int, order: Any, xy: Any, ring: Any, sign: Any, owner: Any, bounds: Any, plane_area: Any, weights: Any, h: float,
    col0: int, row0: int, nx: int, ny: int, entry_start: Any, key: Any, winding: Any, content: Any, run_start: Any,
    runs: Any, path: Any, n_keys: int, own: Any, feature: Any, met_key: Any, overlap: Any,
) -> tuple[int, int]:  # fmt: skip
    """Measure the features at `begin` to `end` of an order against the cells; returns where it stopped and how many pairs it wrote.

    It stops early where the output arrays are full, before the feature that no longer fits.
    """
    ih = 1.0 / h
    sums = np.zeros(n_keys)
    met = np.full(n_keys, -1, np.int64)
    met_order = np.zeros(n_keys, np.int64)
    mine = np.empty((1024, 2))
    my_runs = np.empty((513, 3), np.int32)
    change = np.zeros(256, np.int32)
    n_out = 0
    for turn in range(begin, end):
        p = order[turn]
        own[p] = 0.0
        if owner[p] == owner[p + 1]:
            continue
        weight = (weights[p, 0], weights[p, 1], weights[p, 2])
        centre = 0.5 * (bounds[p, 0] + bounds[p, 2])
        if weight[1] == 0.0 and weight[2] == 0.0:
            own[p] = weight[0] * plane_area[p]
        else:
            own[p] = _own(p, xy, ring, sign, owner, weight, centre, bounds[p, 1])
        west = math.floor(bounds[p, 0] * ih) - col0
        east = math.floor(bounds[p, 2] * ih) - col0
        south = math.floor(bounds[p, 1] * ih) - row0
        north = math.floor(bounds[p, 3] * ih) - row0
        if east < 0 or west >= nx or north < 0 or south >= ny:
            continue
        i0 = max(west, 0)
        i1 = min(east, nx - 1)
        j0 = max(south, 0)
        j1 = min(north, ny - 1)
        all_there = west >= 0 and east < nx and south >= 0 and north < ny
        if all_there and _undisturbed(bounds[p, 0], bounds[p, 1], bounds[p, 2], bounds[p, 3], i0, i1, j0, j1, h,
                                      col0, row0, nx, entry_start, run_start, runs, path):  # fmt: skip
            v = ring[owner[p]]
            n_met = _held_by_all(xy[v, 0], xy[v, 1], own[p], i0, i1, j0, j1, h, col0, row0, nx, entry_start, key,
                                 winding, run_start, runs, path, sums, met_order)  # fmt: skip
        else:
            cols = i1 - i0 + 1
            rows = j1 - j0 + 1
            if rows * (cols + 1) > change.size:
                change = np.zeros(2 * rows * (cols + 1), np.int32)
            mine, my_runs, m = _cut(owner[p], owner[p + 1], xy, ring, sign, h, col0 + i0, row0 + j0, cols, rows,
                                    change, mine, my_runs)  # fmt: skip
            n_met = _meet(m, my_runs, mine, change, cols, rows, i0, j0, h, col0, nx, entry_start, key, winding,
                          content, run_start, runs, path, weight, centre, sums, met, met_order)  # fmt: skip
        full = n_out + n_met > feature.size
        for k in range(n_met):
            if not full:
                feature[n_out] = p
                met_key[n_out] = met_order[k]
                overlap[n_out] = sums[k]
                n_out += 1
            met[met_order[k]] = -1
            sums[k] = 0.0
        if full:
            return turn, n_out
    return end, n_out


@inner
def _held_by_all(
    x: float, y: float, whole: float, i0: int, i1: int, j0: int, j1: int, h: float, col0: int, row0: int, nx: int,
    entry_start: Any, key: Any, winding: Any, run_start: Any, runs: Any, path: Any, sums: Any, met_order: Any,
) -> int:  # fmt: skip
    """What a feature that no edge comes near has in common with each key: all or nothing, as one of its vertices."""
    i = min(max(math.floor(x * (1.0 / h)) - col0, i0), i1)
    j = min(max(math.floor(y * (1.0 / h)) - row0, j0), j1)
    n_met = 0
    for e in range(entry_start[j * nx + i], entry_start[j * nx + i + 1]):
        w = _winding_at(x - (i + col0) * h, y - (j + row0) * h, e, winding, run_start, runs, path)
        if w != 0:
            sums[n_met] = whole * w
            met_order[n_met] = key[e]
            n_met += 1
    return n_met


@making
def _cut(
    first: int, last: int, xy: Any, ring: Any, sign: Any, h: float, col0: int, row0: int, cols: int, rows: int,
    change: Any, mine: Any, my_runs: Any,
) -> tuple[Any, Any, int]:  # fmt: skip
    """Cut the rings `first` to `last` into a box of cells: vertices, runs (cell, first vertex, sign) and how many runs."""
    n = 0
    m = 0
    for r in range(first, last):
        v = ring[r]
        while True:
            v, n, m = cut_stretch(
                v, ring[r + 1], v == ring[r], xy, sign[r], h, col0, row0, cols, rows, change, mine, n, my_runs, m
            )  # fmt: skip
            if v == ring[r + 1]:
                break
            mine = grown(mine, n, 2 * (n + ring[r + 1] - v + 4 * (cols + rows + 2)))
            my_runs = grown(my_runs, m, 2 * (m + cols + rows + 4))
    my_runs[m, 1] = n
    return mine, my_runs, m


@inner
def _own(p: int, xy: Any, ring: Any, sign: Any, owner: Any, weight: Any, centre: float, base: float) -> float:
    """Weighted area of one feature: `zoneplan.engine.trapezoids.below`, edge after edge."""
    total = 0.0
    for r in range(owner[p], owner[p + 1]):
        x0 = xy[ring[r], 0] - centre
        y0 = xy[ring[r], 1] - base
        w0 = weight[0] + x0 * (weight[1] + x0 * weight[2])
        of_ring = 0.0
        for v in range(ring[r] + 1, ring[r + 1]):
            x1 = xy[v, 0] - centre
            y1 = xy[v, 1] - base
            w1 = weight[0] + x1 * (weight[1] + x1 * weight[2])
            m = 0.5 * (x0 + x1)
            middle = weight[0] + m * (weight[1] + m * weight[2])
            of_ring += (x0 - x1) * (y0 * w0 + 2.0 * (y0 + y1) * middle + y1 * w1)
            x0 = x1
            y0 = y1
            w0 = w1
        total += sign[r] * of_ring
    return total / 6.0


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
    m: int, my_runs: Any, mine: Any, change: Any, cols: int, rows: int, i0: int, j0: int, h: float, col0: int,
    nx: int, entry_start: Any, key: Any, winding: Any, content: Any, run_start: Any, runs: Any, path: Any,
    weight: Any, centre: float, sums: Any, met: Any, met_order: Any,
) -> int:  # fmt: skip
    """Sum what a feature, cut into a box of cells, has in common with each key; `change` is left at zero."""
    n_met = 0
    for q in range(m):
        i = my_runs[q, 0] % cols
        cell = (my_runs[q, 0] // cols + j0) * nx + i + i0
        shift = (i + i0 + col0) * h - centre
        if entry_start[cell] == entry_start[cell + 1]:
            continue
        first = my_runs[q, 1]
        stop = my_runs[q + 1, 1]
        west = east = mine[first, 0]
        south = north = mine[first, 1]
        beneath = 0.0
        for v in range(first + 1, stop):
            beneath += below(mine[v, 0], mine[v - 1, 0], mine[v, 1], mine[v - 1, 1], weight, shift)
            west = min(west, mine[v, 0])
            east = max(east, mine[v, 0])
            south = min(south, mine[v, 1])
            north = max(north, mine[v, 1])
        for e in range(entry_start[cell], entry_start[cell + 1]):
            value = winding[e] * beneath
            for r in range(run_start[e], run_start[e + 1]):
                value += runs[r, SIGN] * below_both(
                    first, stop, mine, west, south, east, north, beneath, r, runs, path, weight, shift
                )
            n_met = _slot(key[e], met, met_order, n_met)
            sums[met[key[e]]] += my_runs[q, 2] * value
    for j in range(rows):
        w = 0
        for i in range(cols):
            w += change[j * (cols + 1) + i]
            change[j * (cols + 1) + i] = 0
            if w == 0:
                continue
            cell = (j + j0) * nx + i + i0
            shift = (i + i0 + col0) * h - centre
            for e in range(entry_start[cell], entry_start[cell + 1]):
                n_met = _slot(key[e], met, met_order, n_met)
                if weight[1] == 0.0 and weight[2] == 0.0:
                    sums[met[key[e]]] += w * weight[0] * content[e]
                else:
                    sums[met[key[e]]] += w * _held(h, e, winding, run_start, runs, path, weight, shift)
        change[j * (cols + 1) + cols] = 0
    return n_met


@inner
def _held(
    h: float, e: int, winding: Any, run_start: Any, runs: Any, path: Any, weight: Any, shift: float
) -> float:
    """Weight that an entry has in all of its cell."""
    value = float(winding[e]) * below(0.0, h, h, h, weight, shift)
    for q in range(run_start[e], run_start[e + 1]):
        for v in range(int(runs[q, FIRST]), int(runs[q, STOP]) - 1):
            value += runs[q, SIGN] * below(
                path[v + 1, 0], path[v, 0], path[v + 1, 1], path[v, 1], weight, shift
            )
    return value


measure = Compiled(_measure)
