"""Rasters out: tiled GeoTIFF with names and colours of classes, written window by window in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window as RasterWindow

from zoneplan.terrain.cellgrid import BLOCK, CACHE_MB, CellGrid, Window
from zoneplan.terrain.classes import NO_DATA, Legend

EMPTY = -9999.0
"""No data in a raster of numbers."""


class Writer:
    """A GeoTIFF being written."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def write(self, window: Window, values: npt.NDArray[Any]) -> None:
        """A window of the grid; NaN becomes no data."""
        plain = np.where(np.isnan(values), EMPTY, values) if values.dtype.kind == "f" else values
        self._dataset.write(
            plain.astype(self._dataset.dtypes[0]),
            1,
            window=RasterWindow(window.col, window.row, window.width, window.height),
        )


@contextmanager
def raster_writer(
    path: Path, grid: CellGrid, *, legend: Legend | None = None, tags: Mapping[str, str] | None = None
) -> Iterator[Writer]:
    """A GeoTIFF on a grid: bytes with a colour table where there is a legend, else float32.

    Compressed without loss, in tiles of `BLOCK` cells; windows should be multiples of that, each written once. Equal
    windows in equal order give equal bytes. Tags name what it shows; every class is a tag ``CLASS_<value>``.
    """
    number = legend is None
    options: dict[str, Any] = {
        "driver": "GTiff", "width": grid.width, "height": grid.height, "count": 1, "crs": grid.crs.to_wkt(),
        "transform": rasterio.Affine(grid.cell_m, 0.0, grid.west, 0.0, -grid.cell_m, grid.north),
        "dtype": "float32" if number else "uint8", "nodata": EMPTY if number else NO_DATA,
        "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "predictor": 3 if number else 1,
        "bigtiff": "if_safer",
    }  # fmt: skip
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), rasterio.open(path, "w", **options) as made:
        about = dict(tags or {})
        if legend is not None:
            made.write_colormap(1, legend.palette)
            about |= {f"CLASS_{one.value}": one.words for one in legend.classes}
            made.set_band_description(1, f"{legend.name} {legend.name_en}")
        made.update_tags(**about)
        yield Writer(made)


@contextmanager
def reopened(path: Path) -> Iterator[Callable[[Window], npt.NDArray[np.float32]]]:
    """A function that reads windows of a raster of numbers written here; NaN where there is no data."""
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), rasterio.open(path) as dataset:

        def read(window: Window) -> npt.NDArray[np.float32]:
            values = dataset.read(1, window=RasterWindow(*window))
            return np.where(values == np.float32(EMPTY), np.float32(np.nan), values)

        yield read
