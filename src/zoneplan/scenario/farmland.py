"""A farmland swap looked at: areas of 占 and 补, slope, and whether what is given joins existing farmland."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import difference, intersection, union
from zoneplan.scenario.edits import SwapFarmland
from zoneplan.scenario.ground import whole
from zoneplan.scenario.state import State

Slopes = Callable[[gpd.GeoDataFrame, float], pd.DataFrame]
"""Of ground and a slope in degrees: ``slope_state``, ``steep_m2`` and ``slope_max`` of each row, as of `zoneplan.slope_by_feature`."""
TOUCH_M = 1.0
"""Ground no further than this from farmland joins it."""


def swap(
    state: State,
    edit: SwapFarmland,
    take: gpd.GeoDataFrame,
    give: gpd.GeoDataFrame,
    *,
    slopes: Slopes | None = None,
) -> None:
    """Apply a swap; every requirement that is not met, or cannot be checked, is a finding.

    The slope of what is given is that of `slope_field`, else measured by `slopes`.
    """
    element, before = state.id_of(edit.target), state.shape(edit.target)
    taken = intersection(before, whole(take))
    rest = difference(before, taken)
    given = difference(intersection(whole(give), state.layers.zone), before)
    taken_m2, given_m2, asked_m2 = ellipsoid.area([taken, given, whole(give)], state.layers.crs).tolist()
    if asked_m2 - given_m2 > 0.01:
        state.say(
            edit, "swap_already", "warning", element,
            f"补划中有 {asked_m2 - given_m2:.2f} m² 原已划入或在范围之外,不计", f"{asked_m2 - given_m2:.2f} m² of what is given count nothing: farmland already, or outside the zone",
        )  # fmt: skip
    short = taken_m2 - given_m2
    words = f"占 {taken_m2:.2f} m²,补 {given_m2:.2f} m²", f"takes {taken_m2:.2f} m², gives {given_m2:.2f} m²"
    if short > 0.01:
        state.say(edit, "swap_short", "error", element, f"{words[0]},少补 {short:.2f} m²", f"{words[1]}: {short:.2f} m² short")  # fmt: skip
    elif taken_m2 < 0.01:
        state.say(edit, "swap_nothing", "warning", element, f"{words[0]}:占用处没有划入的耕地", f"{words[1]}: there is no such farmland where ground is taken")  # fmt: skip
    else:
        state.say(edit, "swap_area", "info", element, words[0], words[1])
    if edit.slope_field is None and slopes is not None:
        _measured_slope(state, edit, element, slopes(give, edit.max_slope))
    else:
        _slope(state, edit, element, give)
    _contiguity(state, edit, element, rest, given_m2, give)
    state.set(edit, edit.target, union([rest, given]))


def _slope(state: State, edit: SwapFarmland, element: str, give: gpd.GeoDataFrame) -> None:
    if edit.slope_field is None or edit.slope_field not in give:
        state.say(
            edit, "swap_slope_unknown", "warning", element,
            f"补划地块没有坡度,未核(应不大于 {edit.max_slope:g}°)", f"no slope of the ground given, not checked (at most {edit.max_slope:g}° wanted)",
        )  # fmt: skip
        return
    values = np.array([_number(value) for value in give[edit.slope_field]])
    if np.isnan(values).any():
        state.say(edit, "swap_slope_unknown", "warning", element, f"{int(np.isnan(values).sum())} 个补划地块没有坡度,未核", f"{int(np.isnan(values).sum())} parcels given have no slope, not checked")  # fmt: skip
    steep = values > edit.max_slope
    if steep.any():
        most = float(np.nanmax(values))
        state.say(
            edit, "swap_steep", "error", element,
            f"{int(steep.sum())} 个补划地块坡度大于 {edit.max_slope:g}°,最大 {most:g}°,超 {most - edit.max_slope:g}°",
            f"{int(steep.sum())} parcels given are steeper than {edit.max_slope:g}°: up to {most:g}°, {most - edit.max_slope:g}° over",
        )  # fmt: skip


def _measured_slope(state: State, edit: SwapFarmland, element: str, table: pd.DataFrame) -> None:
    """What heights say of the ground given: too steep in the larger part, in some part, nowhere; or unknown."""
    limit, most = (
        edit.max_slope,
        float(np.nanmax(table["slope_max"])) if table["slope_max"].notna().any() else float("nan"),
    )
    for name, severity, zh, en in (
        ("steep", "error", "大部分", "in the larger part"), ("partly", "warning", "部分", "in part"),
    ):  # fmt: skip
        rows = table[table["slope_state"] == name]
        if len(rows):
            area = float(rows["steep_m2"].sum())
            state.say(
                edit, "swap_steep", severity, element,
                f"{len(rows)} 个补划地块{zh}坡度大于 {limit:g}°,共 {area:.2f} m²(由高程栅格计算,最大 {most:.1f}°)",
                f"{len(rows)} parcels given are steeper than {limit:g}° {en}: {area:.2f} m² (from heights, up to {most:.1f}°)",
            )  # fmt: skip
    unknown = int((table["slope_state"] == "no_data").sum())
    if unknown:
        state.say(
            edit, "swap_slope_unknown", "warning", element,
            f"{unknown} 个补划地块的高程栅格不全,坡度未核", f"heights do not cover {unknown} parcels given wholly: their slope is not checked",
        )  # fmt: skip
    if (table["slope_state"] == "clear").all():
        state.say(
            edit, "swap_slope", "info", element,
            f"补划地块坡度均不大于 {limit:g}°(由高程栅格计算,最大 {most:.1f}°)", f"nothing given is steeper than {limit:g}° (from heights, up to {most:.1f}°)",
        )  # fmt: skip


def _contiguity(state: State, edit: SwapFarmland, element: str, rest: BaseGeometry, given_m2: float, give: gpd.GeoDataFrame) -> None:  # fmt: skip
    """The share of the ground given, by connected parts, that touches what farmland stays."""
    before = state.shape(edit.target)
    ground = difference(intersection(whole(give), state.layers.zone), before)
    parts = shapely.get_parts(ground)
    touching = [part for part in parts if not rest.is_empty and part.distance(rest) <= TOUCH_M]
    joined = float(ellipsoid.area(touching, state.layers.crs).sum()) if touching else 0.0
    share = min(joined / given_m2, 1.0) if given_m2 else 0.0
    enough = share >= edit.min_contiguous - 1e-9
    state.say(
        edit, "swap_contiguity", "info" if enough else "warning", element,
        f"补划面积的 {share:.1%} 与现有耕地相连(要求不低于 {edit.min_contiguous:.0%})",
        f"{share:.1%} of the ground given joins existing farmland (at least {edit.min_contiguous:.0%} wanted)",
    )  # fmt: skip


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
