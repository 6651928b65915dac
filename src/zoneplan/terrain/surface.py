"""Slope, aspect and relief of blocks of heights: numpy only, NaN where there is no data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Heights = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float32]

SLOPE_STEP = 0.01
"""Degrees; slopes are rounded to this before they are classed, so that the rasters agree with one another."""
HEIGHT_STEP = 0.001
"""Metres; heights are rounded to this first of all."""


def gradient(heights: Heights, cell_m: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Rise eastward and northward, metres per metre, of the inner cells of a block.

    Parameters
    ----------
    heights : ndarray, shape (rows + 2, columns + 2)
        Metres, north up, one row and column more on every side; NaN where there is no data.
    cell_m : float
        Side of a cell in metres.

    Returns
    -------
    tuple of ndarray, shape (rows, columns)
        NaN where any of the nine cells has no data.

    Notes
    -----
    Horn's weights (B. K. P. Horn, Hill shading and the reflectance map, 1981): of the three differences across a
    cell the middle one counts twice.
    """
    z = np.asarray(heights, dtype=np.float64)
    across = z[:, 2:] - z[:, :-2]
    up = z[:-2, :] - z[2:, :]
    east = (across[:-2] + 2 * across[1:-1] + across[2:]) / (8 * cell_m)
    north = (up[:, :-2] + 2 * up[:, 1:-1] + up[:, 2:]) / (8 * cell_m)
    missing = np.isnan(z[1:-1, 1:-1])  # the middle cell has no weight of its own
    return np.where(missing, np.nan, east), np.where(missing, np.nan, north)


def slope(heights: Heights, cell_m: float) -> Floats:
    """Slope in degrees, in steps of `SLOPE_STEP`; parameters as of `gradient`."""
    east, north = gradient(heights, cell_m)
    return stepped(np.degrees(np.arctan(np.hypot(east, north))), SLOPE_STEP)


def aspect(heights: Heights, cell_m: float) -> Floats:
    """The way that the ground falls, degrees clockwise from grid north, 0 to 360; NaN also where it is level.

    Parameters as of `gradient`.
    """
    east, north = gradient(heights, cell_m)
    level = (east == 0) & (north == 0)
    turned = np.degrees(np.arctan2(-east, -north)) % 360.0
    return np.where(level, np.nan, turned).astype(np.float32)


def relief(heights: Heights, window: int) -> Floats:
    """Highest less lowest height among `window` × `window` cells around each cell, metres.

    Parameters
    ----------
    heights : ndarray, shape (rows + window - 1, columns + window - 1)
        NaN where there is no data.
    window : int
        Odd number of cells.

    Returns
    -------
    ndarray, shape (rows, columns)
        NaN where any of the cells has no data.
    """
    if window < 1 or window % 2 == 0:
        raise ValueError(f"window is {window}; expected an odd number of cells")
    z = np.asarray(heights, dtype=np.float32)
    high = _running(_running(z, window, np.maximum).T, window, np.maximum).T
    low = _running(_running(z, window, np.minimum).T, window, np.minimum).T
    return stepped(high - low, HEIGHT_STEP)


def relief_window(area_ha: float, cell_m: float) -> int:
    """The odd number of cells, at least 3, whose square comes nearest to an area.

    Examples
    --------
    >>> relief_window(20.0, 30.0)
    15
    """
    side: float = (area_ha * 1e4) ** 0.5 / cell_m
    return max(3, 2 * round((side - 1) / 2) + 1)


def stepped(values: npt.NDArray[np.floating], step: float) -> Floats:
    """Values rounded half up to whole steps; single precision."""
    return np.asarray(np.floor(np.asarray(values, np.float64) / step + 0.5) * step, dtype=np.float32)


def _running(values: Floats, count: int, better: np.ufunc) -> Floats:
    """The best of each `count` values in a row along the first axis, by doubling."""
    made, have = values, 1
    while 2 * have <= count:
        made, have = better(made[:-have], made[have:]), 2 * have
    if left := count - have:
        made = better(made[:-left], made[left:])
    return made
