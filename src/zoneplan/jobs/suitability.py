"""A first estimate of suitability: factors read, rules applied window by window, papers written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from rasterio.features import rasterize, shapes, sieve
from shapely.geometry import shape as as_shape
from shapely.geometry.base import BaseGeometry
from shapely.prepared import prep

from zoneplan.crs.admission import Gate
from zoneplan.engine import ellipsoid, overlay
from zoneplan.errors import Gathered
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import write_frames
from zoneplan.io.raster import Raster, open_raster
from zoneplan.io.rasterfile import SYNTHETIC
from zoneplan.io.rasterwriter import raster_writer
from zoneplan.jobs.elevation import SYNTHETIC_WORDS, Progress, derive
from zoneplan.jobs.landcover import Cover, open_cover
from zoneplan.jobs.terrain import TerrainResult, labelled, write_record, zone_box
from zoneplan.layers import LayerSet, line_key
from zoneplan.render.report import SCHEMATIC, subject_of, write_areas_csv, write_areas_xlsx
from zoneplan.terrain.cellgrid import CellGrid, Window
from zoneplan.terrain.classes import NO_DATA
from zoneplan.terrain.estimate import estimate
from zoneplan.terrain.method import Method, Result, method_faults, read_method
from zoneplan.terrain.tables import class_table, zones_of
from zoneplan.units import round_half_up

Bytes = npt.NDArray[np.uint8]
FIRST = "初评 first estimate"
FROM_DEM = ("slope", "elevation", "relief")


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
        Gets ``<result>.tif`` for each result of the method, ``suitability.gpkg`` (a layer of polygons each),
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
        result = _written(opened, grid, made, stage)
        files = tuple(out / path.name for path in sorted(stage.iterdir()))
    return replace(result, files=files)


@dataclass(frozen=True)
class _Opened:
    """The inputs of a call; ``lines`` are shapes by factor."""

    layers: LayerSet
    method: Method
    heights: Raster
    cover: Cover | None
    rasters: Mapping[str, Raster]
    lines: Mapping[str, BaseGeometry]
    findings: tuple[Finding, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """The factors that are there."""
        here = {*FROM_DEM, *self.rasters, *self.lines} | ({"landcover"} if self.cover else set())
        return tuple(one.id for one in self.method.factors if one.id in here)

    @property
    def synthetic(self) -> bool:
        every = [self.heights, *self.rasters.values(), *([self.cover.raster] if self.cover else [])]
        return any(one.synthetic for one in every)

    def title(self, result: Result) -> str:
        """The name of a result with the factors that it lacks: what maps and papers show."""
        zh, en = self.method.names(result.missing(self.given))
        lack = f",缺{zh}因子" if zh else ""
        without = f", without {en}" if en else ""
        return f"{result.name}(初评{lack}) {result.name_en} (first estimate{without})"


def _opened(layers: LayerSet, call: SuitabilityCall, method: Method, gate: Gate) -> _Opened:
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
    said = [*heights.findings, *(cover.raster.findings if cover else ())]
    said += [finding for one in rasters.values() for finding in one.findings]
    return _Opened(layers, method, heights, cover, rasters, lines, tuple(said))


def _classes(opened: _Opened, grid: CellGrid, progress: Progress) -> dict[str, Bytes]:
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
                zone[at] = _burnt(opened.layers.zone, grid, window, touched=True)
                if not zone[at].any():
                    continue
                factors = read(window)
                done: dict[str, tuple[Result, Bytes]] = {}
                for one in results:
                    block = estimate(one, factors, done, cover=opened.cover.legend if opened.cover else None)
                    done[one.id] = one, block
                    made[one.id][at] = np.where(zone[at], block, NO_DATA)
                progress(number, whole)
    return {one.id: _merged(one, made[one.id], opened.method.patch_ha, grid) for one in results}


@contextmanager
def _reading(opened: _Opened, grid: CellGrid, folder: Path) -> Iterator[Any]:
    """A function that reads the factors of a window."""
    with ExitStack() as stack:
        terrain = {name: stack.enter_context(rasterio.open(folder / f"{name}.tif")) for name in FROM_DEM}
        readers = {name: stack.enter_context(one.on(grid)) for name, one in opened.rasters.items()}
        cover = stack.enter_context(opened.cover.raster.on(grid)) if opened.cover else None

        def read(window: Window) -> dict[str, npt.NDArray[Any]]:
            part = rasterio.windows.Window(*window)
            factors: dict[str, npt.NDArray[Any]] = {
                name: file.read(1, window=part, masked=True).filled(np.nan) for name, file in terrain.items()
            }
            factors |= {name: one.read(window) for name, one in readers.items()}
            factors |= {name: _burnt(shape, grid, window) for name, shape in opened.lines.items()}
            if cover is not None and opened.cover is not None:
                factors["landcover"] = opened.cover.legend.known(cover.read(window))
            return factors

        yield read


def _burnt(
    shape: BaseGeometry, grid: CellGrid, window: Window, *, touched: bool = False
) -> npt.NDArray[np.bool_]:
    """Cells of a window whose middle lies in a shape, or that it touches."""
    if shape.is_empty:
        return np.zeros((window.height, window.width), dtype=bool)
    west, north = grid.west + window.col * grid.cell_m, grid.north - window.row * grid.cell_m
    made = rasterize(
        [shape], out_shape=(window.height, window.width), all_touched=touched, dtype="uint8",
        transform=rasterio.Affine(grid.cell_m, 0, west, 0, -grid.cell_m, north),
    )  # fmt: skip
    return np.asarray(made, dtype=bool)


def _merged(result: Result, values: Bytes, patch_ha: float, grid: CellGrid) -> Bytes:
    """Patches smaller than an area made part of their largest neighbour; the first and hard classes stay as they are."""
    cells = int(patch_ha * 1e4 / grid.cell_m**2)
    if cells < 2:
        return values
    soft = [result.value(name) for name in {one.class_ for one in result.levels[:-1]}]
    free = np.isin(values, soft)
    return np.asarray(np.where(free, sieve(values, cells, mask=free, connectivity=4), values), dtype=np.uint8)


def _written(opened: _Opened, grid: CellGrid, made: Mapping[str, Bytes], stage: Path) -> TerrainResult:
    """Rasters, polygons, tables, findings."""
    layers, zones = opened.layers, zones_of(opened.layers)
    tables: dict[str, pd.DataFrame] = {}
    frames: dict[str, gpd.GeoDataFrame] = {}
    for result in opened.method.results:
        path, title = stage / f"{result.id}.tif", opened.title(result)
        tags = {"TITLE": title, "ZONEPLAN_MISSING": ",".join(result.missing(opened.given))}
        tags |= {SYNTHETIC: SYNTHETIC_WORDS} if opened.synthetic else {}
        tags |= {"ZONEPLAN_SCHEMATIC": SCHEMATIC} if layers.schematic else {}
        with raster_writer(path, grid, legend=result.legend, tags=tags) as writer:
            for window in grid.windows():
                at = np.s_[window.row : window.row + window.height, window.col : window.col + window.width]
                writer.write(window, made[result.id][at])
        with rasterio.open(path) as file:
            tables[result.id] = class_table(zones, file, result.legend).assign(about=title)
        frames[result.id] = _polygons(result, made[result.id], grid, layers.zone).assign(about=title)
    tables |= {"factors": _factors(opened), "rules": _rules(opened)}
    findings = (*opened.findings, *_findings(opened))
    if opened.synthetic:
        tables = {name: table.assign(label=SYNTHETIC_WORDS) for name, table in tables.items()}
        frames = {name: frame.assign(label=SYNTHETIC_WORDS) for name, frame in frames.items()}
    subject = labelled(subject_of(layers), synthetic=opened.synthetic)
    subject = replace(subject, label="  ".join(filter(None, (_lacking(opened), subject.label))))
    write_areas_xlsx(stage / "suitability.xlsx", subject, tables, findings=findings)
    write_areas_csv(stage / "suitability.csv", tables)
    write_frames(stage / "suitability.gpkg", frames)
    write_record(stage, findings)
    return TerrainResult(tables, findings, frames)


def _polygons(result: Result, values: Bytes, grid: CellGrid, zone: BaseGeometry) -> gpd.GeoDataFrame:
    """A row per patch inside the zone: ``value, class, name, name_en, area_m2`` (ellipsoidal)."""
    transform = rasterio.Affine(grid.cell_m, 0, grid.west, 0, -grid.cell_m, grid.north)
    known = {one.value: one for one in result.classes}
    prepared = prep(zone)
    rows = []
    for geometry, value in shapes(values, mask=values != NO_DATA, connectivity=4, transform=transform):
        patch = as_shape(geometry)
        inside = patch if prepared.contains(patch) else overlay.intersection(patch, zone)
        if not inside.is_empty:
            one = known[int(value)]
            rows.append((one.value, one.id, one.name, one.name_en, inside))
    frame = gpd.GeoDataFrame(
        pd.DataFrame([row[:4] for row in rows], columns=["value", "class", "name", "name_en"]),
        geometry=[row[4] for row in rows], crs=grid.crs,
    )  # fmt: skip
    areas = ellipsoid.area(frame.geometry, grid.crs)
    return gpd.GeoDataFrame(frame.assign(area_m2=[round_half_up(float(area), 2) for area in areas]))


def _factors(opened: _Opened) -> pd.DataFrame:
    """Every factor of the method, and whether it was given."""
    files = {name: one.name for name, one in opened.rasters.items()}
    if opened.cover is not None:
        files["landcover"] = f"{opened.cover.raster.name} ({opened.cover.legend.id})"
    files |= dict.fromkeys(FROM_DEM, opened.heights.name) | dict.fromkeys(opened.lines, opened.layers.name)
    return pd.DataFrame(
        [
            (one.id, one.name, one.name_en, one.unit, one.note, "给出 given" if one.id in opened.given else "缺 missing", files.get(one.id, ""))
            for one in opened.method.factors
        ],
        columns=["id", "name", "name_en", "unit", "note", "given", "source"],
    )  # fmt: skip


def _rules(opened: _Opened) -> pd.DataFrame:
    """Every rule with its source, and whether it was applied."""
    rows = [
        (
            result.id, rule.words, rule.outcome,
            "是 yes" if rule.result or rule.factor in opened.given else "否(缺因子) no (factor missing)",
            rule.source, rule.confidence, "已核 yes" if rule.verified == "yes" else "未核 no",
        )
        for result in opened.method.results for rule in result.rules
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["row_id", "condition", "outcome", "applied", "source", "confidence", "verified"]
    )


def _lacking(opened: _Opened) -> str:
    """初评, and the factors that any result lacks."""
    every = dict.fromkeys(one for result in opened.method.results for one in result.missing(opened.given))
    zh, en = opened.method.names(tuple(every))
    return f"初评,缺{zh}因子 First estimate, without {en}" if every else FIRST


def _findings(opened: _Opened) -> list[Finding]:
    """What limits the estimate."""
    said = []
    for result in opened.method.results:
        if lack := result.missing(opened.given):
            zh, en = opened.method.names(lack)
            said.append(
                Finding(
                    "suitability.missing", "warning",
                    f"{result.name}为初评,缺:{zh};不是完整的双评价", f"{result.name_en} is a first estimate without: {en}; it is no full assessment",
                    result.id, feature=lack,
                )
            )  # fmt: skip
    rules = [rule for result in opened.method.results for rule in result.rules]
    if unverified := sum(rule.verified == "no" for rule in rules):
        said.append(
            Finding(
                "suitability.unverified", "info",
                f"{len(rules)} 条规则中 {unverified} 条未与正式文本核对,来源与可信程度见表 rules",
                f"{unverified} of {len(rules)} rules have not been compared with the official text; the table rules has their sources and confidence",
                opened.method.id,
            )
        )  # fmt: skip
    if opened.synthetic:
        said.append(
            Finding(
                "suitability.synthetic", "warning", "输入含合成数据(虚构),评价不反映实地",
                "the inputs hold synthetic (invented) data: the estimate says nothing of real ground", opened.method.id,
            )
        )  # fmt: skip
    return said
