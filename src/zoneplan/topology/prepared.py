"""A layer made ready for its checks: at a local origin, as given and fit for overlay, with the names of its features."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Shapes
from zoneplan.topology import patches
from zoneplan.topology.edges import Array

ID_FIELDS = ("id", "BSM", "bsm", "TBBH", "name", "名称")


@dataclass(frozen=True)
class Prepared:
    """A layer at its local origin.

    Parameters
    ----------
    raw : ndarray, shape (n,)
        Geometry as given, without Z.
    valid : ndarray of bool, shape (n,)
        Whether that is valid.
    shapes : ndarray, shape (n,)
        Valid polygons: what was invalid is repaired by structure, what is of no use is empty.
    names : list of tuple of str
        The id of each feature.
    origin : ndarray, shape (2,)
        What was subtracted, whole metres.
    crs : pyproj.CRS or None
    container : polygon or None
    """

    raw: Shapes
    valid: npt.NDArray[np.bool_]
    shapes: Shapes
    names: list[tuple[str, ...]]
    origin: Array
    crs: CRS | None
    container: BaseGeometry | None = None


def prepare(
    frame: gpd.GeoDataFrame,
    *,
    container: BaseGeometry | None = None,
    id_field: str | None = None,
    origin: Array | None = None,
) -> Prepared:
    """A layer at a local origin, by default the south-west corner of its bounds in whole metres."""
    given = np.asarray(frame.geometry, dtype=object)
    if origin is None:
        origin = origin_of(given)
    start = origin
    raw = shapely.force_2d(shapely.transform(given, lambda xy: xy - start))
    inner = None
    if container is not None:
        moved = np.array([shapely.transform(container, lambda xy: xy - start)], dtype=object)
        inner = patches.working(moved, shapely.is_valid(moved))[0]
    valid = np.asarray(shapely.is_valid(raw))
    shapes = patches.working(raw, valid)
    # near zero a coordinate has digits that it loses at the local origin: what is said is said of the geometry as given
    valid[~valid] = shapely.is_valid(given[~valid])
    return Prepared(raw, valid, shapes, names_of(frame, id_field), start, frame.crs, inner)


def origin_of(shapes: Shapes) -> Array:
    """The south-west corner of geometries in whole metres; (0, 0) if there are none."""
    corner = shapely.bounds(shapes[patches.finite_ones(shapes)])[:, :2]
    known = corner[np.isfinite(corner).all(axis=1)]
    return np.floor(known.min(axis=0)) if len(known) else np.zeros(2)


def names_of(frame: gpd.GeoDataFrame, id_field: str | None = None) -> list[tuple[str, ...]]:
    """The id of each feature; one that is missing or repeated gets the number of its row."""
    ids = ids_of(frame, id_column(frame, id_field))
    twice = ids.duplicated(keep=False) | (ids == "")
    return [
        (f"{text} (#{number})".strip() if again else text,)
        for number, (text, again) in enumerate(zip(ids, twice, strict=True), start=1)
    ]


def id_column(frame: gpd.GeoDataFrame, id_field: str | None = None) -> str | None:
    """The column of ids: the one named, else the first of `ID_FIELDS`; None for the index."""
    return id_field or next((name for name in ID_FIELDS if name in frame), None)


def ids_of(frame: gpd.GeoDataFrame, column: str | None) -> pd.Series[str]:
    """Ids as text, empty where missing."""
    values = frame[column] if column else pd.Series(frame.index.astype(str), index=frame.index)
    return values.map(lambda value: "" if pd.isna(value) else str(value).strip()).astype(str)
