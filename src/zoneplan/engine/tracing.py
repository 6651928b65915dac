"""Pieces traced along the boundaries of a feature and of a layer, from crossing to crossing.

Both boundaries are walked with their inside to the left (Weiler and Atherton, Computer Graphics 11, 1977). Where
the layer's enters the feature, the piece follows it to where it leaves; from there it follows the feature's to where
that leaves the layer, which is where the layer enters again. What does not alternate so is given up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zoneplan.engine.buckets import side
from zoneplan.engine.compiled import Compiled, inner, making


@inner
def _turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))


@inner
def _share(at_start: float, at_end: float) -> float:
    """Where between two values of opposite sign lies 0."""
    whole = at_start - at_end
    return 0.5 if whole == 0.0 else min(max(at_start / whole, 0.0), 1.0)


@inner
def _cross(p: int, f: int, fxy: Any, lxy: Any, here: Any, mine: Any, theirs: Any, k: int) -> None:
    """Put crossing k of the edges from vertices p and f: its place, and its share of each edge.

    Each edge is taken from its lesser end, so that neighbours who share it get the very same place.
    """
    a = p
    b = p + 1
    if fxy[b, 0] < fxy[a, 0] or (fxy[b, 0] == fxy[a, 0] and fxy[b, 1] < fxy[a, 1]):
        a, b = b, a
    c = f
    d = f + 1
    if lxy[d, 0] < lxy[c, 0] or (lxy[d, 0] == lxy[c, 0] and lxy[d, 1] < lxy[c, 1]):
        c, d = d, c
    at_c = _turn(fxy[a, 0], fxy[a, 1], fxy[b, 0], fxy[b, 1], lxy[c, 0], lxy[c, 1])
    at_d = _turn(fxy[a, 0], fxy[a, 1], fxy[b, 0], fxy[b, 1], lxy[d, 0], lxy[d, 1])
    at_a = _turn(lxy[c, 0], lxy[c, 1], lxy[d, 0], lxy[d, 1], fxy[a, 0], fxy[a, 1])
    at_b = _turn(lxy[c, 0], lxy[c, 1], lxy[d, 0], lxy[d, 1], fxy[b, 0], fxy[b, 1])
    t = _share(at_a, at_b)
    s = _share(at_c, at_d)
    here[k, 0] = fxy[a, 0] + t * (fxy[b, 0] - fxy[a, 0])
    here[k, 1] = fxy[a, 1] + t * (fxy[b, 1] - fxy[a, 1])
    mine[k] = t if a == p else 1.0 - t
    theirs[k] = s if c == f else 1.0 - s


@inner
def _put(x: float, y: float, out: Any, begin: int, n: int) -> int:
    """Append a vertex, unless the ring ends there already; there is room for it."""
    if n > begin and out[n - 1, 0] == x and out[n - 1, 1] == y:
        return n
    out[n, 0] = x
    out[n, 1] = y
    return n + 1


@making
def _room(out: Any, n: int, more: int) -> Any:
    """The array, or a longer one, so that `more` fit behind n."""
    if n + more <= out.shape[0]:
        return out
    bigger = np.empty((2 * (n + more), 2))
    bigger[:n] = out[:n]
    return bigger


@making
def _walk(
    xy: Any, first: int, last: int, v: int, at: float, w: int, to: float, forward: bool, out: Any, begin: int, n: int
) -> tuple[Any, int]:  # fmt: skip
    """Append the vertices of a ring from one place to another; a place is a share of the edge from a vertex."""
    size = last - first - 1  # the ring is closed
    if forward:
        count = (w - v) % size
        if count == 0 and to <= at:
            count = size
    else:
        count = (v - w) % size
        if count == 0 and to >= at:
            count = size
    out = _room(out, n, count + 2)
    u = v
    for _ in range(count):
        if forward:
            u = u + 1 if u + 1 < last - 1 else first
            n = _put(xy[u, 0], xy[u, 1], out, begin, n)
        else:
            n = _put(xy[u, 0], xy[u, 1], out, begin, n)
            u = u - 1 if u > first else last - 2
    return out, n


@making
def _whole(xy: Any, first: int, last: int, forward: bool, out: Any, n: int) -> tuple[Any, int]:
    """Append a whole ring."""
    out = _room(out, n, last - first)
    begin = n
    for k in range(last - first):
        u = first + k if forward else last - 1 - k
        n = _put(xy[u, 0], xy[u, 1], out, begin, n)
    return out, n


@making
def _followers(ring: Any, order: Any, sign: Any) -> Any:
    """For each crossing the next along a boundary walked with its inside to the left; `order` sorts them along it."""
    n = order.size
    follower = np.empty(n, np.int64)
    begin = 0
    while begin < n:
        r = ring[order[begin]]
        end = begin
        while end < n and ring[order[end]] == r:
            end += 1
        for q in range(begin, end):
            after = order[q + 1] if q + 1 < end else order[begin]
            if sign[r] > 0:
                follower[order[q]] = after
            else:
                follower[after] = order[q]
        begin = end
    return follower


@making
def _sorted(order: Any, edge: Any, share: Any) -> Any:
    """Crossings sorted along a boundary, from an order that has those of an edge together."""
    order = order.copy()
    for q in range(1, order.size):
        k = order[q]
        at = q
        while at > 0 and edge[order[at - 1]] == edge[k] and share[order[at - 1]] > share[k]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = k
    return order


@making
def _wove(
    mine: Any, mine_ring: Any, along: Any, theirs: Any, theirs_ring: Any, fxy: Any, fring: Any, fsign: Any, lxy: Any,
    lring: Any, lsign: Any, out: Any, n: int, ends: Any, n_rings: int,
) -> tuple[bool, Any, int, Any, int]:  # fmt: skip
    """Trace what a feature's crossings bound; whether it went well, and the rings with what was there before."""
    size = mine.size
    here = np.empty((size, 2))
    my_share = np.empty(size)
    their_share = np.empty(size)
    enters = np.empty(size, np.bool_)
    for k in range(size):
        p = mine[k]
        f = theirs[k]
        _cross(p, f, fxy, lxy, here, my_share, their_share, k)
        left = side(fxy[p, 0], fxy[p, 1], fxy[p + 1, 0], fxy[p + 1, 1], lxy[f + 1, 0], lxy[f + 1, 1]) > 0.0
        enters[k] = left == (fsign[mine_ring[k]] == lsign[theirs_ring[k]])
    next_theirs = _followers(theirs_ring, _sorted(np.arange(size), theirs, their_share), lsign)
    next_mine = _followers(mine_ring, _sorted(along, mine, my_share), fsign)
    used = np.zeros(size, np.bool_)
    for k in range(size):
        if used[k] or not enters[k]:
            continue
        begin = n
        at = k
        while True:
            leave = next_theirs[at]
            if used[at] or used[leave] or enters[leave]:
                return False, out, n, ends, n_rings
            used[at] = True
            used[leave] = True
            out = _room(out, n, 2)
            n = _put(here[at, 0], here[at, 1], out, begin, n)
            r = theirs_ring[at]
            out, n = _walk(lxy, lring[r], lring[r + 1], theirs[at], their_share[at], theirs[leave],
                           their_share[leave], lsign[r] > 0, out, begin, n)  # fmt: skip
            out = _room(out, n, 2)
            n = _put(here[leave, 0], here[leave, 1], out, begin, n)
            at = next_mine[leave]
            if not enters[at]:
                return False, out, n, ends, n_rings
            r = mine_ring[leave]
            out, n = _walk(fxy, fring[r], fring[r + 1], mine[leave], my_share[leave], mine[at],
                           my_share[at], fsign[r] > 0, out, begin, n)  # fmt: skip
            if at == k:
                break
        out = _room(out, n, 1)
        n = _put(out[begin, 0], out[begin, 1], out, begin, n)
        ends, n_rings = _ended(ends, n_rings, n)
    return bool(used.all()), out, n, ends, n_rings


@making
def _ended(ends: Any, n_rings: int, n: int) -> tuple[Any, int]:
    """Note that a ring ends before vertex n."""
    if n_rings + 1 == ends.size:
        bigger = np.empty(2 * ends.size, np.int64)
        bigger[: ends.size] = ends
        ends = bigger
    ends[n_rings + 1] = n
    return ends, n_rings + 1


def _traced(
    first: int, last: int, fxy: Any, fring: Any, fsign: Any, fowner: Any, lxy: Any, lring: Any, lsign: Any,
    start: Any, mine: Any, mine_ring: Any, along: Any, theirs: Any, theirs_ring: Any, within_start: Any, within: Any,
    inside: Any, doubtful: Any,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """The rings of pieces of features `first` to `last`, inside to the left: vertices, where rings begin, where features do.

    Doubtful features get none; one whose boundaries do not alternate becomes doubtful.
    """
    out = np.empty((1024, 2))
    ends = np.zeros(1024, np.int64)
    owner = np.zeros(last - first + 1, np.int64)
    n = 0
    n_rings = 0
    for p in range(first, last):
        n_before = n
        rings_before = n_rings
        if not doubtful[p]:
            a = start[p]
            b = start[p + 1]
            well, out, n, ends, n_rings = _wove(
                mine[a:b], mine_ring[a:b], along[a:b], theirs[a:b], theirs_ring[a:b], fxy, fring, fsign, lxy, lring,
                lsign, out, n, ends, n_rings,
            )  # fmt: skip
            for q in range(within_start[p], within_start[p + 1]):
                r = within[q]
                out, n = _whole(lxy, lring[r], lring[r + 1], lsign[r] > 0, out, n)
                ends, n_rings = _ended(ends, n_rings, n)
            for r in range(fowner[p], fowner[p + 1]):
                if inside[r] > 0:
                    out, n = _whole(fxy, fring[r], fring[r + 1], fsign[r] > 0, out, n)
                    ends, n_rings = _ended(ends, n_rings, n)
            if not well:
                doubtful[p] = True
                n = n_before
                n_rings = rings_before
        owner[p - first + 1] = n_rings
    return out[:n].copy(), ends[: n_rings + 1].copy(), owner


trace = Compiled(_traced)
