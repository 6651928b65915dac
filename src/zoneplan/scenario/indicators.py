"""What a scenario is measured by. Values are decimals as printed, so that contributions add up exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

import geopandas as gpd
import shapely

from zoneplan.check.conflicts import Desk
from zoneplan.check.names import VERDICT_WORDS
from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import intersection, union
from zoneplan.layers import LayerSet, line_key
from zoneplan.scenario.scenario import Figures

GROWTH, FARMLAND = "urban_development_boundary", "permanent_basic_farmland"
AREA_KINDS = ("space", "control_line", "group")
HECTARE_M2 = 10_000.0


@dataclass(frozen=True)
class Indicator:
    """One measure: key, names, unit, decimals printed; `why` says why it is not computed, if it is not."""

    key: str
    zh: str
    en: str
    unit: str
    value: Decimal | None
    why: str = ""


def indicators(layers: LayerSet, figures: Figures, *, parcels: gpd.GeoDataFrame | None = None, **check: str | None) -> dict[str, Indicator]:  # fmt: skip
    """Every indicator of one set of layers, by key.

    Parameters
    ----------
    layers : LayerSet
    figures : Figures
        The plan's own; what lacks one has no value and says so.
    parcels : GeoDataFrame, optional
        Counted by their strictest verdict.
    check
        ``id_field``, ``use_field`` and ``use`` as for `zoneplan.check.conflicts.Desk.check`.

    Returns
    -------
    dict
        Areas in hectares (ellipsoidal, 4 decimals), shares in percent (4), ratios (6), parcels as counts.
    """
    made = [*_areas(layers), *_overlaps(layers), *_growth(layers, figures), *_farmland(layers, figures)]
    if parcels is not None and "control_line" in layers:
        made += _parcels(layers, parcels, check)
    return {one.key: one for one in made}


def hectares(area_m2: float) -> Decimal:
    """Square metres as printed hectares."""
    return _exact(area_m2 / HECTARE_M2, 4)


def _exact(value: float, places: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _areas(layers: LayerSet) -> list[Indicator]:
    return [
        Indicator(f"area.{row['id']}", f"{row['name']}面积", f"Area: {row['name_en']}", "ha", hectares(row["area_m2"]))
        for kind in AREA_KINDS if kind in layers
        for _, row in layers[kind].iterrows() if not math.isnan(row["area_m2"])
    ]  # fmt: skip


def _overlaps(layers: LayerSet) -> list[Indicator]:
    if "control_line" not in layers:
        return []
    rows = [row for _, row in layers["control_line"].iterrows()]
    pairs = list(combinations(rows, 2))
    common = [intersection(one.geometry, other.geometry) for one, other in pairs]
    areas = ellipsoid.area(common, layers.crs).tolist() if common else []
    return [
        Indicator(
            f"overlap.{line_key(one['id'])}.{line_key(other['id'])}",
            f"{one['name']}与{other['name']}重叠", f"Overlap: {one['name_en']} with {other['name_en']}",
            "ha", hectares(area),
        )
        for (one, other), area in zip(pairs, areas, strict=True)
    ]  # fmt: skip


def _growth(layers: LayerSet, figures: Figures) -> list[Indicator]:
    """Expansion factor, flexible share, compactness (Polsby–Popper 4πA/P², in the plane) of the growth boundary."""
    if "control_line" not in layers:
        return []
    frame = layers["control_line"]
    growth = frame[frame["id"].map(line_key).str.startswith(GROWTH)]
    if growth.empty:
        return []
    area = float(growth["area_m2"].sum())
    now = figures.current_urban_land_ha
    factor = None if now is None else _exact(area / HECTARE_M2 / now.value, 6)
    parts = {
        name: float(growth.loc[growth["component"] == name, "area_m2"].sum())
        for name in ("concentrated", "flexible")
    }
    split = (growth["component"] == "flexible").any() and parts["concentrated"] > 0
    share = _exact(100 * parts["flexible"] / parts["concentrated"], 4) if split else None
    ground = union(list(growth.geometry))
    compact = None if ground.is_empty else _exact(4 * math.pi * ground.area / ground.length**2, 6)
    return [
        Indicator("expansion_factor", "扩展倍数(开发边界面积 ÷ 基期城镇建设用地)", "Expansion factor (growth boundary ÷ base-year urban land)", "×",
                  factor, "" if now else "未给 figures.current_urban_land_ha not given"),
        Indicator("flexible_share", "弹性发展区占集中建设区", "Flexible of concentrated area", "%",
                  share, "" if split else "图层未分弹性发展区 the layers have no flexible part"),
        Indicator("compactness", "开发边界紧凑度 4πA/P²", "Compactness of the growth boundary 4πA/P²", "",
                  compact, "" if compact is not None else "范围为空 no ground"),
    ]  # fmt: skip


def _farmland(layers: LayerSet, figures: Figures) -> list[Indicator]:
    target = figures.farmland_target_ha
    if "control_line" not in layers:
        return []
    frame = layers["control_line"]
    rows = frame[frame["id"].map(line_key) == FARMLAND]
    if rows.empty:
        return []
    have = hectares(float(rows["area_m2"].sum()))
    value = None if target is None else have - _exact(target.value, 4)
    return [
        Indicator("farmland_over_target", "永久基本农田减目标", "Permanent basic farmland less its target", "ha",
                  value, "" if target else "未给 figures.farmland_target_ha not given")
    ]  # fmt: skip


def _parcels(layers: LayerSet, parcels: gpd.GeoDataFrame, check: Mapping[str, str | None]) -> list[Indicator]:
    """Parcels by verdict; not counted where an edit emptied a control line, since its conflicts would vanish unseen."""
    frame = layers["control_line"]
    emptied = frame["name"][shapely.is_empty(frame.geometry.to_numpy())].tolist()
    if emptied:
        names = "、".join(emptied)
        why, counts = f"控制线被清空,冲突无法核查 control lines without ground: {names}", {}
    else:
        why = ""
        counts = Desk(layers).check(parcels, **check).parcels["overall"].value_counts().to_dict()  # type: ignore[arg-type]
    return [
        Indicator(
            f"parcels.{verdict}", f"地块:{word}", f"Parcels: {verdict}", "",
            None if emptied else Decimal(int(counts.get(verdict, 0))), why,
        )
        for verdict, (word, _) in VERDICT_WORDS.items()
    ]  # fmt: skip
