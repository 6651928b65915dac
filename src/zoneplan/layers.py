"""`LayerSet`: the compiled layers of one plan, plain GeoDataFrames by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.finding import Finding
from zoneplan.shown import Shown

COLUMNS = (
    "id", "name", "name_en", "kind", "role", "citation", "summary",
    "accuracy", "accuracy_m", "source", "area_m2",
)  # fmt: skip
REFERENCE = "reference"
LINES = "lines"
"""The plan id of layers that are control lines from files only: their zone is nothing but their extent."""


@dataclass(frozen=True)
class LayerSet(Shown):
    """Layers by kind, in drawing order.

    Parameters
    ----------
    frames : mapping of str to GeoDataFrame
        Columns `COLUMNS` (``area_m2`` ellipsoidal, NaN for lines and points), then ``length_m``
        where lines are concerned and ``component`` for control lines. ``frames["reference"]``
        holds the base features, one of kind ``zone``.
    crs : pyproj.CRS
        One projected CGCS2000 3-degree CRS for all frames.
    plan_id, name, name_en : str
        The plan's id and names.
    findings : tuple of Finding
        What compiling had to say: readings taken, lines extended, features replaced.
    """

    frames: Mapping[str, gpd.GeoDataFrame]
    crs: CRS
    plan_id: str
    name: str
    name_en: str = ""
    findings: tuple[Finding, ...] = field(default=())

    def __getitem__(self, kind: str) -> gpd.GeoDataFrame:
        return self.frames[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __contains__(self, kind: object) -> bool:
        return kind in self.frames

    @property
    def elements(self) -> dict[str, gpd.GeoDataFrame]:
        """The frames of plan elements, without the reference features."""
        return {kind: frame for kind, frame in self.frames.items() if kind != REFERENCE}

    @property
    def zone(self) -> BaseGeometry:
        """The plan's own boundary."""
        base = self.frames[REFERENCE]
        return base.geometry[base["kind"] == "zone"].iloc[0]

    @property
    def schematic(self) -> bool:
        """Whether any feature rests on geometry without a survey behind it."""
        return any(bool((frame["accuracy"] == "schematic").any()) for frame in self.frames.values())

    def element(self, element_id: str) -> pd.Series:
        """The row of one element; KeyError names the id."""
        for frame in self.elements.values():
            hit = frame[frame["id"] == element_id]
            if len(hit):
                return hit.iloc[0]
        raise KeyError(f"no element {element_id!r} in these layers")


def line_key(element_id: str) -> str:
    """The key of a control line: its id without the leading ``line_``."""
    return element_id.removeprefix("line_")
