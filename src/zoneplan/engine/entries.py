"""What each cell of a grid holds of each layer, for `zoneplan.engine.kernel`; the derivation is in `zoneplan.engine.trapezoids`.

An *entry* is what one cell holds of one polygon (or layer): its winding number just below the top left corner of
the cell, and the runs that its rings leave there (`zoneplan.engine.cells`, `zoneplan.engine.runs`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoneplan.engine.cells import cut_stretch, grown
from zoneplan.engine.compiled import Compiled, inner, making
from zoneplan.engine.rings import Rings
from zoneplan.engine.runs import AREA, FIRST, SIGN, STOP, examine

_STRETCH = 4096  # vertices that are cut and looked at while the processor holds them
_CELL, _VERTEX, _TURN, _ONWARD = range(4)  # columns of runs as they are found; one ends where the next begins
_KEY, _WINDING, _RUNS = 1, 2, 3  # columns of entries as they are found, after the cell


@dataclass(frozen=True)
class Cells:
    """Entries and runs, sorted by cell.

    Parameters
    ----------
    entry_start : ndarray of int32, shape (cells + 1,)
        Where the entries of each cell begin.
    key, winding : ndarray of int32, shape (entries,)
        Which polygon, and its winding number just below the top left corner.
    content : ndarray, shape (entries,)
        Integral of the winding number over the cell, plane m².
    tangled : ndarray of int8, shape (entries,)
        Whether there is more than one run, or one that does not go onward.
    run_start : ndarray of int32, shape (entries + 1,)
        Where the runs of each entry begin.
    onward : ndarray of int8, shape (runs,)
        Whether a run goes onward, see `zoneplan.engine.runs.examine`.
    runs : ndarray, shape (runs, 8)
        The rest of what is known of a run, see `zoneplan.engine.runs`.
    path : ndarray, shape (v, 2)
        Vertices of runs, in metres from the lower left corner of their cell.
    """

    entry_start: Any
    key: Any
    winding: Any
    content: Any
    tangled: Any
    run_start: Any
    onward: Any
    runs: Any
    path: Any


def cut_layers(layers: Rings, cell_m: float, window: tuple[int, int, int, int], *, interpret: bool) -> Cells:
    """Cut polygons (or layers) into the cells of a window: first column and row, number of columns and rows."""
    polygons = layers.xy, layers.ring, layers.sign, layers.owner, layers.bounds
    # arrays made here and not in compiled code lie in large pages of memory, which are sooner had
    path = np.empty((len(layers.xy) * 3 // 2 + 64, 2))
    runs = np.empty((len(layers.xy) // 4 + 64, 4), np.int32)
    facts = np.empty((len(runs), 5))
    entries, content, tangled, runs, facts, path = _cut(
        *polygons, cell_m, *window, path, runs, facts, interpret=interpret
    )
    n = len(entries)
    entry_start = np.zeros(window[2] * window[3] + 1, np.int32)
    run_start = np.zeros(n + 1, np.int32)
    key, winding, tangled_there = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int8)
    content_there = np.empty(n)
    kept = int(entries[:, _RUNS].sum())
    onward, runs_there = np.empty(kept, np.int8), np.empty((kept, 8))
    _sort(
        entries, content, tangled, runs, facts, entry_start, key, winding, content_there, tangled_there, run_start,
        onward, runs_there, interpret=interpret,
    )  # fmt: skip
    return Cells(entry_start, key, winding, content_there, tangled_there, run_start, onward, runs_there, path)


def _cut_all(
    xy: Any, ring: Any, sign: Any, owner: Any, bounds: Any, h: float, col0: int, row0: int, nx: int, ny: int,
    path: Any, runs: Any, facts: Any,
) -> tuple[Any, Any, Any, Any, Any, Any]:  # fmt: skip
    """Entries, their content and whether they are tangled; runs, their facts, and paths: polygon after polygon."""
    n_cells = nx * ny
    change = np.zeros(ny * (nx + 1), np.int32)
    here = np.zeros(n_cells, np.int32)
    area = np.zeros(n_cells)
    turns_back = np.zeros(n_cells, np.int8)
    content = np.empty((1024, 1))
    tangled = np.empty((1024, 1), np.int8)
    entries = np.empty((1024, 4), np.int32)
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
            path, n, runs, m, facts = _cut_ring(
                ring[r], ring[r + 1], xy, sign[r], h, col0, row0, nx, ny, change, path, n, runs, m, facts
            )
        for q in range(before, m):
            cell = runs[q, _CELL]
            if cell >= 0:
                here[cell] += 1
                area[cell] += runs[q, _TURN] * facts[q, AREA]
                turns_back[cell] |= 1 - runs[q, _ONWARD]
        most = e + (i_high - i_low + 1) * (j_high - j_low + 1)
        if most > entries.shape[0]:
            entries = grown(entries, e, 2 * most)
            content = grown(content, e, 2 * most)
            tangled = grown(tangled, e, 2 * most)
        for j in range(j_low, j_high + 1):
            w = 0
            for i in range(i_low, i_high + 2):
                at = j * (nx + 1) + i
                w += change[at]
                change[at] = 0
                cell = j * nx + i
                if i <= i_high and (w != 0 or here[cell] > 0):
                    entries[e, _CELL] = cell
                    entries[e, _KEY] = k
                    entries[e, _WINDING] = w
                    entries[e, _RUNS] = here[cell]
                    content[e, 0] = w * h * h + area[cell]
                    tangled[e, 0] = here[cell] > 1 or turns_back[cell]
                    here[cell] = 0
                    area[cell] = 0.0
                    turns_back[cell] = 0
                    e += 1
    runs[m, _VERTEX] = n
    return entries[:e], content[:e, 0], tangled[:e, 0], runs[: m + 1], facts[:m], path[:n]


_cut = Compiled(_cut_all)


@making
def _cut_ring(
    begin: int, end: int, xy: Any, turn: int, h: float, col0: int, row0: int, nx: int, ny: int, change: Any,
    path: Any, n: int, runs: Any, m: int, facts: Any,
) -> tuple[Any, int, Any, int, Any]:  # fmt: skip
    """Cut one ring, and write what is known of its runs."""
    first = m
    v = begin
    while v < end:
        done = max(m - 1, first)
        to = min(v + _STRETCH, end)
        came, n, m = cut_stretch(v, to, v == begin, xy, turn, h, col0, row0, nx, ny, change, path, n, runs, m)
        runs[m, _VERTEX] = n
        for q in range(done, m):
            runs[q, _ONWARD] = examine(runs[q, _VERTEX], runs[q + 1, _VERTEX], h, path, facts, q)
        if came < to:
            path = grown(path, n, 2 * (n + _STRETCH + 4 * (nx + ny + 2)))
            runs = grown(runs, m + 1, 2 * (m + nx + ny + 4))
            facts = grown(facts, m, runs.shape[0])
        v = came
    if m - first > 1 and _starts_in(begin, xy, h, col0, row0, nx, ny):
        more = runs[first + 1, _VERTEX] - runs[first, _VERTEX]
        if n + more > path.shape[0]:
            path = grown(path, n, 2 * (n + more))
        n = _joined(first, path, n, runs)
        runs[m, _VERTEX] = n
        runs[m - 1, _ONWARD] = examine(runs[m - 1, _VERTEX], n, h, path, facts, m - 1)
    return path, n, runs, m, facts


@inner
def _starts_in(begin: int, xy: Any, h: float, col0: int, row0: int, nx: int, ny: int) -> bool:
    """Whether a ring starts within the window."""
    i = math.floor(xy[begin, 0] * (1.0 / h)) - col0
    j = math.floor(xy[begin, 1] * (1.0 / h)) - row0
    return bool(0 <= i < nx and 0 <= j < ny)


@inner
def _joined(first: int, path: Any, n: int, runs: Any) -> int:
    """Let the last run of a ring, which ends where its first one starts, go on with that, which is no more."""
    for v in range(runs[first, _VERTEX] + 1, runs[first + 1, _VERTEX]):
        path[n, 0] = path[v, 0]
        path[n, 1] = path[v, 1]
        n += 1
    runs[first, _CELL] = -1
    return n


def _sort_all(
    entries: Any, content: Any, tangled: Any, found: Any, facts: Any, entry_start: Any, key: Any, winding: Any,
    content_there: Any, tangled_there: Any, run_start: Any, onward: Any, runs: Any,
) -> None:  # fmt: skip
    """Entries and runs sorted by cell, within a cell as they came; counting sorts."""
    n_cells = entry_start.size - 1
    for e in range(entries.shape[0]):
        entry_start[entries[e, _CELL] + 1] += 1
    for c in range(n_cells):
        entry_start[c + 1] += entry_start[c]
    place = np.empty(n_cells, np.int32)
    for c in range(n_cells):
        place[c] = entry_start[c]
    for e in range(entries.shape[0]):
        at = place[entries[e, _CELL]]
        place[entries[e, _CELL]] += 1
        key[at] = entries[e, _KEY]
        winding[at] = entries[e, _WINDING]
        content_there[at] = content[e]
        tangled_there[at] = tangled[e]
        run_start[at + 1] = entries[e, _RUNS]
    for e in range(key.size):
        run_start[e + 1] += run_start[e]
    for c in range(n_cells):
        place[c] = run_start[entry_start[c]]
    for q in range(facts.shape[0]):
        if found[q, _CELL] < 0:
            continue
        at = place[found[q, _CELL]]
        place[found[q, _CELL]] += 1
        onward[at] = found[q, _ONWARD]
        for fact in range(5):
            runs[at, fact] = facts[q, fact]
        runs[at, FIRST] = found[q, _VERTEX]
        runs[at, STOP] = found[q + 1, _VERTEX]
        runs[at, SIGN] = found[q, _TURN]


_sort = Compiled(_sort_all)
