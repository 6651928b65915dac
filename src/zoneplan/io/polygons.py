"""Polygon layers read in spite of rings that are not closed: what was closed is a finding, the rest is read."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from zoneplan.errors import InputError
from zoneplan.finding import Finding
from zoneplan.io.vector import PARTS, read_vector
from zoneplan.topology.prepared import names_of

POLYGONS = {"Polygon", "MultiPolygon", "GeometryCollection"}


def read_polygons(path: Path, layer: str, place: str) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """One layer of a vector file if it has polygons; `place` is how messages name it.

    Returns
    -------
    GeoDataFrame or None
        None for a layer without features, or without a polygon among them.
    list of Finding
        ``topology.skipped`` says why it is None; ``topology.ring`` names each feature whose rings were closed.

    Raises
    ------
    InputError
        The layer cannot be read at all.
    """
    said: list[Finding] = []
    try:
        frame = read_vector(path, layer=layer, place=place)
    except InputError as error:
        codes = {found.code for found in error.faults}
        if codes == {"file.no_features"}:
            zh, en = "图层没有要素,未检查", "the layer has no features and was not checked"
            return None, [Finding("topology.skipped", "info", zh, en, place)]
        if not codes <= {"geometry.ring", "file.unreadable"}:
            raise
        frame, said = close_rings(path, layer, place)
    return polygons_only(frame, place, [*frame.attrs.get(PARTS, ()), *said])


def polygons_only(
    frame: gpd.GeoDataFrame, place: str, said: list[Finding]
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """A layer if it has polygons, and what there is to say of it; returns as `read_polygons`."""
    kinds = set(frame.geom_type.dropna())
    if kinds and not kinds & POLYGONS:
        shown = ", ".join(sorted(kinds))
        zh, en = f"图层不是面({shown}),未检查", f"no polygons ({shown}): the layer was not checked"
        return None, [Finding("topology.skipped", "info", zh, en, place)]
    return frame, said


def close_rings(
    path: Path, layer: str | None, place: str, *, encoding: str | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A layer with its rings closed, and which ones were not."""
    known = read_vector(path, layer=layer, place=place, rings="ignore", encoding=encoding)
    frame = read_vector(path, layer=layer, place=place, rings="fix", encoding=encoding)
    names = names_of(frame)
    said = []
    for number in np.nonzero((known.geometry.isna() & ~frame.geometry.isna()).to_numpy())[0].tolist():
        zh = f"第 {number + 1} 个要素的环未闭合(首尾点不同)或节点太少;检查时按闭合处理,请在数据中改正"
        en = (
            f"feature {number + 1} has a ring that is not closed (first and last point differ) or has too few "
            "points; it was closed for this check: correct the data"
        )
        at = f"{place}: {names[number][0]}"
        said.append(Finding("topology.ring", "error", zh, en, at, feature=names[number]))
    return frame, said
