"""Polygons moved from a local origin to where they lie, and valid there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Shapes


def placed(shapes: Shapes, origin: npt.NDArray[np.float64]) -> Shapes:
    """Polygons moved by whole metres from a local origin.

    Coordinates have fewer digits there: where rounding them makes two edges cross, or a part collapse, the polygon is
    laid on the grid of these digits, which moves no vertex of a projected CRS by more than a hundred-thousandth of a
    millimetre. So is one that was invalid before.
    """
    made: Shapes = np.asarray(shapely.transform(shapes, lambda xy: xy + origin), dtype=object)
    for number in np.flatnonzero(~shapely.is_valid(made)):
        ways = _ways(shapes[number], made[number], origin)
        made[number] = next((way for way in ways if way.is_valid), made[number])
    return made


def _ways(
    shape: BaseGeometry, moved: BaseGeometry, origin: npt.NDArray[np.float64]
) -> Iterator[BaseGeometry]:
    """A polygon put right in one way after another."""
    digit = float(np.spacing(np.abs(shapely.get_coordinates(moved)).max()))
    sound = shape if shape.is_valid else _mended(shape)
    for grid in (digit, 2 * digit, 16 * digit):
        try:
            snapped = shapely.set_precision(sound, grid)
        except GEOSException:
            continue
        yield shapely.transform(snapped, lambda xy: xy + origin)
    yield _mended(moved)


def _mended(shape: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)
