"""A georeferenced picture (GeoTIFF) to lie below a map."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.vrt import WarpedVRT

from zoneplan.crs.gate import to_working
from zoneplan.errors import InputError, fault
from zoneplan.io.gdaloptions import READING
from zoneplan.io.rasterfile import PICTURES, raster_driver
from zoneplan.io.sandbox import sandboxed

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
        raster_driver(path, PICTURES)
        self.path, self.crs = path, crs
        bands, kinds, stated, identity, bounds = sandboxed(partial(_seen, path), path, place=path.name)
        if bands not in BANDS or kinds != {"uint8"}:
            found = f"{bands} × {', '.join(sorted(kinds))}"
            raise _unusable(
                path,
                f"波段为 {found};应为 1、3 或 4 个 8 位波段的图片",
                f"has bands {found}; expected a picture of 1, 3 or 4 bands of bytes",
            )
        if identity:
            raise _unusable(path, "没有地理参考(仿射变换)", "is not georeferenced (no affine transformation)")
        own = CRS.from_wkt(stated) if stated else None
        footprint = gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=own)
        to_working(footprint, crs, place=path.name)

    def pixels(self, bounds: tuple[float, float, float, float], columns: int, rows: int) -> np.ndarray:
        """The picture over bounds (west, south, east, north in metres), RGBA bytes, rows from the north; clear outside."""
        work = partial(_drawn, self.path, self.crs.to_wkt(), bounds, columns, rows)
        return sandboxed(work, self.path, place=self.path.name)


def _seen(path: Path) -> tuple[int, set[str], str, bool, tuple[float, float, float, float]]:
    """Bands, their types, CRS as WKT (empty without), whether it is not georeferenced, bounds."""
    with rasterio.Env(**READING), rasterio.open(path, driver="GTiff") as file:
        stated = file.crs.to_wkt() if file.crs else ""
        west, south, east, north = file.bounds
        return file.count, set(file.dtypes), stated, file.transform.is_identity, (west, south, east, north)


def _drawn(
    path: Path, crs: str, bounds: tuple[float, float, float, float], columns: int, rows: int
) -> np.ndarray:
    west, south, east, north = bounds
    across, down = (east - west) / columns, (north - south) / rows
    with rasterio.Env(**READING), rasterio.open(path, driver="GTiff") as file:
        palette = file.colormap(1) if file.colorinterp[0] == ColorInterp.palette else None
        how = {
            "crs": crs, "transform": Affine(across, 0.0, west, 0.0, -down, north), "width": columns, "height": rows,
            "resampling": Resampling.nearest if palette else Resampling.bilinear, "add_alpha": file.count in (1, 3),
        }  # fmt: skip
        with WarpedVRT(file, **how) as turned:
            return _rgba(turned.read(), palette)


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
