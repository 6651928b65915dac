"""Rings that touch tied anew, so that they are those of valid polygons.

Where rings share a vertex, the boundary is followed around the ground between an edge that arrives and the edge
that leaves beside it; a ring that so passes a vertex twice is a shell with holes that touch it, and is parted there.
Edges that meet otherwise than at a common vertex are not tied: those rings are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zoneplan.engine.buckets import bucketed, lattice, meets, side
from zoneplan.engine.compiled import Compiled, inner, making


@inner
def _opens(xy: Any, a: int, b: int, c: int) -> bool:
    """Whether a–b–c does not fold back on itself."""
    if side(xy[a, 0], xy[a, 1], xy[b, 0], xy[b, 1], xy[c, 0], xy[c, 1]) != 0.0:
        return True
    along = (xy[b, 0] - xy[a, 0]) * (xy[c, 0] - xy[b, 0]) + (xy[b, 1] - xy[a, 1]) * (xy[c, 1] - xy[b, 1])
    return bool(along > 0.0)


@inner
def _touches(xy: Any, v: int, w: int) -> tuple[int, int]:
    """The ends that two edges share, by their first vertices, if they share one and nothing else; else −1."""
    found = -1
    other = -1
    for a in range(v, v + 2):
        for b in range(w, w + 2):
            if xy[a, 0] == xy[b, 0] and xy[a, 1] == xy[b, 1]:
                if found >= 0 or not _opens(xy, 2 * v + 1 - a, a, 2 * w + 1 - b):
                    return -1, -1
                found = a
                other = b
    return found, other


@making
def _neighbours(ring: Any, first: int, last: int) -> tuple[Any, Any]:
    """For each vertex of rings `first` to `last`, counted from the first, the one before and after; −1 where a ring closes."""
    base = ring[first]
    before = np.full(ring[last] - base, -1, np.int64)
    after = np.full(ring[last] - base, -1, np.int64)
    for r in range(first, last):
        begin = ring[r] - base
        end = ring[r + 1] - 1 - base
        for v in range(begin, end):
            after[v] = v + 1 if v + 1 < end else begin
            before[v] = v - 1 if v > begin else end - 1
    return before, after


@inner
def _first(node: Any, v: int) -> int:
    """The least vertex known to share its place with v."""
    while node[v] != v:
        v = node[v]
    return v


@making
def _apart(xy: Any, ring: Any, first: int, last: int, after: Any, node: Any) -> int:
    """1 where the edges of rings `first` to `last` share vertices between neighbours only, 2 where others share some too.

    0 where edges meet otherwise, or that is not certain. `node` leads from each vertex to the first of its place.
    """
    for r in range(first, last):
        if ring[r + 1] - ring[r] < 4:
            return 0
    found = 1
    west, south, h, nx, ny = lattice(xy, ring, first, last)
    start, held = bucketed(xy, ring, first, last, west, south, h, nx, ny)
    base = ring[first]
    for cell in range(nx * ny):
        for q in range(start[cell], start[cell + 1]):
            v = held[q]
            next_v = base + after[v - base]
            for k in range(q + 1, start[cell + 1]):
                w = held[k]
                next_w = base + after[w - base]
                if next_v == w:
                    if not _opens(xy, v, w, w + 1):
                        return 0
                elif next_w == v:
                    if not _opens(xy, w, v, v + 1):
                        return 0
                elif meets(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1],
                           xy[w, 0], xy[w, 1], xy[w + 1, 0], xy[w + 1, 1]) != 0:  # fmt: skip
                    a, b = _touches(xy, v, w)
                    if a < 0:
                        return 0
                    found = 2
                    a = _first(node, (v if a == v else next_v) - base)
                    b = _first(node, (w if b == w else next_w) - base)
                    node[max(a, b)] = min(a, b)
    return found


@making
def _places(node: Any) -> tuple[Any, Any]:
    """Vertices that share their place, one place behind the other, and where each begins; `node` leads to the first of each place.

    Afterwards `node` is −1 for vertices that share it with none.
    """
    count = np.zeros(node.size, np.int64)
    for v in range(node.size):
        node[v] = _first(node, v)
        count[node[v]] += 1
    start = np.zeros(node.size + 1, np.int64)
    place = np.empty(node.size, np.int64)
    n = 0
    for v in range(node.size):
        if count[node[v]] < 2:
            node[v] = -1
        elif node[v] == v:
            start[n + 1] = start[n] + count[v]
            place[v] = n
            n += 1
    held = np.empty(start[n], np.int64)
    filled = start[:n].copy()
    for v in range(node.size):
        if node[v] >= 0:
            held[filled[place[node[v]]]] = v
            filled[place[node[v]]] += 1
    return start[: n + 1], held


@inner
def _before(xy: Any, node: int, v: int, w: int) -> int:
    """1 where the direction from a node to v comes before that to w, turning left from due east; 0 after, −1 not certain."""
    v_low = xy[v, 1] < xy[node, 1] or (xy[v, 1] == xy[node, 1] and xy[v, 0] < xy[node, 0])
    w_low = xy[w, 1] < xy[node, 1] or (xy[w, 1] == xy[node, 1] and xy[w, 0] < xy[node, 0])
    if v_low != w_low:
        return 1 if w_low else 0
    turn = side(xy[node, 0], xy[node, 1], xy[v, 0], xy[v, 1], xy[w, 0], xy[w, 1])
    if turn == 0.0:
        return -1
    return 1 if turn > 0.0 else 0


@making
def _tied(xy: Any, base: int, here: Any, before: Any, after: Any, follower: Any) -> bool:
    """At vertices of one place, let each edge that arrives be followed by the one that leaves to the right of it.

    False where they do not alternate around the place, so that the rings cross there.
    """
    n = 2 * here.size
    ends = np.empty(n, np.int64)
    of = np.empty(n, np.int64)
    leaves = np.empty(n, np.bool_)
    for q in range(n):
        v = here[q // 2]
        end = after[v] if q % 2 == 0 else before[v]
        at = q
        while at > 0:
            sooner = _before(xy, base + v, base + end, base + ends[at - 1])
            if sooner < 0:
                return False
            if sooner == 0:
                break
            ends[at] = ends[at - 1]
            of[at] = of[at - 1]
            leaves[at] = leaves[at - 1]
            at -= 1
        ends[at] = end
        of[at] = v
        leaves[at] = q % 2 == 0
    for q in range(n):
        if leaves[q] == leaves[q - 1]:
            return False
        if not leaves[q]:
            follower[of[q]] = ends[q - 1]
    return True


@making
def _part(
    xy: Any, base: int, node: Any, follower: Any, out: Any, n: int, ends: Any, n_rings: int
) -> tuple[int, int]:  # fmt: skip
    """Append the rings that `follower` makes, parted where one passes a place again."""
    seen = follower < 0
    stack = np.empty(follower.size, np.int64)
    place = np.full(follower.size, -1, np.int64)
    for begin in range(follower.size):
        top = 0
        v = begin
        while not seen[v]:
            seen[v] = True
            at = place[node[v]] if node[v] >= 0 else -1
            if at >= 0:
                n, n_rings = _ring(xy, base, node, place, stack, at, top, out, n, ends, n_rings)
                top = at
            if node[v] >= 0:
                place[node[v]] = top
            stack[top] = v
            top += 1
            v = follower[v]
        if top > 0:
            n, n_rings = _ring(xy, base, node, place, stack, 0, top, out, n, ends, n_rings)
    return n, n_rings


@inner
def _ring(
    xy: Any, base: int, node: Any, place: Any, stack: Any, first: int, last: int, out: Any, n: int, ends: Any, n_rings: int
) -> tuple[int, int]:  # fmt: skip
    """Append a ring, and forget its places."""
    for q in range(first, last + 1):
        v = stack[q] if q < last else stack[first]
        if node[v] >= 0:
            place[node[v]] = -1
        out[n, 0] = xy[base + v, 0]
        out[n, 1] = xy[base + v, 1]
        n += 1
    ends[n_rings + 1] = n
    return n, n_rings + 1


@making
def _retied(
    xy: Any, base: int, before: Any, after: Any, node: Any, out: Any, n: int, ends: Any, n_rings: int
) -> tuple[bool, int, int]:  # fmt: skip
    """Append rings tied anew; False where they cross."""
    start, held = _places(node)
    follower = after.copy()
    for k in range(start.size - 1):
        if not _tied(xy, base, held[start[k] : start[k + 1]], before, after, follower):
            return False, n, n_rings
    n, n_rings = _part(xy, base, node, follower, out, n, ends, n_rings)
    return True, n, n_rings


def _untied(xy: Any, ring: Any, owner: Any, doubtful: Any) -> tuple[Any, Any, Any]:
    """The rings of polygons, inside to the left, so that none touches itself; vertices, where rings begin, where polygons do.

    Those whose edges meet otherwise become doubtful and get none.
    """
    # a ring that is parted closes once more, and has three vertices at least
    out = np.empty((xy.shape[0] + xy.shape[0] // 3 + 1, 2))
    ends = np.zeros(ring.size + xy.shape[0] // 3 + 1, np.int64)
    owned = np.zeros(owner.size, np.int64)
    n = 0
    n_rings = 0
    for p in range(owner.size - 1):
        first = owner[p]
        last = owner[p + 1]
        if first == last:
            owned[p + 1] = n_rings
            continue
        before, after = _neighbours(ring, first, last)
        node = np.arange(after.size)
        found = _apart(xy, ring, first, last, after, node)
        if found == 1:
            for r in range(first, last):
                out[n : n + ring[r + 1] - ring[r]] = xy[ring[r] : ring[r + 1]]
                n += ring[r + 1] - ring[r]
                n_rings += 1
                ends[n_rings] = n
        elif found == 2:
            well, n, n_rings = _retied(xy, ring[first], before, after, node, out, n, ends, n_rings)
            if not well:
                doubtful[p] = True
        else:
            doubtful[p] = True
        owned[p + 1] = n_rings
    return out[:n].copy(), ends[: n_rings + 1].copy(), owned


untie = Compiled(_untied)
