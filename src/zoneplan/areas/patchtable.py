"""Areas of patches (图斑): measured, balanced to control areas, less field ridges, beside what is registered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from zoneplan.areas.balance import RIDGED, Balanced, balance, ridge
from zoneplan.areas.passport import AreaPassport, area_passport, registered_areas
from zoneplan.areas.tables import printed
from zoneplan.engine import ellipsoid
from zoneplan.engine.overlap import folded
from zoneplan.engine.rings import rings
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.landuse.tally import added, less
from zoneplan.units import rounded

CODE_FIELD = "DLBM"
RIDGE_FIELD = "KCXS"
LARGE_RESIDUAL = 1e-4
"""Share of a control area from which balancing hides a fault of the geometry rather than rounding."""
SUM = "合计 Total"
_ALL = ""  # the group of all patches
_SHOWN = 10


@dataclass(frozen=True)
class Wanted:
    """What is asked of patches beyond their areas.

    Parameters
    ----------
    id_field, group_field : str, optional
        Fields of ids (default: numbers from 1) and of the control area that a patch belongs to.
    controls : mapping of str to float
        Control areas in m² by group; with no group field one, under the empty text. Empty: no balancing.
    registered_field : str, optional
        Field of registered areas, `per_unit_m2` m² a unit; a difference over `share` is found.
    """

    id_field: str | None = None
    group_field: str | None = None
    controls: Mapping[str, float] = field(default_factory=dict)
    registered_field: str | None = None
    per_unit_m2: float = 1.0
    share: float = 0.01


@dataclass(frozen=True)
class PatchAreas:
    """Areas of patches, as printed.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``patches``: ``id, group, before_m2, change_m2`` (if balanced), the areas as in
        `zoneplan.areas.tables.area_table` (each patch rounded half up to 0.01 m², then balanced), ``kcxs, kcmj_m2,
        net_m2`` (where a field KCXS is there), last a row ``total``. ``control``: a row per control area.
        ``registered``: as of `zoneplan.areas.passport.registered_areas`, with ``id`` and ``alert``.
    findings : tuple of Finding
    """

    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    frame: gpd.GeoDataFrame
    ids: tuple[str, ...]
    moved_m2: tuple[float, ...]
    kcxs: tuple[float, ...]

    def passports(self, name: str) -> list[AreaPassport]:
        """What stands behind the area of each patch of that id."""
        registered = self.tables.get("registered")
        return [
            area_passport(
                self.frame.geometry.iloc[row] or shapely.Polygon(), self.frame.crs,
                kcxs=self.kcxs[row], adjusted_m2=self.moved_m2[row],
                registered_m2=None if registered is None else float(registered["registered_m2"].iloc[row]),
            )
            for row, one in enumerate(self.ids) if one == name
        ]  # fmt: skip


def patch_areas(
    frame: gpd.GeoDataFrame, wanted: Wanted | None = None, *, place: str = "patches"
) -> PatchAreas:
    """Measure patches.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in a projected CGCS2000 CRS. Fields ``KCXS`` and ``DLBM`` are used where they are there.
    wanted : Wanted, optional
    place : str
        File, named in messages.

    Raises
    ------
    InputError
        Fields that are not there; control areas that do not match the groups, or that balancing cannot reach;
        patches without a sound area where a control area is to be reached.

    Notes
    -----
    The order is that of the national land survey: area on the ellipsoid, rounded to 0.01 m²; balanced to the
    control area (`zoneplan.areas.balance.balance`) to give TBMJ; KCMJ = TBMJ × KCXS; TBDLMJ = TBMJ − KCMJ.
    """
    wanted = wanted or Wanted()
    _require_fields(frame, wanted, place)
    ids = _texts(frame, wanted.id_field) or [str(number) for number in range(1, len(frame) + 1)]
    exact, findings = _measured(frame, ids, place)
    before = rounded(exact, 2)
    groups = _texts(frame, wanted.group_field) or [_ALL] * len(frame)
    tables: dict[str, pd.DataFrame] = {}
    after, moved = before, [0.0] * len(before)
    if wanted.controls:
        after, tables["control"], said = _balanced(before, ids, groups, wanted.controls, place)
        moved = [less(one, other) for one, other in zip(after, before, strict=True)]
        findings += said
    kcxs, said = _ridges(frame, ids, place)
    findings += said
    head: dict[str, Sequence[str] | Sequence[float]] = {"id": ids}
    if wanted.group_field is not None:
        head["group"] = groups
    if wanted.controls:
        head |= {"before_m2": before, "change_m2": moved}
    tables = {"patches": _table(head, after, kcxs), **tables}
    if wanted.registered_field is not None:
        tables["registered"], said_more = _registered(frame, ids, wanted)
        findings += said_more
    coefficients = tuple(kcxs or [0.0] * len(ids))
    return PatchAreas(tables, tuple(findings), frame, tuple(ids), tuple(moved), coefficients)


def _require_fields(frame: gpd.GeoDataFrame, wanted: Wanted, place: str) -> None:
    there = "、".join(map(str, frame.columns))
    faults = [
        fault("areas.field", place, f"没有字段“{name}”;有:{there}", f"there is no field '{name}'; there are: {there}")
        for name in (wanted.id_field, wanted.group_field, wanted.registered_field)
        if name is not None and name not in frame
    ]  # fmt: skip
    if faults:
        raise InputError(faults)


def _texts(frame: gpd.GeoDataFrame, name: str | None) -> list[str]:
    return [] if name is None else ["" if pd.isna(value) else str(value).strip() for value in frame[name]]


def _measured(frame: gpd.GeoDataFrame, ids: Sequence[str], place: str) -> tuple[list[float], list[Finding]]:
    """m² on the ellipsoid; NaN without a polygon, or where it covers ground twice."""
    shapes = np.asarray(frame.geometry, dtype=object)
    flat = shapely.get_dimensions(shapes) == 2
    known = shapes.copy()
    known[~flat | shapely.is_empty(shapes)] = None
    exact = ellipsoid.area(known, CRS(frame.crs))
    exact[folded(rings(known, (0.0, 0.0)), known.take)] = np.nan
    bad = [ids[row] for row in np.flatnonzero(np.isnan(exact)).tolist()]
    if not bad:
        return exact.tolist(), []
    shown = ", ".join(bad[:_SHOWN]) + (" …" if len(bad) > _SHOWN else "")
    return exact.tolist(), [
        Finding(
            "areas.unmeasured", "error",
            f"{len(bad)} 个图斑没有面,或自相重叠,面积未计算:{shown};请先修复",
            f"{len(bad)} patches have no polygon or cover ground twice and are not measured: {shown}; repair them first",
            place, feature=tuple(bad[:_SHOWN]),
        )
    ]  # fmt: skip


def _balanced(
    before: Sequence[float], ids: Sequence[str], groups: Sequence[str], controls: Mapping[str, float], place: str
) -> tuple[list[float], pd.DataFrame, list[Finding]]:  # fmt: skip
    """Areas that add up to the control areas, and how far each group was off."""
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    faults = _unmatched(rows, controls, place)
    made: dict[str, Balanced] = {}
    for group, members in rows.items():
        if group in controls:
            try:
                areas = [before[row] for row in members]
                made[group] = balance(areas, controls[group], keys=[(ids[row], row) for row in members])
            except ValueError as error:
                zh = f"控制面积 {controls[group]:.2f} m² 无法平差(图斑面积之和 {math.fsum(areas):.2f} m²):{error}"
                faults.append(fault("areas.balance", f"{place} {group}".strip(), zh, str(error)))
    if faults:
        raise InputError(faults)
    after = list(before)
    for group, members in rows.items():
        for row, area in zip(members, made[group].areas, strict=True):
            after[row] = area
    table = pd.DataFrame(
        [
            (group, len(rows[group]), added(before[row] for row in rows[group]), added(one.areas), one.residual, one.largest)
            for group, one in made.items()
        ],
        columns=["group", "patches", "before_m2", "control_m2", "residual_m2", "largest_m2"],
    )  # fmt: skip
    return after, table, _large(table, place)


def _unmatched(rows: Mapping[str, object], controls: Mapping[str, float], place: str) -> list[Finding]:
    without = [group for group in rows if group not in controls]
    unused = [group for group in controls if group not in rows]
    faults = []
    if without:
        shown = "、".join(without[:_SHOWN])
        faults.append(
            fault("areas.control", place, f"这些分组没有控制面积:{shown}", f"no control area for: {shown}")
        )
    if unused:
        shown = "、".join(unused[:_SHOWN])
        faults.append(
            fault(
                "areas.control",
                place,
                f"这些控制面积没有图斑:{shown}",
                f"no patches for the control areas: {shown}",
            )
        )
    return faults  # fmt: skip


def _large(table: pd.DataFrame, place: str) -> list[Finding]:
    """Residuals that are no rounding."""
    off = table[table["residual_m2"].abs() > LARGE_RESIDUAL * table["control_m2"]]
    return [
        Finding(
            "areas.residual", "warning",
            f"图斑面积之和与控制面积相差 {one.residual_m2:+.2f} m²(超过控制面积的 {LARGE_RESIDUAL:.2%}),多为图形的空隙或重叠;请先用 zoneplan audit 检查再平差",
            f"the patches miss their control area by {one.residual_m2:+.2f} m² (more than {LARGE_RESIDUAL:.2%} of it), mostly gaps or overlaps: run zoneplan audit before balancing",
            f"{place} {one.group}".strip(),
        )
        for one in off.itertuples()
    ]  # fmt: skip


def _ridges(
    frame: gpd.GeoDataFrame, ids: Sequence[str], place: str
) -> tuple[list[float] | None, list[Finding]]:
    """KCXS by patch where the file has it; what cannot be a coefficient counts as none."""
    if RIDGE_FIELD not in frame:
        return None, []
    values = pd.to_numeric(frame[RIDGE_FIELD], errors="coerce").fillna(0.0).to_numpy(dtype=float)
    codes = _texts(frame, CODE_FIELD if CODE_FIELD in frame else None) or [RIDGED] * len(frame)
    crop = np.array([code.startswith(RIDGED) for code in codes], dtype=bool)
    wrong = (values != 0) & ~(crop & (values > 0) & (values < 1))
    if not wrong.any():
        return values.tolist(), []
    bad = [ids[row] for row in np.flatnonzero(wrong).tolist()]
    shown = ", ".join(bad[:_SHOWN])
    return np.where(wrong, 0.0, values).tolist(), [
        Finding(
            "areas.ridge", "warning",
            f"{len(bad)} 个图斑的 KCXS 不在 0 到 1 之间,或地类不是耕地({RIDGED}xx),未扣除田坎:{shown}",
            f"KCXS of {len(bad)} patches is not between 0 and 1, or they are no cropland ({RIDGED}xx); no ridges were deducted: {shown}",
            place, feature=tuple(bad[:_SHOWN]),
        )
    ]  # fmt: skip


def _table(
    head: Mapping[str, Sequence[str] | Sequence[float]],
    areas: Sequence[float],
    kcxs: Sequence[float] | None,
) -> pd.DataFrame:
    """Patches and their total; every column adds up as printed."""
    known = np.nan_to_num(np.array(areas, dtype=float))
    columns = printed(known, added(known))
    del columns["moved_m2"]
    if kcxs is not None:
        ridged = [ridge(area, share, RIDGED) for area, share in zip(known, kcxs, strict=True)]
        off, net = [one.ridge_m2 for one in ridged], [one.net_m2 for one in ridged]
        columns |= {"kcxs": [*kcxs, math.nan], "kcmj_m2": [*off, added(off)], "net_m2": [*net, added(net)]}
    measured = pd.DataFrame(columns)
    measured.loc[np.flatnonzero(np.isnan(areas)), :] = math.nan
    labels = pd.DataFrame(head)
    sums: dict[str, str | float] = {
        str(name): added(np.nan_to_num(labels[name])) if str(name).endswith("_m2") else "" for name in labels
    }
    last = pd.DataFrame([sums | {"id": SUM}])
    return pd.concat([pd.concat([labels, last], ignore_index=True), measured], axis=1)


def _registered(
    frame: gpd.GeoDataFrame, ids: Sequence[str], wanted: Wanted
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    table, said = registered_areas(
        frame.set_axis(pd.Index(ids)),
        field=wanted.registered_field,
        per_unit_m2=wanted.per_unit_m2,
        share=wanted.share,
    )
    alert = np.where(table["share"].abs() <= wanted.share, "", "!")
    made = table.rename(columns={"share": "difference_share"}).assign(alert=alert)
    for name in ("registered_m2", "planar_m2", "ellipsoidal_m2", "difference_m2"):
        made[name] = rounded(made[name], 2)
    made.insert(0, "id", list(ids))
    return made.reset_index(drop=True), said
