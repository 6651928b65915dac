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
from pyproj import CRS, Transformer

from zoneplan import ellipsoid
from zoneplan.crs import GEOGRAPHIC, refused, zone_crs
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.grid import Grid
from zoneplan.io import store
from zoneplan.io.batches import open_batches
from zoneplan.io.grids import layer_grids
from zoneplan.io.vector import split_path_layer
from zoneplan.overlap import folded, measure, weights
from zoneplan.rings import Rings, assembled
from zoneplan.wkb import UNREADABLE, rings_from_wkb

FORMATS = (".csv", ".parquet")
_SHOWN = 10
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
    with (
        open_batches(path, layer=layer, columns=columns, size=batch) as (wkt, n, batches),
        store.staged(out.parent) as stage,
    ):
        ahead = _read_ahead(batches)
        first = next(ahead, None)
        if first is None:
            raise InputError(
                fault("file.no_features", path.name, "图层有 0 个要素", "the layer has 0 features")
            )
        own, crs = _working_crs(wkt, first[1], path.name)
        grids = layer_grids(lines, crs, keep=keep_grids)
        job = _Job(grids, crs, own, id_field, area, path.name)
        with _writer(stage / out.name) as write:
            for table in job.tables(first, ahead):
                write(table)
                if progress is not None:
                    progress(job.done, n)
    said = [finding for grid in grids for finding in grid.findings]
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


def _working_crs(wkt: str | None, wkb: pa.Array, place: str) -> tuple[CRS, CRS]:
    """The file's CRS, past the gate, and the one to work in: its own if it is a CGCS2000 projection."""
    shapes = shapely.from_wkb(wkb.slice(0, 1000).to_pylist(), on_invalid="ignore")
    frame = gpd.GeoDataFrame(geometry=shapes, crs=wkt)
    if faults := refused(frame, place):
        raise InputError(faults)
    own = CRS(frame.crs)
    if own.is_projected and own.datum is not None and "China 2000" in own.datum.name:
        return own, own
    west, _, east, _ = frame.to_crs(GEOGRAPHIC).total_bounds
    return own, zone_crs((west + east) / 2)


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
        self, grids: Sequence[Grid], crs: CRS, own: CRS, id_field: str | None, area: str, place: str
    ) -> None:
        self.grids, self.crs, self.id_field, self.area, self.place = grids, crs, id_field, area, place
        self.transformer = None if own == crs else Transformer.from_crs(own, crs, always_xy=True)
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
        rings, state = rings_from_wkb(data, offset, (0.0, 0.0) if self.transformer else self._origin())
        if self.transformer is not None:
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

    def _origin(self) -> tuple[float, float]:
        return self.grids[0].origin

    def _moved(self, rings: Rings) -> Rings:
        """Rings in the working CRS."""
        assert self.transformer is not None
        x, y = self.transformer.transform(rings.xy[:, 0], rings.xy[:, 1])
        origin = self._origin()
        xy = np.stack([x - origin[0], y - origin[1]], axis=1)
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
