"""A grid of square cells in the working CRS, and the windows in which it is worked through."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pyproj import CRS

BLOCK = 512
"""Cells along the side of a window, and of a tile of a written raster."""
CACHE_MB = 64
"""Of GDAL, whose own default is a twentieth of the machine; fixed also so that rasters are written in the same order."""


class Window(NamedTuple):
    """Columns and rows of a grid: the first of each, and how many; the first may be negative."""

    col: int
    row: int
    width: int
    height: int

    def grown(self, cells: int) -> Window:
        """With so many cells more on every side."""
        return Window(self.col - cells, self.row - cells, self.width + 2 * cells, self.height + 2 * cells)


@dataclass(frozen=True)
class CellGrid:
    """Square cells, north up.

    Parameters
    ----------
    crs : pyproj.CRS
        Projected CGCS2000 CRS in metres.
    west, north : float
        Upper left corner.
    cell_m : float
        Side of a cell.
    width, height : int
        Cells.
    """

    crs: CRS
    west: float
    north: float
    cell_m: float
    width: int
    height: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        return (
            self.west,
            self.north - self.height * self.cell_m,
            self.west + self.width * self.cell_m,
            self.north,
        )

    @property
    def cells(self) -> int:
        return self.width * self.height

    @property
    def whole(self) -> Window:
        """All of it as one window."""
        return Window(0, 0, self.width, self.height)

    def grown(self, cells: int) -> CellGrid:
        """With so many cells more on every side."""
        far = cells * self.cell_m
        return CellGrid(
            self.crs,
            self.west - far,
            self.north + far,
            self.cell_m,
            self.width + 2 * cells,
            self.height + 2 * cells,
        )

    def part(self, window: Window) -> CellGrid:
        """The cells of a window as a grid of their own."""
        west, north = self.west + window.col * self.cell_m, self.north - window.row * self.cell_m
        return CellGrid(self.crs, west, north, self.cell_m, window.width, window.height)

    def windows(self, size: int = BLOCK) -> Iterator[Window]:
        """Windows of `size` cells a side that make up the grid, row by row."""
        for row in range(0, self.height, size):
            for col in range(0, self.width, size):
                yield Window(col, row, min(size, self.width - col), min(size, self.height - row))


def grid_over(
    bounds: tuple[float, float, float, float],
    crs: CRS,
    cell_m: float,
    *,
    margin: int = 0,
    origin: tuple[float, float] = (0.0, 0.0),
) -> CellGrid:
    """The cells that cover a box, and `margin` more on every side; corners are whole cells from `origin`."""
    west, south, east, north = bounds
    first = math.floor((west - origin[0]) / cell_m + 1e-9) - margin
    last = math.ceil((east - origin[0]) / cell_m - 1e-9) + margin
    low = math.floor((south - origin[1]) / cell_m + 1e-9) - margin
    high = math.ceil((north - origin[1]) / cell_m - 1e-9) + margin
    return CellGrid(
        crs, origin[0] + first * cell_m, origin[1] + high * cell_m, cell_m, last - first, high - low
    )


def plain_cell(native_m: float) -> float:
    """A side of one significant digit near that of a raster's cells: 30 for one of 30.9 × 25.2 m.

    Examples
    --------
    >>> plain_cell(27.9), plain_cell(12.5), plain_cell(92.6), plain_cell(0.5)
    (30.0, 10.0, 90.0, 0.5)
    """
    step = 10.0 ** math.floor(math.log10(native_m))
    return round(native_m / step) * step
