"""What reading a file gives: a frame, and what was concluded while reading it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from zoneplan.finding import Finding


@dataclass(frozen=True)
class Intake:
    """What a file holds, and what was concluded or found while reading it."""

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()
