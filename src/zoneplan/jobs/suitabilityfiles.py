"""What a first estimate of suitability is written as: rasters, polygons, tables, findings, each with what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely.geometry.base import BaseGeometry
from shapely.prepared import prep

from zoneplan.engine import ellipsoid, overlay
from zoneplan.finding import Finding
from zoneplan.io.layers import write_frames
from zoneplan.io.raster import Raster
from zoneplan.io.rasterfile import SYNTHETIC
from zoneplan.io.rasterwriter import raster_writer
from zoneplan.jobs.elevation import SYNTHETIC_WORDS
from zoneplan.jobs.landcover import Cover
from zoneplan.jobs.terrainfiles import TerrainResult, labelled, write_record
from zoneplan.layers import LayerSet
from zoneplan.render.class_picture import write_class_picture
from zoneplan.render.report import SCHEMATIC, subject_of, write_areas_csv, write_areas_xlsx
from zoneplan.terrain.cellgrid import CellGrid
from zoneplan.terrain.method import Method, Result
from zoneplan.terrain.patches import outlined
from zoneplan.terrain.tables import class_table, zones_of
from zoneplan.units import round_half_up

Bytes = npt.NDArray[np.uint8]
FROM_DEM = ("slope", "elevation", "relief")


@dataclass(frozen=True)
class Opened:
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


def write_estimates(opened: Opened, grid: CellGrid, made: Mapping[str, Bytes], stage: Path) -> TerrainResult:
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
        tables[result.id] = class_table(zones, path, result.legend)
        frames[result.id] = _polygons(result, made[result.id], grid, layers.zone).assign(about=title)
        write_class_picture(
            stage / f"{result.id}.png", path, [(one.value, one.words) for one in result.classes],
            title=title, notices=_notices(opened), zone=layers.zone,
        )  # fmt: skip
    tables |= {"factors": _factors(opened), "rules": _rules(opened)}
    findings = (*opened.findings, *_findings(opened))
    label = SYNTHETIC_WORDS if opened.synthetic else ""
    subject = replace(subject_of(layers), label="  ".join(filter(None, (_lacking(opened), label))))
    write_areas_xlsx(stage / "suitability.xlsx", subject, tables, findings=findings)
    write_areas_csv(stage / "suitability.csv", labelled(tables, subject.label))
    write_frames(stage / "suitability.gpkg", labelled(frames, label))
    write_record(stage, findings)
    return TerrainResult(tables, findings, frames)


def _polygons(result: Result, values: Bytes, grid: CellGrid, zone: BaseGeometry) -> gpd.GeoDataFrame:
    """A row per patch inside the zone: ``value, class, name, name_en, area_m2`` (ellipsoidal)."""
    known = {one.value: one for one in result.classes}
    prepared = prep(zone)
    rows = []
    for value, patch in outlined(values, grid):
        inside = patch if prepared.contains(patch) else overlay.intersection(patch, zone)
        if not inside.is_empty:
            one = known[value]
            rows.append((one.value, one.id, one.name, one.name_en, inside))
    frame = gpd.GeoDataFrame(
        pd.DataFrame([row[:4] for row in rows], columns=["value", "class", "name", "name_en"]),
        geometry=[row[4] for row in rows], crs=grid.crs,
    )  # fmt: skip
    areas = ellipsoid.area(frame.geometry, grid.crs)
    return gpd.GeoDataFrame(frame.assign(area_m2=[round_half_up(float(area), 2) for area in areas]))


def _factors(opened: Opened) -> pd.DataFrame:
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


def _rules(opened: Opened) -> pd.DataFrame:
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


def _notices(opened: Opened) -> list[str]:
    """What every map says in red."""
    schematic, synthetic = opened.layers.schematic, opened.synthetic
    return [*([SCHEMATIC] if schematic else []), *([SYNTHETIC_WORDS] if synthetic else [])]


def _lacking(opened: Opened) -> str:
    """初评, and the factors that any result lacks."""
    every = dict.fromkeys(one for result in opened.method.results for one in result.missing(opened.given))
    zh, en = opened.method.names(tuple(every))
    return f"初评,缺{zh}因子 First estimate, without {en}" if every else "初评 First estimate"


def _findings(opened: Opened) -> list[Finding]:
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
