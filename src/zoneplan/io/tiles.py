"""Many polygons as vector tiles in one archive (PMTiles), written by GDAL; equal input, equal bytes."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

from zoneplan.crs.gate import GEOGRAPHIC

LAYER = "polygons"
"""Name of the only layer of an archive."""
DEEPEST = 14
"""Zoom of the finest tiles: their grid is 0.6 m at the equator, so that no corner moves by more than 0.43 m."""
_GRID = 4096
_BUFFER = 24  # beyond a tile's edge, so that no outline is drawn along it
_WORLD_DEGREES = 360.0


def tile_archive(shapes: gpd.GeoSeries, symbols: list[int]) -> tuple[bytes, int]:
    """The archive and the zoom of its coarsest tiles.

    Each polygon carries its position ``i`` in the series and its symbol ``s``. Tiles are drawn in the order of the
    series. Coarser tiles are simplified; the finest are not, only rounded to their grid. No tile drops a polygon for
    the number or size of its neighbours.

    Parameters
    ----------
    shapes : GeoSeries
        Non-empty polygons in any CRS.
    symbols : list of int
        One per polygon.
    """
    degrees = shapes.to_crs(GEOGRAPHIC)
    west, _, east, _ = degrees.total_bounds
    coarsest = min(DEEPEST, max(0, math.floor(math.log2(_WORLD_DEGREES / max(east - west, 1e-9)))))
    frame = gpd.GeoDataFrame(
        {"i": np.arange(len(degrees), dtype=np.int32), "s": np.asarray(symbols, dtype=np.int32)},
        geometry=degrees.to_numpy(),
        crs="EPSG:4326",  # what the driver expects; CGCS2000 differs by centimetres, as on every web map
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.pmtiles"
        pyogrio.write_dataframe(
            frame,
            path,
            layer=LAYER,
            driver="PMTiles",
            dataset_options={
                "NAME": LAYER, "MINZOOM": coarsest, "MAXZOOM": DEEPEST, "EXTENT": _GRID, "BUFFER": _BUFFER,
                "SIMPLIFICATION": 2, "SIMPLIFICATION_MAX_ZOOM": 0,
                "MAX_SIZE": 2**30, "MAX_FEATURES": 10**8,
            },
        )  # fmt: skip
        return path.read_bytes(), coarsest
