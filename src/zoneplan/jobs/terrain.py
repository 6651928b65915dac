"""Terrain of a plan: rasters, statistics and areas by element and parcel, steep farmland; read, made and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from pyproj import CRS

from zoneplan.check.parcels import Parcels, ready
from zoneplan.crs.admission import Gate
from zoneplan.crs.gate import extent, near
from zoneplan.crs.zones import Bounds
from zoneplan.engine import ellipsoid
from zoneplan.errors import Gathered
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import write_findings, write_frames
from zoneplan.io.raster import Raster, open_raster
from zoneplan.jobs.elevation import SYNTHETIC_WORDS, Derived, Progress, derive
from zoneplan.jobs.landcover import Cover, cover_table, open_cover
from zoneplan.jobs.loading import admit_lines, read_layer
from zoneplan.layers import LayerSet
from zoneplan.render.report import Subject, subject_of, write_areas_csv, write_areas_xlsx
from zoneplan.terrain.farmland import steep_findings, steepness
from zoneplan.terrain.products import legends
from zoneplan.terrain.tables import class_areas, class_table, zones_of
from zoneplan.terrain.zonal import zonal
from zoneplan.units import round_half_up

FARMLAND = "permanent_basic_farmland"
CROPLAND = "01"
CODE_FIELDS = ("DLBM", "YDYHFLDM", "use")
DECIMALS: Mapping[str, int] = {"slope": 2, "elevation": 2, "relief": 2}


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
    window : int
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


@dataclass(frozen=True)
class TerrainResult:
    """Tables and findings of terrain; ``frames`` holds what has a place on the map."""

    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


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
        Gets ``elevation.tif``, ``slope.tif``, ``relief.tif``, ``slope_class.tif``, ``urban_slope_class.tif``, ``aspect_class.tif``,
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
        _write(layers, result, stage, synthetic=made.synthetic or opened.synthetic)
        files = tuple(out / path.name for path in sorted(stage.iterdir()))
    return TerrainResult(result.tables, result.findings, result.frames, files)


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
    gate.close()
    assert heights is not None
    boxes = np.array([layers.zone.bounds, *(one.shapes.total_bounds for one in sets.values())])
    west, south = np.nanmin(boxes[:, :2], axis=0).tolist()
    east, north = np.nanmax(boxes[:, 2:], axis=0).tolist()
    return _Opened(
        heights, cover, sets.get("parcels"), sets.get("candidates"), (west, south, east, north),
        (*gate.findings, *(cover.raster.findings if cover else ())),
    )  # fmt: skip


def zone_box(layers: LayerSet) -> Bounds | None:
    """Where a plan's zone lies: west, south, east, north in degrees."""
    return extent(gpd.GeoDataFrame(geometry=[layers.zone], crs=layers.crs))


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
    tables = {"terrain": _statistics(zones[["kind", "id", "name"]], zones, made)}
    for name, legend in legends(made.classes).items():
        with rasterio.open(made.path(name)) as file:
            tables[name] = class_table(zones, file, legend)
    findings = [*opened.findings, *made.findings, *_holes(tables["terrain"]), *_unverified(made)]
    frames = {}
    if opened.cover is not None:
        tables["landcover"], said = cover_table(zones, opened.cover, made.grid)
        findings += said
    if opened.parcels is not None:
        table = _of_parcels(opened.parcels, made, layers.crs)
        tables["parcels"] = table
        frames["parcels"] = gpd.GeoDataFrame(table, geometry=opened.parcels.shapes, crs=layers.crs)
    farmland = _farmland(layers, opened.parcels)
    for name, frame, severity, words in (
        ("farmland", farmland, "warning", ("耕地", "farmland")),
        ("candidates", _listed("candidates", opened.candidates), "error", ("补划地块", "ground to be given")),
    ):
        if frame is None:
            continue
        table, said = _steep(frame, made, name, severity, words)
        tables[name] = table
        frames[name] = gpd.GeoDataFrame(table, geometry=frame.geometry.loc[table.index], crs=layers.crs)
        findings += said
    if made.synthetic or opened.synthetic:
        tables = {name: table.assign(label=SYNTHETIC_WORDS) for name, table in tables.items()}
    return TerrainResult(tables, tuple(dict.fromkeys(findings)), frames)


def _statistics(labels: pd.DataFrame, features: gpd.GeoDataFrame, made: Derived) -> pd.DataFrame:
    """Heights, slopes and relief of features, as printed."""
    parts = [labels]
    for name, places in DECIMALS.items():
        found = zonal(features, made.path(name), name=name)
        keep = [f"{name}_max", f"{name}_no_data"] if name == "relief" else list(found.columns)
        parts.append(
            found[keep].apply(
                lambda column, places=places: [
                    round_half_up(value, 6 if str(column.name).endswith("no_data") else places)
                    for value in column
                ]
            )
        )
    return pd.concat(parts, axis=1)


def _of_parcels(parcels: Parcels, made: Derived, crs: CRS) -> pd.DataFrame:
    """A row per parcel: areas by slope class, statistics, the class of the larger part."""
    area = ellipsoid.area(parcels.shapes, crs)
    labels = pd.DataFrame(
        {"id": parcels.ids, "code": [code or "" for code in parcels.uses], "area_m2": [round_half_up(float(one), 2) for one in area]},
        index=parcels.shapes.index,
    )  # fmt: skip
    frame = gpd.GeoDataFrame(geometry=parcels.shapes, crs=crs)
    scheme = made.classes.schemes[0]
    with rasterio.open(made.path(scheme.id)) as file:
        classes = class_areas(frame, file, legends(made.classes)[scheme.id], area)
    inner = classes.iloc[:, 1:]
    empty = ~(inner.max(axis=1) > 0)
    largest = [scheme.classes[at].id for at in np.argmax(np.nan_to_num(inner.to_numpy()), axis=1)]
    labels[scheme.id] = np.where(empty, "", largest)
    return pd.concat([_statistics(labels, frame, made), classes], axis=1)


def _farmland(layers: LayerSet, parcels: Parcels | None) -> gpd.GeoDataFrame | None:
    """Farmland of the call: parcels of cropland codes, and the parts of the farmland line."""
    found = []
    if parcels is not None:
        rows = [code is not None and code.startswith(CROPLAND) for code in parcels.uses]
        one = _listed("parcels", parcels)
        assert one is not None
        found.append(one[rows])
    if "control_line" in layers:
        lines = layers["control_line"]
        mine = lines[lines["id"] == f"line_{FARMLAND}"].geometry.explode(index_parts=False)
        ids = [f"{FARMLAND}#{number}" for number in range(1, len(mine) + 1)]
        found.append(
            gpd.GeoDataFrame({"source": "control_line", "id": ids}, geometry=list(mine), crs=layers.crs)
        )
    rows_ = [one for one in found if len(one)]
    return gpd.GeoDataFrame(pd.concat(rows_, ignore_index=True), crs=layers.crs) if rows_ else None


def _listed(source: str, parcels: Parcels | None) -> gpd.GeoDataFrame | None:
    if parcels is None:
        return None
    return gpd.GeoDataFrame(
        {"source": source, "id": parcels.ids}, geometry=list(parcels.shapes), crs=parcels.shapes.crs
    )


def _steep(
    frame: gpd.GeoDataFrame, made: Derived, name: str, severity: str, words: tuple[str, str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """How steep the rows are; of farmland only those that have ground too steep, or without data."""
    limit = made.classes.steep.above
    table = steepness(frame, made.path("slope"), above_deg=limit)
    said = steep_findings(table, frame["id"], above_deg=limit, place=name, what=words, severity=severity)
    joined = pd.concat([frame[["source", "id"]], table], axis=1)
    places = {"steep_share": 6, "no_data_share": 6, "slope_mean": 2, "slope_p90": 2, "slope_max": 2}
    shown: pd.DataFrame = joined.round(places)
    kept = joined["slope_state"].ne("clear") | (name == "candidates")
    return shown[kept.to_numpy()], said


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


def _write(layers: LayerSet, result: TerrainResult, stage: Path, *, synthetic: bool) -> None:
    subject = labelled(subject_of(layers), synthetic=synthetic)
    write_areas_xlsx(stage / "terrain.xlsx", subject, result.tables, findings=result.findings)
    write_areas_csv(stage / "terrain.csv", result.tables)
    write_record(stage, result.findings)
    if result.frames:
        write_frames(stage / "terrain.gpkg", result.frames)


def labelled(subject: Subject, *, synthetic: bool) -> Subject:
    """A subject whose papers say that it was made from invented ground."""
    return Subject(
        subject.name, subject.crs, subject.accuracy, subject.schematic, SYNTHETIC_WORDS if synthetic else ""
    )


def write_record(stage: Path, findings: Sequence[Finding]) -> None:
    """``findings.json`` and ``findings.gpkg``."""
    store.write_json(
        stage / "findings.json",
        {"schema": "zoneplan.findings/1", "findings": [one.record() for one in findings]},
    )
    write_findings(stage / "findings.gpkg", findings)
