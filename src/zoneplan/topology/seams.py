"""Seams: where polygons of a layer meet, and what of their edges fits no neighbour.

Chords are taken out first, then vertices within the tolerance of another polygon's edge or vertex are joined
to it. What such a vertex leaves loose no longer is a real gap or overlap; what stays loose is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Shapes
from zoneplan.topology.chords import Chord, Frame, chords
from zoneplan.topology.edges import SAME_M, Array, Edges, Ints, both, edges_of, join, merged, without


@dataclass(frozen=True)
class Unmatched:
    """A vertex on a neighbour's edge, or beside a neighbour's vertex, that the neighbour does not have.

    Parameters
    ----------
    lacking : tuple of int
        Polygons without that vertex; empty where all have one, not quite in the same place.
    having : tuple of int
        Polygons with it.
    place : Point or MultiPoint
        At the local origin.
    offset_m : float
        Distance from the neighbour's edge or vertex.
    """

    lacking: tuple[int, ...]
    having: tuple[int, ...]
    place: BaseGeometry
    offset_m: float


@dataclass(frozen=True)
class Seams:
    """What matching the edges of a layer gave.

    Parameters
    ----------
    loose : Edges
        Edges that stay without a partner: the outline, and the rims of gaps and overlaps.
    rims : Edges
        Those, and edges used more often one way than the other: what separates ground covered so and so often.
    shared_m : float
        Length of the edges that two polygons share.
    unmatched : tuple of Unmatched
    chords : tuple of Chord
    owner : ndarray of int
        The polygon of each edge that a chord names.
    """

    loose: Edges
    rims: Edges
    shared_m: float
    unmatched: tuple[Unmatched, ...]
    chords: tuple[Chord, ...]
    owner: Ints


def seams(
    shapes: Shapes, *, tolerance: float, frame: Frame | None = None, container: BaseGeometry | None = None
) -> Seams:
    """Match the edges of polygons.

    Parameters
    ----------
    shapes : ndarray of valid shapely polygons, shape (n,)
        At a local origin, in metres; None and empty ones take no part.
    tolerance : float
        Metres up to which a vertex beside an edge or vertex counts as on it.
    frame : Frame, optional
        Where the layer lies; without it no chord is looked for.
    container : polygon, optional
        The area to be covered, at the same origin. Its edges match the layer's outline; vertices that only
        one of the two has are no fault.
    """
    edges = edges_of(shapes, container)
    lenses = chords(edges, frame, tolerance=tolerance) if frame is not None else []
    gone = ~edges.loose
    shared = float(edges.lengths[gone].sum()) / 2
    for chord in lenses:
        gone[[chord.edge, *chord.chain]] = True
        shared += float(edges.lengths[[chord.edge]][0])
    left = without(edges, gone)
    label, vertex, edge, share = _near(left, tolerance)
    joined = join(left, label, edge, vertex, share)
    loose = joined.loose
    shared += float(joined.lengths[~loose].sum()) / 2
    n = len(shapes)
    found = [*_on_edges(edges, left, label, vertex, edge, n), *_beside(edges, label, n)]
    rims = both(without(joined, ~joined.odd), without(edges, edges.loose | ~edges.odd))
    return Seams(without(joined, ~loose), rims, shared, tuple(found), tuple(lenses), edges.owner)


def _near(loose: Edges, tolerance: float) -> tuple[Ints, Ints, Ints, Array]:
    """What each vertex is merged with; and vertices on the inside of edges: (vertex, edge, share along it)."""
    label = np.arange(len(loose.xy))
    ends = np.unique(np.concatenate([loose.start, loose.end]))
    none = np.zeros(0, dtype=np.int64)
    if len(ends) == 0:
        return label, none, none, np.zeros(0)
    points = shapely.points(loose.xy[ends])
    lines = loose.lines(np.arange(len(loose.start)))
    at, edge = shapely.STRtree(lines).query(points, predicate="dwithin", distance=tolerance)
    vertex = ends[at]
    other = (vertex != loose.start[edge]) & (vertex != loose.end[edge])
    vertex, edge = vertex[other], edge[other]
    start, end, spot = (loose.xy[loose.start[edge]], loose.xy[loose.end[edge]], loose.xy[vertex])
    to_start, to_end = np.hypot(*(spot - start).T), np.hypot(*(spot - end).T)
    for corner, close in ((loose.start, to_start <= tolerance), (loose.end, to_end <= tolerance)):
        label = merged(label, vertex[close], corner[edge[close]])
    run = end - start
    share = ((spot - start) * run).sum(axis=1) / (run**2).sum(axis=1)
    inside = (to_start > tolerance) & (to_end > tolerance) & (share > 0) & (share < 1)
    return label, vertex[inside], edge[inside], share[inside]


def _on_edges(edges: Edges, loose: Edges, label: Ints, vertex: Ints, edge: Ints, n: int) -> list[Unmatched]:
    """Vertices on the inside of a neighbour's edge where it has none."""
    if len(vertex) == 0:
        return []
    wanted = np.unique(label[vertex])
    having = _users(edges, label, wanted)
    lacking: dict[int, set[int]] = defaultdict(set)
    offset: dict[int, float] = defaultdict(float)
    start, end = loose.xy[loose.start[edge]], loose.xy[loose.end[edge]]
    to, run = loose.xy[vertex] - start, end - start
    off = np.abs(run[:, 0] * to[:, 1] - run[:, 1] * to[:, 0]) / np.hypot(*run.T)
    for spot, owner, distance in zip(label[vertex], loose.owner[edge], off, strict=True):
        if owner not in having[spot] and owner < n:
            lacking[spot].add(int(owner))
            offset[spot] = max(offset[spot], float(distance))
    return [
        Unmatched(tuple(sorted(owners)), users, Point(edges.xy[spot]), offset[spot])
        for spot, owners in sorted(lacking.items())
        if (users := tuple(sorted(user for user in having[spot] if user < n)))
    ]


def _beside(edges: Edges, label: Ints, n: int) -> list[Unmatched]:
    """Vertices of neighbours that are the same within the tolerance, but not the same."""
    moved = np.nonzero(label != np.arange(len(label)))[0]
    groups = np.unique(label[moved])
    if len(groups) == 0:
        return []
    members = np.nonzero(np.isin(label, groups))[0]
    users = _users(edges, np.arange(len(label)), members)
    found = []
    by_group: dict[int, list[int]] = defaultdict(list)
    for member in members.tolist():
        if users[member]:
            by_group[int(label[member])].append(member)
    for spots in by_group.values():
        has: dict[int, set[int]] = defaultdict(set)
        for spot in spots:
            for user in users[spot]:
                if user < n:
                    has[user].add(spot)
        if len(has) < 2 or set.intersection(*has.values()):
            continue
        place = MultiPoint(edges.xy[spots])
        west, south, east, north = place.bounds
        offset = float(np.hypot(east - west, north - south))
        if offset > SAME_M:
            found.append(Unmatched((), tuple(sorted(has)), place, offset))
    return found


def _users(edges: Edges, label: Ints, wanted: Ints) -> dict[int, set[int]]:
    """Which polygons use the vertices that have one of the labels."""
    users: dict[int, set[int]] = {int(key): set() for key in wanted}
    mark = np.zeros(len(label), dtype=bool)
    mark[wanted] = True
    concerned = np.nonzero(mark[label[edges.start]])[0]
    for key, owner in zip(label[edges.start[concerned]], edges.owner[concerned], strict=True):
        users[int(key)].add(int(owner))
    return users
