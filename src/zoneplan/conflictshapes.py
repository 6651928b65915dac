"""The geometry behind a check, made when it is first asked for: pieces, and how close each call is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from zoneplan.finding import Finding
from zoneplan.measure import Measured, cut
from zoneplan.overlay import Overlaps, Shapes
from zoneplan.rings import Floats, Ints
from zoneplan.verdicts import STATES, THERE

FAR_M = 20.0
"""A call is not close where the line would have to move by more than this; then the distance is a lower bound."""


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
        there = [
            np.flatnonzero(np.isin(state, [STATES.index(name) for name in THERE])) for state in self.states
        ]
        return tuple((at, cut(row, self.shapes, at)) for row, at in zip(self.rows, there, strict=True))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Pieces that, however they were cut, do not have the area of the overlap; none while none are cut."""
        cuts = self.cuts if "cuts" in self.__dict__ else ()
        return tuple(finding for _, made in cuts for finding in made.findings)

    @cached_property
    def flip_m(self) -> Floats:
        """How far each line would have to move for a state to change, in metres; shape (parcels, lines).

        Where there is no overlap: the distance from the parcel to the line. Where there is: how deep the overlap
        reaches, that is the largest distance from the line's boundary of the piece's vertices, of points along its
        edges and of the centre of its largest circle; beyond `FAR_M` a lower bound. NaN where there are no data.
        """
        made = np.full((len(self.shapes), len(self.rows)), np.nan)
        for column, (row, state, (at, pieces)) in enumerate(
            zip(self.rows, self.states, self.cuts, strict=True)
        ):
            if row.line is None or not len(row.line.boundary):
                continue
            apart = np.flatnonzero(np.isin(state, [STATES.index("touch"), STATES.index("clear")]))
            made[apart, column] = _distance(self.shapes.to_numpy()[apart], row.line.boundary)
            made[at, column] = _depth(pieces.pieces.to_numpy(), row.line.boundary)
        return made


def _distance(shapes: Shapes, boundary: shapely.STRtree) -> Floats:
    """Distances to the nearest of a tree's lines."""
    made = np.full(len(shapes), np.nan)
    (at, _), distance = boundary.query_nearest(shapes, all_matches=False, return_distance=True)
    made[at] = distance
    return made


def _depth(pieces: Shapes, boundary: shapely.STRtree) -> Floats:
    """How far pieces reach from a boundary: at one point inside, and where that is near, all around."""
    inner = shapely.point_on_surface(pieces)
    depth = _distance(inner, boundary)
    near = np.flatnonzero(depth < FAR_M)
    for points, owner in _candidates(pieces[near]):
        np.maximum.at(depth, near[owner], _distance(points, boundary))
    return depth


def _candidates(pieces: Shapes) -> list[tuple[Shapes, Ints]]:
    """Points of pieces that may lie deepest: vertices, points along edges, the centre of the largest circle."""
    if not len(pieces):
        return []
    step = np.maximum(shapely.length(pieces) / 64, 0.5)
    xy, owner = shapely.get_coordinates(shapely.segmentize(pieces, step), return_index=True)
    circle = shapely.maximum_inscribed_circle(
        pieces, tolerance=np.maximum(shapely.length(pieces) / 1e4, 1e-3)
    )
    centre = shapely.get_point(circle, 0)
    return [(np.asarray(shapely.points(xy)), owner), (np.asarray(centre), np.arange(len(pieces)))]
