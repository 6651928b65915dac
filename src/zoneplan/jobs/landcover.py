"""Land cover: a raster and its legend; areas by element on its own cells."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from zoneplan.crs.case import Treatment
from zoneplan.crs.zones import Bounds
from zoneplan.errors import Gathered
from zoneplan.finding import Finding
from zoneplan.io.raster import Raster, open_raster
from zoneplan.io.rasterwriter import raster_writer
from zoneplan.terrain.cellgrid import CellGrid
from zoneplan.terrain.legends import CoverLegend, cover_legend
from zoneplan.terrain.tables import class_table


@dataclass(frozen=True)
class Cover:
    """A raster of land cover and what its values mean."""

    raster: Raster
    legend: CoverLegend


def open_cover(
    paths: Sequence[Path | str],
    legend: str | None,
    *,
    treatment: Treatment | None = None,
    anchor: Bounds | None = None,
) -> Cover:
    """A land-cover raster; the faults of files and legend at once.

    A legend may be named in the file's own tag ``ZONEPLAN_LEGEND``.
    """
    gathered = Gathered()
    raster: Raster | None = None
    with gathered.step():
        raster = open_raster(paths, kind="classes", treatment=treatment, anchor=anchor)
    stated = raster.tiles[0].legend if raster is not None else ""
    found: CoverLegend | None = None
    if raster is not None or legend is not None:
        with gathered.step():
            found = cover_legend(legend or stated or None, place=", ".join(Path(one).name for one in paths))
    gathered.check()
    assert raster is not None
    assert found is not None
    return Cover(raster, found)


def cover_table(zones: gpd.GeoDataFrame, cover: Cover, grid: CellGrid) -> tuple[pd.DataFrame, list[Finding]]:
    """Areas of land cover by zone, on the raster's own cells where it has one lattice, else on a grid."""
    with cover.raster.native() as dataset:
        if dataset is not None:
            table = class_table(zones, dataset, cover.legend.legend, classify=cover.legend.known)
            return table, _said(cover)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "landcover.tif"
        with cover.raster.on(grid) as reader, raster_writer(path, grid, legend=cover.legend.legend) as writer:
            for window in grid.windows():
                writer.write(window, cover.legend.known(reader.read(window)))
        return class_table(zones, path, cover.legend.legend), [
                *_said(cover),
                Finding(
                    "landcover.resampled", "info",
                    f"土地覆盖各文件格网不一,面积按 {grid.cell_m:g} 米格网(最近邻)统计",
                    f"the land-cover files have different cells; areas are from cells of {grid.cell_m:g} m (nearest)",
                    cover.raster.name,
                ),
            ]  # fmt: skip


def _said(cover: Cover) -> list[Finding]:
    if not cover.raster.synthetic:
        return []
    return [
        Finding(
            "landcover.synthetic", "warning",
            "土地覆盖为合成数据(虚构),由其得出的面积与评价不反映实地",
            "the land cover is synthetic (invented): areas and estimates made from it say nothing of real ground",
            cover.raster.name,
        )
    ]  # fmt: skip
