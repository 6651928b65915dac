"""Reference features by name and alias, with how far each can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

Family = Literal["line", "polygon", "point"]
ACCURACY = ("surveyed", "derived", "schematic")
"""From best to worst."""

_FAMILIES: Mapping[str, Family] = {
    "LineString": "line", "MultiLineString": "line", "LinearRing": "line",
    "Polygon": "polygon", "MultiPolygon": "polygon",
    "Point": "point", "MultiPoint": "point",
}  # fmt: skip


@dataclass(frozen=True)
class Trust:
    """Where geometry comes from: accuracy class, accuracy in metres (None: unknown) and sources."""

    accuracy: str
    accuracy_m: float | None
    sources: tuple[str, ...]

    @staticmethod
    def of(inputs: Iterable[Trust]) -> Trust:
        """Trust in what is computed from inputs: the worst of them, and at best ``derived``."""
        rows = list(inputs)
        worst = max((ACCURACY.index(row.accuracy) for row in rows), default=ACCURACY.index("schematic"))
        known = [row.accuracy_m for row in rows if row.accuracy_m is not None]
        sources = sorted({source for row in rows for source in row.sources})
        return Trust(ACCURACY[max(worst, 1)], max(known, default=None), tuple(sources))


@dataclass(frozen=True)
class Feature:
    """One named base feature; segments of the same name and family are one feature."""

    name: str
    kind: str
    family: Family
    geometry: BaseGeometry
    trust: Trust


class _Segment(NamedTuple):
    """One row of the reference features."""

    shape: BaseGeometry
    name: str
    kind: str
    aliases: Iterable[str]
    accuracy: str
    accuracy_m: float
    source: str


class Features:
    """Look up reference features by name or alias, and by the geometry family that is needed."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self._by_name: dict[str, list[Feature]] = {}
        columns = [frame[name].tolist() for name in ("name", "kind", "aliases", "accuracy", "accuracy_m", "source")]  # fmt: skip
        segments: dict[tuple[str, Family], list[_Segment]] = {}
        for shape, row in zip(frame.geometry.to_numpy(), zip(*columns, strict=True), strict=True):
            segment, family = _Segment(shape, *row), _FAMILIES.get(getattr(shape, "geom_type", ""))
            if family is not None and not pd.isna(segment.name):
                segments.setdefault((str(segment.name), family), []).append(segment)
        for (name, family), rows in segments.items():
            shapes = [row.shape for row in rows]
            feature = Feature(name, str(rows[0].kind), family, _collect(shapes), _trust(rows))
            aliases = {alias for row in rows for alias in row.aliases}
            for key in (feature.name, *sorted(aliases)):
                self._by_name.setdefault(key, []).append(feature)

    def families(self) -> dict[str, str]:
        """Name or alias → geometry family, for checking the names in a plan document."""
        order: tuple[Family, ...] = ("line", "polygon", "point")
        return {
            name: min((f.family for f in found), key=order.index) for name, found in self._by_name.items()
        }

    def find(self, name: str, *families: Family) -> Feature:
        """The feature of that name in the first family given that has one; KeyError otherwise."""
        for family in families:
            for feature in self._by_name.get(name, ()):
                if feature.family == family:
                    return feature
        raise KeyError(f"no {' or '.join(families)} feature is named {name!r}")


def _collect(shapes: list[BaseGeometry]) -> BaseGeometry:
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)


def _trust(rows: list[_Segment]) -> Trust:
    worst = max((row.accuracy for row in rows), key=ACCURACY.index)
    known = [float(row.accuracy_m) for row in rows if not pd.isna(row.accuracy_m)]
    return Trust(worst, max(known, default=None), tuple(sorted({row.source for row in rows})))
