"""Vector files as streams of Arrow batches, for what is too long to hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyogrio

from zoneplan.errors import InputError, fault
from zoneplan.io.vector import DRIVERS, dbf_encoding, layer_of, refuse_path


@contextmanager
def open_batches(
    path: Path | str, *, layer: str | None = None, columns: Sequence[str] = (), size: int = 32_768
) -> Iterator[tuple[str | None, int, Iterator[tuple[pa.RecordBatch, pa.Array]]]]:
    """A layer of a vector file as a stream of Arrow batches, in constant memory.

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
    options = {"encoding": dbf_encoding(path, path.name)} if driver == "ESRI Shapefile" else {}
    info = pyogrio.read_info(path, layer=layer, **options)
    fields = [str(name) for name in info["fields"]]
    if absent := [name for name in columns if name not in fields]:
        raise InputError(
            fault(
                "file.field", path.name,
                f"没有字段“{'、'.join(absent)}”;有:{'、'.join(fields)}",
                f"there is no field '{', '.join(absent)}'; there are: {', '.join(fields)}",
            )
        )  # fmt: skip
    with pyogrio.open_arrow(
        path, layer=layer, columns=list(columns), batch_size=size, use_pyarrow=True, **options
    ) as (meta, reader):
        name = meta["geometry_name"] or "wkb_geometry"
        yield info["crs"], int(info["features"]), ((batch, batch[name]) for batch in reader)
