"""A way to read coordinates: their CRS, their order, a shift of datum, and the CRS that they come out in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from zoneplan.crs.zones import horizontal, transformed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Shift(Protocol):
    """A change of datum."""

    @property
    def crs(self) -> CRS:
        """What comes out."""
        ...

    def moved(self, xy: Floats, crs: CRS) -> Floats:
        """Coordinates of `crs` in the CRS that comes out."""
        ...

    def words(self) -> tuple[str, str]:
        """What it is, Chinese and English."""
        ...


@dataclass(frozen=True)
class Reading:
    """How coordinates are read.

    Parameters
    ----------
    crs : pyproj.CRS
        What the numbers are coordinates of.
    to : pyproj.CRS
        What they come out in.
    swapped : bool
        Whether north stands before east.
    shift : Shift, optional
    """

    crs: CRS
    to: CRS
    swapped: bool = False
    shift: Shift | None = None

    @property
    def plain(self) -> bool:
        """Whether the numbers stay as they are."""
        return not self.swapped and self.shift is None and self.crs == self.to

    def moved(self, xy: Floats) -> Floats:
        """Coordinates as they stand, shape (n, 2), in the CRS that they come out in."""
        xy = xy[:, ::-1] if self.swapped else xy
        at = self.crs
        if self.shift is not None:
            xy, at = self.shift.moved(xy, at), self.shift.crs
        return transformed(np.ascontiguousarray(xy), at if at == self.to else horizontal(at), self.to)


def read_by(frame: gpd.GeoDataFrame, readings: Sequence[Reading], which: Ints) -> gpd.GeoDataFrame:
    """A layer whose feature i is read by ``readings[which[i]]`` (−1: as it stands); heights are kept.

    All readings come out in one CRS. The frame given is not changed.
    """
    to = readings[0].to
    shapes = np.asarray(frame.geometry, dtype=object).copy()
    for number, reading in enumerate(readings):
        rows = np.flatnonzero(which == number)
        if reading.plain or not len(rows):
            continue
        high = shapely.has_z(shapes[rows])
        for some, z in ((rows[~high], False), (rows[high], True)):
            if len(some):
                shapes[some] = shapely.transform(shapes[some], _mover(reading), include_z=z)
    name = frame.geometry.name
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=to, name=name))


def _mover(reading: Reading) -> Callable[[Floats], Floats]:
    def moved(xyz: Floats) -> Floats:
        return np.column_stack([reading.moved(xyz[:, :2]), xyz[:, 2:]])

    return moved
