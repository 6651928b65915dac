"""Overlap areas of a file of any length, in constant memory: batches in, table out.

The file is read as Arrow batches on one thread while another measures; its WKB becomes flat rings without
geometry in between.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet
import shapely
from pyproj import CRS

from zoneplan.crs.admission import Gate
from zoneplan.crs.case import boxes
from zoneplan.crs.datum import FIELDS
from zoneplan.crs.gate import zone_crs
from zoneplan.crs.settled import Settled
from zoneplan.crs.zones import Bounds, degrees, transformed, zone_of
from zoneplan.engine import ellipsoid
from zoneplan.engine.grid import Grid
from zoneplan.engine.overlap import folded, measure, weights
from zoneplan.engine.rings import Rings, assembled
from zoneplan.engine.wkb import UNREADABLE, rings_from_wkb
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.batches import file_bounds, open_batches
from zoneplan.io.grids import layer_grids
from zoneplan.io.vector import split_path_layer

FORMATS = (".csv", ".parquet")
_SHOWN = 10
_FIRST = 1000
_AHEAD = 3  # batches read ahead
_FORMULA = r"^([=+\-@\t\r])"  # what a spreadsheet would take for a formula
Batch = tuple[pa.RecordBatch, pa.Array]


@dataclass(frozen=True)
class Streamed:
    """What was measured: features, their area in all, and the overlap with each layer (m²)."""

    features: int
    area_m2: float
    overlap_m2: Mapping[str, float]
    findings: tuple[Finding, ...]


def overlap_file(
    parcels: str | Path,
    lines: Mapping[str, str],
    out: Path,
    *,
    id_field: str | None = None,
    area: str = "ellipsoidal",
    keep_grids: bool = False,
    batch: int = 32_768,
    progress: Callable[[int, int], None] | None = None,
    gate: Gate | None = None,
) -> Streamed:
    """Measure every feature of a file against layers, and write a table.

    Parameters
    ----------
    parcels : path
        ``PATH`` or ``PATH:LAYER``, polygons; the working CRS is their own 3-degree one.
    lines : mapping of str to str
        Layers by key, ``PATH`` or ``PATH:LAYER``.
    out : Path
        ``.csv`` or ``.parquet``: ``parcel_id, area_m2`` and a column of m² per layer, in the order of the
        file. Empty cells where a feature cannot be read or covers ground twice: findings name it.
    id_field : str, optional
        Field of ids; default the feature's number from 1.
    area : {"ellipsoidal", "planar"}
    keep_grids : bool
        Keep each layer, cut into cells, beside its file for the next time.
    batch : int
        Features at a time.
    progress : callable, optional
        Called with features done and features in all (−1 if not known).
    gate : Gate, optional
        What of the CRS of ``parcels`` and of each layer (by key) may be assumed or corrected. How ``parcels`` are
        read is decided on their first batch; a later feature that would be read otherwise is refused.

    Raises
    ------
    InputError
        Files, fields and CRS as everywhere; an output of another format.
    """
    if out.suffix.lower() not in FORMATS:
        raise InputError(
            fault("out.format", out, f"应为 {'、'.join(FORMATS)}", f"expected one of {', '.join(FORMATS)}")
        )
    path, layer = split_path_layer(str(parcels))
    columns = [id_field] if id_field else []
    gate = gate or Gate()
    with (
        open_batches(path, layer=layer, columns=columns, wanted=FIELDS, size=batch) as (wkt, n, batches),
        store.staged(out.parent) as stage,
    ):
        ahead = _read_ahead(batches)
        first = next(ahead, None)
        if first is None:
            raise InputError(
                fault("file.no_features", path.name, "图层有 0 个要素", "the layer has 0 features")
            )
        sample = _sample(*first, wkt)
        how = gate.settle(sample, "parcels", place=path.name, path=path, layer=layer)
        crs = _working_crs(how, sample)
        grids = layer_grids(lines, crs, keep=keep_grids, gate=gate, anchor=_where(how, path, layer))
        gate.close()
        job = _Job(grids, crs, how, id_field, area, path.name)
        with _writer(stage / out.name) as write:
            for table in job.tables(first, ahead):
                write(table)
                if progress is not None:
                    progress(job.done, n)
    said = [*how.findings, *(finding for grid in grids for finding in grid.findings)]
    return Streamed(
        job.done, job.total[0], dict(zip(lines, job.total[1:], strict=True)), (*said, *job.findings())
    )


def _read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, read on a thread of their own."""
    ready: queue.Queue[Batch | BaseException | None] = queue.Queue(_AHEAD)

    def read() -> None:
        try:
            for batch in batches:
                ready.put(batch)
            ready.put(None)
        except BaseException as error:  # noqa: BLE001 - passed on to the thread that asked
            ready.put(error)

    threading.Thread(target=read, daemon=True).start()
    while (item := ready.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item


def _buffers(wkb: pa.Array) -> tuple[Any, Any]:
    """Bytes and offsets of an Arrow binary array."""
    wide = pa.types.is_large_binary(wkb.type)
    _, offsets, data = wkb.buffers()
    offset = np.frombuffer(offsets, np.int64 if wide else np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    return np.frombuffer(data if data is not None else b"", np.uint8), offset.astype(np.int64)


def _frame(batch: pa.RecordBatch, wkb: pa.Array, wkt: str | None) -> gpd.GeoDataFrame:
    """The features of a batch, with its fields that speak of the CRS; what cannot be read has no geometry."""
    shapes = np.asarray(shapely.from_wkb(wkb.to_pylist(), on_invalid="ignore"), dtype=object)
    shapes[np.isinf(boxes(shapes)).any(axis=1)] = None
    fields = {name: batch[name].to_pylist() for name in batch.schema.names if name.strip().lower() in FIELDS}
    return gpd.GeoDataFrame(fields, geometry=shapes, crs=wkt)


def _sample(batch: pa.RecordBatch, wkb: pa.Array, wkt: str | None) -> gpd.GeoDataFrame:
    """The first features, as many as have geometry among them."""
    frame = _frame(batch.slice(0, _FIRST), wkb.slice(0, _FIRST), wkt)
    return frame if np.isfinite(frame.total_bounds).all() else _frame(batch, wkb, wkt)


def _working_crs(how: Settled, frame: gpd.GeoDataFrame) -> CRS:
    """The CRS to work in: the one that features come out in if it is a CGCS2000 3-degree projection."""
    zone, datum = zone_of(how.crs), how.crs.datum
    if zone is not None and zone.width == 3 and datum is not None and "China 2000" in datum.name:
        return how.crs
    box = frame.total_bounds[None, :]
    if not np.isfinite(box).all():
        raise InputError(fault("file.no_geometry", how.place, "前一批要素都没有几何", "none of the first features has geometry"))  # fmt: skip
    corners = np.concatenate([box[:, :2], box[:, 2:]])
    middle = how.moved(corners).mean(axis=0)
    west, _, east, _ = degrees((middle[0], middle[1], middle[0], middle[1]), how.crs)
    return zone_crs((west + east) / 2)


def _where(how: Settled, path: Path, layer: str | None) -> Bounds | None:
    """Where a file lies in degrees, as far as it says so itself."""
    box = file_bounds(path, layer=layer)
    if box is None:
        return None
    (west, south), (east, north) = how.moved(np.array([box[:2], box[2:]]))
    return degrees((min(west, east), min(south, north), max(west, east), max(south, north)), how.crs)


@contextmanager
def _writer(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """Write tables one after the other into a CSV (UTF-8 with BOM) or Parquet file."""
    with path.open("wb") as file, ExitStack() as opened:
        writers: list[Any] = []

        def write(table: pa.Table) -> None:
            if not writers:
                if path.suffix.lower() == ".csv":
                    file.write(b"\xef\xbb\xbf")
                    writers.append(opened.enter_context(pyarrow.csv.CSVWriter(file, table.schema)))
                else:
                    writers.append(opened.enter_context(pyarrow.parquet.ParquetWriter(file, table.schema)))
            if path.suffix.lower() == ".csv":
                ids = pyarrow.compute.replace_substring_regex(table["parcel_id"], _FORMULA, r"'\1")
                table = table.set_column(0, "parcel_id", ids)
            writers[0].write_table(table)

        yield write


class _Job:
    """Batches measured one after the other, with running totals."""

    def __init__(
        self, grids: Sequence[Grid], crs: CRS, how: Settled, id_field: str | None, area: str, place: str
    ) -> None:
        self.grids, self.crs, self.id_field, self.area, self.place = grids, crs, id_field, area, place
        self.how, self.moves = how, how.crs != crs or not how.reading.plain
        self.done = 0
        self.keys = [key for grid in grids for key in grid.keys]
        self.total = np.zeros(1 + len(self.keys)).tolist()
        self.unread: list[str] = []
        self.folded: list[str] = []

    def tables(self, first: Batch, rest: Iterator[Batch]) -> Iterator[pa.Table]:
        """A table per batch."""
        yield self._table(*first)
        for batch, wkb in rest:
            yield self._table(batch, wkb)

    def _table(self, batch: pa.RecordBatch, wkb: pa.Array) -> pa.Table:
        number = np.arange(self.done + 1, self.done + len(batch) + 1)
        ids = batch[self.id_field].cast(pa.string()) if self.id_field else pa.array(number).cast(pa.string())
        data, offset = _buffers(wkb)
        rings, state = rings_from_wkb(data, offset, (0.0, 0.0) if self.moves else self._origin())
        self._hold(batch, wkb, rings)
        if self.moves:
            rings = self._moved(rings)
        unread = state == UNREADABLE
        doubt = folded(rings, lambda at: shapely.from_wkb(wkb.take(pa.array(at)).to_pylist())) & ~unread
        crs = self.crs if self.area == "ellipsoidal" else None
        whole = ellipsoid.area_of_rings(rings, self.crs) if crs is not None else rings.plane_area
        columns = [whole]
        weight = weights(rings, crs)
        for grid in self.grids:
            measured = measure(rings.at(grid.origin), grid, weight)
            columns += [measured.scaled(part, whole) for part in measured.dense(len(grid.keys)).T]
        bad = doubt | unread
        self._note(ids, unread, doubt)
        self.done += len(batch)
        self.total = [t + float(c[~bad].sum()) for t, c in zip(self.total, columns, strict=True)]
        names = ["parcel_id", "area_m2", *self.keys]
        return pa.table([ids, *(pa.array(column, mask=bad) for column in columns)], names=names)

    def _hold(self, batch: pa.RecordBatch, wkb: pa.Array, rings: Rings) -> None:
        """Refuse features that are not read as the first ones."""
        known = rings.bounds[~np.isnan(rings.bounds).any(axis=1)]
        if not len(known):
            return
        low, high = known[:, :2].min(axis=0) + rings.origin, known[:, 2:].max(axis=0) + rings.origin
        box = float(low[0]), float(low[1]), float(high[0]), float(high[1])
        if set(batch.schema.names) & FIELDS or not self.how.holds(box):
            self.how.check(_frame(batch, wkb, self.how.stated.to_wkt()), first=self.done)

    def _origin(self) -> tuple[float, float]:
        return self.grids[0].origin

    def _moved(self, rings: Rings) -> Rings:
        """Rings in the working CRS."""
        origin = self._origin()
        xy = transformed(self.how.moved(rings.xy), self.how.crs, self.crs) - origin
        return assembled(xy, rings.ring, rings.owner, rings.hole, origin)

    def _note(self, ids: pa.Array, unread: Any, doubt: Any) -> None:
        for names, flags in ((self.unread, unread), (self.folded, doubt)):
            if flags.any():
                names.extend(ids.filter(pa.array(flags)).to_pylist())

    def findings(self) -> tuple[Finding, ...]:
        """Features that were not measured."""
        told = []
        for code, names, zh, en in (
            ("overlap.unreadable", self.unread, "不是面或几何已损坏", "are no polygons or are damaged"),
            ("overlap.feature", self.folded, "自相重叠或内外颠倒", "cover ground twice or are inside out"),
        ):
            if names:
                shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
                told.append(
                    Finding(code, "error", f"{len(names)} 个要素{zh},面积未计算:{shown}", f"{len(names)} features {en}; their areas are not computed: {shown}", self.place, feature=tuple(names[:_SHOWN]))
                )  # fmt: skip
        return tuple(told)
