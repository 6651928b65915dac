"""Land-use patches made ready: codes of the current list, one CRS, no ground twice; and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import lon_lat, to_working
from zoneplan.engine import overlay
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.landuse.codecolumn import collided, detect, known_fields, spell_column
from zoneplan.landuse.codes import code_list
from zoneplan.landuse.crosswalk import UNCERTAIN, crosswalk
from zoneplan.landuse.matrix import LEAST_M2, Array, Matrix, overlapping

SHOWN = 20
LABELS = ("BSM", "TBBH", "id")  # fields that name a patch, the first that does so uniquely


@dataclass(frozen=True)
class Ground:
    """Patches of land use that lie side by side.

    Parameters
    ----------
    frame : GeoDataFrame
        ``label`` (the patch's own id, else its number from 1), ``code`` (of the current list; what
        is in no list stays as it was), ``geometry``. Index as given.
    findings : tuple of Finding
        Spelling, list, crosswalk, overlaps.
    """

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...] = ()


def make_ground(
    frame: gpd.GeoDataFrame, *, crs: CRS, field: str | None = None, list_id: str | None = None, place: str = "landuse"
) -> Ground:  # fmt: skip
    """Make land-use patches ready.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons with a field of land-use codes, any CRS that `zoneplan.crs.gate.to_working` accepts.
    crs : pyproj.CRS
        Projected CGCS2000 CRS to work in.
    field : str, optional
        Default the first field that a data standard calls so (``YDYHFLDM``, ``DLBM``).
    list_id : str, optional
        The list of the codes; default what `zoneplan.landuse.codecolumn.detect` finds.
    place : str
        File, named in messages.

    Returns
    -------
    Ground
        Where patches overlap, the ground counts for the smaller one (drawn on top of the larger); of
        equal ones for the one whose code, then geometry, comes first.

    Raises
    ------
    InputError
        No such field, list not clear and not given, CRS refused, geometry missing or invalid.
    """
    name = _field(frame, field, place)
    where = f"{place}: {name}"
    column = [None if pd.isna(value) else value for value in frame[name]]
    codes, findings = spell_column(column, list_id=list_id, place=where)
    seen = detect(codes, field=name, place=where)
    chosen = list_id or seen.list_id
    if chosen is None:
        raise InputError(
            [one for one in seen.findings if one.severity == "error"]
            or fault("landuse.list", where, "没有任何能识别的地类代码", "no code is in any list")
        )
    said = [one for one in seen.findings if not list_id or one.code == "landuse.unlisted"]
    current, walked = _current(codes, chosen, where)
    faults = _bad(frame, place)
    if faults:
        raise InputError(faults)
    shapes = to_working(frame, crs, place=place).geometry
    made = gpd.GeoDataFrame(
        {"label": _labels(frame), "code": current}, geometry=np.asarray(shapes), crs=crs, index=frame.index
    )
    clear, overlapped = _side_by_side(made, place)
    return Ground(clear, (*findings, *said, *collided(codes, chosen, place=where), *walked, *overlapped))


def clip(ground: Ground, shape: BaseGeometry) -> Ground:
    """The part of the patches inside a shape; patches without any are left out."""
    cut = overlay.overlaps(ground.frame.geometry, shape)
    frame = ground.frame.set_geometry(cut.pieces)
    return Ground(frame[~frame.geometry.is_empty], (*ground.findings, *cut.findings))


def _side_by_side(frame: gpd.GeoDataFrame, place: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Patches with the ground that several claim left to one of them."""
    shared = overlapping(frame.geometry)
    shapes = list(frame.geometry)
    plane = overlay.plane_area(shapes)
    winners: dict[int, list[int]] = {}
    findings = list(shared.findings)

    def key(position: int) -> tuple[float, str, bytes]:
        return (
            round(float(plane[position]), 3),
            str(frame["code"].iloc[position]),
            shapely.to_wkb(shapes[position]),
        )

    for number, (one, other) in enumerate(zip(shared.row, shared.column, strict=True)):
        wins, loses = sorted((int(one), int(other)), key=key)
        winners.setdefault(loses, []).append(wins)
        if number < SHOWN:
            findings.append(_shared(frame, wins, loses, float(shared.area_m2[number]), place))
    if len(shared.row) > SHOWN:
        more, total = len(shared.row) - SHOWN, float(shared.area_m2.sum())
        findings.append(
            Finding(
                "landuse.overlap", "warning",
                f"另有 {more} 处图斑重叠;全部重叠共 {total:.2f} m²", f"{more} more overlaps; all together {total:.2f} m²", place,
            )
        )  # fmt: skip
    cut = {loser: overlay.difference(shapes[loser], overlay.union([shapes[one] for one in above]))
           for loser, above in winners.items()}  # fmt: skip
    for loser, shape in cut.items():
        findings += _checked(frame, loser, shape, winners[loser], shared, plane, place)
    clear = np.array([cut.get(position, shape) for position, shape in enumerate(shapes)], dtype=object)
    made = frame.set_geometry(gpd.GeoSeries(clear, index=frame.index, crs=frame.crs))
    return made[~made.geometry.is_empty], findings


def _shared(frame: gpd.GeoDataFrame, wins: int, loses: int, area: float, place: str) -> Finding:
    labels = [str(frame["label"].iloc[position]) for position in (wins, loses)]
    codes = [str(frame["code"].iloc[position]) for position in (wins, loses)]
    spot = overlay.intersection(frame.geometry.iloc[wins], frame.geometry.iloc[loses])
    return Finding(
        "landuse.overlap", "warning",
        f"图斑 {labels[0]}({codes[0]})与 {labels[1]}({codes[1]})重叠 {area:.2f} m²,只计入较小的 {labels[0]}",
        f"patches {labels[0]} ({codes[0]}) and {labels[1]} ({codes[1]}) overlap by {area:.2f} m²; "
        f"it counts for {labels[0]}, the smaller", place, "", (labels[0], labels[1]), lon_lat(spot, CRS(frame.crs)),
    )  # fmt: skip


def _checked(
    frame: gpd.GeoDataFrame, loser: int, shape: BaseGeometry, above: Sequence[int], shared: Matrix, plane: Array, place: str
) -> Iterator[Finding]:  # fmt: skip
    """A finding where what is left of a patch is not what its overlaps leave."""
    pairs = {
        frozenset((int(a), int(b))): float(m)
        for a, b, m in zip(shared.row, shared.column, shared.plane_m2, strict=True)
    }
    taken = [pairs[frozenset((loser, one))] for one in above]
    left, whole = float(overlay.plane_area([shape])[0]), float(plane[loser])
    slack = max(LEAST_M2, 1e-6 * whole)
    if not whole - sum(taken) - slack <= left <= whole - max(taken) + slack:
        label = str(frame["label"].iloc[loser])
        yield Finding(
            "landuse.cut", "error",
            f"图斑 {label} 扣除重叠后为 {left:.2f} m²,与重叠面积不符;请修复该处图形",
            f"patch {label} without its overlaps measures {left:.2f} m², which does not fit them; repair the geometry there",
            place, "", (label,),
        )  # fmt: skip


def _current(codes: list[str], list_id: str, place: str) -> tuple[list[str], list[Finding]]:
    """Codes brought to the current list, and a finding for each that is not certain."""
    steps, current = crosswalk(list_id), code_list()
    doubtful = Counter(code for code in codes if code in steps and steps[code].relation in UNCERTAIN)
    findings = []
    for code, count in sorted(doubtful.items()):
        step, name = steps[code], code_list(list_id).name_of(code)
        options, taken = "/".join(step.targets), step.target(current)
        findings.append(
            Finding(
                "landuse.crosswalk", "warning",
                f"{count} 个图斑的 {code} {name} 对应 {options},不能确定,计入 {taken or '地类代码无法识别'}" + (f";{step.note}" if step.note else ""),
                f"{count} patches of {code} {name} may be {options}; counted as {taken or 'not recognised'}", place,
            )
        )  # fmt: skip
    # a text that is no code of the current list: `?` keeps it from meaning one there
    return [steps[code].target(current) if code in steps else f"?{code}" for code in codes], findings


def _field(frame: gpd.GeoDataFrame, field: str | None, place: str) -> str:
    names = {str(name).upper(): str(name) for name in frame.columns if name != frame.geometry.name}
    wanted = [field] if field else list(known_fields())
    found = next((names[name.upper()] for name in wanted if name.upper() in names), None)
    if found is None:
        there, asked = ", ".join(names.values()) or "–", ", ".join(wanted)
        raise InputError(
            fault(
                "landuse.field", place,
                f"没有地类代码字段 {asked};现有字段:{there};请用 --landuse-field 指明",
                f"there is no field {asked} of land-use codes; the fields are {there}: name one with --landuse-field",
            )
        )  # fmt: skip
    return found


def _labels(frame: gpd.GeoDataFrame) -> list[str]:
    for name in LABELS:
        if name in frame and frame[name].is_unique:
            return [str(value) for value in frame[name]]
    return [f"#{number}" for number in range(1, len(frame) + 1)]


def _bad(frame: gpd.GeoDataFrame, place: str) -> list[Finding]:
    shapes: Any = np.asarray(frame.geometry, dtype=object)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes) | (shapely.get_dimensions(shapes) != 2)
    wrong = missing | ~shapely.is_valid(shapes)
    labels = np.array(_labels(frame), dtype=object)
    if not wrong.any():
        return []
    shown = "、".join(map(str, labels[wrong][:SHOWN]))
    return [
        fault(
            "landuse.geometry", place,
            f"{int(wrong.sum())} 个图斑没有有效的面:{shown}", f"{int(wrong.sum())} patches have no valid polygon: {shown}",
        )
    ]  # fmt: skip
