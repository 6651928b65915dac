"""Rasters in: any CRS, several tiles as one, read by windows of a grid in the working CRS.

A file's name decides which driver may open it. Tiles on one lattice of cells are one raster before anything is
computed, so that their seams leave no trace; what is in another CRS is warped window by window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterWindow

from zoneplan.crs.case import NEAR_M, Treatment
from zoneplan.crs.zones import Bounds, apart_m, degrees
from zoneplan.errors import Gathered, InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.gdaloptions import READING
from zoneplan.io.mosaic import FILL, Tile, description, lattices
from zoneplan.io.rasterfile import Kind, look
from zoneplan.terrain.cellgrid import CACHE_MB, CellGrid, Window, grid_over, plain_cell

_COARSER = 0.6  # of a cell of the grid: from here on several are averaged
_EXACT = 1e-9  # cells; the transformer is asked for every cell, so that windows agree
Values = npt.NDArray[Any]


@dataclass(frozen=True)
class Raster:
    """One raster of one or several files, opened when it is read.

    Parameters
    ----------
    name : str
        How messages name it.
    tiles : tuple of Tile
        Of several that show the same ground the first counts.
    kind : {"heights", "amounts", "classes"}
        Heights and amounts are interpolated where they are warped, classes are not.
    findings : tuple of Finding
    """

    name: str
    tiles: tuple[Tile, ...]
    kind: Kind
    findings: tuple[Finding, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether a tile is labelled as invented."""
        return any(tile.synthetic for tile in self.tiles)

    @property
    def box(self) -> Bounds:
        """West, south, east, north in degrees."""
        boxes = np.array([degrees(tile.bounds, tile.crs) for tile in self.tiles])
        west, south = boxes[:, :2].min(axis=0)
        east, north = boxes[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    def grid(self, bounds: Bounds, crs: CRS, *, cell_m: float | None = None, margin: int = 0) -> CellGrid:
        """The cells in which a part of it is worked through.

        Its own cells, if they are square and in the working CRS; else cells of `cell_m`, by default of one
        significant digit near its own size, with corners at whole multiples.
        """
        first = self.tiles[0]
        own = first.square and first.crs == crs
        if own and cell_m in (None, first.size[0]):
            origin = first.transform[2], first.transform[5]
            return grid_over(bounds, crs, first.size[0], margin=margin, origin=origin)
        return grid_over(
            bounds, crs, cell_m or plain_cell(first.size[0] if own else first.metres), margin=margin
        )

    def warps_to(self, grid: CellGrid) -> bool:
        """Whether its values are interpolated on their way to a grid."""
        return any(group[0].crs != grid.crs or not _fits(group[0], grid) for group in lattices(self.tiles))

    @contextmanager
    def native(self) -> Iterator[Any]:
        """The dataset in its own CRS and cells; None if its files do not share one lattice, north up."""
        groups = lattices(self.tiles)
        if len(groups) > 1 or not groups[0][0].upright:
            yield None
            return
        with (
            rasterio.Env(GDAL_CACHEMAX=CACHE_MB, **READING),
            rasterio.open(description(groups[0], whole=self.kind == "classes"), driver="VRT") as mosaic,
        ):
            yield mosaic

    @contextmanager
    def on(self, grid: CellGrid) -> Iterator[Reader]:
        """Opened for reading by windows of a grid."""
        with ExitStack() as stack:
            stack.enter_context(rasterio.Env(GDAL_CACHEMAX=CACHE_MB, **READING))
            parts = []
            for group in lattices(self.tiles):
                mosaic = stack.enter_context(
                    rasterio.open(description(group, whole=self.kind == "classes"), driver="VRT")
                )
                if group[0].crs == grid.crs and _fits(group[0], grid):
                    parts.append(_Part(mosaic, _offset(group, grid)))
                else:
                    parts.append(
                        _Part(stack.enter_context(_warped(mosaic, group[0], grid, self.kind)), (0, 0))
                    )
            yield Reader(self.name, self.kind, tuple(parts))


@dataclass(frozen=True)
class _Part:
    """A dataset and the cell of it at the grid's first cell."""

    dataset: Any
    first: tuple[int, int]

    def read(self, window: Window) -> Values:
        """The window, `FILL` where the dataset has nothing."""
        col, row = window.col + self.first[0], window.row + self.first[1]
        made = np.full((window.height, window.width), FILL, dtype=self.dataset.dtypes[0])
        left, top = max(col, 0), max(row, 0)
        right = min(col + window.width, self.dataset.width)
        low = min(row + window.height, self.dataset.height)
        if right > left and low > top:
            inner = self.dataset.read(1, window=RasterWindow(left, top, right - left, low - top))
            made[top - row : low - row, left - col : right - col] = inner
        return made


@dataclass(frozen=True)
class Reader:
    """An opened raster on a grid."""

    name: str
    kind: Kind
    parts: tuple[_Part, ...]

    def read(self, window: Window) -> Values:
        """The values of a window.

        Returns
        -------
        ndarray, shape (rows, columns)
            Heights and amounts: float32, NaN where there is no data; classes: int32, `FILL` where there is none.

        Raises
        ------
        InputError
            If the file cannot be read there; heights that no ground has, so that its no-data value is not stated.
        """
        made: Values | None = None
        try:
            for part in self.parts:
                block = part.read(window)
                made = block if made is None else np.where(made == FILL, block, made)
        except RasterioError as error:
            raise InputError(
                fault("raster.unreadable", self.name, f"读取失败,文件可能已损坏:{error}", f"cannot be read, it may be damaged: {error}")
            ) from error  # fmt: skip
        assert made is not None
        if self.kind == "classes":
            return made
        plain = np.where(made == FILL, np.nan, made).astype(np.float32)
        if self.kind == "heights":
            _plausible(plain, self.name)
        return plain


LOWEST_M, HIGHEST_M = -500.0, 9000.0


def _plausible(heights: npt.NDArray[np.float32], name: str) -> None:
    """Refuse heights that no ground has."""
    known = heights[np.isfinite(heights)]
    if known.size == 0 or (known.min() >= LOWEST_M and known.max() <= HIGHEST_M):
        return
    worst = float(known.min() if known.min() < LOWEST_M else known.max())
    raise InputError(
        fault(
            "raster.height", name,
            f"有高程 {worst:g} 米,应在 {LOWEST_M:g} 至 {HIGHEST_M:g} 米;若这是无数据值,请用 --nodata {worst:g} 说明",
            f"there is a height of {worst:g} m, expected {LOWEST_M:g} to {HIGHEST_M:g} m; if that means no data, say --nodata {worst:g}",
        )
    )  # fmt: skip


def open_raster(
    paths: Sequence[Path | str],
    *,
    kind: Kind = "heights",
    name: str = "",
    treatment: Treatment | None = None,
    nodata: float | None = None,
    anchor: Bounds | None = None,
) -> Raster:
    """Look at the files of one raster; nothing but their headers and a few blocks is read.

    Parameters
    ----------
    paths : sequence of path
        GeoTIFF (COG), Erdas Imagine (.img), ASCII grid (.asc) or SRTM (.hgt), on this machine; one band, in one or
        several CRS.
    kind : {"heights", "amounts", "classes"}
    name : str
        How messages name it; default its files.
    treatment : Treatment, optional
        What may be assumed of its CRS.
    nodata : float, optional
        The value that means no data, where a file states none or the wrong one.
    anchor : tuple of float, optional
        Degrees: where the zone lies.

    Raises
    ------
    InputError
        With the faults of all files: missing, of another format, damaged, several bands, complex numbers, feet, no CRS,
        a CRS on another datum than CGCS2000 and WGS 84, far from the zone.
    """
    gathered = Gathered()
    tiles: list[Tile] = []
    findings: list[Finding] = []
    for path in map(Path, paths):
        with gathered.step():
            tile, said = look(path, kind, treatment or Treatment(), nodata)
            tiles.append(tile)
            findings += said
    if not paths:
        raise InputError(fault("raster.none", name, "没有给出栅格文件", "no raster file is given"))
    gathered.check()
    made = Raster(name or ", ".join(Path(path).name for path in paths), tuple(tiles), kind, tuple(findings))
    if anchor is not None and (far := apart_m(made.box, anchor)) > 0:
        _refuse_far(made, far)
    return made


def _refuse_far(raster: Raster, far: float) -> None:
    west, south, east, north = raster.box
    where = f"{west:.3f}–{east:.3f} E, {south:.3f}–{north:.3f} N"
    hint = (
        ("请核对坐标系与带号", "check its CRS and zone")
        if far > NEAR_M
        else ("请换上覆盖规划范围的文件", "give files that cover the zone")
    )
    raise InputError(
        fault(
            "raster.far", raster.name,
            f"栅格({where})不覆盖规划范围,相距 {far / 1000:.0f} 公里;{hint[0]}",
            f"the raster ({where}) does not reach the zone, it lies {far / 1000:.0f} km away; {hint[1]}",
        )
    )  # fmt: skip


def _fits(tile: Tile, grid: CellGrid) -> bool:
    """Whether a grid consists of a tile's own cells."""
    if not tile.square or tile.size[0] != grid.cell_m:
        return False
    off = (
        (grid.west - tile.transform[2]) / grid.cell_m,
        (tile.transform[5] - grid.north) / grid.cell_m,
    )
    return all(abs(value - round(value)) < 1e-6 for value in off)


def _offset(group: Sequence[Tile], grid: CellGrid) -> tuple[int, int]:
    west = min(tile.bounds[0] for tile in group)
    north = max(tile.bounds[3] for tile in group)
    return round((grid.west - west) / grid.cell_m), round((north - grid.north) / grid.cell_m)


def _warped(mosaic: Any, tile: Tile, grid: CellGrid, kind: Kind) -> WarpedVRT:
    """A mosaic on a grid: cubic convolution, wider where the grid is much coarser; classes by the nearest cell."""
    ratio = tile.metres / grid.cell_m
    scale = (
        ratio if ratio < _COARSER else 1.0
    )  # computed by GDAL for each window, it would differ between them
    return WarpedVRT(
        mosaic,
        crs=grid.crs.to_wkt(),
        transform=rasterio.Affine(grid.cell_m, 0.0, grid.west, 0.0, -grid.cell_m, grid.north),
        width=grid.width,
        height=grid.height,
        nodata=FILL,
        src_nodata=FILL,
        resampling=Resampling.nearest if kind == "classes" else Resampling.cubic,
        tolerance=_EXACT,
        warp_mem_limit=64,
        XSCALE=scale,
        YSCALE=scale,
    )
