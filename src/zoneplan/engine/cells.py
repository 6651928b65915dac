"""Polygons cut into the cells of a grid, for `zoneplan.engine.kernel`; the derivation is in `zoneplan.engine.trapezoids`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.trapezoids import folded_pairs, sort_in


@inner
def _store(
    cell: int, x0: float, y0: float, x1: float, y1: float, leftwards: bool, cells: Any, edges: Any, n: int
) -> int:
    """Append an edge of a cell so that it runs leftwards where the polygon lies below it."""
    cells[n] = cell
    if (x0 > x1) == leftwards:
        edges[n, 0] = x0
        edges[n, 1] = y0
        edges[n, 2] = x1
        edges[n, 3] = y1
    else:
        edges[n, 0] = x1
        edges[n, 1] = y1
        edges[n, 2] = x0
        edges[n, 3] = y0
    return n + 1


@inner
def _cut(
    ax: float, ay: float, i: int, j: int, bx: float, by: float, i_end: int, j_end: int, sign: int, h: float,
    col0: int, row0: int, nx: int, ny: int, change: Any, cells: Any, edges: Any, n: int,
) -> int:  # fmt: skip
    """Cut the edge a–b, from cell (i, j) to (i_end, j_end) of a window, into the cells it passes.

    Pieces are appended in cell coordinates; `change` takes up what a crossing of a line of the grid
    changes in the winding number of the cells to the right of it, below that line.
    """
    if (j < 0 and j_end < 0) or (j >= ny and j_end >= ny) or (i >= nx and i_end >= nx):
        return n
    up = 1 if j_end > j else -1
    if i < 0 and i_end < 0:  # left of the window: only the winding number of what follows changes
        for row in range(max(min(j, j_end), 0), min(max(j, j_end), ny)):
            change[row * (nx + 1)] -= sign * up
        return n
    dx = bx - ax
    dy = by - ay
    east = 1 if i_end > i else -1
    x = ax
    y = ay
    while True:
        last = i == i_end and j == j_end
        vertical_cut = True
        if last:
            to_x = bx
            to_y = by
        else:
            line_x = (i + col0 + (1 if east > 0 else 0)) * h
            line_y = (j + row0 + (1 if up > 0 else 0)) * h
            t_x = (line_x - ax) / dx if i != i_end else 2.0
            t_y = (line_y - ay) / dy if j != j_end else 2.0
            if t_x <= t_y:
                to_x = line_x
                to_y = ay + t_x * dy
            else:
                vertical_cut = False
                to_x = ax + t_y * dx
                to_y = line_y
        if 0 <= i < nx and 0 <= j < ny and x != to_x:
            left = (i + col0) * h
            low = (j + row0) * h
            n = _store(j * nx + i, x - left, y - low, to_x - left, to_y - low, (x > to_x) == (sign > 0), cells, edges, n)  # fmt: skip
        if last:
            return n
        if vertical_cut:
            i += east
        else:
            row = j if up > 0 else j - 1  # the row of cells whose top is crossed
            if 0 <= row < ny and i < nx:
                step = -sign * up
                change[row * (nx + 1) + max(i + 1, 0)] += step
                if i >= 0:
                    at_x = min(max(to_x - (i + col0) * h, 0.0), h)
                    if at_x < h:
                        n = _store(row * nx + i, at_x, h, h, h, step > 0, cells, edges, n)
            j += up
        x = to_x
        y = to_y


@inner
def cut_polygon(
    p: int, xy: Any, ring: Any, sign: Any, owner: Any, h: float, col0: int, row0: int, nx: int, ny: int,
    change: Any, cells: Any, edges: Any, n: int,
) -> int:  # fmt: skip
    """Cut all edges of a polygon into the cells of a window, appending from position n."""
    ih = 1.0 / h
    for r in range(owner[p], owner[p + 1]):
        i = 0
        j = 0
        for v in range(ring[r], ring[r + 1]):
            i_end = math.floor(xy[v, 0] * ih) - col0
            j_end = math.floor(xy[v, 1] * ih) - row0
            if v == ring[r]:
                pass
            elif i == i_end and j == j_end:  # most edges stay in their cell
                if 0 <= i < nx and 0 <= j < ny and xy[v - 1, 0] != xy[v, 0]:
                    left = (i + col0) * h
                    low = (j + row0) * h
                    a = v - 1 if sign[r] > 0 else v
                    b = v if sign[r] > 0 else v - 1
                    cells[n] = j * nx + i
                    edges[n, 0] = xy[a, 0] - left
                    edges[n, 1] = xy[a, 1] - low
                    edges[n, 2] = xy[b, 0] - left
                    edges[n, 3] = xy[b, 1] - low
                    n += 1
            else:
                n = _cut(xy[v - 1, 0], xy[v - 1, 1], i, j, xy[v, 0], xy[v, 1], i_end, j_end, sign[r], h,
                         col0, row0, nx, ny, change, cells, edges, n)  # fmt: skip
            i = i_end
            j = j_end
    return n


@inner
def most_pieces(first: int, last: int, xy: Any, ring: Any, h: float) -> int:
    """At least as many pieces as the rings `first` to `last` can be cut into."""
    ih = 1.0 / h
    count = 0
    for r in range(first, last):
        i = 0.0
        j = 0.0
        for v in range(ring[r], ring[r + 1]):
            i_end = math.floor(xy[v, 0] * ih)
            j_end = math.floor(xy[v, 1] * ih)
            if v > ring[r]:
                count += 1 + abs(i_end - i) + 2 * abs(j_end - j)
            i = i_end
            j = j_end
    return int(count)


def _cut_layers(
    xy: Any, ring: Any, sign: Any, owner: Any, bounds: Any, h: float, col0: int, row0: int, nx: int, ny: int
) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Cut polygons (or layers) into the cells of a window of the grid.

    Returns
    -------
    entry_start : where the entries of each cell begin; shape (cells + 1,)
    key, end, winding : of each entry, one polygon in one cell: which, where its edges end, and its winding
        number just below the top left corner of the cell
    order, edges : edges in cell coordinates (x0, y0, x1, y1), and the order that sorts them by entry
    """
    n_cells = nx * ny
    most = most_pieces(0, ring.size - 1, xy, ring, h)
    cells = np.empty(most, np.int32)
    edges = np.empty((most, 4))
    change = np.zeros(ny * (nx + 1), np.int32)
    here = np.zeros(n_cells, np.int32)
    entry_start = np.zeros(n_cells + 1, np.int64)
    room = 1024
    e_cell = np.empty(room, np.int32)
    e_key = np.empty(room, np.int32)
    e_winding = np.empty(room, np.int32)
    e_count = np.empty(room, np.int32)
    n = 0
    m = 0
    for k in range(owner.size - 1):
        i_low = max(math.floor(bounds[k, 0] / h) - col0 - 1, 0) if owner[k] < owner[k + 1] else 0
        i_high = min(math.floor(bounds[k, 2] / h) - col0 + 1, nx - 1) if owner[k] < owner[k + 1] else -1
        if i_low > i_high:
            continue
        j_low = max(math.floor(bounds[k, 1] / h) - row0 - 1, 0)
        j_high = min(math.floor(bounds[k, 3] / h) - row0 + 1, ny - 1)
        if j_low > j_high:
            continue
        before = n
        n = cut_polygon(k, xy, ring, sign, owner, h, col0, row0, nx, ny, change, cells, edges, n)
        for q in range(before, n):
            here[cells[q]] += 1
        needed = m + (i_high - i_low + 1) * (j_high - j_low + 1)
        if needed > room:
            room = 2 * needed
            e_cell = _grown(e_cell, room)
            e_key = _grown(e_key, room)
            e_winding = _grown(e_winding, room)
            e_count = _grown(e_count, room)
        for j in range(j_low, j_high + 1):
            w = 0
            for i in range(i_high + 2):
                at = j * (nx + 1) + i
                w += change[at]
                change[at] = 0
                if i_low <= i <= i_high and (w != 0 or here[j * nx + i] > 0):
                    cell = j * nx + i
                    e_cell[m] = cell
                    e_key[m] = k
                    e_winding[m] = w
                    e_count[m] = here[cell]
                    here[cell] = 0
                    entry_start[cell + 1] += 1
                    m += 1
    return _sorted_by_cell(entry_start, cells[:n], edges[:n], e_cell[:m], e_key, e_winding, e_count)


@inner
def _grown(array: Any, room: int) -> Any:
    bigger = np.empty(room, array.dtype)
    bigger[: array.size] = array
    return bigger


@inner
def _sorted_by_cell(
    entry_start: Any, cells: Any, edges: Any, e_cell: Any, e_key: Any, e_winding: Any, e_count: Any
) -> tuple[Any, Any, Any, Any, Any, Any]:
    """Entries and edges sorted by cell, within a cell as they came; counting sorts."""
    n_cells = entry_start.size - 1
    for c in range(n_cells):
        entry_start[c + 1] += entry_start[c]
    used = np.zeros(n_cells, np.int32)
    m = e_cell.size
    key = np.empty(m, np.int32)
    end = np.empty(m, np.int64)
    winding = np.empty(m, np.int32)
    for e in range(m):
        at = entry_start[e_cell[e]] + used[e_cell[e]]
        used[e_cell[e]] += 1
        key[at] = e_key[e]
        winding[at] = e_winding[e]
        end[at] = e_count[e]
    for e in range(1, m):
        end[e] += end[e - 1]
    place = np.zeros(n_cells, np.int64)
    for c in range(n_cells):
        place[c] = end[entry_start[c] - 1] if entry_start[c] > 0 else 0
    order = np.empty(cells.size, np.int32)
    for q in range(cells.size):
        order[place[cells[q]]] = q
        place[cells[q]] += 1
    return entry_start, key, end, winding, order, edges


cut_layers = Compiled(_cut_layers)


def _survey(
    first: int, last: int, h: float, entry_start: Any, end: Any, winding: Any, order: Any, edges: Any, content: Any, fold: Any
) -> None:  # fmt: skip
    """What the entries of the cells `first` to `last` hold.

    `content`: ∫w, ∫w·x, ∫w·x² over the cell, x from its left side. `fold`: ``∫ w (w − 1)``.
    """
    sorted_edges = np.empty((64, 5))
    sorted_order = np.empty(64, np.int64)
    for e in range(entry_start[first], entry_start[last]):
        begin = end[e - 1] if e > 0 else 0
        w = winding[e]
        content[e, 0] = w * h * h
        content[e, 1] = w * h**3 / 2.0
        content[e, 2] = w * h**4 / 3.0
        if end[e] - begin > sorted_order.size:
            sorted_edges = np.empty((2 * (end[e] - begin), 5))
            sorted_order = np.empty(2 * (end[e] - begin), np.int64)
        n = 0
        for q in range(begin, end[e]):
            k = order[q]
            xa = edges[k, 0]
            ya = edges[k, 1]
            xb = edges[k, 2]
            yb = edges[k, 3]
            n = sort_in(xa, ya, xb, yb, 1.0, sorted_edges, sorted_order, n)
            width = xa - xb  # positive where the edge runs leftwards and the layer lies below it
            both = xa * xa + 2.0 * xa * xb + xb * xb
            content[e, 0] += 0.5 * width * (ya + yb)
            content[e, 1] += width / 6.0 * (ya * (2.0 * xa + xb) + yb * (xa + 2.0 * xb))
            content[e, 2] += width / 12.0 * (ya * (both + 2.0 * xa * xa) + yb * (both + 2.0 * xb * xb))
        fold[e] = float(w * w - w) * h * h + folded_pairs(n, float(w), sorted_edges, sorted_order)


survey = Compiled(_survey)
