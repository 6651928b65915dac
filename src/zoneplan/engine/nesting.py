"""Whether rings make a valid polygon, proved: they neither touch nor cross, and every hole lies in a shell."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoneplan.engine.buckets import side
from zoneplan.engine.compiled import Compiled, inner, making

_MOST_RINGS = 2000  # of one polygon: each is compared with each
_ROUNDING = 1e-14  # of a ring's box: what its area may be off by, per vertex


@inner
def _contains(xy: Any, first: int, last: int, x: float, y: float) -> int:
    """1 where a ring that does not pass through a point winds around it, 0 where not, −1 where that is not certain."""
    turns = 0
    for v in range(first, last - 1):
        if xy[v, 0] == x and xy[v, 1] == y:
            return -1
        up = xy[v, 1] <= y
        if up == (xy[v + 1, 1] <= y):
            continue
        turn = side(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], x, y)
        if turn == 0.0:
            return -1
        if (turn > 0.0) == up:
            turns += 1 if up else -1
    return 0 if turns == 0 else 1


@inner
def _measured(xy: Any, first: int, last: int, box: Any) -> float:
    """The area of a ring, negative if clockwise, 0 where its sign is not certain; and its box."""
    x0 = xy[first, 0]
    y0 = xy[first, 1]
    box[0] = box[2] = x0
    box[1] = box[3] = y0
    doubled = 0.0
    for v in range(first, last - 1):
        x = xy[v, 0]
        y = xy[v, 1]
        box[0] = min(box[0], x)
        box[1] = min(box[1], y)
        box[2] = max(box[2], x)
        box[3] = max(box[3], y)
        doubled += (x - x0) * (xy[v + 1, 1] - y0) - (xy[v + 1, 0] - x0) * (y - y0)
    unsure = _ROUNDING * (last - first) * (box[2] - box[0]) * (box[3] - box[1])
    return 0.0 if abs(doubled) <= unsure else 0.5 * doubled


@inner
def _around(xy: Any, ring: Any, s: int, r: int) -> int:
    """As `_contains`, whether ring s winds around ring r, which may touch it: a vertex that does not tells."""
    for v in range(ring[r], ring[r + 1] - 1):
        held = _contains(xy, ring[s], ring[s + 1], xy[v, 0], xy[v, 1])
        if held >= 0:
            return held
    return -1


@inner
def _nested(xy: Any, ring: Any, n: int, area: Any, box: Any, shell: Any) -> bool:
    """Give every ring the shell it belongs to; False where a hole has none, or a shell lies in another."""
    for r in range(n):
        around = -1
        for s in range(n):
            if s == r or box[r, 0] < box[s, 0] or box[r, 1] < box[s, 1]:
                continue
            if box[r, 2] > box[s, 2] or box[r, 3] > box[s, 3]:
                continue
            if around >= 0 and abs(area[s]) > abs(area[around]):
                continue
            held = _around(xy, ring, s, r)
            if held < 0:
                return False
            if held > 0:
                around = s
        if area[r] > 0.0:
            if around >= 0 and area[around] > 0.0:
                return False
            shell[r] = r
        else:
            if around < 0 or area[around] < 0.0:
                return False
            shell[r] = around
    return True


@making
def _begun(xy: Any, first: int, last: int) -> None:
    """Let a ring begin at its least vertex, so that it is the same whatever it was traced from."""
    least = first
    for v in range(first + 1, last - 1):
        if xy[v, 0] < xy[least, 0] or (xy[v, 0] == xy[least, 0] and xy[v, 1] < xy[least, 1]):
            least = v
    if least == first:
        return
    held = xy[first : last - 1].copy()
    ahead = last - 1 - least
    xy[first : first + ahead] = held[least - first :]
    xy[first + ahead : last - 1] = held[: least - first]
    xy[last - 1] = xy[first]


def _judged(first: int, last: int, xy: Any, ring: Any, owner: Any, shell: Any, total: Any) -> None:
    """For polygons `first` to `last`, rings with their inside to the left: the shell of every ring, and the area.

    Rings begin at their least vertex afterwards. The area is NaN where the rings do not make a valid polygon, or where that is not certain.
    """
    area = np.empty(16)
    box = np.empty((16, 4))
    for p in range(first, last):
        r0 = owner[p]
        n = owner[p + 1] - r0
        total[p] = 0.0
        if n == 0:
            continue
        if n > area.size:
            area = np.empty(2 * n)
            box = np.empty((2 * n, 4))
        sure = n <= _MOST_RINGS
        for r in range(n):
            if not sure:
                break
            area[r] = _measured(xy, ring[r0 + r], ring[r0 + r + 1], box[r])
            total[p] += area[r]
            sure = area[r] != 0.0
        mine = ring[r0 : r0 + n + 1]
        if not sure or not _nested(xy, mine, n, area, box, shell[r0 : r0 + n]):
            total[p] = np.nan
            continue
        for r in range(r0, r0 + n):
            shell[r] += r0
            _begun(xy, ring[r], ring[r + 1])


judge = Compiled(_judged)
