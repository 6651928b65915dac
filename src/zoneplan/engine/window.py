"""The cells of a grid that are kept, and what of a layer matters to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zoneplan.engine.rings import Rings

Bounds = tuple[float, ...]
Window = tuple[int, int, int, int]
"""First column and row, number of columns and rows."""


def window_of(layer: Rings, cell_m: float, within: Bounds | None) -> Window:
    """First column and row, number of columns and rows: the layers' extent, or what `within` keeps of it."""
    known = layer.bounds[np.isfinite(layer.bounds[:, 0])]
    if not len(known):
        return 0, 0, 0, 0
    low, high = known[:, :2].min(axis=0), known[:, 2:].max(axis=0)
    if within is not None:
        box = np.asarray(within, dtype=float) - np.tile(layer.origin, 2)
        if not np.isfinite(box).all():
            return 0, 0, 0, 0
        low, high = np.maximum(low, box[:2]), np.minimum(high, box[2:])
    col, row = np.floor(low / cell_m).astype(int)
    cols, rows = np.maximum(np.floor(high / cell_m).astype(int) - (col, row) + 1, 0)
    return (int(col), int(row), int(cols), int(rows)) if cols and rows else (0, 0, 0, 0)


def near(layer: Rings, cell_m: float, window: Window) -> Rings:
    """Only the edges that matter to a window, those in its rows and not east of it; rings lead round it where some are left out."""
    col, row, cols, rows = window
    east = (col + cols) * cell_m
    start = np.flatnonzero(~np.isin(np.arange(len(layer.xy)), layer.ring[1:] - 1))
    a, b = layer.xy[start], layer.xy[start + 1]
    keep = (np.maximum(a[:, 1], b[:, 1]) >= row * cell_m) & (
        np.minimum(a[:, 1], b[:, 1]) <= (row + rows) * cell_m
    )
    kept = start[keep & (np.minimum(a[:, 0], b[:, 0]) <= east)]
    first = np.flatnonzero(np.diff(kept, prepend=-2) > 1)  # edges that start a stretch
    last = np.append(first, len(kept))[1:] - 1
    of_ring = np.searchsorted(layer.ring, kept[first], side="right") - 1
    # a stretch ends in a vertex of its own, and comes from and leads to the east, but for where a ring starts
    come, lead = kept[first] > layer.ring[of_ring], kept[last] < layer.ring[of_ring + 1] - 2
    at = np.concatenate([first[come], last + 1, last[lead] + 1])
    extra = np.concatenate([kept[first[come]], kept[last] + 1, kept[last[lead]] + 1])
    detour = np.repeat([True, False, True], [come.sum(), len(last), lead.sum()])
    order = np.lexsort((np.repeat([2, 0, 1], [come.sum(), len(last), lead.sum()]), at))
    xy = layer.xy[np.insert(kept, at[order], extra[order])]
    inserted = np.sort(at) + np.arange(len(at))
    xy[inserted[detour[order]], 0] = np.maximum(xy[inserted[detour[order]], 0], east + cell_m)
    size = np.bincount(of_ring, last - first + 2 + come + lead, len(layer.ring) - 1).astype(np.int64)
    return replace(layer, xy=xy, ring=np.concatenate([[0], np.cumsum(size)]))
