"""The standard area formula, edge by edge: compiled for many, with numpy for few, the same bits either way.

Source: technical annex to 国土调查办发〔2008〕32号. The area between an edge and the equator is a series in
the eccentricity, with ΔB the difference and Bm the mean of the latitudes, ΔL the mean longitude from
a reference meridian, b the semi-minor axis:

    S = 2 b² ΔL [A sin(ΔB/2) cos Bm − B sin(3ΔB/2) cos 3Bm + C sin(5ΔB/2) cos 5Bm − …]

Edges are split at 70 m, plane coordinates rounded to 4 decimals, angles to 1e-6 arc second.

Two things make it fast and change nothing. Latitude and longitude are polynomials in the plane
coordinates, fitted to PROJ tile by tile (a tile of 10 km: degree 5, error some 1e-15 rad). As an edge of 70 m
spans 1e-5 rad, ``sin(nΔB/2)`` is ``nΔB/2`` less its cube over 6, and what is left of the series depends on
Bm only, another polynomial of the tile (error some 1e-16 of the area).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import CRS

from zoneplan.crs.remembered import remembered
from zoneplan.crs.zones import to_degrees
from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.rings import Outlines
from zoneplan.engine.tiling import Array, Tiling, polynomials, tiling

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1 / 298.257222101
SPLIT_M = 70.0

_E2 = FLATTENING * (2 - FLATTENING)
_SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
_E4, _E6, _E8 = _E2**2, _E2**3, _E2**4
SERIES = (
    1 + 3 / 6 * _E2 + 30 / 80 * _E4 + 35 / 112 * _E6 + 630 / 2304 * _E8,
    1 / 6 * _E2 + 15 / 80 * _E4 + 21 / 112 * _E6 + 420 / 2304 * _E8,
    3 / 80 * _E4 + 7 / 112 * _E6 + 180 / 2304 * _E8,
    1 / 112 * _E6 + 45 / 2304 * _E8,
    5 / 2304 * _E8,
)
_ANGLE = 1e-6 * math.pi / 180 / 3600
_PER_ANGLE = 1 / _ANGLE
_DEGREE = 5
_POWERS = tuple((i, j) for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i))
_SERIES_DEGREE = 5
_SIXTH = 1.0 / 6.0
_SURELY_WHOLE = SPLIT_M**2 - 1.0  # the square of an edge that is surely not split
_WIDE = 16  # numbers that a processor takes at a time, with room to spare


@dataclass(frozen=True)
class Tiles:
    """Polynomials of tiles.

    ``lat`` and ``lon`` in radians, in coordinates −1 to 1, terms in the order of x then y; ``middle`` and
    ``series``: the series of the formula about a latitude, ``2 b² Σ series[k] (Bm − middle)^k`` times ΔB/2.
    """

    tiling: Tiling
    lat: Array
    lon: Array
    middle: Array
    series: Array

    @property
    def arguments(self) -> tuple[Any, ...]:
        """As `sum_rings` takes them."""
        at = self.tiling.col, self.tiling.row, self.tiling.side, self.tiling.cols
        return (*at, self.lat, self.lon, self.middle, self.series)


def fitted(low: Array, high: Array, crs: CRS) -> Tiles:
    """Tiles that cover a box, from its south-west to its north-east corner, in a projected CRS."""
    return _fitted(tiling(low, high), crs)


@remembered(maxsize=8)
def _fitted(tiles: Tiling, crs: CRS) -> Tiles:
    lon, lat = to_degrees(crs).transform(*tiles.places())
    lats = polynomials(np.radians(lat), _POWERS)
    middle = np.round(lats[:, 0], 6)
    series = np.stack([_series_at(one) for one in middle])
    return Tiles(tiles, lats, polynomials(np.radians(lon), _POWERS), middle, series)


def _series_at(latitude: float) -> Array:
    """Taylor terms of the series, without ΔL and ΔB/2, about a latitude."""
    made = np.zeros(_SERIES_DEGREE + 1)
    for order, factor in enumerate(SERIES):
        n = 2 * order + 1
        angle = n * latitude
        slopes = (math.cos(angle), -math.sin(angle), -math.cos(angle), math.sin(angle))
        for k in range(_SERIES_DEGREE + 1):
            made[k] += (-1) ** order * factor * n * n**k * slopes[k % 4] / math.factorial(k)
    return 2.0 * _SEMI_MINOR_M**2 * made


@inner
def _angle(u: Any, v: Any, c: Any) -> Any:
    """The polynomial at (u, v), rounded as the standard rounds angles; numbers or arrays."""
    value = (
        c[0] + v * (c[1] + v * (c[2] + v * (c[3] + v * (c[4] + v * c[5]))))
        + u * (c[6] + v * (c[7] + v * (c[8] + v * (c[9] + v * c[10])))
        + u * (c[11] + v * (c[12] + v * (c[13] + v * c[14]))
        + u * (c[15] + v * (c[16] + v * c[17])
        + u * (c[18] + v * c[19]
        + u * c[20]))))
    )  # fmt: skip
    return np.floor(value * _PER_ANGLE + 0.5) * _ANGLE


@inner
def _edge(lon1: Any, lat1: Any, lon2: Any, lat2: Any, middle: Any, s: Any) -> Any:
    """Area between an edge, the reference meridian and the equator; numbers or arrays."""
    half = (lat2 - lat1) * 0.5
    d = (lat1 + lat2) * 0.5 - middle
    series = s[0] + d * (s[1] + d * (s[2] + d * (s[3] + d * (s[4] + d * s[5]))))
    return (lon1 + lon2) * 0.5 * series * (half - half * half * half * _SIXTH)


@inner
def _rounded(x: Any) -> Any:
    return np.floor(x * 1e4 + 0.5) * 1e-4


@inner
def _angle_terms(c: Any, t: int) -> Any:
    """The coefficients of `_angle` in a tile as numbers, which a loop keeps at hand."""
    return (
        c[t, 0], c[t, 1], c[t, 2], c[t, 3], c[t, 4], c[t, 5], c[t, 6], c[t, 7], c[t, 8], c[t, 9], c[t, 10],
        c[t, 11], c[t, 12], c[t, 13], c[t, 14], c[t, 15], c[t, 16], c[t, 17], c[t, 18], c[t, 19], c[t, 20],
    )  # fmt: skip


@inner
def _series_terms(c: Any, t: int) -> Any:
    return c[t, 0], c[t, 1], c[t, 2], c[t, 3], c[t, 4], c[t, 5]


@inner
def _scale_points(
    n: int, first: int, xy: Any, x0: float, y0: float, col: int, row: int, per_side: float, u: Any,
    w: Any,
) -> bool:  # fmt: skip
    """Vertices of a ring in units of tiles; whether it lies in one tile and no edge is split."""
    for v in range(n):
        u[v] = _rounded(xy[first + v, 0] + x0) * per_side
        w[v] = _rounded(xy[first + v, 1] + y0) * per_side
    longest = _SURELY_WHOLE * per_side * per_side
    west = np.floor(u[0])
    south = np.floor(w[0])
    east = west + 1.0
    north = south + 1.0
    apart = False
    for v in range(n - 1):
        du = u[v + 1] - u[v]
        dw = w[v + 1] - w[v]
        apart |= du * du + dw * dw >= longest
        apart |= (u[v] < west) | (u[v] >= east) | (w[v] < south) | (w[v] >= north)
    return not apart


@inner
def _sum_in_tile(
    n: int, u: Any, w: Any, i: int, j: int, t: int, lat: Any, lon: Any, middle: Any, series: Any, lats: Any, lons: Any
) -> float:  # fmt: skip
    """The sum of a ring that lies in tile t; loops over a multiple of `_WIDE`, so that nothing is left over."""
    wide = (n + _WIDE - 1) // _WIDE * _WIDE
    c = _angle_terms(lat, t)
    d = _angle_terms(lon, t)
    for v in range(wide):
        x = (u[v] - i) * 2.0 - 1.0
        y = (w[v] - j) * 2.0 - 1.0
        lats[v] = _angle(x, y, c)
        lons[v] = _angle(x, y, d)
    meridian = lons[0]
    about = middle[t]
    s = _series_terms(series, t)
    for v in range(1, wide + 1):
        u[v] = _edge(lons[v - 1] - meridian, lats[v - 1], lons[v] - meridian, lats[v], about, s)
    total = 0.0
    for v in range(1, n):
        total += u[v]
    return total


@inner
def _sum_ring(
    first: int, last: int, xy: Any, x0: float, y0: float, col: int, row: int, per_side: float, cols: int,
    rows: int, lat: Any, lon: Any, middle: Any, series: Any,
) -> float:  # fmt: skip
    """The sum of any ring, vertices `first` to `last`."""
    total = 0.0
    meridian = 0.0
    lon1 = 0.0
    lat1 = 0.0
    for v in range(first, last):
        ax = xy[v - 1, 0] + x0 if v > first else 0.0
        ay = xy[v - 1, 1] + y0 if v > first else 0.0
        bx = xy[v, 0] + x0
        by = xy[v, 1] + y0
        dx = bx - ax
        dy = by - ay
        pieces = int(math.sqrt(dx * dx + dy * dy) / SPLIT_M) + 1 if v > first else 1
        for k in range(1, pieces + 1):
            if k == pieces:
                x = _rounded(bx)
                y = _rounded(by)
            else:
                share = k / pieces
                x = _rounded(ax + dx * share)
                y = _rounded(ay + dy * share)
            u = x * per_side
            w = y * per_side
            i = min(max(math.floor(u), col), col + cols - 1)
            j = min(max(math.floor(w), row), row + rows - 1)
            tile = (j - row) * cols + i - col
            u = (u - i) * 2.0 - 1.0
            w = (w - j) * 2.0 - 1.0
            lat2 = _angle(u, w, _angle_terms(lat, tile))
            if v == first:
                meridian = _angle(u, w, _angle_terms(lon, tile))
                lon2 = 0.0
            else:
                lon2 = _angle(u, w, _angle_terms(lon, tile)) - meridian
                total += _edge(lon1, lat1, lon2, lat2, middle[tile], _series_terms(series, tile))
            lon1 = lon2
            lat1 = lat2
    return total


def _sum_rings(
    first: int, last: int, xy: Any, ring: Any, x0: float, y0: float, col: int, row: int,
    side: float, cols: int, lat: Any, lon: Any, middle: Any, series: Any, sums: Any,
) -> None:  # fmt: skip
    """Signed sum of the edge formula for the rings `first` to `last`."""
    per_side = 1.0 / side
    rows = lat.shape[0] // cols
    room = 256
    u = np.zeros(room)
    w = np.zeros(room)
    lats = np.zeros(room)
    lons = np.zeros(room)
    for r in range(first, last):
        n = ring[r + 1] - ring[r]
        if n == 0:
            continue
        if n + 2 * _WIDE > room:
            room = 2 * n + 2 * _WIDE
            u = np.zeros(room)
            w = np.zeros(room)
            lats = np.zeros(room)
            lons = np.zeros(room)
        if _scale_points(n, ring[r], xy, x0, y0, col, row, per_side, u, w):
            i = min(max(math.floor(u[0]), col), col + cols - 1)
            j = min(max(math.floor(w[0]), row), row + rows - 1)
            sums[r] = _sum_in_tile(
                n, u, w, i, j, (j - row) * cols + i - col, lat, lon, middle, series, lats, lons
            )
        else:
            sums[r] = _sum_ring(
                ring[r], ring[r + 1], xy, x0, y0, col, row, per_side, cols, rows, lat, lon, middle, series
            )  # fmt: skip


sum_rings = Compiled(_sum_rings)


def sum_rings_with_numpy(polygons: Outlines, tiles: Tiles, sums: Array) -> None:
    """What `sum_rings` computes, for all rings."""
    xy = polygons.xy + np.asarray(polygons.origin)
    starts = np.ones(len(xy), dtype=bool)
    starts[polygons.ring[:-1]] = False
    end = np.flatnonzero(starts)  # each edge by its end; its start lies before it
    a, b = xy[end - 1], xy[end]
    d = b - a
    pieces = (np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1]) / SPLIT_M).astype(np.int64) + 1
    where = np.repeat(np.arange(len(end)), pieces)
    step = np.arange(len(where)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 1
    share = (step / pieces[where])[:, None]
    plane = np.where((step == pieces[where])[:, None], b[where], a[where] + d[where] * share)
    owner = np.searchsorted(polygons.ring, end[where], side="right") - 1
    # the start of each ring goes before its pieces
    first = np.searchsorted(owner, np.arange(len(sums)))
    points = _rounded(np.insert(plane, first, xy[polygons.ring[:-1]], axis=0))
    ring = np.insert(owner, first, np.arange(len(sums)))
    grid = tiles.tiling
    scaled = points * (1.0 / grid.side)
    last = grid.col + grid.cols - 1, grid.row + grid.rows - 1
    cell = np.clip(np.floor(scaled).astype(np.int64), (grid.col, grid.row), last)
    tile = (cell[:, 1] - grid.row) * grid.cols + cell[:, 0] - grid.col
    u, v = ((scaled - cell) * 2.0 - 1.0).T
    lat = _angle(u, v, tiles.lat[tile].T)
    lon = _angle(u, v, tiles.lon[tile].T)
    lon -= lon[np.searchsorted(ring, np.arange(len(sums)))][ring]
    inside = ring[1:] == ring[:-1]
    at = tile[1:][inside]
    edges = _edge(
        lon[:-1][inside], lat[:-1][inside], lon[1:][inside], lat[1:][inside],
        tiles.middle[at], tiles.series[at].T,
    )  # fmt: skip
    sums += np.bincount(ring[1:][inside], edges, len(sums))
