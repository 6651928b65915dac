"""Files of heights → rasters of terrain on a grid in the working CRS, window by window; slopes of features."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from zoneplan.crs.case import Treatment
from zoneplan.crs.gate import extent, refused, zone_crs
from zoneplan.errors import InputError
from zoneplan.finding import Finding
from zoneplan.io.raster import Raster, open_raster
from zoneplan.io.rasterfile import SYNTHETIC
from zoneplan.io.rasterwriter import raster_writer
from zoneplan.terrain.cellgrid import BLOCK, CellGrid, Window
from zoneplan.terrain.classes import Terrain, read_classes
from zoneplan.terrain.farmland import steepness
from zoneplan.terrain.products import NUMBERS, halo, legends, products
from zoneplan.terrain.zonal import zonal

Progress = Callable[[int, int], object]
SYNTHETIC_WORDS = "合成数据 synthetic:地形与地类为虚构,不反映实地 invented ground, not the real one"
_QUIET: Progress = lambda done, whole: None  # noqa: E731


@dataclass(frozen=True)
class Derived:
    """Rasters of terrain in a folder.

    Parameters
    ----------
    folder : Path
        Holds ``elevation.tif``, ``slope.tif``, ``relief.tif`` and one file for each scheme of classes.
    grid : CellGrid
    classes : Terrain
    synthetic : bool
        Whether the heights are labelled as invented.
    findings : tuple of Finding
        How the heights came to the grid, and whether they are real.
    """

    folder: Path
    grid: CellGrid
    classes: Terrain
    synthetic: bool
    findings: tuple[Finding, ...] = ()

    def path(self, name: str) -> Path:
        """The file of a raster."""
        return self.folder / f"{name}.tif"


def derive(
    dem: Raster,
    grid: CellGrid,
    folder: Path,
    *,
    classes: Terrain | None = None,
    window: int = BLOCK,
    progress: Progress = _QUIET,
) -> Derived:
    """Write the rasters of terrain of a grid.

    Parameters
    ----------
    dem : Raster
        Heights.
    grid : CellGrid
    folder : Path
    classes : Terrain, optional
        Default the shipped ones.
    window : int
        Cells a side that are worked on at once. The values do not depend on it; memory does.
    progress : callable
        Told how many windows are done, of how many.

    Raises
    ------
    InputError
        A file that cannot be read to its end, heights that no ground has.
    """
    chosen = classes or read_classes()
    edge = halo(chosen, grid.cell_m)
    tags = {"ZONEPLAN_METHOD": "Horn 3x3, metres; " + ("cubic" if dem.warps_to(grid) else "own cells")}
    tags |= {SYNTHETIC: SYNTHETIC_WORDS} if dem.synthetic else {}
    with ExitStack() as stack:
        reader = stack.enter_context(dem.on(grid.grown(edge)))
        writers = {
            name: stack.enter_context(
                raster_writer(folder / f"{name}.tif", grid, tags=tags | {"TITLE": f"{zh} {en}", "UNIT": unit})
            )
            for name, (zh, en, unit) in NUMBERS.items()
        }
        for name, legend in legends(chosen).items():
            about = tags | {"TITLE": f"{legend.name} {legend.name_en}"}
            writers[name] = stack.enter_context(
                raster_writer(folder / f"{name}.tif", grid, legend=legend, tags=about)
            )
        whole = sum(1 for _ in grid.windows(window))
        for done, at in enumerate(grid.windows(window), start=1):
            heights = reader.read(Window(at.col, at.row, at.width + 2 * edge, at.height + 2 * edge))
            for name, values in products(heights, grid.cell_m, chosen).items():
                writers[name].write(at, values)
            progress(done, whole)
    return Derived(folder, grid, chosen, dem.synthetic, tuple(_said(dem, grid)))


def _said(dem: Raster, grid: CellGrid) -> list[Finding]:
    """How the heights came to the grid, and whether they are real."""
    first = dem.tiles[0]
    said = []
    if dem.warps_to(grid):
        said.append(
            Finding(
                "terrain.warped", "info",
                f"高程由 {first.crs.name}(像元约 {first.metres:.1f} 米)按三次卷积重采样到规划坐标系 {grid.cell_m:g} 米格网后计算坡度",
                f"heights were taken from {first.crs.name} (cells of some {first.metres:.1f} m) to the plan's CRS in cells of {grid.cell_m:g} m by cubic convolution before slopes were computed",
                dem.name,
            )
        )  # fmt: skip
    if dem.synthetic:
        said.append(
            Finding(
                "terrain.synthetic", "warning",
                "高程为合成数据(虚构),由其得出的坡度、面积与评价不反映实地",
                "the heights are synthetic (invented): slopes, areas and estimates made from them say nothing of real ground",
                dem.name,
            )
        )  # fmt: skip
    return said


def slope_by_feature(
    features: gpd.GeoDataFrame,
    dem: Sequence[Path | str] | Path | str,
    *,
    above_deg: float = 25.0,
    cell_m: float | None = None,
    nodata: float | None = None,
    assume_crs: CRS | None = None,
) -> pd.DataFrame:
    """Slopes of parcels or other polygons from files of heights.

    Parameters
    ----------
    features : GeoDataFrame
        Polygons in any CRS that the gate takes.
    dem : path or sequence of path
        As for `zoneplan.io.raster.open_raster`.
    above_deg : float
        What ``steep_share`` counts from.
    cell_m : float, optional
        Side of the cells, where heights have to be warped.
    nodata : float, optional
        Height that means no data.
    assume_crs : pyproj.CRS, optional
        Of files that state none.

    Returns
    -------
    DataFrame
        On the features' index: ``slope_min, slope_mean, slope_p50, slope_p90, slope_max`` (degrees), ``elevation_mean`` (m),
        ``steep_m2``, ``steep_share`` (0 to 1), ``no_data_share``, ``slope_state`` (see `zoneplan.terrain.farmland.steepness`).

    Raises
    ------
    InputError
        Features or files whose CRS cannot be trusted; heights that do not reach the features.
    """
    frame = _working(features)
    anchor = extent(frame)
    paths = [dem] if isinstance(dem, str | Path) else list(dem)
    raster = open_raster(
        paths, treatment=Treatment(assume=assume_crs, if_missing=True), nodata=nodata, anchor=anchor
    )
    west, south, east, north = frame.total_bounds
    grid = raster.grid((west, south, east, north), CRS(frame.crs), cell_m=cell_m, margin=1)
    with tempfile.TemporaryDirectory() as temporary:
        made = derive(raster, grid, Path(temporary))
        slopes = zonal(frame, made.path("slope"), name="slope")
        heights = zonal(frame, made.path("elevation"), name="elevation", percentiles=())
        steep = steepness(frame, made.path("slope"), above_deg=above_deg)
    wanted = ["slope_min", "slope_mean", "slope_p50", "slope_p90", "slope_max"]
    return pd.concat(
        [
            slopes[wanted],
            heights[["elevation_mean"]],
            steep[["steep_m2", "steep_share", "no_data_share", "slope_state"]],
        ],
        axis=1,
    )


def _working(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Features in a projected CGCS2000 CRS: their own, or the zone that fits."""
    from zoneplan.engine.ellipsoid import require_plane

    if faults := refused(features, "features"):
        raise InputError(faults)
    try:
        require_plane(features.crs)
    except InputError:
        west, _, east, _ = features.to_crs("EPSG:4490").total_bounds
        return features.to_crs(zone_crs((west + east) / 2))
    return features
