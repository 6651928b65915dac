"""Vector files as streams of Arrow batches, for what is too long to hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
from pyogrio.errors import CRSError

from zoneplan.errors import InputError, fault
from zoneplan.io.dbftext import dbf_encoding
from zoneplan.io.gdaloptions import READING, gdal_options
from zoneplan.io.shapefileparts import part
from zoneplan.io.vector import DRIVERS, layer_of, no_crs, refuse_path


@contextmanager
def open_batches(
    path: Path | str,
    *,
    layer: str | None = None,
    columns: Sequence[str] = (),
    wanted: Collection[str] = (),
    size: int = 8192,
) -> Iterator[tuple[str | None, int, Iterator[tuple[pa.RecordBatch, pa.Array]]]]:
    """A layer of a vector file as a stream of Arrow batches, in constant memory.

    Columns must be there; those `wanted` (in lower case) are read where they are.

    Yields
    ------
    CRS as text (None if the file has none), number of features (−1 if not known), and an iterator of
    (batch of the columns asked for, WKB of its geometry).

    Raises
    ------
    InputError
        As `read_vector`, and for a column that is not there.
    """
    path = Path(path)
    refuse_path(path, path.name)
    layer = layer_of(path, layer, path.name)
    driver = DRIVERS[path.suffix.lower()]
    table = driver == "ESRI Shapefile" and part(path, ".dbf") is not None
    options = {"encoding": dbf_encoding(path, path.name)} if table else {}
    try:
        with gdal_options(READING):
            info = pyogrio.read_info(path, layer=layer, **options)
    except CRSError as error:
        raise InputError(no_crs(path, path.name)) from error
    fields = [str(name) for name in info["fields"]]
    if absent := [name for name in columns if name not in fields]:
        raise InputError(
            fault(
                "file.field", path.name,
                f"没有字段“{'、'.join(absent)}”;有:{'、'.join(fields)}",
                f"there is no field '{', '.join(absent)}'; there are: {', '.join(fields)}",
            )
        )  # fmt: skip
    also = [name for name in fields if name.strip().lower() in wanted and name not in columns]
    with (
        gdal_options(READING),
        pyogrio.open_arrow(
            path, layer=layer, columns=[*columns, *also], batch_size=size, use_pyarrow=True, **options
        ) as (meta, reader),
    ):
        name = meta["geometry_name"] or "wkb_geometry"
        yield info["crs"], int(info["features"]), ((batch, batch[name]) for batch in reader)


def file_bounds(path: Path | str, *, layer: str | None = None) -> tuple[float, float, float, float] | None:
    """The box that a layer's file states for it; None where it would have to be computed."""
    found = pyogrio.read_info(path, layer=layer)["total_bounds"]
    if found is None or not np.isfinite(found).all():
        return None
    west, south, east, north = map(float, found)
    return west, south, east, north
