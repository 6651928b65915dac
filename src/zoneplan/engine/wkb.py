"""Well-known binary straight into flat rings, for layers too large to make geometry of.

Polygons and multipolygons, little-endian, with or without Z and M (which are left out), as GDAL's Arrow
stream gives them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from zoneplan.engine import compiled
from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.rings import Ints, Rings, assembled

OK, EMPTY, UNREADABLE = 0, 1, 2
_POLYGON, _MULTIPOLYGON = 3, 6
_VERTEX, _RING = 16, 20  # bytes that they have at least


def rings_from_wkb(
    data: npt.NDArray[np.uint8], offset: Ints, origin: tuple[float, float]
) -> tuple[Rings, npt.NDArray[np.int8]]:
    """The rings of n polygons in WKB, on one thread.

    Parameters
    ----------
    data : ndarray of uint8
        WKB of all features, one after the other.
    offset : ndarray of int, shape (n + 1,)
        Feature i has the bytes ``offset[i]`` to ``offset[i + 1]``; none if it has no geometry.
    origin : tuple of float
        Subtracted from the coordinates.

    Returns
    -------
    Rings, and per feature `OK`, `EMPTY` or `UNREADABLE`: no polygon, big-endian, cut off, a ring that is
    not closed, or a coordinate that is not finite. What is not `OK` has no rings.
    """
    n = len(offset) - 1
    size = int(offset[-1] - offset[0])
    state, owner = np.zeros(n, np.int8), np.zeros(n + 1, np.int64)
    xy = np.empty((size // _VERTEX, 2))
    ring, hole = np.zeros(size // _RING + 1, np.int64), np.zeros(size // _RING, np.bool_)
    few = compiled.few(size // _VERTEX)
    r, v = _read(data, offset, *origin, state, owner, ring, hole, xy.reshape(-1), interpret=few)
    return assembled(xy[:v], ring[: r + 1], owner, hole[:r], origin, threads=1), state


@inner
def _u32(data: Any, at: int) -> Any:
    low = np.int64(data[at]) | np.int64(data[at + 1]) << np.int64(8)
    return low | np.int64(data[at + 2]) << np.int64(16) | np.int64(data[at + 3]) << np.int64(24)


@inner
def _kind(data: Any, at: int) -> tuple[int, int]:
    """Geometry type and number of ordinates, of ISO and of extended WKB."""
    code = _u32(data, at + 1)
    extended = ((code >> 31) & 1) + ((code >> 30) & 1)
    code &= 0x1FFFFFFF
    thousands = code // 1000
    ordinates = 2 + extended + (1 if thousands in (1, 2) else 0) + (2 if thousands == 3 else 0)
    return code % 1000, ordinates


@inner
def _copy(numbers: Any, ordinates: int, size: int, x0: float, y0: float, flat: Any) -> bool:
    """Vertices of a ring; whether all are finite and the last is the first."""
    endless = False
    if ordinates == 2:  # in a form that a processor can do several of at a time
        for k in range(2 * size):
            number = numbers[k]
            endless |= number - number != 0.0
            flat[k] = number - (y0 if k & 1 else x0)
    else:
        for q in range(size):
            x = numbers[q * ordinates]
            y = numbers[q * ordinates + 1]
            endless |= (x - x != 0.0) | (y - y != 0.0)
            flat[2 * q] = x - x0
            flat[2 * q + 1] = y - y0
    last = (size - 1) * ordinates
    return not endless and numbers[0] == numbers[last] and numbers[1] == numbers[last + 1]


@inner
def _feature(
    data: Any, at: int, end: int, x0: float, y0: float, ring: Any, hole: Any, flat: Any, r: int, v: int
) -> tuple[int, int, int]:  # fmt: skip
    """Read one feature behind r rings and v vertices: its state, rings and vertices then; nothing beyond its bytes is read."""
    if end - at < 9:
        return (EMPTY if end == at else UNREADABLE), r, v
    kind, ordinates = _kind(data, at)
    if data[at] != 1 or (kind != _POLYGON and kind != _MULTIPOLYGON):
        return UNREADABLE, r, v
    polygons = 1
    if kind == _MULTIPOLYGON:
        polygons = _u32(data, at + 5)
        at += 9
    for _ in range(polygons):
        if at + 9 > end:
            return UNREADABLE, r, v
        count = _u32(data, at + 5)
        at += 9
        for k in range(count):
            if at + 4 > end:
                return UNREADABLE, r, v
            size = _u32(data, at)
            at += 4
            after = at + size * ordinates * 8
            if after > end:
                return UNREADABLE, r, v
            if size:
                if not _copy(
                    data[at:after].view(np.float64), ordinates, size, x0, y0, flat[2 * v : 2 * (v + size)]
                ):
                    return UNREADABLE, r, v
                hole[r] = k > 0
                v += size
                r += 1
                ring[r] = v
            at = after
    return OK, r, v


def _read_all(
    data: Any, offset: Any, x0: float, y0: float, state: Any, owner: Any, ring: Any, hole: Any, flat: Any
) -> tuple[int, int]:  # fmt: skip
    """Read all features; returns how many rings and vertices there are."""
    r = 0
    v = 0
    for p in range(len(state)):
        state[p], rings, vertices = _feature(data, offset[p], offset[p + 1], x0, y0, ring, hole, flat, r, v)
        if state[p] == OK and rings == r:
            state[p] = EMPTY
        if state[p] == OK:
            r = rings
            v = vertices
        owner[p + 1] = r
    return r, v


_read = Compiled(_read_all)
