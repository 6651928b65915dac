"""Polygons cut into the cells of a grid, for `zoneplan.engine.kernel`; the derivation is in `zoneplan.engine.trapezoids`.

Where a ring passes a cell it leaves a *run* there: a path in coordinates of the cell, from where it enters
to where it leaves, and along the top of the cell to its right corner wherever it crosses that.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.runs import examine

_STRETCH = 4096  # vertices of a layer that are cut at once


@inner
def _follow(
    ax: float, ay: float, i: int, j: int, bx: float, by: float, i_end: int, j_end: int, turn: int, h: float,
    col0: int, row0: int, nx: int, ny: int, change: Any, path: Any, n: int, runs: Any, m: int,
) -> tuple[int, int]:  # fmt: skip
    """Follow the edge a–b from cell (i, j) of a window to (i_end, j_end), ending and starting runs on the way.

    `change` takes up what a crossing of a line of the grid changes in the winding number of the cells to
    the right of it, below that line.
    """
    if (j < 0 and j_end < 0) or (j >= ny and j_end >= ny) or (i >= nx and i_end >= nx):
        return n, m
    up = 1 if j_end > j else -1
    if i < 0 and i_end < 0:  # left of the window: only the winding number of what follows changes
        for row in range(max(min(j, j_end), 0), min(max(j, j_end), ny)):
            change[row * (nx + 1)] -= turn * up
        return n, m
    east = 1 if i_end > i else -1
    dx = bx - ax
    dy = by - ay
    inside = 0 <= i < nx and 0 <= j < ny
    while i != i_end or j != j_end:
        t_x = ((i + col0 + (1 if east > 0 else 0)) * h - ax) / dx if i != i_end else 2.0
        t_y = ((j + row0 + (1 if up > 0 else 0)) * h - ay) / dy if j != j_end else 2.0
        if t_x <= t_y:
            y = min(max(ay + t_x * dy - (j + row0) * h, 0.0), h)
            if inside:
                path[n, 0] = h if east > 0 else 0.0
                path[n, 1] = y
                n += 1
            i += east
            inside = 0 <= i < nx and 0 <= j < ny
            if inside:
                m = _start(j * nx + i, n, turn, runs, m)
                path[n, 0] = 0.0 if east > 0 else h
                path[n, 1] = y
                n += 1
            continue
        x = min(max(ax + t_y * dx - (i + col0) * h, 0.0), h)
        row = j if up > 0 else j - 1  # the row of cells whose top is crossed
        if 0 <= row < ny and i < nx:
            change[row * (nx + 1) + max(i + 1, 0)] -= turn * up
        if inside:
            n = _at_line(x, h, up > 0, False, path, n)
        j += up
        inside = 0 <= i < nx and 0 <= j < ny
        if inside:
            m = _start(j * nx + i, n, turn, runs, m)
            n = _at_line(x, h, up < 0, True, path, n)
    return n, m


@inner
def _start(cell: int, n: int, turn: int, runs: Any, m: int) -> int:
    """Start a run; the one before it ends."""
    runs[m, 0] = cell
    runs[m, 1] = n
    runs[m, 2] = turn
    return m + 1


@inner
def _at_line(x: float, h: float, top: bool, enters: bool, path: Any, n: int) -> int:
    """Where a run crosses the bottom of its cell, or its top and then along it."""
    if not top:
        path[n, 0] = x
        path[n, 1] = 0.0
        return n + 1
    corner = n if enters else n + 1
    path[2 * n + 1 - corner, 0] = x
    path[2 * n + 1 - corner, 1] = h
    path[corner, 0] = h
    path[corner, 1] = h
    return n + 2


@inner
def cut_stretch(
    begin: int, end: int, starts: bool, xy: Any, turn: int, h: float, col0: int, row0: int, nx: int, ny: int,
    change: Any, path: Any, n: int, runs: Any, m: int,
) -> tuple[int, int]:  # fmt: skip
    """Cut the vertices `begin` to `end` of a ring, and the edges that lead to them, into the cells of a window.

    `starts`: the ring starts here. Vertices of runs are appended from position n, runs from position m.
    """
    ih = 1.0 / h
    known = begin if starts else begin - 1
    i = math.floor(xy[known, 0] * ih) - col0
    j = math.floor(xy[known, 1] * ih) - row0
    left = (i + col0) * h
    low = (j + row0) * h
    inside = 0 <= i < nx and 0 <= j < ny
    if starts and inside:
        m = _start(j * nx + i, n, turn, runs, m)
    for v in range(begin, end):
        x = xy[v, 0]
        y = xy[v, 1]
        i_end = math.floor(x * ih) - col0
        j_end = math.floor(y * ih) - row0
        if i_end != i or j_end != j:
            n, m = _follow(xy[v - 1, 0], xy[v - 1, 1], i, j, x, y, i_end, j_end, turn, h,
                           col0, row0, nx, ny, change, path, n, runs, m)  # fmt: skip
            i = i_end
            j = j_end
            left = (i + col0) * h
            low = (j + row0) * h
            inside = 0 <= i < nx and 0 <= j < ny
        if inside:
            path[n, 0] = x - left
            path[n, 1] = y - low
            n += 1
    return n, m


@inner
def most_vertices(begin: int, end: int, xy: Any, h: float) -> int:
    """At least as many vertices as the runs of a stretch can have, with the edge to it; half as many bound its runs."""
    along = 0.0
    for v in range(max(begin, 1), end):
        along += abs(xy[v, 0] - xy[v - 1, 0]) + abs(xy[v, 1] - xy[v - 1, 1])
    return 8 * (end - begin) + int(3.0 * along / h) + 8


def _cut_layers(
    xy: Any, ring: Any, sign: Any, owner: Any, bounds: Any, h: float, col0: int, row0: int, nx: int, ny: int
) -> tuple[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]:
    """Cut polygons (or layers) into the cells of a window of the grid.

    Returns
    -------
    entry_start : where the entries of each cell begin; shape (cells + 1,)
    key, winding : of each entry, one polygon in one cell: which, and its winding number just below the top
        left corner of the cell
    content, tangled : of each entry: ∫w over the cell, and whether it has more than one run or one that turns back
    run_start : where the runs of each entry begin; shape (entries + 1,)
    order : the runs, sorted by entry
    runs : cell, first vertex, sign of its ring, and whether it goes onward (`zoneplan.engine.runs`); one more row ends the last
    facts : signed area below, west, south, east, north of each run
    path : vertices in cell coordinates, shape (v, 2)
    """
    n_cells = nx * ny
    path = np.empty((xy.shape[0] + xy.shape[0] // 2 + 64, 2))
    runs = np.empty((xy.shape[0] // 4 + 64, 4), np.int32)
    facts = np.empty((runs.shape[0], 5))
    change = np.zeros(ny * (nx + 1), np.int32)
    here = np.zeros(n_cells, np.int32)
    area = np.zeros(n_cells)
    turns_back = np.zeros(n_cells, np.int8)
    content = np.empty(1024)
    tangled = np.empty(1024, np.int8)
    entries = np.empty((1024, 4), np.int32)  # cell, key, winding number, runs
    n = 0
    m = 0
    e = 0
    for k in range(owner.size - 1):
        i_low = max(math.floor(bounds[k, 0] / h) - col0 - 1, 0) if owner[k] < owner[k + 1] else 0
        i_high = min(math.floor(bounds[k, 2] / h) - col0 + 1, nx - 1) if owner[k] < owner[k + 1] else -1
        if i_low > i_high:
            continue
        j_low = max(math.floor(bounds[k, 1] / h) - row0 - 1, 0)
        j_high = min(math.floor(bounds[k, 3] / h) - row0 + 1, ny - 1)
        if j_low > j_high:
            continue
        before = m
        for r in range(owner[k], owner[k + 1]):
            for begin in range(ring[r], ring[r + 1], _STRETCH):
                end = min(begin + _STRETCH, ring[r + 1])
                most = most_vertices(begin, end, xy, h)
                if n + most > path.shape[0]:
                    path = _grown(path, n, 2 * (n + most))
                if m + most // 2 + 1 > runs.shape[0]:
                    runs = _grown(runs, m, 2 * (m + most // 2 + 1))
                    facts = _grown(facts, m, runs.shape[0])
                done = m if begin == ring[r] else max(m - 1, before)
                n, m = cut_stretch(
                    begin, end, begin == ring[r], xy, sign[r], h, col0, row0, nx, ny, change, path, n, runs, m
                )
                runs[m, 1] = n
                for q in range(done, m):
                    runs[q, 3] = examine(runs[q, 1], runs[q + 1, 1], h, path, facts, q)
        for q in range(before, m):
            cell = runs[q, 0]
            here[cell] += 1
            area[cell] += runs[q, 2] * facts[q, 0]
            turns_back[cell] |= 1 - runs[q, 3]
        most = e + (i_high - i_low + 1) * (j_high - j_low + 1)
        if most > entries.shape[0]:
            entries = _grown(entries, e, 2 * most)
            content = _longer(content, e, 2 * most)
            tangled = _longer(tangled, e, 2 * most)
        for j in range(j_low, j_high + 1):
            w = 0
            for i in range(i_high + 2):
                at = j * (nx + 1) + i
                w += change[at]
                change[at] = 0
                if i_low <= i <= i_high and (w != 0 or here[j * nx + i] > 0):
                    cell = j * nx + i
                    entries[e, 0] = cell
                    entries[e, 1] = k
                    entries[e, 2] = w
                    entries[e, 3] = here[cell]
                    content[e] = w * h * h + area[cell]
                    tangled[e] = here[cell] > 1 or turns_back[cell]
                    here[cell] = 0
                    area[cell] = 0.0
                    turns_back[cell] = 0
                    e += 1
    runs[m, 1] = n
    return _sorted_by_cell(n_cells, entries[:e], content, tangled, runs[: m + 1], facts[:m], path[:n])


@inner
def _grown(array: Any, used: int, room: int) -> Any:
    bigger = np.empty((room, array.shape[1]), array.dtype)
    for row in range(used):
        for column in range(array.shape[1]):
            bigger[row, column] = array[row, column]
    return bigger


@inner
def _longer(array: Any, used: int, room: int) -> Any:
    bigger = np.empty(room, array.dtype)
    for row in range(used):
        bigger[row] = array[row]
    return bigger


@inner
def _sorted_by_cell(
    n_cells: int, entries: Any, content: Any, tangled: Any, runs: Any, facts: Any, path: Any
) -> tuple[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]:
    """Entries and runs sorted by cell, within a cell as they came; counting sorts."""
    entry_start = np.zeros(n_cells + 1, np.int32)
    for e in range(entries.shape[0]):
        entry_start[entries[e, 0] + 1] += 1
    for c in range(n_cells):
        entry_start[c + 1] += entry_start[c]
    place = np.empty(n_cells, np.int32)
    for c in range(n_cells):
        place[c] = entry_start[c]
    key = np.empty(entries.shape[0], np.int32)
    winding = np.empty(entries.shape[0], np.int32)
    held = np.empty(entries.shape[0])
    knot = np.empty(entries.shape[0], np.int8)
    run_start = np.zeros(entries.shape[0] + 1, np.int32)
    for e in range(entries.shape[0]):
        at = place[entries[e, 0]]
        place[entries[e, 0]] += 1
        key[at] = entries[e, 1]
        winding[at] = entries[e, 2]
        held[at] = content[e]
        knot[at] = tangled[e]
        run_start[at + 1] = entries[e, 3]
    for e in range(key.size):
        run_start[e + 1] += run_start[e]
    for c in range(n_cells):
        place[c] = run_start[entry_start[c]]
    order = np.empty(facts.shape[0], np.int32)
    for q in range(facts.shape[0]):
        order[place[runs[q, 0]]] = q
        place[runs[q, 0]] += 1
    return entry_start, key, winding, held, knot, run_start, order, runs, facts, path


cut_layers = Compiled(_cut_layers)
