"""Farmland that is too steep, and whether ground given in its place is not: the share above a slope."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from zoneplan.engine import ellipsoid
from zoneplan.finding import Finding
from zoneplan.terrain.classes import NO_DATA
from zoneplan.terrain.zonal import above, class_shares, opened, zonal
from zoneplan.units import round_half_up

STATES = {
    "steep": ("大部分过陡", "mostly too steep"),
    "partly": ("部分过陡", "partly too steep"),
    "clear": ("符合", "not too steep"),
    "no_data": ("无数据,未核", "no data, not checked"),
}
_LARGER_PART = 0.5


def steepness(features: gpd.GeoDataFrame, slope: Path | str, *, above_deg: float) -> pd.DataFrame:
    """How much of each feature is steeper than a slope.

    Parameters
    ----------
    features : GeoDataFrame
        Polygons in the raster's CRS, a projected CGCS2000 CRS in metres.
    slope : path
        Degrees.
    above_deg : float
        The slope itself is not too steep.

    Returns
    -------
    DataFrame
        On the features' index: ``area_m2`` (ellipsoidal), ``steep_m2``, ``steep_share``, ``slope_mean``, ``slope_p90``,
        ``slope_max`` (degrees), ``no_data_share``, ``slope_state``: ``steep`` (more than half), ``partly``, ``clear``, ``no_data``
        (nothing too steep where there are data, but not everywhere are). A feature without area has the last.
        ``slope_words``: the state in Chinese and English.
    """
    stats = zonal(features, slope, name="slope", percentiles=(90,))
    with opened(slope) as file:
        found = class_shares(features, file, classify=above(above_deg)).reindex(
            columns=[NO_DATA, 1, 2], fill_value=0.0
        )
    area = ellipsoid.area(features.geometry, CRS(features.crs))
    made = pd.DataFrame(
        {
            "area_m2": [round_half_up(float(value), 2) for value in area],
            "steep_m2": [round_half_up(float(value), 2) for value in area * found[2].to_numpy()],
            "steep_share": found[2],
            "slope_mean": stats["slope_mean"],
            "slope_p90": stats["slope_p90"],
            "slope_max": stats["slope_max"],
            "no_data_share": found[NO_DATA],
        },
        index=features.index,
    )
    made["slope_state"] = [
        "no_data" if missing != missing or (steep == 0 and missing > 0)
        else "steep" if steep > _LARGER_PART
        else "partly" if steep > 0
        else "clear"
        for steep, missing in zip(found[2], found[NO_DATA], strict=True)
    ]  # fmt: skip
    made["slope_words"] = [" ".join(STATES[state]) for state in made["slope_state"]]
    return made


def steep_findings(
    table: pd.DataFrame, ids: pd.Series, *, above_deg: float, place: str, what: tuple[str, str], severity: str
) -> list[Finding]:
    """One finding for each state that something has, with the features concerned; `severity` is that of ``steep``."""
    found = []
    for state, level in (("steep", severity), ("partly", "warning"), ("no_data", "warning")):
        rows = table[table["slope_state"] == state]
        if rows.empty:
            continue
        area = round_half_up(float(rows["steep_m2"].sum()), 2)
        zh, en = STATES[state]
        size = (
            ("", "")
            if state == "no_data"
            else (
                f",大于 {above_deg:g}° 的面积 {area:.2f} m²",
                f"; {area:.2f} m² are steeper than {above_deg:g}°",
            )
        )
        found.append(
            Finding(
                f"terrain.{state}", level,  # type: ignore[arg-type]
                f"{what[0]}:{len(rows)} 个{zh}{size[0]}", f"{what[1]}: {len(rows)} {en}{size[1]}",
                place, feature=tuple(ids[rows.index].astype(str)),
            )
        )  # fmt: skip
    return found
