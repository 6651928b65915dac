"""The units that a choice is made of: their ground, what it takes, how they lie to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import ellipsoid
from zoneplan.engine.overlap import overlap_areas
from zoneplan.engine.overlay import intersection
from zoneplan.engine.pieces import overlap_pieces
from zoneplan.layers import LayerSet
from zoneplan.siting.program import Floats, Ints

LEAST_M2 = 0.01
"""Ground, and shares of it, below this are rounding and count nothing."""
NEAR_M = 0.01
"""Edges no further apart than this are shared."""
LEAST_EDGE_M = 0.1
"""Edges shared for less than this are corners that meet."""


@dataclass(frozen=True)
class Candidates:
    """Units with ground to choose.

    Parameters
    ----------
    frame : GeoDataFrame
        ``id``, ``area_m2`` (ellipsoidal) of the ground, a column of m² per constraint of `takes` (its title), then
        what the units' file brought; geometry in the layers' CRS.
    edge_m : ndarray
        Length of each unit's edge.
    joined_m : ndarray
        Of it, what it shares with the element that is enlarged (or, of units given back, with what stays).
    pairs : ndarray, shape (n, 2)
        Positions of units that share an edge, the smaller first.
    shared_m : ndarray
        How long.
    """

    frame: gpd.GeoDataFrame
    edge_m: Floats
    joined_m: Floats
    pairs: Ints
    shared_m: Floats

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def area_ha(self) -> Floats:
        """Ground of each unit in hectares."""
        return np.asarray(self.frame["area_m2"].to_numpy(dtype=float) / 1e4)

    def taken_ha(self, title: str) -> Floats:
        """What each unit takes of one constraint, in hectares."""
        return np.asarray(self.frame[title].to_numpy(dtype=float) / 1e4)


def grid(ground: BaseGeometry, side_m: float, crs: CRS) -> gpd.GeoDataFrame:
    """Square cells over some ground, on lines that are multiples of the side."""
    west, south, east, north = np.array(ground.bounds) / side_m
    columns, rows = np.arange(np.floor(west), np.ceil(east)), np.arange(np.floor(south), np.ceil(north))
    i, j = (one.ravel() for one in np.meshgrid(np.arange(len(columns)), np.arange(len(rows))))
    x, y = columns[i] * side_m, rows[j] * side_m
    cells = shapely.box(x, y, x + side_m, y + side_m)
    shapely.prepare(ground)
    near = shapely.intersects(ground, cells)
    ids = [f"{a}_{b}" for a, b in zip(i[near].tolist(), j[near].tolist(), strict=True)]
    return gpd.GeoDataFrame({"id": ids}, geometry=cells[near], crs=crs)


def candidates(
    units: gpd.GeoDataFrame, ground: BaseGeometry, enlarged: BaseGeometry, takes: Mapping[str, BaseGeometry], layers: LayerSet
) -> Candidates:  # fmt: skip
    """Units cut to the ground that may be chosen, and measured.

    Parameters
    ----------
    units : GeoDataFrame
        ``id`` and polygons in the layers' CRS.
    ground : geometry
        Where units may lie.
    enlarged : geometry
        What a chosen unit joins where it shares an edge with it.
    takes : mapping of str to geometry
        Constraints by title.
    layers : LayerSet
    """
    there = gpd.GeoSeries([ground], crs=layers.crs)
    shapes = overlap_pieces(units.geometry, there).pieces.to_numpy()
    area = ellipsoid.area(shapes, layers.crs)
    kept = np.flatnonzero(area >= LEAST_M2)
    frame = units.iloc[kept].reset_index(drop=True).set_geometry(gpd.GeoSeries(shapes[kept], crs=layers.crs))
    others = [name for name in frame.columns if name not in ("id", "geometry", "area_m2", *takes)]
    measured = overlap_areas(
        frame, {title: gpd.GeoSeries([shape], crs=layers.crs) for title, shape in takes.items()}
    ).table
    table = pd.DataFrame({"id": frame["id"].astype(str), "area_m2": area[kept]})
    for title in takes:
        taken = measured[title].to_numpy()
        table[title] = np.where(taken >= LEAST_M2, taken, 0.0)
    table = pd.concat([table, frame[others]], axis=1)
    made = gpd.GeoDataFrame(table, geometry=frame.geometry, crs=layers.crs)
    pairs, shared = _shared(made.geometry.to_numpy())
    edge = np.asarray(shapely.length(made.geometry.to_numpy()))
    return Candidates(made, edge, _joined(made.geometry.to_numpy(), enlarged), pairs, shared)


def _shared(shapes: npt.NDArray[np.object_]) -> tuple[Ints, Floats]:
    """Pairs of units that share an edge, and its length."""
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=NEAR_M)
    one, other = one[one < other], other[one < other]
    length = _along(shapes[one], shapes[other])
    kept = length >= LEAST_EDGE_M
    pairs = np.stack([one[kept], other[kept]], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order].astype(np.int64), length[kept][order]


def _joined(shapes: npt.NDArray[np.object_], enlarged: BaseGeometry) -> Floats:
    """How much of each unit's edge lies along the ground that is enlarged."""
    length = np.zeros(len(shapes))
    if len(shapes) and not enlarged.is_empty:
        near = np.flatnonzero(shapely.dwithin(shapes, enlarged, NEAR_M))
        boxes = [shapely.box(*shape.buffer(1.0).bounds) for shape in shapes[near]]
        pieces = np.array([intersection(enlarged, box) for box in boxes], dtype=object)
        length[near] = _along(shapes[near], pieces)
    length[length < LEAST_EDGE_M] = 0.0
    return length


def _along(shapes: npt.NDArray[np.object_], others: npt.NDArray[np.object_]) -> Floats:
    """How much of the boundary of each polygon lies within `NEAR_M` of the other at the same position."""
    if not len(shapes):
        return np.empty(0)
    return np.asarray(
        shapely.length(shapely.intersection(shapely.boundary(shapes), shapely.buffer(others, NEAR_M)))
    )
