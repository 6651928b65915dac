"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, and back.

GCJ-02 has no public specification. What is computed here is the formula that became known in 2010 and that
libraries in every language repeat: a polynomial and sines of longitude − 105° and latitude − 35°, in metres,
turned into degrees on the Krassowsky ellipsoid. BD-09 turns and stretches GCJ-02 about an origin near (0, 0).

Forth and back is exact to `CLOSES` degrees, since the way back solves the way forth. That the formula is what a
map service does is another matter: a published comparison of it with control points (the table of the PyPI
package pygcj) has a mean difference of 3.4 m with a standard deviation of 2.7 m. `ACCURACY_M` is the mean and
two of these. GCJ-02 is meant to be irreversible: what comes back is fit to look at, not to survey with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ACCURACY_M = 9.0
CLOSES = 1e-9
"""Degrees by which a point may differ after there and back."""
SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
"""Degrees: outside this box nothing is shifted."""
_A, _EE = 6378245.0, 0.00669342162296594323
_STEPS = 60
_TURN = np.pi * 3000.0 / 180.0
_ORIGIN = np.array([0.0065, 0.006])


def to_gcj02(lonlat: npt.ArrayLike) -> Floats:
    """GCJ-02 of WGS 84 (or CGCS2000) longitudes and latitudes, degrees, shape (n, 2)."""
    at = np.asarray(lonlat, dtype=np.float64)
    return np.where(_inside(at)[..., None], at + _offset(at), at)


def to_bd09(lonlat: npt.ArrayLike) -> Floats:
    """BD-09 of WGS 84 (or CGCS2000) longitudes and latitudes, degrees, shape (n, 2)."""
    return _turned(to_gcj02(lonlat))


def from_gcj02(lonlat: npt.ArrayLike) -> Floats:
    """WGS 84 longitudes and latitudes whose GCJ-02 is given, degrees, shape (n, 2)."""
    return _solved(to_gcj02, lonlat)


def from_bd09(lonlat: npt.ArrayLike) -> Floats:
    """WGS 84 longitudes and latitudes whose BD-09 is given, degrees, shape (n, 2)."""
    return from_gcj02(_solved(_turned, lonlat))


def _solved(forward: Callable[[Floats], Floats], given: npt.ArrayLike) -> Floats:
    """What `forward` takes to the points given: both maps differ from the identity by a contraction."""
    target = np.asarray(given, dtype=np.float64)
    found = target.copy()
    for _ in range(_STEPS):
        miss = target - forward(found)
        found += miss
        if not np.size(miss) or np.nanmax(np.abs(miss), initial=0.0) < 1e-13:
            break
    return found


def _inside(at: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = SHIFTED
    lon, lat = at[..., 0], at[..., 1]
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _offset(at: Floats) -> Floats:
    """What GCJ-02 adds to longitude and latitude, degrees."""
    x, y = at[..., 0] - 105.0, at[..., 1] - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    ripple = 20 * (np.sin(6 * pi * x) + np.sin(2 * pi * x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += 2 / 3 * (ripple + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += 2 / 3 * (ripple + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    lat = np.radians(at[..., 1])
    bend = 1 - _EE * np.sin(lat) ** 2
    along = _A / np.sqrt(bend) * np.cos(lat)
    up = _A * (1 - _EE) / bend**1.5
    return np.stack([np.degrees(east / along), np.degrees(north / up)], axis=-1)


def _waves(at: Floats, *terms: tuple[float, float]) -> Floats:
    """Sines of the given heights and half-turns per degree."""
    made: Floats = np.zeros_like(at)
    for height, often in terms:
        made += height * np.sin(often * np.pi * at)
    return made


def _turned(gcj: Floats) -> Floats:
    """BD-09 of GCJ-02."""
    x, y = gcj[..., 0], gcj[..., 1]
    reach = np.hypot(x, y) + 0.00002 * np.sin(y * _TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _TURN)
    turned: Floats = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=-1) + _ORIGIN
    return turned
