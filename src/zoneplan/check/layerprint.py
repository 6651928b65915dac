"""The print of a layer: how many features, what area, and a digest of each, to say later what changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from zoneplan.crs.gate import to_working
from zoneplan.engine import ellipsoid

MOST_DIGESTS = 250_000
"""Layers with more features are compared as wholes: their single digests would fill the report."""
Digests = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class LayerPrint:
    """Features, total ellipsoidal area in m², a hash of all geometry in whatever order, a digest per feature in the file's order."""

    features: int
    area_m2: float
    sha256: str
    digests: Digests | None

    def record(self) -> dict[str, Any]:
        """What the receipt says of the layer."""
        return {"features": self.features, "area_m2": self.area_m2, "geometry_sha256": self.sha256}

    def packed(self) -> str | None:
        """The digests as text; None if there are too many."""
        if self.digests is None:
            return None
        return base64.b64encode(self.digests.astype("<u4").tobytes()).decode("ascii")


@dataclass(frozen=True)
class LayerChange:
    """What differs between two prints: features changed, added, removed (None: too many to tell), and area gained.

    ``numbers`` are those of features that are new or changed, counted from 1 in the newer file.
    """

    changed: int | None
    added: int
    removed: int
    area_m2: float
    numbers: tuple[int, ...]


def make_print(frame: gpd.GeoDataFrame, crs: CRS, *, place: str) -> LayerPrint:
    """The print of a layer as read; areas by the standard formula in the working CRS, what has no finite shape counts nothing."""
    shapes = frame.geometry.to_numpy()
    each = [
        hashlib.blake2b(raw or b"", digest_size=16).digest()
        for raw in shapely.to_wkb(shapes, output_dimension=2, byte_order=1).tolist()
    ]
    measurable = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    working = to_working(
        gpd.GeoDataFrame(geometry=shapes[measurable], crs=frame.crs), crs, place=place
    ).geometry
    total = float(ellipsoid.area(working, crs).sum()) if measurable.any() else 0.0
    kept = len(each) <= MOST_DIGESTS
    digests = (
        np.frombuffer(b"".join(one[:4] for one in each), dtype="<u4").astype(np.uint32) if kept else None
    )
    return LayerPrint(len(each), total, hashlib.sha256(b"".join(sorted(each))).hexdigest(), digests)


def read_print(record: dict[str, Any], packed: str | None) -> LayerPrint:
    """The print that `record` and `packed` wrote; ValueError if it is none."""
    try:
        raw = None if packed is None else base64.b64decode(packed, validate=True)
        digests = None if raw is None else np.frombuffer(raw, dtype="<u4").astype(np.uint32)
        return LayerPrint(
            int(record["features"]), float(record["area_m2"]), str(record["geometry_sha256"]), digests
        )
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError(str(error)) from error


def compare(before: LayerPrint, after: LayerPrint) -> LayerChange | None:
    """What changed from one print to the other; None if the geometry is the same, in whatever order."""
    if before.sha256 == after.sha256:
        return None
    gained, more = after.area_m2 - before.area_m2, after.features - before.features
    if before.digests is None or after.digests is None:
        return LayerChange(None, max(more, 0), max(-more, 0), gained, ())
    numbers = _beyond(after.digests, before.digests)
    gone = _beyond(before.digests, after.digests)
    both = min(len(numbers), len(gone))
    return LayerChange(both, len(numbers) - both, len(gone) - both, gained, tuple((numbers + 1).tolist()))


def _beyond(mine: Digests, other: Digests) -> npt.NDArray[np.int64]:
    """Positions in `mine` of digests that `other` does not have, or not as often."""
    order = np.argsort(mine, kind="stable")
    values, first, counts = np.unique(mine[order], return_index=True, return_counts=True)
    theirs, their_counts = np.unique(other, return_counts=True)
    at = np.searchsorted(theirs, values)
    there = np.zeros(len(values), dtype=np.int64)
    inside = at < len(theirs)
    found = np.zeros(len(values), dtype=bool)
    found[inside] = theirs[at[inside]] == values[inside]
    there[found] = their_counts[at[found]]
    spare = np.maximum(counts - there, 0)
    positions = [
        order[start + count - left : start + count]
        for start, count, left in zip(first, counts, spare, strict=True)
        if left
    ]
    return np.sort(np.concatenate(positions)) if positions else np.empty(0, dtype=np.int64)
