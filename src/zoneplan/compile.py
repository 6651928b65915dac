"""Plan + reference features → layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from zoneplan.crs.gate import refused, to_working, zone_crs
from zoneplan.derive import Derivation, Derived
from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import union
from zoneplan.errors import InputError, fault
from zoneplan.features import Features, Trust
from zoneplan.finding import Finding, has_errors
from zoneplan.layers import COLUMNS, REFERENCE, LayerSet, line_key
from zoneplan.plan import Element, Kind, Plan

DRAWING_ORDER: tuple[Kind, ...] = (
    "space", "group", "district", "new_city", "ecological_pattern", "belt", "axis", "control_line",
)  # fmt: skip


def compile_layers(
    plan: Plan,
    reference: gpd.GeoDataFrame,
    *,
    given: Mapping[str, gpd.GeoDataFrame] | None = None,
    files: Mapping[str, gpd.GeoDataFrame] | None = None,
    crs: CRS | None = None,
) -> LayerSet:
    """Derive every element of a plan.

    Parameters
    ----------
    plan : Plan
    reference : GeoDataFrame
        Columns ``name, kind, aliases, accuracy, accuracy_m, source, basis``; any CRS the gate accepts.
    given : mapping of str to GeoDataFrame, optional
        Authoritative polygons by element id or key (``permanent_basic_farmland``), in place of
        the element's rule; columns ``accuracy, accuracy_m, source`` where known.
    files : mapping of str to GeoDataFrame, optional
        Polygons of each ``from_layer`` rule by its path in the document.
    crs : pyproj.CRS, optional
        Projected CGCS2000 3-degree CRS; default the plan's own, else chosen from the zone.

    Returns
    -------
    LayerSet
        Areas ellipsoidal in m²; everything clipped to the zone.

    Raises
    ------
    InputError
        With all faults: a wrong CRS, extents that enclose nothing or refer to each other, keys of
        ``given`` that no element has.
    """
    work = crs or (_stated_crs(plan) if plan.crs else _crs_of_zone(plan, reference))
    base = to_working(reference, work, place="reference")
    if faults := refused(base, plan.place("crs")):  # the plan's own zone must fit where its features lie
        raise InputError(faults)
    layers = {key: _as_derived(frame, work, key) for key, frame in (given or {}).items()}
    derivation = Derivation(
        plan,
        Features(base),
        given=dict(_by_id(plan, layers)),
        files={path: _as_derived(frame, work, path) for path, frame in (files or {}).items()},
    )
    made = {element.id: derivation.element(element.id) for element in plan.elements}
    if has_errors(derivation.findings):
        raise InputError([finding for finding in derivation.findings if finding.severity == "error"])
    frames: dict[str, gpd.GeoDataFrame] = {}
    for kind in DRAWING_ORDER:
        rows = [_row(kind, element, made[element.id]) for k, _, element in plan.items() if k == kind]
        if rows:
            frames[kind] = _frame(rows, work)
    frames[REFERENCE] = _frame([_reference_row(plan, row) for _, row in base.iterrows()], work)
    findings = (*derivation.findings, *_readings(plan))
    return LayerSet(frames, work, plan.id, plan.name, plan.name_en, findings)


def _stated_crs(plan: Plan) -> CRS:
    """The CRS that the plan states, if it is a projected CGCS2000 3-degree CRS without zone prefix."""
    codes = [f"EPSG:{code}" for code in range(4534, 4555)]
    if plan.crs not in codes:
        raise InputError(
            fault(
                "plan.crs", plan.place("crs"),
                f"坐标系“{plan.crs}”应为 CGCS2000 3°带(不带带号)EPSG:4534 至 EPSG:4554 之一;也可不写,由数据确定",
                f"the CRS '{plan.crs}' should be a CGCS2000 3-degree CRS, EPSG:4534 to EPSG:4554; or leave it out: the data decide",
            )
        )  # fmt: skip
    return CRS(plan.crs)


def _crs_of_zone(plan: Plan, reference: gpd.GeoDataFrame) -> CRS:
    zone = reference[(reference["name"] == plan.zone) & reference.geom_type.isin(["Polygon", "MultiPolygon"])]
    west, _, east, _ = (zone if len(zone) else reference).to_crs("EPSG:4490").total_bounds
    return zone_crs((west + east) / 2)


def _as_derived(frame: gpd.GeoDataFrame, crs: CRS, place: str) -> Derived:
    """A file's polygons as one geometry, with the trust that the file states."""
    frame = to_working(frame, crs, place=place)
    accuracy = sorted(set(frame["accuracy"])) if "accuracy" in frame else []
    known = frame["accuracy_m"].dropna() if "accuracy_m" in frame else pd.Series(dtype=float)
    sources = tuple(sorted(set(frame["source"]))) if "source" in frame else (place,)
    worst = next((a for a in ("schematic", "derived", "surveyed") if a in accuracy), "surveyed")
    trust = Trust(worst, float(known.max()) if len(known) else None, sources)
    return Derived(union(list(frame.geometry)), trust)


def _by_id(plan: Plan, given: Mapping[str, Derived]) -> Iterator[tuple[str, Derived]]:
    ids = {name: element.id for element in plan.elements for name in (element.id, line_key(element.id))}
    faults = [
        fault(
            "plan.layer_key",
            f"--layer {key}",
            f"规划中没有编号或键为“{key}”的要素;可用:{'、'.join(sorted(ids))}",
            f"no element has the id or key '{key}'; known: {', '.join(sorted(ids))}",
        )
        for key in given
        if key not in ids
    ]
    if faults:
        raise InputError(faults)
    return ((ids[key], made) for key, made in given.items())


def _row(kind: Kind, element: Element, made: Derived) -> dict[str, Any]:
    return {
        "id": element.id,
        "name": element.name,
        "name_en": element.name_en,
        "kind": kind,
        "role": element.role,
        "citation": element.cited,
        "summary": element.summary,
        "accuracy": made.trust.accuracy,
        "accuracy_m": made.trust.accuracy_m,
        "source": ";".join(made.trust.sources),
        "component": element.component,
        "geometry": made.geometry,
        "centre": made.centre,
    }


def _reference_row(plan: Plan, row: pd.Series) -> dict[str, Any]:
    is_zone = row["name"] == plan.zone and shapely.get_dimensions(row["geometry"]) == 2
    kind = "zone" if is_zone else "area" if row["kind"] == "zone" else row["kind"]
    line = shapely.get_dimensions(row["geometry"]) == 1
    return {
        "id": f"{kind}:{row['name']}",
        "name": row["name"],
        "name_en": "",
        "kind": kind,
        "role": "",
        "citation": "",
        "summary": row.get("basis") or "",
        "accuracy": row["accuracy"],
        "accuracy_m": row["accuracy_m"],
        "source": row["source"],
        "component": None,
        "geometry": row["geometry"],
        "centre": row["geometry"] if line else None,
    }


def _frame(rows: list[dict[str, Any]], crs: CRS) -> gpd.GeoDataFrame:
    """Rows as a layer: polygons as MultiPolygons, areas and lengths measured."""
    shapes, centres = (np.array([row[name] for row in rows], dtype=object) for name in ("geometry", "centre"))
    flat, banded = shapely.get_dimensions(shapes) == 2, ~shapely.is_missing(centres)
    table: dict[str, Any] = {name: [row.get(name) for row in rows] for name in COLUMNS}
    table["accuracy_m"] = np.array(table["accuracy_m"], dtype=float)
    table["area_m2"] = np.where(flat, ellipsoid.area(shapes, crs), np.nan)
    if banded.any():
        table["length_m"] = np.where(banded, ellipsoid.length(centres, crs), np.nan)
    if "control_line" in table["kind"]:
        table["component"] = [str(row["component"] or "") for row in rows]
    if flat.all():
        shapes = np.array(
            [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes], dtype=object
        )
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def _readings(plan: Plan) -> Iterator[Finding]:
    """The readings taken where the plan's words leave a choice, for the audit to show."""
    for _, path, element in plan.items():
        for reading in element.interpretation:
            yield Finding(
                "plan.interpretation",
                "info",
                f"{element.name}:{reading}",
                f"reading taken for {element.id}: {reading}",
                plan.place(f"{path}.interpretation"),
                element.cited,
                (element.id,),
            )
