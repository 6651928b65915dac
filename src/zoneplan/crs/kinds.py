"""What coordinates look like by their size alone: degrees, Gauss-Kruger metres, a zone prefix, swapped, feet.

In China (3–54° N) a northing lies between 0.33 and 6.0 million metres and an easting, without its zone, below one
million: so the order can be seen wherever the latitude is above 9° N, and a prefix wherever there is one.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from zoneplan.crs.zones import CHINA, PREFIX

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NORTH_M = 6_200_000.0
_FEET_EAST = (900_000.0, 2_500_000.0)  # 300 to 700 km and some more
_FEET_NORTH = (NORTH_M, 20_400_000.0)  # 17 to 54 degrees; further south the order decides
_FAR = (-4e6, 5e6)
_WILD = 1e9


class Kind(IntEnum):
    """How coordinates look; all but `NOTHING` and `STRANGE` can be read in one way."""

    NOTHING = 0
    DEGREES = 1
    DEGREES_SWAPPED = 2
    PLAIN = 3
    SWAPPED = 4
    PREFIXED = 5
    PREFIXED_SWAPPED = 6
    FEET = 7
    STRANGE = 8
    WILD = 9


SWAPS = frozenset({Kind.DEGREES_SWAPPED, Kind.SWAPPED, Kind.PREFIXED_SWAPPED})


def kinds(bounds: Floats, *, zone: int | None = None) -> tuple[Ints, Ints]:
    """The kind of each feature, and its zone number (0 where there is none).

    Parameters
    ----------
    bounds : ndarray, shape (n, 4)
        West, south, east, north as the numbers stand; NaN for features without coordinates.
    zone : int, optional
        The zone number that the CRS states: decides between swapped coordinates of the far south and feet of
        the far north, which are alike otherwise.
    """
    x0, y0, x1, y1 = bounds.T
    with np.errstate(invalid="ignore"):
        across, up = _prefix(x0, x1), _prefix(y0, y1)
        tests = [
            (Kind.NOTHING, np.isnan(bounds).all(axis=1)),
            (Kind.WILD, ~np.isfinite(bounds).all(axis=1) | (np.abs(bounds) > _WILD).any(axis=1)),
            (Kind.DEGREES_SWAPPED, _in(x0, x1, CHINA[1], CHINA[3]) & _in(y0, y1, CHINA[0], CHINA[2])),
            (Kind.DEGREES, _in(x0, x1, -180, 180) & _in(y0, y1, -90, 90)),
            (Kind.PLAIN, _in(x0, x1, 0, PREFIX) & _in(y0, y1, 0, NORTH_M)),
            (
                Kind.FEET,
                _in(x0, x1, *_FEET_EAST) & _in(y0, y1, *_FEET_NORTH) & ((zone is None) | (up != zone)),
            ),
            (Kind.SWAPPED, _in(y0, y1, 0, PREFIX) & _in(x0, x1, PREFIX, NORTH_M)),
            (Kind.PLAIN, _in(x0, x1, *_FAR) & _in(y0, y1, 0, NORTH_M)),  # far from its zone
            (Kind.PREFIXED, (across > 0) & _in(y0, y1, 0, NORTH_M)),
            (Kind.PREFIXED_SWAPPED, (up > 0) & _in(x0, x1, 0, NORTH_M)),
        ]
    kind = np.select([test for _, test in tests], [int(one) for one, _ in tests], int(Kind.STRANGE))
    number = np.where(kind == Kind.PREFIXED, across, np.where(kind == Kind.PREFIXED_SWAPPED, up, 0))
    return kind.astype(np.int64), number.astype(np.int64)


def _in(low: Floats, high: Floats, least: float, most: float) -> npt.NDArray[np.bool_]:
    return np.asarray((low >= least) & (high <= most))


def _prefix(low: Floats, high: Floats) -> Ints:
    """The zone number that both ends of a range begin with; 0 if none."""
    first, last = np.floor(low / PREFIX), np.floor(high / PREFIX)
    known = ((first >= 13) & (first <= 23)) | ((first >= 25) & (first <= 45))
    return np.where((first == last) & known, first, 0).astype(np.int64)
