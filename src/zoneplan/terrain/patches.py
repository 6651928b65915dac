"""Shapes to cells and cells to shapes, and patches too small to stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rasterio import Affine
from rasterio.features import rasterize, shapes, sieve
from shapely.geometry import shape as as_shape
from shapely.geometry.base import BaseGeometry

from zoneplan.terrain.cellgrid import CellGrid, Window
from zoneplan.terrain.classes import NO_DATA

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


def burnt(shape: BaseGeometry, grid: CellGrid, window: Window, *, touched: bool = False) -> Bools:
    """Cells of a window whose middle lies in a polygon; with `touched` all that it meets."""
    size = window.height, window.width
    if shape.is_empty:
        return np.zeros(size, dtype=bool)
    transform = _transform(grid.part(window))
    made = rasterize([shape], out_shape=size, all_touched=touched, dtype="uint8", transform=transform)
    return np.asarray(made, dtype=bool)


def burnt_within(shape: BaseGeometry, zone: BaseGeometry, grid: CellGrid, window: Window) -> Bools:
    """Cells in a polygon by their middle; cells that a zone only touches, if the polygon touches them, too."""
    edge = burnt(zone, grid, window, touched=True) & ~burnt(zone, grid, window)
    return np.asarray(burnt(shape, grid, window) | (edge & burnt(shape, grid, window, touched=True)))


def merged(values: Bytes, cells: int, soft: Sequence[int]) -> Bytes:
    """Patches of fewer cells made part of the largest neighbour, among the classes in `soft`; the others stay."""
    if cells < 2:
        return values
    free = np.isin(values, soft)
    joined = sieve(values, cells, mask=free, connectivity=4)
    return np.asarray(np.where(free, joined, values), dtype=np.uint8)


def outlined(values: Bytes, grid: CellGrid) -> Iterator[tuple[int, BaseGeometry]]:
    """The value and shape of every patch of cells that share a side, `NO_DATA` left out."""
    for geometry, value in shapes(values, mask=values != NO_DATA, connectivity=4, transform=_transform(grid)):
        yield int(value), as_shape(geometry)


def _transform(grid: CellGrid) -> Affine:
    return Affine(grid.cell_m, 0, grid.west, 0, -grid.cell_m, grid.north)
