"""A raster larger than the memory it may take: 20,000 × 20,000 heights to slope, classes and statistics by zone.

Writes rasters.json. The products of terrain as whole arrays would be 9 GB; the peak is that of a few windows.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from pyproj import CRS
from shapely.geometry import box

from zoneplan.io.raster import open_raster
from zoneplan.jobs.elevation import derive
from zoneplan.terrain.classes import read_classes
from zoneplan.terrain.products import legends
from zoneplan.terrain.tables import class_table
from zoneplan.terrain.zonal import zonal

SIZE, CELL, WEST, NORTH, TILE = 20_000, 5.0, 420_000.0, 3_950_000.0, 512
LIMIT_MB = 600


def heights(path: Path, size: int) -> None:
    """A tiled GeoTIFF, one window of hills over and over, a tenth of it without data."""
    y, x = np.mgrid[:TILE, :TILE] * (2 * np.pi / TILE)
    tile = (400 + 90 * np.sin(3 * x) * np.cos(2 * y) + 25 * np.sin(11 * x + 7 * y)).astype(np.int16)
    options = {
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "compress": "deflate",
        "sparse_ok": True,
    }
    with rasterio.open(
        path, "w", driver="GTiff", width=size, height=size, count=1, dtype="int16", crs="EPSG:4547", nodata=-32768,
        transform=rasterio.Affine(CELL, 0, WEST, 0, -CELL, NORTH), **options,
    ) as file:  # fmt: skip
        for number, (_, window) in enumerate(file.block_windows(1)):
            if number % 10:
                file.write(tile[: window.height, : window.width], 1, window=window)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(size: int) -> None:
    """Time, measure and write."""
    found: dict[str, object] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "cells": size**2,
    }
    crs = CRS.from_epsg(4547)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        heights(folder / "dem.tif", size)
        raster = open_raster([folder / "dem.tif"])
        side = size * CELL
        bounds = WEST, NORTH - side, WEST + side, NORTH
        grid = raster.grid(bounds, crs)
        found["before_mb"] = round(peak_mb())
        start = time.process_time()
        made = derive(raster, grid, folder)
        found["derive_cpu_s"] = round(time.process_time() - start, 1)
        found["derive_mb"] = round(peak_mb())
        half = side / 2
        shapes = [
            box(
                WEST + a * half, NORTH - side + b * half, WEST + (a + 1) * half, NORTH - side + (b + 1) * half
            )
            for a in (0, 1)
            for b in (0, 1)
        ]
        zones = gpd.GeoDataFrame(
            {"kind": "zone", "id": list("abcd"), "name": list("abcd"), "area_m2": half**2},
            geometry=shapes,
            crs=crs,
        )
        start = time.process_time()
        zonal(zones, made.path("slope"), name="slope")
        class_table(zones, made.path("slope_class"), legends(read_classes())["slope_class"])
        found["zonal_cpu_s"] = round(time.process_time() - start, 1)
        found["peak_mb"] = round(peak_mb())
        found["written_mb"] = round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6)
    found["limit_mb"] = LIMIT_MB
    print(json.dumps(found, indent=2))
    if size == SIZE:
        Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if peak_mb() > LIMIT_MB:
        sys.exit(f"the peak of {peak_mb():.0f} MB is over {LIMIT_MB} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE)
