"""The edges of a layer, matched where two polygons share one.

Every ring becomes directed edges with the polygon on the left. Where a layer is sound, each edge inside it
is used twice, in opposite directions; what is used one way only is *loose*: the outline of the layer, or the
rim of a gap, an overlap, an unmatched vertex or a chord.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from zoneplan.engine.rings import Shapes

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAME_M = 1e-6
"""Vertices closer than this are one: what computing a vertex twice may differ by."""


@dataclass(frozen=True)
class Edges:
    """Directed edges with the interior on their left.

    Parameters
    ----------
    xy : ndarray, shape (v, 2)
        Vertices, at a local origin.
    start, end : ndarray of int, shape (e,)
        Vertices of each edge.
    owner : ndarray of int, shape (e,)
        Position of the polygon that an edge belongs to.
    """

    xy: Array
    start: Ints
    end: Ints
    owner: Ints

    @cached_property
    def loose(self) -> npt.NDArray[np.bool_]:
        """Edges that no polygon uses the other way."""
        ahead, uses = self._uses
        return np.asarray((ahead == 0) | (ahead == uses))

    @cached_property
    def odd(self) -> npt.NDArray[np.bool_]:
        """Edges that are not used as often one way as the other: all loose ones, and those of polygons drawn twice."""
        ahead, uses = self._uses
        return np.asarray(2 * ahead != uses)

    @cached_property
    def _uses(self) -> tuple[Ints, Ints]:
        """For each edge, how often it is used from its lower to its higher vertex, and how often in all."""
        forth = self.start < self.end
        low, high = np.where(forth, self.start, self.end), np.where(forth, self.end, self.start)
        key = low * len(self.xy) + high
        order = np.argsort(key)
        opens = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0][: len(key)])
        if len(opens) == 0:
            return key, key
        sizes = np.diff(np.r_[opens, len(key)])
        ahead = np.add.reduceat(forth[order].astype(np.int64), opens)
        made = np.empty((2, len(key)), dtype=np.int64)
        made[:, order] = np.repeat([ahead, sizes], sizes, axis=1)
        return made[0], made[1]

    @cached_property
    def lengths(self) -> Array:
        """Length of each edge in metres."""
        return np.asarray(np.hypot(*(self.xy[self.end] - self.xy[self.start]).T))

    def lines(self, which: npt.NDArray[np.bool_] | Ints) -> Shapes:
        """Edges as line strings."""
        ends = np.stack([self.xy[self.start[which]], self.xy[self.end[which]]], axis=1)
        return np.asarray(shapely.linestrings(ends), dtype=object)


def edges_of(shapes: Shapes, container: shapely.Geometry | None = None) -> Edges:
    """The edges of polygons; vertices closer than `SAME_M` are one.

    Parameters
    ----------
    shapes : ndarray of valid shapely polygons, shape (n,)
        At a local origin; None and empty ones have no edges.
    container : polygon, optional
        Taken as one more polygon, number n, that fills all the space outside.
    """
    parts, owner = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = owner[part]
    if container is not None:
        walls = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(container)))
        rings = np.concatenate([rings, shapely.reverse(walls)])
        owner = np.concatenate([owner, np.full(len(walls), len(shapes))])
    points, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.r_[True, ring[1:] != ring[:-1]] if len(ring) else np.zeros(0, dtype=bool)
    last = np.r_[ring[1:] != ring[:-1], True] if len(ring) else first
    keys, vertex = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    xy = np.column_stack([keys.real, keys.imag])
    made = _between(xy, vertex[~last], vertex[~first], owner[ring[~last]])
    label = same_vertices(made, SAME_M)
    if (label == np.arange(len(label))).all():
        return made
    return _between(xy, label[made.start], label[made.end], made.owner)


def same_vertices(edges: Edges, distance: float) -> Ints:
    """For each vertex, the first of those that a chain of steps up to a distance leads to; loose edges only."""
    label = np.arange(len(edges.xy))
    loose = edges.loose
    ends = np.unique(np.concatenate([edges.start[loose], edges.end[loose]]))
    points = shapely.points(edges.xy[ends])
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=distance)
    return merged(label, ends[one], ends[other])


def merged(label: Ints, one: Ints, other: Ints) -> Ints:
    """Labels after pairs were found to be the same: everything joined has its smallest label."""
    apart = label[one] != label[other]
    while apart.any():
        low = np.minimum(label[one], label[other])
        for side in (one, other):
            np.minimum.at(label, label[side], low)
        label = label[label]
        apart = label[one] != label[other]
    while (label[label] != label).any():
        label = label[label]
    return label


def join(edges: Edges, label: Ints, edge: Ints, vertex: Ints, share: Array) -> Edges:
    """Edges with vertices merged, and further ones inserted.

    Parameters
    ----------
    edges : Edges
    label : ndarray of int, shape (v,)
        What each vertex becomes.
    edge, vertex, share : ndarray, shape (k,)
        Vertices to insert, and where along the edge (0 to 1).
    """
    numbers = np.arange(len(edges.start))
    at = np.concatenate([numbers, edge, numbers])
    along = np.concatenate([np.zeros(len(numbers)), share, np.ones(len(numbers))])
    stop = label[np.concatenate([edges.start, vertex, edges.end])]
    order = np.lexsort((along, at))
    at, stop = at[order], stop[order]
    same = at[1:] == at[:-1]
    return _between(edges.xy, stop[:-1][same], stop[1:][same], edges.owner[at[:-1][same]])


def without(edges: Edges, gone: npt.NDArray[np.bool_]) -> Edges:
    """The other edges."""
    return Edges(edges.xy, edges.start[~gone], edges.end[~gone], edges.owner[~gone])


def both(one: Edges, other: Edges) -> Edges:
    """The edges of two that have their vertices in common."""
    start, end, owner = (
        np.concatenate(pair)
        for pair in ((one.start, other.start), (one.end, other.end), (one.owner, other.owner))
    )
    return Edges(one.xy, start, end, owner)


def _between(xy: Array, start: Ints, end: Ints, owner: Ints) -> Edges:
    """Edges between vertices; those that shrink to a point are dropped."""
    keep = start != end
    return Edges(xy, start[keep], end[keep], owner[keep])
