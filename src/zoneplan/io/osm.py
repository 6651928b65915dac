"""OpenStreetMap extracts: the features that bear names."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError

from zoneplan.errors import InputError, fault

OSM_ACCURACY_M = 10.0
"""What its positions are taken to be good for."""
_LAYERS = ("points", "lines", "multilinestrings", "multipolygons")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its name."""
    return path.name.lower().endswith((".osm.pbf", ".osm", ".pbf"))


def read_osm(path: Path, place: str) -> gpd.GeoDataFrame:
    """The named features of all layers of an extract.

    Returns
    -------
    GeoDataFrame
        ``name, other_tags, geometry`` in WGS 84 degrees (EPSG:4326); ``other_tags`` as of `tags`.

    Raises
    ------
    InputError
        No file, an empty one, one that is no extract, or one without named features.
    """
    if not path.is_file():
        raise InputError(fault("file.missing", path, "没有这个文件", "there is no such file"))
    if path.stat().st_size == 0:
        raise InputError(fault("file.empty", place, "文件是空的(0 字节)", "the file is empty (0 bytes)"))
    frames = []
    try:
        for layer in _LAYERS:
            frame = pyogrio.read_dataframe(path, layer=layer, where="name IS NOT NULL")
            frames.append(frame)
    except (DataSourceError, RuntimeError, ValueError) as error:
        raise InputError(
            fault(
                "file.unreadable",
                place,
                f"无法作为 OpenStreetMap 数据读取:{error}",
                f"cannot be read as OpenStreetMap data: {error}",
            )
        ) from error
    full = [frame for frame in frames if len(frame)]
    if not full:
        raise InputError(fault("file.no_features", place, "没有带名称的要素", "there are no named features"))
    columns = ["name", "other_tags", "geometry"]
    together = pd.concat([frame.reindex(columns=columns) for frame in full], ignore_index=True)
    return gpd.GeoDataFrame(together, geometry="geometry", crs="EPSG:4326")


def tags(text: str) -> list[tuple[str, str]]:
    """Keys and values of the tags that have no column of their own."""
    return _TAG.findall(text)
