"""A georeferenced picture (GeoTIFF) to lie below a map."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from zoneplan.crs.gate import to_working
from zoneplan.errors import InputError, fault

BANDS = (1, 3, 4)


class Backdrop:
    """A GeoTIFF of bytes: grey, palette, RGB or RGBA.

    Parameters
    ----------
    path : Path
    crs : pyproj.CRS
        What it is drawn in.

    Raises
    ------
    InputError
        No such file, no GeoTIFF, no bytes, no georeference, a CRS that `crs.gate` does not take.
    """

    def __init__(self, path: Path, crs: CRS) -> None:
        import rasterio
        from rasterio.errors import RasterioIOError

        self.path, self.crs = path, crs
        if not path.is_file():
            raise _unusable(path, "没有这个文件", "there is no such file")
        try:
            with rasterio.open(path, driver="GTiff") as file:
                bands, kinds, stated, affine, bounds = (
                    file.count, set(file.dtypes), file.crs, file.transform, file.bounds,
                )  # fmt: skip
        except RasterioIOError as error:
            raise _unusable(path, f"不是可读的 GeoTIFF:{error}", f"no readable GeoTIFF: {error}") from error
        if bands not in BANDS or kinds != {"uint8"}:
            found = f"{bands} × {', '.join(sorted(kinds))}"
            raise _unusable(
                path,
                f"波段为 {found};应为 1、3 或 4 个 8 位波段的图片",
                f"has bands {found}; expected a picture of 1, 3 or 4 bands of bytes",
            )
        if affine.is_identity:
            raise _unusable(path, "没有地理参考(仿射变换)", "is not georeferenced (no affine transformation)")
        own = CRS.from_wkt(stated.to_wkt()) if stated else None
        footprint = gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=own)
        to_working(footprint, crs, place=path.name)

    def pixels(self, bounds: tuple[float, float, float, float], columns: int, rows: int) -> np.ndarray:
        """The picture over bounds (west, south, east, north in metres), RGBA bytes, rows from the north; clear outside."""
        import rasterio
        from affine import Affine
        from rasterio.enums import ColorInterp, Resampling
        from rasterio.vrt import WarpedVRT

        west, south, east, north = bounds
        across, down = (east - west) / columns, (north - south) / rows
        with rasterio.open(self.path, driver="GTiff") as file:
            palette = file.colormap(1) if file.colorinterp[0] == ColorInterp.palette else None
            how = {
                "crs": self.crs.to_wkt(), "transform": Affine(across, 0.0, west, 0.0, -down, north), "width": columns, "height": rows,
                "resampling": Resampling.nearest if palette else Resampling.bilinear, "add_alpha": file.count in (1, 3),
            }  # fmt: skip
            with WarpedVRT(file, **how) as turned:
                data = turned.read()
        return _rgba(data, palette)


def _rgba(data: np.ndarray, palette: dict[int, tuple[int, ...]] | None) -> np.ndarray:
    """Bands first → RGBA last."""
    if palette is not None:
        table = np.array([palette.get(value, (0, 0, 0, 0)) for value in range(256)], np.uint8)
        made: np.ndarray = table[data[0]]
        made[..., 3] = np.minimum(made[..., 3], data[1])
        return made
    if len(data) == 2:
        data = np.stack([data[0], data[0], data[0], data[1]])
    return np.ascontiguousarray(np.moveaxis(data, 0, -1))


def _unusable(path: Path, zh: str, en: str) -> InputError:
    return InputError(fault("raster.unusable", path, zh, en))
