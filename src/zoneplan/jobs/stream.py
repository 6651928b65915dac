"""Overlap areas of a file of any length, in constant memory: batches in, table out.

The file is read as Arrow batches; each core measures one of them while the next are read and those that are
done are written, in the order of the file.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet
from pyproj import CRS

from zoneplan.crs.admission import Gate
from zoneplan.crs.datum import FIELDS
from zoneplan.crs.gate import zone_crs
from zoneplan.crs.settled import Settled
from zoneplan.crs.zones import Bounds, degrees, zone_of
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.batches import file_bounds, open_batches
from zoneplan.io.grids import layer_grids
from zoneplan.io.shapefileparts import completed
from zoneplan.io.vector import refuse_path, split_path_layer
from zoneplan.jobs.measuring import Batch, Measuring, Part, frame_of

FORMATS = (".csv", ".parquet")
_SHOWN = 10
_FIRST = 1000
_GROUP = 131_072  # rows of a group of a Parquet file
_FORMULA = r"^([=+\-@\t\r])"  # what a spreadsheet would take for a formula


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
    batch: int = 8192,
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
        Features at a time, on each core. The table does not depend on it.
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
    refuse_path(path, path.name)
    with (
        completed(path, path.name) as (whole_file, parts),
        open_batches(whole_file, layer=layer, columns=columns, wanted=FIELDS, size=batch) as (
            wkt,
            n,
            batches,
        ),
        store.staged(out.parent) as stage,
    ):
        first = next(batches, None)
        if first is None:
            raise InputError(
                fault("file.no_features", path.name, "图层有 0 个要素", "the layer has 0 features")
            )
        sample = _sample(first, wkt)
        how = gate.settle(sample, "parcels", place=path.name, path=path, layer=layer)
        crs = _working_crs(how, sample)
        grids = layer_grids(lines, crs, keep=keep_grids, gate=gate, anchor=_where(how, whole_file, layer))
        gate.close()
        measuring = Measuring(grids, crs, how, id_field, area, path.name)
        told = _Told(path.name, 1 + len(measuring.keys))
        with _writer(stage / out.name) as write:
            for part in _in_turn(measuring.measured, chain([first], batches)):
                write(part.table)
                told.add(part)
                if progress is not None:
                    progress(told.done, n)
    said = (
        *parts,
        *how.findings,
        *(finding for grid in grids for finding in grid.findings),
        *told.findings(),
    )
    whole, *overlap = map(float, told.total)
    return Streamed(told.done, whole, dict(zip(lines, overlap, strict=True)), said)


def _in_turn(work: Callable[[int, Batch], Part], batches: Iterable[Batch]) -> Iterator[Part]:
    """What is measured of each batch, in their order; `work` gets the number of features before it."""
    threads = os.cpu_count() or 1
    waiting: deque[Future[Part]] = deque()
    done = 0
    with ThreadPoolExecutor(threads) as pool:
        for batch in batches:
            waiting.append(pool.submit(work, done, batch))
            done += len(batch[1])
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _sample(first: Batch, wkt: str | None) -> gpd.GeoDataFrame:
    """The first features, as many as have geometry among them."""
    batch, wkb = first
    frame = frame_of((batch.slice(0, _FIRST), wkb.slice(0, _FIRST)), wkt)
    return frame if np.isfinite(frame.total_bounds).all() else frame_of(first, wkt)


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
        start = _csv if path.suffix.lower() == ".csv" else _parquet
        writers: list[Callable[[pa.Table], None]] = []

        def write(table: pa.Table) -> None:
            if not writers:
                writers.append(opened.enter_context(start(file, table.schema)))
            writers[0](table)

        yield write


@contextmanager
def _csv(file: Any, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    file.write(b"\xef\xbb\xbf")
    with pyarrow.csv.CSVWriter(file, schema) as writer:

        def write(table: pa.Table) -> None:
            ids = pyarrow.compute.replace_substring_regex(table["parcel_id"], _FORMULA, r"'\1")
            writer.write_table(table.set_column(0, "parcel_id", ids))

        yield write


@contextmanager
def _parquet(file: Any, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    """Groups of one size, whatever the tables; areas hardly repeat, so that a dictionary would cost only."""
    with pyarrow.parquet.ParquetWriter(file, schema, use_dictionary=False) as writer:
        held = schema.empty_table()

        def write(table: pa.Table) -> None:
            nonlocal held
            held = pa.concat_tables([held, table])
            while len(held) >= _GROUP:
                writer.write_table(held.slice(0, _GROUP).combine_chunks())
                held = held.slice(_GROUP)

        yield write
        if len(held):
            writer.write_table(held.combine_chunks())


class _Told:
    """Running totals, and features that were not measured."""

    def __init__(self, place: str, columns: int) -> None:
        self.place, self.done = place, 0
        self.total = np.zeros(columns, np.longdouble)
        self.names: dict[str, list[str]] = {"unread": [], "folded": []}
        self.count = dict.fromkeys(self.names, 0)

    def add(self, part: Part) -> None:
        """Add one feature after the other, so that totals do not depend on batches."""
        self.done += len(part.areas)
        self.total = np.cumsum(np.vstack([self.total, part.areas]), axis=0)[-1]
        for what, names in (("unread", part.unread), ("folded", part.folded)):
            self.count[what] += len(names)
            self.names[what] += names[: _SHOWN - len(self.names[what])]

    def findings(self) -> tuple[Finding, ...]:
        """Features that were not measured."""
        told = []
        for code, what, zh, en in (
            ("overlap.unreadable", "unread", "不是面或几何已损坏", "are no polygons or are damaged"),
            ("overlap.feature", "folded", "自相重叠或内外颠倒", "cover ground twice or are inside out"),
        ):
            if names := self.names[what]:
                n = self.count[what]
                shown = ", ".join(names) + (" …" if n > _SHOWN else "")
                told.append(
                    Finding(code, "error", f"{n} 个要素{zh},面积未计算:{shown}", f"{n} features {en}; their areas are not computed: {shown}", self.place, feature=tuple(names))
                )  # fmt: skip
        return tuple(told)
