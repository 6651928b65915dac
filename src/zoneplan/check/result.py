"""The answer to a check: a row per parcel and line, and what is worked out of it when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from zoneplan.check.rules import STRICTEST_FIRST, Ruling
from zoneplan.check.shapes import ConflictShapes
from zoneplan.engine.rings import Floats
from zoneplan.finding import Finding, Findings
from zoneplan.shown import Shown

PIECE_COLUMNS = ("parcel_id", "line", "state", "verdict", "overlap_area_m2")


@dataclass(frozen=True)
class CheckResult(Shown):
    """The answer to a check.

    ``table`` has one row per parcel and line, columns `COLUMNS`, in the parcels' order; overlaps are
    the union (never counted twice), NaN where there are no data. ``ids`` and ``area_m2`` are those of the parcels;
    ``details`` holds a ruling per row of ``table``; ``landuse`` is as of `composition`, None if no land use was given;
    ``uses`` are the uses of the parcels, ``crossing`` which of them are declared to cross a line without applying for land
    (empty: none).
    ``trace`` is what a later verification compares besides the receipt (see `zoneplan.jobs.receipt`), empty for frames.
    """

    table: pd.DataFrame
    ids: list[str]
    area_m2: Floats
    said: tuple[Finding, ...]
    receipt: dict[str, Any]
    details: tuple[Ruling, ...]
    schematic: bool
    shapes: ConflictShapes
    landuse: pd.DataFrame | None = None
    uses: tuple[str | None, ...] = ()
    crossing: tuple[bool, ...] = ()
    trace: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def parcels(self) -> gpd.GeoDataFrame:
        """One row each (``parcel_id, overall, area_m2``) in the working CRS; ``overall`` is the strictest verdict."""
        verdicts = self.table["verdict"].to_numpy().reshape(len(self.ids), len(self.shapes.rows))
        columns = {"parcel_id": self.ids, "overall": _overall(verdicts), "area_m2": self.area_m2}
        return gpd.GeoDataFrame(columns, geometry=self.shapes.shapes.to_numpy(), crs=self.shapes.shapes.crs)

    @property
    def findings(self) -> Findings:
        """What there is to know before using the answer; what concerns pieces once they are cut."""
        return Findings((*self.said, *self.shapes.findings))

    @property
    def pieces(self) -> gpd.GeoDataFrame:
        """The overlaps, columns `PIECE_COLUMNS`, in the working CRS; cut when first asked for."""
        at = [
            numbers * len(self.shapes.rows) + column for column, (numbers, _) in enumerate(self.shapes.cuts)
        ]
        rows = np.concatenate([np.empty(0, np.int64), *at])
        shapes = [made.pieces.to_numpy() for _, made in self.shapes.cuts]
        order = np.argsort(rows, kind="stable")
        frame = self.table.iloc[rows[order]][list(PIECE_COLUMNS)].reset_index(drop=True)
        geometry = np.concatenate([np.empty(0, object), *shapes])[order]
        return gpd.GeoDataFrame(frame, geometry=geometry, crs=self.shapes.shapes.crs)

    @property
    def flip_distance_m(self) -> Floats:
        """For each row of ``table`` how far the line would have to move for the state to change; see `ConflictShapes`."""
        return self.shapes.flip_m.ravel()


def _overall(verdicts: Any) -> list[str]:
    """The strictest verdict of each parcel."""
    rank = {verdict: place for place, verdict in enumerate(STRICTEST_FIRST)}
    if not verdicts.size:
        return ["permitted"] * len(verdicts)
    codes = pd.Series(verdicts.ravel()).map(rank).to_numpy().reshape(verdicts.shape)
    return [STRICTEST_FIRST[place] for place in codes.min(axis=1)]
