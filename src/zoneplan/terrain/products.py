"""What is made from heights, block by block: elevation, slope, relief and the classes of slope and aspect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zoneplan.terrain import surface
from zoneplan.terrain.classes import Legend, Terrain, legend_of
from zoneplan.terrain.surface import HEIGHT_STEP, relief_window, stepped

NUMBERS: Mapping[str, tuple[str, str, str]] = {
    "elevation": ("高程", "Elevation", "m"),
    "slope": ("坡度", "Slope", "degree"),
    "relief": ("地形起伏度", "Relief", "m"),
}
"""Rasters of numbers: name, English name, unit."""


def legends(classes: Terrain) -> dict[str, Legend]:
    """The legends of the rasters of classes, by name."""
    return {scheme.id: legend_of(scheme) for scheme in classes.schemes}


def halo(classes: Terrain, cell_m: float) -> int:
    """How many cells around a block it takes."""
    return max(1, relief_window(classes.relief.area_ha, cell_m) // 2)


def products(
    heights: npt.NDArray[np.float32], cell_m: float, classes: Terrain
) -> dict[str, npt.NDArray[Any]]:
    """All rasters of a block.

    Parameters
    ----------
    heights : ndarray, shape (rows + 2 · halo, columns + 2 · halo)
        Metres, NaN where there is no data.
    cell_m : float
    classes : Terrain

    Returns
    -------
    dict of str to ndarray, shape (rows, columns)
        ``elevation`` (m), ``slope`` (degrees), ``relief`` (m): float32 with NaN; a uint8 array for each scheme.
    """
    edge = halo(classes, cell_m)
    z = stepped(heights, HEIGHT_STEP)
    near = z[edge - 1 : z.shape[0] - edge + 1, edge - 1 : z.shape[1] - edge + 1]
    slope = surface.slope(near, cell_m)
    aspect = surface.aspect(near, cell_m)
    made: dict[str, npt.NDArray[Any]] = {
        "elevation": near[1:-1, 1:-1],
        "slope": slope,
        "relief": surface.relief(z, 2 * edge + 1),
    }
    return made | {scheme.id: scheme.of_block(slope, aspect) for scheme in classes.schemes}
