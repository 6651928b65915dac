"""What a database says of its fields beside their names: Chinese aliases, widths. Kept in ``frame.attrs["fields"]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from zoneplan.io.gdaloptions import READING, gdal_options
from zoneplan.io.shapefileparts import completed

NOTES = "fields"
_ALIAS, _WIDTH = b"GDAL:OGR:alternative_name", b"GDAL:OGR:width"


@dataclass(frozen=True)
class FieldNote:
    """The alias of a field ("" if it has none) and its width in characters (0 if it is not limited)."""

    alias: str = ""
    width: int = 0


def field_notes(path: Path, layer: str | None) -> dict[str, FieldNote]:
    """Notes by field of a geodatabase's or GeoPackage's layer; fields without are left out."""
    with (
        completed(path, path.name) as (plain, _),
        gdal_options(READING),
        pyogrio.open_arrow(plain, layer=layer, use_pyarrow=True) as (_, reader),
    ):
        schema = reader.schema
    notes = {}
    for one in schema:
        said = one.metadata or {}
        width = said.get(_WIDTH, b"0")
        note = FieldNote(
            said.get(_ALIAS, b"").decode("utf-8", "replace"), int(width) if width.isdigit() else 0
        )
        if note != FieldNote():
            notes[one.name] = note
    return notes


def notes_of(frame: gpd.GeoDataFrame) -> Mapping[str, FieldNote]:
    """The notes of those columns that a frame has."""
    return {name: note for name, note in frame.attrs.get(NOTES, {}).items() if name in frame}


def noted_table(frame: gpd.GeoDataFrame, notes: Mapping[str, FieldNote]) -> pa.Table:
    """A frame as Arrow, geometry as WKB in ``geometry``, fields with their notes; a width grows with its longest text."""
    columns = frame.drop(columns=frame.geometry.name)
    table = pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False).replace_schema_metadata(None)
    fields, arrays = [], []
    for one, array in zip(table.schema, table.columns, strict=True):
        if pa.types.is_null(one.type) or pa.types.is_large_string(one.type):
            one, array = pa.field(one.name, pa.string()), array.cast(pa.string())
        note = notes.get(one.name)
        said = {}
        if note is not None and note.alias:
            said[_ALIAS] = note.alias.encode()
        if note is not None and note.width and pa.types.is_string(one.type):
            longest = max((len(text) for text in array.to_pylist() if text is not None), default=0)
            said[_WIDTH] = str(max(note.width, longest)).encode()
        fields.append(one.with_metadata(said) if said else one)
        arrays.append(array)
    wkb = shapely.to_wkb(frame.geometry.to_numpy(), flavor="iso")
    arrays.append(pa.chunked_array([pa.array(np.asarray(wkb, dtype=object), pa.binary(), from_pandas=True)]))
    fields.append(pa.field("geometry", pa.binary(), metadata={b"ARROW:extension:name": b"geoarrow.wkb"}))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
