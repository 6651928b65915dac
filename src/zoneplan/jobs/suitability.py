"""A first estimate of suitability: factors read, rules applied window by window, papers written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.admission import Gate
from zoneplan.errors import Gathered
from zoneplan.io import store
from zoneplan.io.raster import Raster, open_raster
from zoneplan.io.rasterwriter import reopened
from zoneplan.jobs.elevation import Progress, derive
from zoneplan.jobs.landcover import Cover, open_cover
from zoneplan.jobs.suitabilityfiles import FROM_DEM, Opened, write_estimates
from zoneplan.jobs.terrainfiles import TerrainResult, zone_box
from zoneplan.layers import LayerSet, line_key
from zoneplan.terrain.cellgrid import CellGrid, Window
from zoneplan.terrain.classes import NO_DATA
from zoneplan.terrain.estimate import estimate
from zoneplan.terrain.method import Method, Result, method_faults, read_method
from zoneplan.terrain.patches import burnt, burnt_within, merged

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class SuitabilityCall:
    """What is asked.

    Parameters
    ----------
    dem : sequence of path
    landcover : sequence of path
    landcover_legend : str, optional
    factors : mapping of str to path
        Rasters of further factors by the method's ids.
    method : path, optional
        A document of one's own; default the shipped one.
    cell_m, nodata : float, optional
        As for `zoneplan.jobs.terrain.TerrainCall`.
    """

    dem: Sequence[Path | str]
    landcover: Sequence[Path | str] = ()
    landcover_legend: str | None = None
    factors: Mapping[str, Path | str] = field(default_factory=dict)
    method: Path | None = None
    cell_m: float | None = None
    nodata: float | None = None

    @property
    def roles(self) -> list[str]:
        """The inputs of the call, as options about CRS name them."""
        return ["dem", *(["landcover"] if self.landcover else []), *self.factors]


def run_suitability(
    layers: LayerSet,
    dem: Sequence[Path | str] | Path | str | SuitabilityCall,
    out: Path | str,
    *,
    gate: Gate | None = None,
    progress: Progress = lambda done, whole: None,
) -> TerrainResult:
    """A first estimate (双评价初评) of a plan's zone, written to a folder.

    Parameters
    ----------
    layers : LayerSet
        Its control lines are factors.
    dem : path, sequence of path or SuitabilityCall
        Files of heights, or all that is asked.
    out : path
        Gets ``<result>.tif`` and ``<result>.png`` for each result of the method, ``suitability.gpkg`` (a layer of polygons each),
        ``suitability.xlsx``, ``suitability.csv``, ``findings.json``, ``findings.gpkg``; all or nothing.
    gate, progress
        As for `zoneplan.jobs.terrain.run_terrain`; the roles are ``dem``, ``landcover`` and the factors.

    Returns
    -------
    TerrainResult
        ``tables``: areas by class for each result, ``factors`` (given or missing), ``rules`` (with source and
        confidence). ``frames``: polygons. A finding names the factors that are missing.

    Raises
    ------
    InputError
        As `run_terrain`; a method document with faults; a factor that the method does not take from a file.

    Notes
    -----
    What is missing is named in findings, papers and the tags of the rasters: this is no full assessment.
    Memory holds one byte per cell and result while small patches are merged.
    """
    call = (
        dem
        if isinstance(dem, SuitabilityCall)
        else SuitabilityCall([dem] if isinstance(dem, str | Path) else dem)
    )
    method = read_method(call.method) if call.method else read_method()
    out = Path(out)
    opened = _opened(layers, call, method, gate or Gate())
    grid = opened.heights.grid(layers.zone.bounds, layers.crs, cell_m=call.cell_m, margin=1)
    with store.staged(out) as stage:
        made = _classes(opened, grid, progress)
        result = write_estimates(opened, grid, made, stage)
        files = tuple(out / path.name for path in sorted(stage.iterdir()))
    return replace(result, files=files)


def _opened(layers: LayerSet, call: SuitabilityCall, method: Method, gate: Gate) -> Opened:
    anchor = zone_box(layers)
    gathered = Gathered()
    gathered.faults += method_faults(method, call.factors)
    heights: Raster | None = None
    cover: Cover | None = None
    rasters: dict[str, Raster] = {}
    with gathered.step():
        heights = open_raster(call.dem, treatment=gate.treatment("dem"), nodata=call.nodata, anchor=anchor)
    if call.landcover:
        with gathered.step():
            cover = open_cover(
                call.landcover, call.landcover_legend, treatment=gate.treatment("landcover"), anchor=anchor
            )
    for name, path in call.factors.items():
        with gathered.step():
            rasters[name] = open_raster(
                [path],
                kind="amounts",
                name=f"{name}={Path(path).name}",
                treatment=gate.treatment(name),
                anchor=anchor,
            )
    gathered.check()
    assert heights is not None
    frame = layers.frames.get("control_line")
    shapes_: dict[str | None, BaseGeometry] = (
        {}
        if frame is None
        else {line_key(str(name)): shape for name, shape in zip(frame["id"], frame.geometry, strict=True)}
    )
    lines = {
        one.id: shapes_[one.line] for one in method.factors if one.from_ == "line" and one.line in shapes_
    }
    rest = [one.raster for one in (cover,) if one] + list(rasters.values())
    gate.findings += [finding for one in (heights, *rest) for finding in one.findings]
    gate.close()
    return Opened(layers, method, heights, cover, rasters, lines, tuple(gate.findings))


def _classes(opened: Opened, grid: CellGrid, progress: Progress) -> dict[str, Bytes]:
    """The classes of every result over the whole grid, small patches merged; `NO_DATA` where no zone is."""
    results = opened.method.results
    made = {one.id: np.zeros((grid.height, grid.width), dtype=np.uint8) for one in results}
    zone = np.zeros((grid.height, grid.width), dtype=bool)
    whole = sum(1 for _ in grid.windows())
    with tempfile.TemporaryDirectory() as temporary:
        terrain = derive(opened.heights, grid, Path(temporary), progress=progress)
        with _reading(opened, grid, terrain.folder) as read:
            for number, window in enumerate(grid.windows(), start=1):
                at = np.s_[window.row : window.row + window.height, window.col : window.col + window.width]
                zone[at] = burnt(opened.layers.zone, grid, window, touched=True)
                if not zone[at].any():
                    continue
                factors = read(window)
                done: dict[str, tuple[Result, Bytes]] = {}
                for one in results:
                    block = estimate(one, factors, done, cover=opened.cover.legend if opened.cover else None)
                    done[one.id] = one, block
                    made[one.id][at] = np.where(zone[at], block, NO_DATA)
                progress(number, whole)
    cells = int(opened.method.patch_ha * 1e4 / grid.cell_m**2)
    return {one.id: merged(made[one.id], cells, one.soft) for one in results}


@contextmanager
def _reading(opened: Opened, grid: CellGrid, folder: Path) -> Iterator[Any]:
    """A function that reads the factors of a window."""
    with ExitStack() as stack:
        terrain = {name: stack.enter_context(reopened(folder / f"{name}.tif")) for name in FROM_DEM}
        readers = {name: stack.enter_context(one.on(grid)) for name, one in opened.rasters.items()}
        cover = stack.enter_context(opened.cover.raster.on(grid)) if opened.cover else None

        def read(window: Window) -> dict[str, npt.NDArray[Any]]:
            factors: dict[str, npt.NDArray[Any]] = {name: read(window) for name, read in terrain.items()}
            factors |= {name: one.read(window) for name, one in readers.items()}
            factors |= {
                name: burnt_within(shape, opened.layers.zone, grid, window)
                for name, shape in opened.lines.items()
            }
            if cover is not None and opened.cover is not None:
                factors["landcover"] = opened.cover.legend.known(cover.read(window))
            return factors

        yield read
