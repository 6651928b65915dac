"""The geometry behind a check, made when it is first asked for: pieces, and how close each call is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from zoneplan.check.lineindex import REACH_M
from zoneplan.check.measure import Measured, cut
from zoneplan.check.verdicts import STATES, THERE
from zoneplan.engine import compiled
from zoneplan.engine.nearest import Boundary
from zoneplan.engine.overlay import Overlaps
from zoneplan.engine.rings import Floats, Ints, Shapes
from zoneplan.finding import Finding

EXACT_M = 0.01


class ConflictShapes:
    """Pieces and flip distances of measured lines.

    Parameters
    ----------
    shapes : GeoSeries
        Parcels in the working CRS, on a RangeIndex.
    rows : sequence of Measured
    states : sequence of ndarray
        Positions in `STATES`, one array per row.
    """

    def __init__(self, shapes: gpd.GeoSeries, rows: Sequence[Measured], states: Sequence[Ints]) -> None:
        self.shapes, self.rows, self.states = shapes, tuple(rows), tuple(states)

    @cached_property
    def cuts(self) -> tuple[tuple[Ints, Overlaps], ...]:
        """For each row the positions of parcels that overlap, and what they overlap in."""
        there = [np.flatnonzero(_is(state, *THERE)) for state in self.states]
        return tuple((at, cut(row, self.shapes, at)) for row, at in zip(self.rows, there, strict=True))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Pieces that, however they were cut, do not have the area of the overlap; none while none are cut."""
        cuts = self.cuts if "cuts" in self.__dict__ else ()
        return tuple(finding for _, made in cuts for finding in made.findings)

    @cached_property
    def flip_m(self) -> Floats:
        """How far each line would have to move for a state to change, in metres; shape (parcels, lines).

        Where there is no overlap, the distance from the parcel to the line. Where there is one, how deep it reaches: the
        largest distance from the line's boundary along the edge of the piece (to 1 cm) and of the centre of its largest
        circle. `REACH_M` stands for all that is farther. NaN where there are no data.
        """
        made = np.full((len(self.shapes), len(self.rows)), np.nan)
        shapes = self.shapes.to_numpy()
        for column, (row, state, (at, pieces)) in enumerate(
            zip(self.rows, self.states, self.cuts, strict=True)
        ):
            if row.line is None:
                continue
            apart = np.flatnonzero(_is(state, "touch", "clear"))
            made[apart, column] = _distance(shapes[apart], row.line.boundary)
            made[at, column] = _depth(pieces.pieces.to_numpy(), row.line.edges)
        return made


def _is(state: Ints, *names: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.isin(state, [STATES.index(name) for name in names])


def _distance(shapes: Shapes, boundary: shapely.STRtree) -> Floats:
    """Distances of polygons to the nearest of a tree's lines, up to `REACH_M`."""
    made = np.full(len(shapes), REACH_M)

    def part(first: int, last: int) -> None:
        (at, _), distance = boundary.query_nearest(
            shapes[first:last], max_distance=REACH_M, all_matches=False, return_distance=True
        )
        made[first + at] = distance

    compiled.spread(part, len(shapes))
    return made


def _depth(pieces: Shapes, edges: Boundary) -> Floats:
    """How far pieces reach from a boundary: at a point inside, and where that is within reach all along their edges."""
    depth = edges.distance(shapely.get_coordinates(shapely.point_on_surface(pieces)))
    near = np.flatnonzero(depth < REACH_M)
    if not len(near):
        return depth
    np.maximum.at(depth, near, edges.distance(_centres(pieces[near])))
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(pieces[near])), return_index=True)
    of_ring = near[_owners(pieces[near])]
    at = edges.distance(xy)
    np.maximum.at(depth, of_ring[ring], at)
    inside = np.flatnonzero(ring[1:] == ring[:-1])
    a, b = np.c_[xy[inside], at[inside]], np.c_[xy[inside + 1], at[inside + 1]]
    owner = of_ring[ring[inside]]
    while len(owner):  # halve what may yet hold a deeper point: a distance changes by no more than the way
        most = (a[:, 2] + b[:, 2] + np.hypot(*(b - a)[:, :2].T)) / 2
        open_ = np.minimum(most, REACH_M) > depth[owner] + EXACT_M
        a, b, owner = a[open_], b[open_], owner[open_]
        middle = (a[:, :2] + b[:, :2]) / 2
        middle = np.c_[middle, edges.distance(middle)]
        np.maximum.at(depth, owner, middle[:, 2])
        a, b, owner = np.r_[a, middle], np.r_[middle, b], np.r_[owner, owner]
    return depth


def _centres(pieces: Shapes) -> Floats:
    """The centres of the largest circles in polygons, to a twentieth of their mean width."""
    tolerance = np.maximum(0.1 * shapely.area(pieces) / shapely.length(pieces), EXACT_M)

    def part(first: int, last: int) -> Shapes:
        circles = shapely.maximum_inscribed_circle(pieces[first:last], tolerance=tolerance[first:last])
        return np.asarray(shapely.get_point(circles, 0))

    return np.asarray(shapely.get_coordinates(np.concatenate(compiled.spread(part, len(pieces)))))


def _owners(pieces: Shapes) -> Ints:
    """For each ring of some polygons, the position of its polygon."""
    parts, piece = shapely.get_parts(pieces, return_index=True)
    _, part = shapely.get_rings(parts, return_index=True)
    return np.asarray(piece[part], dtype=np.int64)
