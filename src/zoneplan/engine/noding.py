"""Lines cut where they meet, and the faces between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

from zoneplan.engine.overlay import GRID_M
from zoneplan.engine.rings import Shapes

_NEAR_M = 4 * GRID_M  # lines further apart than this stay apart on the grid


def faces(lines: Shapes) -> list[Polygon]:
    """The faces that lines of two points enclose, wherever they cross; lines at a local origin."""
    if len(lines) == 0:
        return []
    return list(shapely.get_parts(shapely.polygonize(_noded(lines))))


def _noded(lines: Shapes) -> Shapes:
    """Lines of two points, on the grid, cut where they meet; only those near another but for a common end are cut."""
    # by the engine, whose rounding is what it will meet again
    snapped = shapely.set_precision(
        shapely.LineString(shapely.get_coordinates(lines)), GRID_M, mode="pointwise"
    )
    ends = shapely.get_coordinates(snapped).reshape(-1, 4)
    ends[:] = np.where(_after(ends[:, :2], ends[:, 2:])[:, None], ends[:, [2, 3, 0, 1]], ends)
    ends = np.unique(ends[(ends[:, :2] != ends[:, 2:]).any(axis=1)], axis=0)
    straight = np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), dtype=object)
    one, other = shapely.STRtree(straight).query(straight, predicate="dwithin", distance=_NEAR_M)
    one, other = one[one < other], other[one < other]
    met = _meet_inside(ends, straight, one, other)
    mixed = np.zeros(len(straight), dtype=bool)
    mixed[one[met]] = mixed[other[met]] = True
    if not mixed.any():
        return straight
    cut = shapely.get_parts(shapely.union_all(straight[mixed], grid_size=GRID_M))
    return np.concatenate([straight[~mixed], cut])


def _after(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether points come after others, by x and then y."""
    return np.asarray((one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1])))


def _meet_inside(
    ends: npt.NDArray[np.float64], lines: Shapes, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Pairs of near lines that are near elsewhere than at one common end."""
    a, b = ends[one].reshape(-1, 2, 2), ends[other].reshape(-1, 2, 2)
    met = np.ones(len(one), dtype=bool)
    for i in (0, 1):
        for j in (0, 1):
            common = np.flatnonzero((a[:, i] == b[:, j]).all(axis=1))
            far = shapely.points(a[common, 1 - i]), shapely.points(b[common, 1 - j])
            met[common] = shapely.dwithin(far[0], lines[other[common]], _NEAR_M)
            met[common] |= shapely.dwithin(far[1], lines[one[common]], _NEAR_M)
    return met
