"""Terrain of a plan: rasters, statistics and areas by element and parcel, steep farmland; read, made and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from zoneplan.check.parcels import Parcels, ready
from zoneplan.crs.admission import Gate
from zoneplan.crs.gate import near
from zoneplan.crs.zones import Bounds
from zoneplan.errors import Gathered
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.raster import Raster, open_raster
from zoneplan.jobs.elevation import SYNTHETIC_WORDS, Derived, Progress, derive
from zoneplan.jobs.landcover import Cover, cover_table, open_cover
from zoneplan.jobs.loading import admit_lines, read_layer
from zoneplan.jobs.terrainfiles import TerrainResult, write_terrain, zone_box
from zoneplan.jobs.terraintables import farmland, listed, of_parcels, statistics, steep, steep_ground
from zoneplan.layers import LayerSet
from zoneplan.render.class_picture import write_class_picture
from zoneplan.render.report import SCHEMATIC
from zoneplan.terrain.products import legends
from zoneplan.terrain.tables import class_table, zones_of

CODE_FIELDS = ("DLBM", "YDYHFLDM", "use")


@dataclass(frozen=True)
class TerrainCall:
    """What is asked: files by role, fields, and how they are read.

    Parameters
    ----------
    dem : sequence of path
    landcover : sequence of path
    landcover_legend : str, optional
    parcels, candidates : str, optional
        ``PATH[:LAYER]``; candidates are ground that is to become farmland (补划).
    id_field, code_field : str, optional
        Of both; codes that begin with 01 are farmland.
    cell_m, nodata : float, optional
        Side of the cells, where heights have to be warped; height that means no data.
    """

    dem: Sequence[Path | str]
    landcover: Sequence[Path | str] = ()
    landcover_legend: str | None = None
    parcels: str | None = None
    candidates: str | None = None
    id_field: str | None = None
    code_field: str | None = None
    cell_m: float | None = None
    nodata: float | None = None

    @property
    def roles(self) -> list[str]:
        """The inputs of the call, as options about CRS name them."""
        wanted = {"landcover": self.landcover, "parcels": self.parcels, "candidates": self.candidates}
        return ["dem", *(role for role, given in wanted.items() if given)]


def run_terrain(
    layers: LayerSet,
    dem: Sequence[Path | str] | Path | str | TerrainCall,
    out: Path | str,
    *,
    gate: Gate | None = None,
    progress: Progress = lambda done, whole: None,
) -> TerrainResult:
    """Terrain of a plan, written to a folder.

    Parameters
    ----------
    layers : LayerSet
    dem : path, sequence of path or TerrainCall
        Files of heights, or all that is asked.
    out : path
        Gets ``elevation.tif``, ``slope.tif``, ``relief.tif``, ``slope_class.tif``, ``urban_slope_class.tif``, ``aspect_class.tif`` (each with a picture),
        ``terrain.xlsx``, ``terrain.csv``, ``findings.json``, ``findings.gpkg`` and, with parcels, ``terrain.gpkg``; all or nothing.
    gate : Gate, optional
        What of the CRS of ``dem``, ``landcover``, ``parcels`` and ``candidates`` may be assumed or corrected.
    progress : callable
        Told how many windows are done, of how many.

    Raises
    ------
    InputError
        Files that cannot be read, lie elsewhere or have a CRS that cannot be trusted; no land-cover legend.
    """
    call = dem if isinstance(dem, TerrainCall) else TerrainCall([dem] if isinstance(dem, str | Path) else dem)
    opened = _opened(layers, call, gate or Gate())
    out = Path(out)
    with store.staged(out) as stage:
        grid = opened.heights.grid(opened.bounds, layers.crs, cell_m=call.cell_m, margin=1)
        made = derive(opened.heights, grid, stage, progress=progress)
        result = _measured(layers, opened, made)
        _draw(layers, made)
        write_terrain(
            layers, result, stage, label=SYNTHETIC_WORDS if made.synthetic or opened.synthetic else ""
        )
        files = tuple(out / path.name for path in sorted(stage.iterdir()))
    return TerrainResult(result.tables, result.findings, result.frames, files)


def _draw(layers: LayerSet, made: Derived) -> None:
    """A picture of each raster of classes beside it."""
    notices = [*([SCHEMATIC] if layers.schematic else []), *([SYNTHETIC_WORDS] if made.synthetic else [])]
    for name, legend in legends(made.classes).items():
        words = [(one.value, one.words) for one in legend.classes]
        title = f"{layers.name} {legend.name} {legend.name_en}"
        write_class_picture(
            made.folder / f"{name}.png",
            made.path(name),
            words,
            title=title,
            notices=notices,
            zone=layers.zone,
        )


@dataclass(frozen=True)
class _Opened:
    """The inputs of a call."""

    heights: Raster
    cover: Cover | None
    parcels: Parcels | None
    candidates: Parcels | None
    bounds: Bounds
    findings: tuple[Finding, ...]

    @property
    def synthetic(self) -> bool:
        return self.cover is not None and self.cover.raster.synthetic


def _opened(layers: LayerSet, call: TerrainCall, gate: Gate) -> _Opened:
    """All inputs, or the faults of all."""
    anchor = zone_box(layers)
    gathered = Gathered()
    heights: Raster | None = None
    cover: Cover | None = None
    sets: dict[str, Parcels] = {}
    with gathered.step():
        heights = open_raster(call.dem, treatment=gate.treatment("dem"), nodata=call.nodata, anchor=anchor)
    if call.landcover:
        with gathered.step():
            cover = open_cover(
                call.landcover, call.landcover_legend, treatment=gate.treatment("landcover"), anchor=anchor
            )
    for role in ("parcels", "candidates"):
        if text := getattr(call, role):
            with gathered.step():
                sets[role] = _features(layers, role, text, call, gate)
    gathered.check()
    assert heights is not None
    gate.findings += [*heights.findings, *(cover.raster.findings if cover else ())]
    gate.close()
    boxes = np.array([layers.zone.bounds, *(one.shapes.total_bounds for one in sets.values())])
    west, south = np.nanmin(boxes[:, :2], axis=0).tolist()
    east, north = np.nanmax(boxes[:, 2:], axis=0).tolist()
    return _Opened(
        heights, cover, sets.get("parcels"), sets.get("candidates"), (west, south, east, north),
        (*gate.findings, *(said for one in sets.values() for said in one.findings)),
    )  # fmt: skip


def _features(layers: LayerSet, role: str, text: str, call: TerrainCall, gate: Gate) -> Parcels:
    frame = admit_lines({role: read_layer(role, text)}, {role: text}, gate, anchor=zone_box(layers))[role]
    near(frame, gpd.GeoDataFrame(geometry=[layers.zone], crs=layers.crs), place=f"{role}={text}")
    code = call.code_field or next((name for name in CODE_FIELDS if name in frame), None)
    if role == "candidates" and call.code_field not in frame:
        code = None
    return ready(frame, layers.crs, id_field=call.id_field, use_field=code, use=None)


def _measured(layers: LayerSet, opened: _Opened, made: Derived) -> TerrainResult:
    """The tables of rasters that are made."""
    zones = zones_of(layers)
    tables = {"terrain": statistics(zones[["kind", "id", "name"]], zones, made)}
    for name, legend in legends(made.classes).items():
        tables[name] = class_table(zones, made.path(name), legend)
    findings = [*opened.findings, *made.findings, *_holes(tables["terrain"]), *_unverified(made)]
    frames = {}
    if opened.cover is not None:
        tables["landcover"], said = cover_table(zones, opened.cover, made.grid)
        findings += said
    if opened.parcels is not None:
        table = of_parcels(opened.parcels, made, layers.crs)
        tables["parcels"] = table
        frames["parcels"] = gpd.GeoDataFrame(table, geometry=opened.parcels.shapes, crs=layers.crs)
    for name, frame, severity, words in (
        ("farmland", farmland(layers, opened.parcels), "warning", ("耕地", "farmland")),
        ("candidates", listed("candidates", opened.candidates), "error", ("补划地块", "ground to be given")),
    ):
        if frame is None:
            continue
        table, said = steep(frame, made, name, severity, words)
        tables[name] = table
        frames[name] = gpd.GeoDataFrame(table, geometry=frame.geometry.loc[table.index], crs=layers.crs)
        findings += said
    if "farmland" in frames and len(frames["farmland"]):
        frames["steep_ground"] = steep_ground(frames["farmland"], made)
    return TerrainResult(tables, tuple(dict.fromkeys(findings)), frames)


def _holes(table: pd.DataFrame) -> list[Finding]:
    """Elements where heights are missing."""
    rows = table[table["slope_no_data"] > 0]
    if rows.empty:
        return []
    worst = rows.sort_values("slope_no_data", kind="stable").iloc[-1]
    return [
        Finding(
            "terrain.holes", "warning",
            f"{len(rows)} 个要素范围内有无高程数据处,最多为 {worst['name']}({worst['slope_no_data']:.2%});该处面积单列为“无数据”,不计入任何坡度级",
            f"{len(rows)} elements have ground without heights, most of all {worst['id']} ({worst['slope_no_data']:.2%}); it is listed as no data and counts for no class",
            "dem", feature=tuple(rows["id"]),
        )
    ]  # fmt: skip


def _unverified(made: Derived) -> list[Finding]:
    """Classes that nobody has compared with their text."""
    names = [one for one in (*made.classes.schemes, made.classes.steep) if one.verified == "no"]
    if not names:
        return []
    return [
        Finding(
            "terrain.unverified", "info",
            f"坡度分级等 {len(names)} 项标准未与正式文本核对:{';'.join(one.source for one in names)}",
            f"{len(names)} sets of classes have not been compared with their official texts",
            "classes.yaml",
        )
    ]  # fmt: skip
