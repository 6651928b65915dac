"""Control lines measured on parcels: overlaps, what is near, what is not known; and the pieces on request."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

from zoneplan.check.lineindex import IndexedLine, LineIndex
from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.engine import overlay
from zoneplan.engine.overlap import Parts, overlap_parts
from zoneplan.engine.overlay import Overlaps
from zoneplan.engine.pieces import ZERO_M2, overlap_pieces
from zoneplan.engine.rings import Floats, Ints, Shapes

Flags = npt.NDArray[np.bool_]
TOUCH_M = 1e-3  # the cluster tolerance usual in the field
UNCOVERED_SHARE = 1e-6


@dataclass(frozen=True)
class Measured:
    """One line measured on all parcels, arrays in their order.

    ``area`` is the overlap in m² (union, never counted twice), ``by_component`` that of each component,
    ``near`` whether a parcel without overlap lies within `TOUCH_M` of the line, ``unknown_m2`` how much of it lies
    where the line is not known, ``uncovered`` whether that is more than rounding. ``plane`` and ``covered`` are the overlaps
    with the line and its coverage in plane m². ``line`` is None where the line is known nowhere.
    """

    key: str
    line: IndexedLine | None
    area: Floats
    by_component: dict[str, Floats]
    near: Flags
    unknown_m2: Floats
    uncovered: Flags
    plane: Floats
    covered: Floats


def measure(index: LineIndex, shapes: gpd.GeoSeries, area: str) -> tuple[list[Measured], Parts]:
    """Overlaps of every line with every shape; the growth boundary also gives what lies outside it."""
    found = overlap_parts(shapes, index.grid, ("planar", area) if area != "planar" else ("planar",))
    plain = shapes.to_numpy()
    empty = shapely.is_empty(plain)
    rows = []
    for line in index.lines:
        rows += _known(line, plain, empty, found, area) if line.column >= 0 else _unknown(line, len(plain))
    return rows, found


def _known(line: IndexedLine, shapes: Shapes, empty: Flags, found: Parts, area: str) -> list[Measured]:
    """One line, and for the growth boundary what lies within the coverage and outside it."""
    plane, shown = found.parts["planar"], found.parts[area]
    inside, covered = plane[:, line.column], plane[:, line.coverage_column]
    amount = _nothing_is_zero(inside, shown[:, line.column])
    whole = found.whole["planar"]
    # what could not be measured is not known: never nothing
    uncovered = ~(whole - covered <= np.maximum(UNCOVERED_SHARE * whole, 1e-3)) | empty
    unknown = np.where(uncovered, found.whole[area] - shown[:, line.coverage_column], 0.0)
    parts = {
        name: _nothing_is_zero(plane[:, column], shown[:, column])
        for name, column in line.component_columns.items()
    } or dict.fromkeys(line.line.parts, amount)
    near = _near(shapes, line, ~(inside > ZERO_M2))
    rows = [Measured(line.key, line, amount, parts, near, unknown, uncovered, inside, covered)]
    if line.key == BOUNDARY:
        # |P| − |P∩U|, not the area of a difference: that is the operation that fails most
        rest = covered - inside
        there = rest > np.maximum(ZERO_M2, 1e-9 * whole)
        beyond = shown[:, line.coverage_column] - shown[:, line.column]
        amount = np.where(there, np.maximum(beyond, 0.0), 0.0)
        near = _near(shapes, line, ~there)
        rows.append(Measured(OUTSIDE, line, amount, {"": amount}, near, unknown, uncovered, inside, covered))
    return rows


def _unknown(line: IndexedLine, n: int) -> list[Measured]:
    """A line that is known nowhere."""
    zero, no, yes = np.zeros(n), np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    keys = (line.key, OUTSIDE) if line.key == BOUNDARY else (line.key,)
    return [Measured(key, None, zero, {}, no, np.full(n, np.nan), yes, zero, zero) for key in keys]


def cut(row: Measured, shapes: gpd.GeoSeries, at: Ints) -> Overlaps:
    """The pieces of shapes at some positions that a row measures: inside the line, or covered and outside it."""
    some = gpd.GeoSeries(shapes.iloc[at])
    if row.line is None:
        return Overlaps(gpd.GeoSeries(np.full(len(at), Polygon()), index=some.index, crs=shapes.crs))
    inside = overlap_pieces(some, row.line.polygons, plane_areas=row.plane[at])
    if row.key != OUTSIDE:
        return inside
    coverage = gpd.GeoSeries(np.array([row.line.line.coverage]), crs=shapes.crs)
    covered = overlap_pieces(some, coverage, plane_areas=row.covered[at])
    made: Shapes = np.full(len(at), Polygon(), dtype=object)
    for number in np.flatnonzero(row.area[at] > 0):
        whole, part = covered.pieces.iloc[number], inside.pieces.iloc[number]
        made[number] = whole if part.is_empty else overlay.difference(whole, part)
    pieces = gpd.GeoSeries(made, index=some.index, crs=shapes.crs)
    return Overlaps(pieces, (*inside.findings, *covered.findings))


def _nothing_is_zero(plane: Floats, shown: Floats) -> Floats:
    """The areas asked for; what is nothing in the plane is nothing at all."""
    return np.where(plane > ZERO_M2, shown, 0.0)


def _near(shapes: Shapes, line: IndexedLine, wanted: Flags) -> Flags:
    """Which of the shapes wanted lie within `TOUCH_M` of a line's boundary."""
    near = np.zeros(len(shapes), dtype=bool)
    at = np.flatnonzero(wanted)
    if len(at):
        met = line.boundary.query(shapes[at], predicate="dwithin", distance=TOUCH_M)[0]
        near[at[met]] = True
    return near
