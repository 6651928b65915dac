"""One batch of features measured against layers: WKB in, a table out, on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyproj import CRS

from zoneplan.crs.case import boxes
from zoneplan.crs.datum import FIELDS
from zoneplan.crs.settled import Settled
from zoneplan.crs.zones import Bounds, transformed
from zoneplan.engine import ellipsoid
from zoneplan.engine.grid import Grid
from zoneplan.engine.overlap import folded
from zoneplan.engine.rings import Floats, Rings, assembled
from zoneplan.engine.shares import measure, weights
from zoneplan.engine.tiling import box_of
from zoneplan.engine.wkb import UNREADABLE, rings_from_wkb

_ROUND_M = 10_000.0
Batch = tuple[pa.RecordBatch, pa.Array]
"""Fields, and WKB of the geometry."""


@dataclass(frozen=True)
class Part:
    """What was measured of a batch.

    Parameters
    ----------
    table : Table
        ``parcel_id, area_m2`` and a column of m² per layer; empty where a feature was not measured.
    areas : ndarray, shape (n, 1 + layers)
        The same areas; 0 where a feature was not measured.
    unread, folded : list of str
        Features that cannot be read, and that cover ground twice.
    """

    table: pa.Table
    areas: Floats
    unread: list[str]
    folded: list[str]


@dataclass(frozen=True)
class Measuring:
    """How every batch of a file is measured; ``held`` is what was found out of boxes."""

    grids: Sequence[Grid]
    crs: CRS
    how: Settled
    id_field: str | None
    area: str
    place: str
    held: dict[Bounds, bool] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[str]:
        """Names of the layers."""
        return [key for grid in self.grids for key in grid.keys]

    @cached_property
    def moves(self) -> bool:
        """Whether coordinates come otherwise than in the working CRS."""
        return self.how.crs != self.crs or not self.how.reading.plain

    def measured(self, before: int, batch: Batch) -> Part:
        """Measure a batch, with so many features before it."""
        wkb = batch[1]
        rings, state = rings_from_wkb(*_buffers(wkb), (0.0, 0.0) if self.moves else self._origin)
        self._hold(before, batch, rings)
        if self.moves:
            rings = self._moved(rings)
        unread = state == UNREADABLE
        twice = folded(rings, lambda at: _shapes(wkb.take(pa.array(at))), 1) & ~unread
        areas = self._areas(rings)
        areas[unread | twice] = 0.0
        ids = self._ids(before, batch[0])
        columns = [pa.array(column, mask=unread | twice) for column in areas.T]
        return Part(
            pa.table([ids, *columns], names=["parcel_id", "area_m2", *self.keys]),
            areas, _names(ids, unread), _names(ids, twice),
        )  # fmt: skip

    def _areas(self, rings: Rings) -> Floats:
        """Area of each feature, and of what it shares with each layer; m²."""
        crs = self.crs if self.area == "ellipsoidal" else None
        whole = rings.plane_area if crs is None else ellipsoid.area_of_rings(rings, crs, threads=1)
        weight = weights(rings, crs)
        columns = [whole[:, None]]
        for grid in self.grids:
            found = measure(rings.at(grid.origin), grid, weight, threads=1)
            columns.append(found.scaled(found.dense(len(grid.keys)), whole))
        return np.concatenate(columns, axis=1)

    def _ids(self, before: int, batch: pa.RecordBatch) -> pa.Array:
        if self.id_field:
            return batch[self.id_field].cast(pa.string())
        return pa.array(np.arange(before + 1, before + len(batch) + 1)).cast(pa.string())

    def _hold(self, before: int, batch: Batch, rings: Rings) -> None:
        """Refuse features that are not read as the first ones."""
        if not np.isfinite(rings.bounds).any():
            return
        low, high = box_of(rings.bounds)
        (west, south), (east, north) = (low + rings.origin).tolist(), (high + rings.origin).tolist()
        if set(batch[0].schema.names) & FIELDS or not self._holds((west, south, east, north)):
            self.how.check(frame_of(batch, self.how.stated.to_wkt()), first=before)

    def _holds(self, box: Bounds) -> bool:
        """Whether all in a box is surely read alike; mostly known already of the round box about it."""
        low, high = (np.floor(np.divide(box[:2], _ROUND_M)), np.ceil(np.divide(box[2:], _ROUND_M)))
        west, south, east, north = (np.concatenate([low, high]) * _ROUND_M).tolist()
        about = west, south, east, north
        if about not in self.held:
            self.held[about] = self.how.holds(about)
        return self.held[about] or self.how.holds(box)

    @property
    def _origin(self) -> tuple[float, float]:
        return self.grids[0].origin

    def _moved(self, rings: Rings) -> Rings:
        """Rings in the working CRS."""
        xy = transformed(self.how.moved(rings.xy), self.how.crs, self.crs) - self._origin
        return assembled(xy, rings.ring, rings.owner, rings.hole, self._origin, threads=1)


def frame_of(batch: Batch, wkt: str | None) -> gpd.GeoDataFrame:
    """The features of a batch, with its fields that speak of the CRS; what cannot be read has no geometry."""
    rows, wkb = batch
    shapes = _shapes(wkb)
    shapes[np.isinf(boxes(shapes)).any(axis=1)] = None
    fields = {name: rows[name].to_pylist() for name in rows.schema.names if name.strip().lower() in FIELDS}
    return gpd.GeoDataFrame(fields, geometry=shapes, crs=wkt)


def _shapes(wkb: pa.Array) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.from_wkb(wkb.to_pylist(), on_invalid="ignore"), dtype=object)


def _buffers(wkb: pa.Array) -> tuple[Any, Any]:
    """Bytes and offsets of an Arrow binary array."""
    wide = pa.types.is_large_binary(wkb.type)
    _, offsets, data = wkb.buffers()
    offset = np.frombuffer(offsets, np.int64 if wide else np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    return np.frombuffer(data if data is not None else b"", np.uint8), offset.astype(np.int64)


def _names(ids: pa.Array, flags: npt.NDArray[np.bool_]) -> list[str]:
    return [str(name) for name in ids.filter(pa.array(flags)).to_pylist()] if flags.any() else []
