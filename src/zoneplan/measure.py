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

from zoneplan import ellipsoid, overlay
from zoneplan.finding import Finding
from zoneplan.lines import BOUNDARY, OUTSIDE, Line
from zoneplan.parcels import Parcels

Array = npt.NDArray[Any]
ZERO_M2 = 1e-6  # below this an overlap is the arithmetic of cutting
TOUCH_M = 1e-3  # the cluster tolerance usual in the field
UNCOVERED_SHARE = 1e-6
SMALL_M2 = 0.1


@dataclass
class Measured:
    """One line measured on all parcels, arrays in their order.

    ``area`` is the overlap in m² (union, never counted twice), ``by_component`` that of each component,
    ``near`` whether a parcel lies within `TOUCH_M`, ``uncovered`` whether part of it lies where the line
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
    covered = overlay.overlaps(shapes, line.coverage)
    covered_area = _area(covered.pieces, crs, area)
    uncovered = parcels.area_m2 - covered_area > np.maximum(UNCOVERED_SHARE * parcels.area_m2, 1e-3)
    uncovered |= shapes.is_empty.to_numpy()
    everything = gpd.GeoSeries(pd.concat(list(line.parts.values()), ignore_index=True), crs=crs)
    inside = overlay.overlaps(shapes, everything)
    inside_area = _area(inside.pieces, crs, area)
    by_component = dict.fromkeys(line.parts, inside_area)
    if len(line.parts) > 1:
        by_component = {
            name: _area(overlay.overlaps(shapes, part).pieces, crs, area) for name, part in line.parts.items()
        }
    near = _near(shapes, everything)
    findings = [*covered.findings, *inside.findings]
    rows = [Measured(line.key, list(inside.pieces), inside_area, by_component, near, uncovered, findings)]
    if line.key == BOUNDARY:
        beyond = [
            overlay.difference(whole, part) if whole_m2 - part_m2 > ZERO_M2 else shapely.Polygon()
            for whole, part, whole_m2, part_m2 in zip(
                covered.pieces, inside.pieces, covered_area, inside_area, strict=True
            )
        ]
        # |P| - |P∩U|, not the measured difference: near-coincident edges spoil the latter
        beyond_area = np.where(
            [shape.is_empty for shape in beyond], 0.0, np.maximum(covered_area - inside_area, 0.0)
        )
        edge = _near(shapes, everything.boundary)
        rows.append(Measured(OUTSIDE, beyond, beyond_area, {"": beyond_area}, edge, uncovered))
    return rows


def _keys(line: Line) -> tuple[str, ...]:
    return (line.key, OUTSIDE) if line.key == BOUNDARY else (line.key,)


def _area(pieces: gpd.GeoSeries, crs: CRS, method: str) -> Array:
    """Areas of pieces. Under `SMALL_M2` the plane is exact enough and the standard's rounding of coordinates is not."""
    plane = overlay.plane_area(pieces)
    return plane if method == "planar" else np.where(plane < SMALL_M2, plane, ellipsoid.area(pieces, crs))


def _near(shapes: gpd.GeoSeries, parts: gpd.GeoSeries) -> Array:
    """Which shapes lie within `TOUCH_M` of any part."""
    found = shapely.STRtree(parts.to_numpy()).query(shapes.to_numpy(), predicate="dwithin", distance=TOUCH_M)[
        0
    ]
    near = np.zeros(len(shapes), dtype=bool)
    near[found] = True
    return near
