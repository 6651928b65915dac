"""What terrain is written as: workbook, CSV, findings and layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from zoneplan.crs.gate import extent
from zoneplan.crs.zones import Bounds
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import write_findings, write_frames
from zoneplan.jobs.elevation import SYNTHETIC_WORDS
from zoneplan.layers import LayerSet
from zoneplan.render.report import Subject, subject_of, write_areas_csv, write_areas_xlsx


@dataclass(frozen=True)
class TerrainResult:
    """Tables and findings of terrain; ``frames`` holds what has a place on the map."""

    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def zone_box(layers: LayerSet) -> Bounds | None:
    """Where a plan's zone lies: west, south, east, north in degrees."""
    return extent(gpd.GeoDataFrame(geometry=[layers.zone], crs=layers.crs))


def write_terrain(layers: LayerSet, result: TerrainResult, stage: Path, *, synthetic: bool) -> None:
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
