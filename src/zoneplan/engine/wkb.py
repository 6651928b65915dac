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


def rings_from_wkb(
    data: npt.NDArray[np.uint8], offset: Ints, origin: tuple[float, float], *, threads: int | None = None
) -> tuple[Rings, npt.NDArray[np.int8]]:
    """The rings of n polygons in WKB.

    Parameters
    ----------
    data : ndarray of uint8
        WKB of all features, one after the other.
    offset : ndarray of int, shape (n + 1,)
        Feature i has the bytes ``offset[i]`` to ``offset[i + 1]``; none if it has no geometry.
    origin : tuple of float
        Subtracted from the coordinates.
    threads : int, optional
        Default one per core.

    Returns
    -------
    Rings, and per feature `OK`, `EMPTY` or `UNREADABLE`: no polygon, big-endian, cut off, a ring that is
    not closed, or a coordinate that is not finite. Do not use the rings of what is not `OK`.
    """
    n = len(offset) - 1
    state, rings, vertices = np.zeros(n, np.int8), np.zeros(n, np.int64), np.zeros(n, np.int64)
    few = compiled.few(len(data) // 16)
    compiled.spread(
        lambda a, b: _count(a, b, data, offset, state, rings, vertices, interpret=few), n, threads
    )
    owner = np.concatenate([[0], np.cumsum(rings)])
    first = np.concatenate([[0], np.cumsum(vertices)])
    xy = np.empty((int(first[-1]), 2))
    ring, hole = np.zeros(int(owner[-1]) + 1, np.int64), np.zeros(int(owner[-1]), np.bool_)
    compiled.spread(
        lambda a, b: _read(a, b, data, offset, state, owner, first, *origin, xy, ring, hole, interpret=few),
        n, threads,
    )  # fmt: skip
    ring[-1] = len(xy)
    return assembled(xy, ring, owner, hole, origin, threads=threads), state


@inner
def _u32(data: Any, at: int) -> Any:
    value = np.int64(0)
    for k in range(4):
        value += np.int64(data[at + k]) << np.int64(8 * k)
    return value


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
def _walk(data: Any, begin: int, end: int) -> tuple[int, int, int]:
    """State, rings and vertices of one feature; nothing is read beyond its bytes."""
    if end - begin < 9:
        return (EMPTY if end == begin else UNREADABLE), 0, 0
    kind, ordinates = _kind(data, begin)
    if data[begin] != 1 or (kind != _POLYGON and kind != _MULTIPOLYGON):
        return UNREADABLE, 0, 0
    rings = 0
    vertices = 0
    at = begin
    polygons = 1
    if kind == _MULTIPOLYGON:
        polygons = _u32(data, at + 5)
        at += 9
    for _ in range(polygons):
        if at + 9 > end:
            return UNREADABLE, 0, 0
        count = _u32(data, at + 5)
        at += 9
        for _r in range(count):
            if at + 4 > end:
                return UNREADABLE, 0, 0
            size = _u32(data, at)
            at += 4
            if at + size * ordinates * 8 > end:
                return UNREADABLE, 0, 0
            if size:
                for k in range(16):  # the last vertex is the first
                    if data[at + k] != data[at + (size - 1) * ordinates * 8 + k]:
                        return UNREADABLE, 0, 0
                rings += 1
                vertices += size
            at += size * ordinates * 8
    return (OK if rings else EMPTY), rings, vertices


def _count_all(first: int, last: int, data: Any, offset: Any, state: Any, rings: Any, vertices: Any) -> None:
    """State, rings and vertices of the features `first` to `last`."""
    for p in range(first, last):
        state[p], rings[p], vertices[p] = _walk(data, offset[p], offset[p + 1])


_count = Compiled(_count_all)


def _read_all(
    begin: int, last: int, data: Any, offset: Any, state: Any, owner: Any, first: Any, x0: float, y0: float,
    xy: Any, ring: Any, hole: Any,
) -> None:  # fmt: skip
    """Vertices of the features `begin` to `last`; one that is not finite makes its feature unreadable."""
    for p in range(begin, last):
        if state[p] != OK:
            continue
        r = owner[p]
        v = first[p]
        kind, ordinates = _kind(data, offset[p])
        at = offset[p]
        polygons = 1
        if kind == _MULTIPOLYGON:
            polygons = _u32(data, at + 5)
            at += 9
        for _ in range(polygons):
            count = _u32(data, at + 5)
            at += 9
            for k in range(count):
                size = _u32(data, at)
                at += 4
                if size:
                    ring[r] = v
                    hole[r] = k > 0
                    r += 1
                    numbers = data[at : at + size * ordinates * 8].view(np.float64)
                    for q in range(size):
                        xy[v, 0] = numbers[q * ordinates] - x0
                        xy[v, 1] = numbers[q * ordinates + 1] - y0
                        if not (np.isfinite(xy[v, 0]) and np.isfinite(xy[v, 1])):
                            state[p] = UNREADABLE
                            xy[v, 0] = 0.0
                            xy[v, 1] = 0.0
                        v += 1
                at += size * ordinates * 8


_read = Compiled(_read_all)
