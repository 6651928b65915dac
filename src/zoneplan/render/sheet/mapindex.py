"""Numbers of the national series of topographic maps at 1:50 000 (GB/T 13989): 10′ of latitude by 15′ of longitude."""

from __future__ import annotations

import math
from collections.abc import Iterator

_HIGH, _WIDE = 1 / 6, 1 / 4
_SNAP = 1e-9  # of a sheet: a place so near an edge lies on it
_PER_MILLION = 24  # rows and columns in a sheet at 1:1 000 000 (4° by 6°)


def number_of(lon: float, lat: float) -> str:
    """The number of the sheet that a place (degrees, north and east) lies on: ``J50E001010``."""
    row, column = math.floor(lat / _HIGH + _SNAP), math.floor(lon / _WIDE + _SNAP)
    letter, zone = chr(ord("A") + row // _PER_MILLION), column // _PER_MILLION + 31
    return f"{letter}{zone:02d}E{_PER_MILLION - row % _PER_MILLION:03d}{column % _PER_MILLION + 1:03d}"


def sheets_over(west: float, south: float, east: float, north: float) -> Iterator[tuple[str, tuple[float, float, float, float]]]:  # fmt: skip
    """(number, (west, south, east, north)) of the sheets that meet a box of degrees."""
    for row in range(math.floor(south / _HIGH), math.ceil(north / _HIGH)):
        for column in range(math.floor(west / _WIDE), math.ceil(east / _WIDE)):
            left, low = column * _WIDE, row * _HIGH
            yield number_of(left + _WIDE / 2, low + _HIGH / 2), (left, low, left + _WIDE, low + _HIGH)
