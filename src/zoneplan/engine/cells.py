"""Rings cut into the cells of a grid, of layers by `zoneplan.engine.entries`, of features by `zoneplan.engine.kernel`.

Where a ring passes a cell it leaves a *run* there: a path in coordinates of the cell, from where it enters
to where it leaves, and along the top of the cell to its right corner wherever it crosses that.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoneplan.engine.compiled import inner, making


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
) -> tuple[int, int, int]:  # fmt: skip
    """Cut the vertices `begin` to `end` of a ring, and the edges that lead to them, into the cells of a window.

    `starts`: the ring starts here. Vertices of runs are appended from position n, runs from position m.
    Returns the vertex before which the room in `path` or `runs` ended (`end`: it did not), and both positions.
    """
    if n + end - begin > path.shape[0] or m + 2 > runs.shape[0]:
        return begin, n, m
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
            steps = min(abs(i_end - i), nx + 1) + min(abs(j_end - j), ny + 1)
            if n + 4 * steps + end - v > path.shape[0] or m + steps + 2 > runs.shape[0]:
                return v, n, m
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
    return end, n, m


@making
def grown(array: Any, used: int, room: int) -> Any:
    """A longer array of rows with those that are used."""
    bigger = np.empty((room, array.shape[1]), array.dtype)
    for row in range(used):
        for column in range(array.shape[1]):
            bigger[row, column] = array[row, column]
    return bigger
