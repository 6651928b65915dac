"""Where the boundaries of features cross those of a layer, and what of each lies wholly inside the other.

Edges of the layer run once past the features' edges, which are held in cells: the layer needs no index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from zoneplan.engine import compiled
from zoneplan.engine.buckets import bucketed, columns, lattice, meets, rows, side
from zoneplan.engine.compiled import Compiled, making
from zoneplan.engine.rings import Ints, Rings

UNKNOWN = -(2**31)  # a winding number that is not certain


@dataclass(frozen=True)
class Crossings:
    """Crossings of n features with a layer, sorted by feature and then along the layer.

    Parameters
    ----------
    start : ndarray of int, shape (n + 1,)
        Feature i has the crossings ``start[i]`` to ``start[i + 1]``.
    mine, mine_ring : ndarray of int
        First vertex of the feature's edge, and its ring.
    along : ndarray of int
        The crossings of each feature, counted from its first, in the order of its own edges.
    theirs, theirs_ring : ndarray of int
        The same of the layer's edge.
    within_start, within : ndarray of int
        Rings of the layer that lie inside a feature without crossing it, by feature as `start`.
    inside : ndarray of int8, one per ring of the features
        1 where a ring without crossing lies in the layer, 0 where not.
    doubtful : ndarray of bool, shape (n,)
        Features of which one of these is not certain.
    """

    start: Ints
    mine: Ints
    mine_ring: Ints
    along: Ints
    theirs: Ints
    theirs_ring: Ints
    within_start: Ints
    within: Ints
    inside: npt.NDArray[np.int8]
    doubtful: npt.NDArray[np.bool_]


def crossings(
    features: Rings, shapes: npt.NDArray[np.object_], layer: Rings, *, interpret: bool
) -> Crossings:
    """Where features (as rings, and as the same shapes) cross a layer; coordinates from one origin."""
    feature_of_ring = _repeated(features.owner)
    doubtful = np.zeros(len(features), dtype=bool)
    mine, theirs = _hits(features, feature_of_ring, layer, doubtful, interpret)
    mine_ring = np.searchsorted(features.ring, mine, side="right") - 1
    order = np.lexsort((mine, theirs, feature_of_ring[mine_ring]))
    mine, theirs = mine[order], theirs[order]
    again = (np.diff(mine, prepend=-1) == 0) & (
        np.diff(theirs, prepend=-1) == 0
    )  # edges that met in several cells
    mine, theirs, mine_ring = mine[~again], theirs[~again], mine_ring[order][~again]
    theirs_ring = np.searchsorted(layer.ring, theirs, side="right") - 1
    owner = feature_of_ring[mine_ring]
    start = np.searchsorted(owner, np.arange(len(features) + 1))
    along = np.lexsort((mine, owner)) - start[owner]
    within_start, within = _within(shapes, layer, owner, theirs_ring)
    inside = _inside(features, feature_of_ring, mine_ring, layer, doubtful, interpret)
    return Crossings(
        start, mine, mine_ring, along, theirs, theirs_ring, within_start, within, inside, doubtful
    )


def _repeated(start: Ints) -> Ints:
    """Which stretch each position lies in."""
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


def _hits(
    features: Rings, feature_of_ring: Ints, layer: Rings, doubtful: npt.NDArray[np.bool_], interpret: bool
) -> tuple[Ints, Ints]:
    """Pairs of edges that cross, by first vertex, in the order of the layer."""
    grid, start, held = _held(features.xy, features.ring, interpret=interpret)
    feature_of_vertex = np.repeat(feature_of_ring, np.diff(features.ring))

    def part(first: int, last: int) -> tuple[Ints, Ints]:
        mine, theirs = _pass(
            first, last, layer.xy, layer.ring, features.xy, feature_of_vertex, grid, start, held, doubtful,
            interpret=interpret,
        )  # fmt: skip
        return mine, theirs

    found = compiled.spread(part, len(layer.xy))
    nothing = np.empty(0, np.int64)
    return (
        np.concatenate([nothing, *(mine for mine, _ in found)]),
        np.concatenate([nothing, *(theirs for _, theirs in found)]),
    )


def _within(
    shapes: npt.NDArray[np.object_], layer: Rings, owner: Ints, ring: Ints
) -> tuple[Ints, Ints]:  # fmt: skip
    """Rings of the layer that begin inside a feature and do not cross it, by feature."""
    n_rings = len(layer.ring) - 1
    full = np.flatnonzero(np.diff(layer.ring) > 0)
    begin, feature = shapely.STRtree(shapes).query(shapely.points(layer.xy[layer.ring[full]]), "intersects")
    pair = feature * n_rings + full[begin]
    pair = np.sort(pair[~np.isin(pair, owner * n_rings + ring)])
    within_feature, within = np.divmod(pair, max(n_rings, 1))
    return np.searchsorted(within_feature, np.arange(len(shapes) + 1)), within


def _inside(
    features: Rings, feature_of_ring: Ints, crossed: Ints, layer: Rings, doubtful: npt.NDArray[np.bool_], interpret: bool
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Whether the rings of features that cross nothing lie in the layer."""
    inside = np.zeros(len(features.ring) - 1, np.int8)
    alone = np.ones(len(inside), dtype=bool)
    alone[crossed] = False
    alone &= ~doubtful[feature_of_ring]
    ring = np.flatnonzero(alone)
    if not len(ring) or not len(layer.xy):
        return inside
    points = features.xy[features.ring[ring]]
    order = np.argsort(points[:, 1], kind="stable")
    ring, points = ring[order], points[order]

    def part(first: int, last: int) -> npt.NDArray[np.int32]:
        return np.asarray(_wind(first, last, layer.xy, layer.ring, layer.sign, points, interpret=interpret))

    turns = compiled.spread(part, len(layer.xy))
    winding = np.sum(turns, axis=0)
    inside[ring] = winding > 0
    doubtful[feature_of_ring[ring[np.min(turns, axis=0) == UNKNOWN]]] = True
    return inside


def _hold(xy: Any, ring: Any) -> tuple[Any, Any, Any]:
    """The edges of rings in cells, and the grid: west, south, side, columns, rows."""
    west, south, h, nx, ny = lattice(xy, ring, 0, ring.size - 1)
    start, held = bucketed(xy, ring, 0, ring.size - 1, west, south, h, nx, ny)
    return np.array([west, south, h, float(nx), float(ny)]), start, held


_held = Compiled(_hold)


def _passed(
    first: int, last: int, xy: Any, ring: Any, fxy: Any, feature: Any, grid: Any, start: Any, held: Any, doubtful: Any
) -> tuple[Any, Any]:  # fmt: skip
    """Edges that begin at vertices `first` to `last` of the layer, each past the features' edges in its cells."""
    west = grid[0]
    south = grid[1]
    h = grid[2]
    nx = int(grid[3])
    ny = int(grid[4])
    mine = np.empty(1024, np.int64)
    theirs = np.empty(1024, np.int64)
    n = 0
    r = np.searchsorted(ring, first, side="right") - 1
    for v in range(first, min(last, xy.shape[0] - 1)):
        while v >= ring[r + 1]:
            r += 1
        if v + 1 == ring[r + 1]:
            continue
        ax = xy[v, 0]
        ay = xy[v, 1]
        bx = xy[v + 1, 0]
        by = xy[v + 1, 1]
        if ax == bx and ay == by:
            continue
        j0, j1 = rows(ay, by, south, h, ny)
        for j in range(j0, j1 + 1):
            i0, i1 = columns(ax, ay, bx, by, j, west, south, h, nx)
            for i in range(i0, i1 + 1):
                cell = j * nx + i
                for q in range(start[cell], start[cell + 1]):
                    e = held[q]
                    met = meets(fxy[e, 0], fxy[e, 1], fxy[e + 1, 0], fxy[e + 1, 1], ax, ay, bx, by)
                    if met < 0:
                        doubtful[feature[e]] = True
                    elif met > 0:
                        if n == mine.size:
                            mine = _longer(mine)
                            theirs = _longer(theirs)
                        mine[n] = e
                        theirs[n] = v
                        n += 1
    return mine[:n].copy(), theirs[:n].copy()


@making
def _longer(array: Any) -> Any:
    bigger = np.empty(2 * array.size, array.dtype)
    bigger[: array.size] = array
    return bigger


_pass = Compiled(_passed)


def _winding(first: int, last: int, xy: Any, ring: Any, sign: Any, points: Any) -> Any:
    """What edges that begin at vertices `first` to `last` add to the winding numbers of points, which are sorted by y."""
    turns = np.zeros(points.shape[0], np.int32)
    heights = points[:, 1].copy()
    r = np.searchsorted(ring, first, side="right") - 1
    for v in range(first, min(last, xy.shape[0] - 1)):
        while v >= ring[r + 1]:
            r += 1
        if v + 1 == ring[r + 1]:
            continue
        low = min(xy[v, 1], xy[v + 1, 1])
        high = max(xy[v, 1], xy[v + 1, 1])
        up = 1 if xy[v + 1, 1] > xy[v, 1] else -1
        for k in range(np.searchsorted(heights, low), heights.size):
            if heights[k] >= high:
                break
            if turns[k] == UNKNOWN:
                continue
            turn = side(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], points[k, 0], points[k, 1])
            if turn == 0.0:
                turns[k] = UNKNOWN
            elif (turn > 0.0) == (up > 0):  # the point lies west of the edge
                turns[k] += up * sign[r]
    return turns


_wind = Compiled(_winding)
