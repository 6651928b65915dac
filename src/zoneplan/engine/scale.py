"""The areal scale of a projection, as a weight to integrate over plane regions."""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import numpy as np
from pyproj import CRS

from zoneplan.crs.remembered import remembered
from zoneplan.crs.zones import projection
from zoneplan.engine import compiled
from zoneplan.engine.compiled import Compiled, inner
from zoneplan.engine.ellipsoid import require_plane
from zoneplan.engine.tiling import Array, Tiling, box_of, polynomials, tiling

_POWERS = tuple((i, j) for i in range(4) for j in range(3))


def scale_weights(bounds: Array, crs: CRS) -> Array:
    """Square metres on the ellipsoid per plane square metre, as a quadratic in easting for each feature.

    Parameters
    ----------
    bounds : ndarray, shape (n, 4)
        West, south, east, north of features in `crs`; NaN where a feature is empty.
    crs : pyproj.CRS
        Projected CGCS2000 CRS in metres.

    Returns
    -------
    ndarray, shape (n, 3)
        a, b, c: the scale at easting E is ``a + b·d + c·d²`` with d = E − the feature's centre.

    Raises
    ------
    InputError
        If `crs` is not a projected CGCS2000 CRS in metres.

    Notes
    -----
    The scale is the reciprocal of PROJ's areal scale, in each tile a polynomial (residual some 1e-11).
    North-south change within a feature is left out: 3e-13 per metre. Integrated over a region this
    agrees with the standard formula, whose edges are split at 70 m, to 0.005 m² per km².
    """
    require_plane(crs)
    weights = np.tile([1.0, 0.0, 0.0], (len(bounds), 1))
    if not len(bounds) or not np.isfinite(bounds).any():
        return weights
    tiles = tiling(*box_of(bounds))
    held = _scales(tiles, crs)
    few = compiled.few(len(bounds) * 4)
    _weigh(bounds, *astuple(tiles), held, weights, interpret=few)
    return weights


@remembered(maxsize=8)
def _scales(tiles: Tiling, crs: CRS) -> Array:
    """The scale in each tile, in coordinates −1 to 1."""
    proj = projection(crs)
    lon, lat = proj(*tiles.places(), inverse=True)
    return polynomials(np.asarray(1.0 / proj.get_factors(lon, lat).areal_scale), _POWERS)


@inner
def _expanded(u: Any, v: Any, per_m: float, c: Any) -> tuple[Any, Any, Any]:
    """Value, slope and half the curvature of the scale eastward."""
    p0 = c[0] + v * (c[1] + v * c[2])
    p1 = c[3] + v * (c[4] + v * c[5])
    p2 = c[6] + v * (c[7] + v * c[8])
    p3 = c[9] + v * (c[10] + v * c[11])
    return (
        p0 + u * (p1 + u * (p2 + u * p3)),
        (p1 + u * (2.0 * p2 + u * (3.0 * p3))) * per_m,
        (p2 + u * (3.0 * p3)) * (per_m * per_m),
    )


def _weigh_all(
    bounds: Any, col: int, row: int, cols: int, rows: int, side: float, scales: Any, weights: Any
) -> None:  # fmt: skip
    """Weights of all features, each about its centre."""
    per_side = 1.0 / side
    for p in range(len(bounds)):
        x = 0.5 * (bounds[p, 0] + bounds[p, 2]) * per_side
        y = 0.5 * (bounds[p, 1] + bounds[p, 3]) * per_side
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        i = min(max(math.floor(x), col), col + cols - 1)
        j = min(max(math.floor(y), row), row + rows - 1)
        weights[p, 0], weights[p, 1], weights[p, 2] = _expanded(
            (x - i) * 2.0 - 1.0, (y - j) * 2.0 - 1.0, 2.0 * per_side, scales[(j - row) * cols + i - col]
        )


_weigh = Compiled(_weigh_all)
