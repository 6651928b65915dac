"""How far points lie from boundaries, up to a reach: the edges in the cells around a point are enough."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely

from zoneplan.engine import compiled
from zoneplan.engine.compiled import Compiled
from zoneplan.engine.rings import Floats, Ints, Shapes
from zoneplan.engine.window import Bounds


class Boundary:
    """The edges of polygons sorted into cells, for many distances of at most `reach`.

    Parameters
    ----------
    shapes : array of polygons, shape (n,)
        In one projected CRS (metres).
    reach : float
        Metres.
    within : tuple of float, optional
        (west, south, east, north): where the points will lie; edges out of their reach are left out.
    """

    def __init__(self, shapes: Shapes, reach: float, within: Bounds | None = None) -> None:
        self.reach = reach
        xy, edge = _edges(shapes, reach, within)
        a, b = xy[edge], xy[edge + 1]
        # pieces no longer than the reach, each in the cell of its middle: 3 × 3 cells of 1.5 reaches hold all that is near
        many = np.maximum(np.ceil(np.hypot(*(b - a).T) / reach), 1).astype(np.int64)
        part = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        step = np.repeat((b - a) / many[:, None], many, axis=0)
        start = np.repeat(a, many, axis=0) + part[:, None] * step
        self.side = 1.5 * reach
        self.corner = (start.min(axis=0) if len(start) else np.zeros(2)) - 2 * self.side
        cell = np.floor((start + step / 2 - self.corner) / self.side).astype(np.int64)
        size = cell.max(axis=0) + 3 if len(cell) else np.ones(2)
        self.cols, self.rows = int(size[0]), int(size[1])
        flat = cell[:, 1] * self.cols + cell[:, 0]
        order = np.argsort(flat, kind="stable")
        self.edges = np.concatenate([start, start + step], axis=1)[order] - np.tile(self.corner, 2)
        self.cells, first = np.unique(flat[order], return_index=True)
        self.first = np.append(first, len(order))

    def distance(self, points: Floats) -> Floats:
        """The distance of points, shape (n, 2), from the nearest edge; `reach` where that is farther."""
        here = points - self.corner
        made = np.full(len(points), self.reach)
        few = compiled.few(20 * len(points))
        compiled.spread(
            lambda first, last: _nearest(
                first, last, here, self.edges, self.cells, self.first, self.side, self.cols, self.rows, made,
                interpret=few,
            ),
            len(points),
        )  # fmt: skip
        return made


def boundary_chunks(shapes: Shapes, size: int, reach: float = 0.0, within: Bounds | None = None) -> Shapes:
    """The boundaries of polygons as lines of at most `size` edges; `within` leaves out what is out of reach of it."""
    xy, edge = _edges(shapes, reach, within)
    if not len(edge):
        return np.empty(0, dtype=object)
    starts = np.flatnonzero(np.diff(edge, prepend=-2) > 1)
    length = np.diff(starts, append=len(edge))
    chunk = np.flatnonzero((np.arange(len(edge)) - np.repeat(starts, length)) % size == 0)
    vertices = np.diff(chunk, append=len(edge)) + 1
    line = np.repeat(np.arange(len(chunk)), vertices)
    at = np.arange(len(line)) - np.repeat(np.cumsum(vertices) - vertices, vertices)
    return np.asarray(shapely.linestrings(xy[np.repeat(edge[chunk], vertices) + at], indices=line))


def _edges(shapes: Shapes, reach: float, within: Bounds | None) -> tuple[Floats, Ints]:
    """Vertices of polygons, ring after ring, and which of them start an edge that comes within reach of a box."""
    rings = shapely.get_rings(shapely.get_parts(shapes[~shapely.is_missing(shapes)]))
    if within is not None:
        box = np.add(within, (-reach, -reach, reach, reach))
        west, south, east, north = shapely.bounds(rings).T
        rings = rings[(west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    if within is not None:
        low, high = np.minimum(xy[:-1], xy[1:]), np.maximum(xy[:-1], xy[1:])
        inside &= ((low <= box[2:]) & (high >= box[:2])).all(axis=1)
    return xy, np.flatnonzero(inside)


def _nearest_edges(
    first: int, last: int, points: Any, edges: Any, cells: Any, starts: Any, side: float, cols: int, rows: int, made: Any
) -> None:  # fmt: skip
    """Distances of the points `first` to `last`; `made` holds the reach before."""
    for p in range(first, last):
        x = points[p, 0]
        y = points[p, 1]
        i = math.floor(x / side)
        j = math.floor(y / side)
        best = made[p] * made[p]
        for row in range(max(j - 1, 0), min(j + 2, rows)):
            for col in range(max(i - 1, 0), min(i + 2, cols)):
                cell = row * cols + col
                at = np.searchsorted(cells, cell)
                if at == cells.size or cells[at] != cell:
                    continue
                for e in range(starts[at], starts[at + 1]):
                    dx = edges[e, 2] - edges[e, 0]
                    dy = edges[e, 3] - edges[e, 1]
                    size = dx * dx + dy * dy
                    t = ((x - edges[e, 0]) * dx + (y - edges[e, 1]) * dy) / size if size > 0.0 else 0.0
                    t = min(max(t, 0.0), 1.0)
                    off_x = x - edges[e, 0] - t * dx
                    off_y = y - edges[e, 1] - t * dy
                    best = min(best, off_x * off_x + off_y * off_y)
        made[p] = math.sqrt(best)


_nearest = Compiled(_nearest_edges)
