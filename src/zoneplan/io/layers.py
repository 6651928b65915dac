"""Layer sets as GeoPackage or GeoJSON, and findings as a layer one can open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.gdaloptions import gdal_options
from zoneplan.io.geojson import write_geojson
from zoneplan.io.vector import read_vector
from zoneplan.layers import COLUMNS, REFERENCE, LayerSet

LAYERS_FILE = "layers.gpkg"
"""What compiled layers are written as."""
FIXED_DATE = "2000-01-01T00:00:00.000Z"  # a GeoPackage stores when it was written; equal input, equal bytes
_TEXT = ("id", "name", "name_en", "kind", "role", "citation", "summary", "accuracy", "source", "component")


@contextmanager
def stable_dates() -> Iterator[None]:
    """GeoPackages written meanwhile carry a fixed date."""
    with gdal_options({"OGR_CURRENT_DATE": FIXED_DATE}):
        yield


def write_layers(path: Path, layers: LayerSet) -> None:
    """One GeoPackage layer per kind, in drawing order, then ``reference``. Equal layers give equal bytes."""
    with stable_dates():
        for kind, frame in layers.frames.items():
            shape = "Unknown" if kind == REFERENCE else "MultiPolygon"
            pyogrio.write_dataframe(
                frame, path, layer=kind, driver="GPKG", geometry_type=shape, append=path.exists()
            )


def write_geojson_layers(folder: Path, layers: LayerSet) -> None:
    """One ``<kind>.geojson`` per kind, CGCS2000 degrees, byte-stable."""
    for kind, frame in layers.frames.items():
        write_geojson(folder / f"{kind}.geojson", frame)


def read_layers(path: Path | str) -> LayerSet:
    """Layers written by `write_layers` (a GeoPackage or its folder).

    Raises
    ------
    InputError
        If it is no such file, or a layer lacks the documented columns.
    """
    path = Path(path)
    file = path / LAYERS_FILE if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            fault(
                "layers.missing",
                file,
                "没有这个文件;请先运行 zoneplan build",
                "there is no such file; run `zoneplan build` first",
            )
        )
    frames = {}
    for kind, shape in pyogrio.list_layers(file):
        if shape is None:  # a table of styles
            continue
        frames[str(kind)] = _typed(read_vector(file, layer=str(kind)), f"{file.name}:{kind}")
    base = frames.get(REFERENCE)
    if base is None or (base["kind"] == "zone").sum() != 1:
        raise InputError(
            fault(
                "layers.zone",
                file,
                "缺少 reference 图层或其中的规划范围(kind = zone)",
                "there is no reference layer with the zone (kind = zone)",
            )
        )
    crs = CRS(base.crs)
    named = _manifest(file.parent)
    zone = base[base["kind"] == "zone"].iloc[0]
    return LayerSet(
        frames, crs, named.get("id", file.stem), named.get("name", zone["name"]), named.get("name_en", "")
    )


def _typed(frame: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
    missing = [column for column in COLUMNS if column not in frame]
    if missing:
        raise InputError(
            fault(
                "layers.columns",
                place,
                f"缺少字段 {'、'.join(missing)}",
                f"columns are missing: {', '.join(missing)}",
            )
        )
    for column in _TEXT:
        if column in frame:
            frame[column] = frame[column].fillna("").astype(str)
    return frame


def _manifest(folder: Path) -> dict[str, str]:
    path = folder / "manifest.json"
    if not path.is_file():
        return {}
    try:
        plan = json.loads(path.read_text(encoding="utf-8")).get("plan", {})
    except ValueError as error:
        raise InputError(
            fault("layers.manifest", path, f"不是合法的 JSON:{error}", f"not valid JSON: {error}")
        ) from error
    return {key: str(value) for key, value in plan.items()}


def write_findings(path: Path, findings: Sequence[Finding]) -> None:
    """Findings as a table; those with a place on the map as points (CGCS2000 degrees)."""
    rows = pd.DataFrame(
        [(f.code, f.severity, f.zh, f.en, f.place, f.citation, ";".join(f.feature)) for f in findings],
        columns=["code", "severity", "message_zh", "message_en", "place", "citation", "feature"],
        dtype=str,
    )
    points = np.full(len(findings), None, dtype=object)
    there = [number for number, finding in enumerate(findings) if finding.point]
    points[there] = shapely.points(np.array([findings[number].point for number in there]).reshape(-1, 2))
    frame = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4490")
    with stable_dates():
        pyogrio.write_dataframe(frame, path, layer="findings", driver="GPKG", geometry_type="Point")


def write_faults(path: Path, faults: gpd.GeoDataFrame) -> None:
    """The geometry at fault as a further layer ``faults`` of a GeoPackage of findings."""
    with stable_dates():
        pyogrio.write_dataframe(
            faults, path, layer="faults", driver="GPKG", geometry_type="Unknown", append=path.exists()
        )


def write_frames(path: Path, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Frames as layers of one GeoPackage, each in its own CRS."""
    with stable_dates():
        for name, frame in frames.items():
            pyogrio.write_dataframe(
                frame, path, layer=name, driver="GPKG", geometry_type="Unknown", append=path.exists()
            )
