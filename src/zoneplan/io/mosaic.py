"""Tiles on one lattice of cells as one raster: a description that GDAL reads, made from files that were looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from pyproj import CRS

from zoneplan.crs.zones import Bounds

FILL = -1_000_000_000
"""Stands for no data in a mosaic; no height, amount or class has it, and single precision holds it."""
_SAME = 0.01  # cells: lattices that differ by less are one


@dataclass(frozen=True)
class Tile:
    """A raster file.

    Parameters
    ----------
    path : Path
    crs : pyproj.CRS
        Horizontal.
    transform : tuple of float
        Width of a cell, 0, west; 0, minus its height, north (as an affine matrix, row by row).
    width, height : int
        Cells.
    dtype : str
    nodata : float or None
    scale, offset : float
        What stored values are multiplied with, and what is added then.
    synthetic : str
        What its label says of what was invented; empty for real ground.
    legend : str
        The legend that it names itself, if any.
    """

    path: Path
    crs: CRS
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int
    dtype: str
    nodata: float | None
    scale: float = 1.0
    offset: float = 0.0
    synthetic: str = ""
    legend: str = ""

    @property
    def upright(self) -> bool:
        """North up, neither turned nor mirrored."""
        a, b, _, d, e, _ = self.transform
        return a > 0 and e < 0 and b == 0 and d == 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a cell in units of its CRS."""
        a, b, _, d, e, _ = self.transform
        return math.hypot(a, d), math.hypot(b, e)

    @property
    def square(self) -> bool:
        return self.upright and not self.crs.is_geographic and self.size[0] == self.size[1]

    @property
    def metres(self) -> float:
        """The larger side of a cell in metres, about."""
        across, along = self.size
        if not self.crs.is_geographic:
            factor = float(self.crs.axis_info[0].unit_conversion_factor or 1.0)
            return max(across, along) * factor
        middle = math.radians((self.bounds[1] + self.bounds[3]) / 2)
        return max(across * 111_320.0 * math.cos(middle), along * 111_000.0)

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in its CRS."""
        a, b, c, d, e, f = self.transform
        corners = [(c + a * x + b * y, f + d * x + e * y) for x in (0, self.width) for y in (0, self.height)]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def lattices(tiles: Sequence[Tile]) -> list[list[Tile]]:
    """Tiles in groups that share CRS and lattice, in the order given."""
    groups: list[list[Tile]] = []
    for tile in tiles:
        group = next((one for one in groups if _together(one[0], tile)), None)
        if group is None:
            groups.append([tile])
        else:
            group.append(tile)
    return groups


def _together(one: Tile, other: Tile) -> bool:
    if one.crs != other.crs or not (one.upright and other.upright):
        return False
    for n, (a, b) in enumerate(zip(one.size, other.size, strict=True)):
        cells = max(one.width, one.height, other.width, other.height)
        shift = (one.transform[2 + 3 * n] - other.transform[2 + 3 * n]) / a
        if abs(a - b) * cells > _SAME * a or abs(shift - round(shift)) > _SAME:
            return False
    return True


def description(group: Sequence[Tile], *, whole: bool) -> str:
    """The XML of a mosaic: whole numbers, or single precision; `FILL` where there is no data."""
    first = group[0]
    if len(group) == 1:
        width, height = first.width, first.height
        transform: Sequence[float] = first.transform
    else:
        west = min(tile.bounds[0] for tile in group)
        north = max(tile.bounds[3] for tile in group)
        across, down = first.size
        width = round((max(tile.bounds[2] for tile in group) - west) / across)
        height = round((north - min(tile.bounds[1] for tile in group)) / down)
        transform = (across, 0.0, west, 0.0, -down, north)
    a, b, c, d, e, f = transform
    sources = "".join(
        _source(tile, round((tile.transform[2] - c) / a) if len(group) > 1 else 0,
                round((f - tile.transform[5]) / -e) if len(group) > 1 else 0)
        for tile in reversed(group)
    )  # fmt: skip
    kind = "Int32" if whole else "Float32"
    return (
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS>{escape(first.crs.to_wkt())}</SRS>'
        f"<GeoTransform>{c!r}, {a!r}, {b!r}, {f!r}, {d!r}, {e!r}</GeoTransform>"
        f'<VRTRasterBand dataType="{kind}" band="1"><NoDataValue>{FILL}</NoDataValue>{sources}'
        "</VRTRasterBand></VRTDataset>"
    )


def _source(tile: Tile, col: int, row: int) -> str:
    """A tile's place in the mosaic; of tiles that overlap, the one written last shows."""
    box = f'xSize="{tile.width}" ySize="{tile.height}"'
    scaled = (
        f"<ScaleOffset>{tile.offset!r}</ScaleOffset><ScaleRatio>{tile.scale!r}</ScaleRatio>"
        if (tile.scale, tile.offset) != (1.0, 0.0)
        else ""
    )
    missing = "" if tile.nodata is None else f"<NODATA>{tile.nodata!r}</NODATA>"
    return (
        f'<ComplexSource><SourceFilename relativeToVRT="0" shared="0">{escape(str(tile.path))}</SourceFilename>'
        f'<SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" {box}/><DstRect xOff="{col}" yOff="{row}" {box}/>'
        f"{scaled}{missing}</ComplexSource>"
    )
