"""Rings that surely do not meet themselves, found sooner than their fold is measured.

Most parcels are stars: seen from the middle of their box, each edge leads on in the same direction, once
round. Of the rest, of most pairs of edges the boxes do not meet; where they meet, one edge mostly lies clearly on one side of the
line of the other. Edges that share a vertex need not be compared: where one runs back along the other, the
next one meets it. With any doubt a ring is not called simple.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zoneplan.engine.compiled import Compiled, inner

_MOST = 500  # edges; pairs of more are too many to look at
_CLEAR = 1e-9  # of the size of the product, beyond which its sign is beyond doubt


@inner
def _apart(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float) -> bool:
    """Whether c and d lie clearly on the same side of the line from a to b."""
    x = bx - ax
    y = by - ay
    c = x * (cy - ay) - y * (cx - ax)
    d = x * (dy - ay) - y * (dx - ax)
    least = _CLEAR * (abs(x) + abs(y)) * (abs(cx - ax) + abs(cy - ay) + abs(dx - ax) + abs(dy - ay))
    return (c > least and d > least) or (c < -least and d < -least)


@inner
def _star(first: int, n: int, xy: Any, x0: float, y0: float, size: float, dx: Any, dy: Any) -> bool:
    """Whether a ring of n edges surely goes round a place once and nowhere back."""
    ring = xy[first : first + n + 1]
    for v in range(n + 1):
        dx[v] = ring[v, 0] - x0
        dy[v] = ring[v, 1] - y0
    least = _CLEAR * size * size
    left = False
    right = False
    rounds = 0
    for v in range(n):
        turn = dx[v] * dy[v + 1] - dy[v] * dx[v + 1]
        left |= turn <= least
        right |= turn >= -least
        rounds += (dy[v] < 0.0) & (dy[v + 1] >= 0.0)
    return rounds == 1 and (left != right)


@inner
def _clear(first: int, n: int, xy: Any, west: Any, east: Any, south: Any, north: Any) -> bool:
    """Whether surely no two of n edges of a ring meet but at the vertex they share."""
    for a in range(n):
        e = first + a
        west[a] = min(xy[e, 0], xy[e + 1, 0])
        east[a] = max(xy[e, 0], xy[e + 1, 0])
        south[a] = min(xy[e, 1], xy[e + 1, 1])
        north[a] = max(xy[e, 1], xy[e + 1, 1])
    for a in range(2, n):
        w = west[a]
        e = east[a]
        s = south[a]
        t = north[a]
        met = False
        for b in range(a - 1):
            met |= (west[b] <= e) & (east[b] >= w) & (south[b] <= t) & (north[b] >= s)
        if not met:
            continue
        p = first + a
        for b in range(1 if a == n - 1 else 0, a - 1):  # the last edge ends where the first begins
            if (west[b] <= e) & (east[b] >= w) & (south[b] <= t) & (north[b] >= s):
                q = first + b
                if not (
                    _apart(xy[p, 0], xy[p, 1], xy[p + 1, 0], xy[p + 1, 1], xy[q, 0], xy[q, 1], xy[q + 1, 0], xy[q + 1, 1])
                    or _apart(xy[q, 0], xy[q, 1], xy[q + 1, 0], xy[q + 1, 1], xy[p, 0], xy[p, 1], xy[p + 1, 0], xy[p + 1, 1])
                ):  # fmt: skip
                    return False
    return True


def _find_all(first: int, last: int, xy: Any, ring: Any, owner: Any, bounds: Any, simple: Any) -> None:
    """Mark which of the features `first` to `last` are one ring that surely does not meet itself."""
    a = np.empty(_MOST + 1)
    b = np.empty(_MOST + 1)
    c = np.empty(_MOST + 1)
    d = np.empty(_MOST + 1)
    for p in range(first, last):
        r = owner[p]
        if owner[p + 1] != r + 1:
            continue
        n = ring[r + 1] - ring[r] - 1
        x = 0.5 * (bounds[p, 0] + bounds[p, 2])
        y = 0.5 * (bounds[p, 1] + bounds[p, 3])
        size = bounds[p, 2] - bounds[p, 0] + (bounds[p, 3] - bounds[p, 1])
        simple[p] = 3 <= n <= _MOST and (
            _star(ring[r], n, xy, x, y, size, a, b) or _clear(ring[r], n, xy, a, b, c, d)
        )


find_simple = Compiled(_find_all)
