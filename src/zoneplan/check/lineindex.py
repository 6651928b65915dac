"""Control lines cut and indexed once, for one check or for many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from zoneplan.check.lines import Line
from zoneplan.engine.grid import Grid, make_grid
from zoneplan.engine.nearest import Boundary, boundary_chunks
from zoneplan.engine.window import Bounds
from zoneplan.finding import Finding

REACH_M = 100.0
"""Distances to a line are known up to this; what is farther is no close call."""
_CHUNK = 8  # edges


class IndexedLine:
    """One line with its polygons, and the columns of the grid that hold it, its components and its coverage."""

    def __init__(self, line: Line, crs: CRS, within: Bounds | None = None) -> None:
        self.line, self.within = line, within
        self.key = line.key
        shapes = [part.to_numpy() for part in line.parts.values()]
        self.polygons = gpd.GeoSeries(np.concatenate(shapes) if shapes else [], crs=crs)
        self.column = -1
        self.coverage_column = -1
        self.component_columns: dict[str, int] = {}

    @cached_property
    def edges(self) -> Boundary:
        """The line's edges, for distances of points."""
        return Boundary(self.polygons.to_numpy(), REACH_M, self.within)

    @cached_property
    def boundary(self) -> shapely.STRtree:
        """The line's boundary as a tree of short lines."""
        return shapely.STRtree(boundary_chunks(self.polygons.to_numpy(), _CHUNK, REACH_M, self.within))


class LineIndex:
    """Control lines on one grid.

    Parameters
    ----------
    lines : sequence of Line
        In the working CRS. Those that cover ground twice or are inside out are mended, if by then they are not.
    crs : CRS
        Projected CGCS2000 CRS.
    within : tuple of float, optional
        (west, south, east, north): what lies beyond is not cut, for a check that is made once.

    Attributes
    ----------
    repaired : tuple of Finding
        Polygons that were repaired.
    """

    def __init__(self, lines: Sequence[Line], crs: CRS, *, within: Bounds | None = None) -> None:
        self.crs, self._within = crs, within
        self.lines, self.grid = self._cut(lines)
        doubtful = {finding.place for finding in self.grid.findings}
        mended = [line.mended() if line.key in doubtful else (line, []) for line in lines]
        self.repaired: tuple[Finding, ...] = tuple(finding for _, said in mended for finding in said)
        if self.repaired:
            self.lines, self.grid = self._cut([line for line, _ in mended])

    def _cut(self, lines: Sequence[Line]) -> tuple[tuple[IndexedLine, ...], Grid]:
        """The lines, and the grid in whose columns they, their components and their coverages are."""
        indexed = tuple(IndexedLine(line, self.crs, self._within) for line in lines)
        layers: dict[str, gpd.GeoSeries] = {}
        names: dict[bytes, str] = {}

        def column(name: str, shapes: gpd.GeoSeries) -> int:
            layers[name] = shapes
            return len(layers) - 1

        for entry in indexed:
            line = entry.line
            if line.coverage is None:
                continue
            entry.column = column(line.key, entry.polygons)
            if len(line.parts) > 1:
                entry.component_columns = {
                    name: column(f"{line.key}:{name}", part) for name, part in line.parts.items()
                }
            known = names.setdefault(shapely.to_wkb(line.coverage), f"coverage {line.key}")
            if known not in layers:
                column(known, gpd.GeoSeries(np.array([line.coverage]), crs=self.crs))
            entry.coverage_column = list(layers).index(known)
        return indexed, make_grid(layers, within=self._within)
