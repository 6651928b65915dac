"""What terrain is written as: workbook, CSV, findings and layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from zoneplan.crs.gate import extent
from zoneplan.crs.zones import Bounds
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import write_findings, write_frames
from zoneplan.layers import LayerSet
from zoneplan.render.report import subject_of, write_areas_csv, write_areas_xlsx

T = TypeVar("T", pd.DataFrame, gpd.GeoDataFrame)


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


def write_terrain(layers: LayerSet, result: TerrainResult, stage: Path, *, label: str) -> None:
    """``terrain.xlsx``, ``terrain.csv``, findings and, with parcels or farmland, ``terrain.gpkg``; `label` on all of them."""
    subject = replace(subject_of(layers), label=label)
    write_areas_xlsx(stage / "terrain.xlsx", subject, result.tables, findings=result.findings)
    write_areas_csv(stage / "terrain.csv", labelled(result.tables, label))
    write_record(stage, result.findings)
    if result.frames:
        write_frames(stage / "terrain.gpkg", labelled(result.frames, label))


def labelled(tables: Mapping[str, T], label: str) -> dict[str, T]:
    """Tables with a last column ``label``, if there is one to put on them."""
    return {name: table.assign(label=label) if label else table for name, table in tables.items()}


def write_record(stage: Path, findings: Sequence[Finding]) -> None:
    """``findings.json`` and ``findings.gpkg``."""
    store.write_json(
        stage / "findings.json",
        {"schema": "zoneplan.findings/1", "findings": [one.record() for one in findings]},
    )
    write_findings(stage / "findings.gpkg", findings)
