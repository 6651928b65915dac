"""Ground that elements have in one of two sets of layers only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import difference
from zoneplan.errors import InputError, fault
from zoneplan.layers import LayerSet

LEAST_M2 = 0.01
"""Less ground is rounding."""
SIDES = ("lost", "gained")
COLUMNS = ("kind", "element", "name", "name_en", "side", "area_m2")


@dataclass(frozen=True)
class _Element:
    kind: str
    row: pd.Series


def changed_ground(base: LayerSet, other: LayerSet) -> gpd.GeoDataFrame:
    """What areas lose and gain from one set of layers to another.

    Parameters
    ----------
    base, other : LayerSet
        In one CRS. Elements are matched by kind and id; one that is missing on a side has no ground there.

    Returns
    -------
    GeoDataFrame
        ``kind, element, name, name_en, side`` (``lost``, ``gained``), ellipsoidal ``area_m2``; rows by element in the order of `base`,
        then what only `other` has.

    Raises
    ------
    InputError
        If the CRSs differ (``compare.crs``).
    """
    if base.crs != other.crs:
        zh = f"两套图层的坐标系不同:{base.crs.name} 与 {other.crs.name};请用同一坐标系编译"
        en = f"the layers are in two CRSs, {base.crs.name} and {other.crs.name}: compile both in one"
        raise InputError(fault("compare.crs", f"{base.plan_id}, {other.plan_id}", zh, en))
    here, there = dict(_areas(base)), dict(_areas(other))
    rows: list[tuple[_Element, str, BaseGeometry]] = []
    for key in dict.fromkeys([*here, *there]):
        one, two = here.get(key), there.get(key)
        shapes = [found.row["geometry"] if found else shapely.Polygon() for found in (one, two)]
        if shapely.equals_identical(*shapes):
            continue
        for side, ground in zip(SIDES, (difference(*shapes), difference(*shapes[::-1])), strict=True):
            if not ground.is_empty and (named := one or two):
                rows.append((named, side, ground))
    areas = ellipsoid.area([ground for *_, ground in rows], base.crs).tolist() if rows else []
    kept = [(*row, area) for row, area in zip(rows, areas, strict=True) if area >= LEAST_M2]
    table = pd.DataFrame(
        [
            (found.kind, found.row["id"], found.row["name"], found.row["name_en"], side, area)
            for found, side, _, area in kept
        ],
        columns=list(COLUMNS),
    )
    return gpd.GeoDataFrame(table, geometry=[ground for _, _, ground, _ in kept], crs=base.crs)


def _areas(layers: LayerSet) -> Iterator[tuple[tuple[str, str], _Element]]:
    """Elements that are areas, by (kind, id)."""
    for kind, frame in layers.elements.items():
        for _, row in frame[frame["area_m2"].notna()].iterrows():
            yield (kind, str(row["id"])), _Element(kind, row)
