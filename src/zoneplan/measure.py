"""One control line measured on all parcels: overlaps, what is near, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan import overlay
from zoneplan.finding import Finding
from zoneplan.grid import Grid, make_grid
from zoneplan.lines import BOUNDARY, OUTSIDE, Line
from zoneplan.overlap import overlap_areas
from zoneplan.parcels import Parcels
from zoneplan.pieces import ZERO_M2, boundary_chunks, overlap_pieces

Array = npt.NDArray[Any]
TOUCH_M = 1e-3  # the cluster tolerance usual in the field
UNCOVERED_SHARE = 1e-6
COVERAGE = "coverage"


@dataclass
class Measured:
    """One line measured on all parcels, arrays in their order.

    ``area`` is the overlap in m² (union, never counted twice), ``by_component`` that of each component,
    ``near`` whether a parcel lies within `TOUCH_M` of the line, ``uncovered`` whether part of it lies where the line
    is not known.
    """

    key: str
    pieces: Sequence[BaseGeometry]
    area: Array
    by_component: dict[str, Array]
    near: Array
    uncovered: Array
    findings: list[Finding] = field(default_factory=list)


def measure(line: Line, parcels: Parcels, crs: CRS, area: str) -> list[Measured]:
    """Overlaps of one line with every parcel; the growth boundary also gives what lies outside it."""
    shapes, n = parcels.shapes, len(parcels.ids)
    nothing = np.zeros(n)
    if line.coverage is None:
        return [
            Measured(key, [shapely.Polygon()] * n, nothing, {}, nothing > 0, nothing == 0)
            for key in _keys(line)
        ]
    everything = gpd.GeoSeries(pd.concat(list(line.parts.values()), ignore_index=True), crs=crs)
    grid = make_grid(
        {
            COVERAGE: gpd.GeoSeries(np.array([line.coverage]), crs=crs),
            line.key: everything,
            **_components(line),
        }
    )
    plane, findings = _areas(shapes, grid, "planar")
    shown = plane if area == "planar" else _areas(shapes, grid, area)[0]
    inside = overlap_pieces(shapes, everything, plane_areas=plane[line.key].to_numpy())
    inside_area = _shown(plane, shown, line.key)
    # what could not be measured is not known: never nothing
    uncovered = _short_of(plane, COVERAGE) | shapes.is_empty.to_numpy() | plane.isna().any(axis=1).to_numpy()
    if len(line.parts) > 1:
        by_component = {name: _shown(plane, shown, _part(name)) for name in line.parts}
    else:
        by_component = dict.fromkeys(line.parts, inside_area)
    near = _near(shapes, everything)
    rows = [
        Measured(
            line.key, list(inside.pieces), inside_area, by_component, near, uncovered,
            [*findings, *inside.findings],
        )
    ]  # fmt: skip
    if line.key == BOUNDARY:
        rows.append(_outside(line, shapes, plane, shown, inside.pieces, near, uncovered))
    return rows


def _outside(
    line: Line, shapes: gpd.GeoSeries, plane: pd.DataFrame, shown: pd.DataFrame, inside: gpd.GeoSeries,
    near: Array, uncovered: Array,
) -> Measured:  # fmt: skip
    """What lies within the coverage and outside the growth boundary."""
    coverage = gpd.GeoSeries(np.array([line.coverage]), crs=shapes.crs)
    covered = overlap_pieces(shapes, coverage, plane_areas=plane[COVERAGE].to_numpy())
    # |P| − |P∩U|, not the area of a difference: that is the operation that fails most
    rest = plane[COVERAGE].to_numpy() - plane[line.key].to_numpy()
    there = rest > np.maximum(ZERO_M2, 1e-9 * plane["area_m2"].to_numpy())
    whole, part = covered.pieces.to_numpy(), inside.to_numpy()
    beyond = np.full(len(shapes), shapely.Polygon(), dtype=object)
    beyond[there] = whole[there]
    for number in np.flatnonzero(there & ~shapely.is_empty(part)):
        beyond[number] = overlay.difference(whole[number], part[number])
    amount = np.where(there, np.maximum(shown[COVERAGE] - shown[line.key], 0.0), 0.0)
    return Measured(OUTSIDE, list(beyond), amount, {"": amount}, near, uncovered, list(covered.findings))


def _components(line: Line) -> dict[str, gpd.GeoSeries]:
    """The components as layers of their own, if there is more than one."""
    return {_part(name): part for name, part in line.parts.items()} if len(line.parts) > 1 else {}


def _part(name: str) -> str:
    return f"component {name}"


def _keys(line: Line) -> tuple[str, ...]:
    return (line.key, OUTSIDE) if line.key == BOUNDARY else (line.key,)


def _areas(shapes: gpd.GeoSeries, grid: Grid, area: str) -> tuple[pd.DataFrame, list[Finding]]:
    found = overlap_areas(shapes, grid, area=area)
    return found.table, list(found.findings)


def _shown(plane: pd.DataFrame, shown: pd.DataFrame, key: str) -> Array:
    """The areas asked for; what is nothing in the plane is nothing at all."""
    return np.where(plane[key] > ZERO_M2, shown[key], 0.0)


def _short_of(plane: pd.DataFrame, key: str) -> Array:
    whole = plane["area_m2"].to_numpy()
    return np.asarray(whole - plane[key].to_numpy() > np.maximum(UNCOVERED_SHARE * whole, 1e-3))


def _near(shapes: gpd.GeoSeries, parts: gpd.GeoSeries) -> Array:
    """Which shapes lie within `TOUCH_M` of the boundary of any part."""
    tree = shapely.STRtree(boundary_chunks(parts.to_numpy()))
    near = np.zeros(len(shapes), dtype=bool)
    near[tree.query(shapes.to_numpy(), predicate="dwithin", distance=TOUCH_M)[0]] = True
    return near
