"""Parcels made ready to check: ids, uses, sound geometry. As many come out as went in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from zoneplan.check.uses import CODE_FIELD, NAMED_FIELDS, USE_FIELDS, cell_text, parcel_uses
from zoneplan.crs.gate import lon_lat, to_working
from zoneplan.crs.kinds import Kind, kinds
from zoneplan.crs.zones import CHINA
from zoneplan.engine.overlay import polygonal
from zoneplan.engine.rings import MULTIPOLYGON, POLYGON, Shapes
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.topology.repair import repair
from zoneplan.topology.sound import repaired_words

ID_FIELDS = ("BSM", "TBBH", "DKBH", "id")
ABSURD = 1e9
"""No coordinate of any CRS is larger, in metres or degrees."""
_SOUTHERNMOST_M = 300_000.0
_SHOWN = 10


@dataclass(frozen=True)
class Parcels:
    """Parcels in the working CRS.

    ``ids`` and ``uses`` (None: unknown) in the order of the file; ``shapes`` on a RangeIndex, empty
    where a parcel has no geometry; ``area_m2`` as asked for.
    """

    ids: list[str]
    uses: list[str | None]
    shapes: gpd.GeoSeries
    id_field: str
    use_field: str
    findings: tuple[Finding, ...]


def ready(
    frame: gpd.GeoDataFrame,
    crs: CRS,
    *,
    id_field: str | None,
    use_field: str | None,
    use: str | None,
    known_uses: frozenset[str] = frozenset(),
) -> Parcels:
    """Parcels made ready.

    Raises
    ------
    InputError
        A CRS that the gate refuses, a field that is not there, not one polygon in the file.
    """
    faults = [
        no_field(option, name, frame)
        for option, name in (("id-field", id_field), ("use-field", use_field))
        if name is not None and name not in frame
    ]
    if faults:
        raise InputError(faults)
    ids, named_by, findings = _ids(frame, id_field)
    usable, unusable = _usable(frame, ids)
    working = to_working(usable, crs, place="parcels")
    shapes, said = _sound(working.geometry.to_numpy(), ids, crs)
    wanted = [name for name in (use_field, *USE_FIELDS, *NAMED_FIELDS, CODE_FIELD) if name in working]
    texts = {str(name): [cell_text(value) for value in working[name]] for name in wanted}
    uses, field, concluded = parcel_uses(
        texts, use_field=use_field, use=use, n=len(working), known=known_uses
    )
    return Parcels(ids, uses, shapes, named_by, field, (*findings, *unusable, *said, *concluded))


def without_strays(frame: gpd.GeoDataFrame, place: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Parcels, those few that lie nowhere in China however they are read without their geometry, each named.

    Coordinates that are no numbers, absurd, or about the origin are faults of a feature; where most features are so, it is the
    file's, and the CRS gate says what is wrong with it.
    """
    shapes = frame.geometry.to_numpy().copy()
    bounds = shapely.bounds(shapes)
    kind, _ = kinds(bounds)
    inside = (bounds[:, :2] >= CHINA[:2]).all(axis=1) & (bounds[:, 2:] <= CHINA[2:]).all(axis=1)
    stray = np.isin(kind, (Kind.WILD, Kind.STRANGE)) | ((kind == Kind.DEGREES) & ~inside)
    stray |= (kind == Kind.PLAIN) & (bounds[:, 3] < _SOUTHERNMOST_M)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    odd = np.asarray(~np.isfinite(xy).all(axis=1))
    stray[owner[odd]] = True
    rows = np.flatnonzero(stray).tolist()
    if not rows or 2 * len(rows) > (kind != Kind.NOTHING).sum():
        return frame, []
    firsts = [xy[np.flatnonzero(owner == row)[np.argmax(odd[owner == row])]] for row in rows[:_SHOWN]]
    shown = ", ".join(f"#{row + 1} ({x:g}, {y:g})" for row, (x, y) in zip(rows, firsts, strict=False)) + (" …" if len(rows) > _SHOWN else "")  # fmt: skip
    shapes[rows] = None
    zh = f"{len(rows)} 个要素的坐标不是有效数值,或无论怎样解读都不在中国范围内,未核查(记为无数据),其余照常核查:{shown}"
    en = f"{len(rows)} features have coordinates that are no numbers of use, or lie nowhere in China however they are read; they are not checked (no data), the others are: {shown}"
    found = Finding("parcels.coordinates", "error", zh, en, place, feature=tuple(f"#{row + 1}" for row in rows))  # fmt: skip
    made = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    made.attrs = frame.attrs
    return made, [found]


def no_field(option: str, name: str, frame: gpd.GeoDataFrame) -> Finding:
    """The fault of a field that was asked for and is not there."""
    return fault(
        "parcels.field",
        f"--{option}",
        f"没有字段“{name}”;有:{'、'.join(map(str, frame.columns))}",
        f"there is no field '{name}'; there are: {', '.join(map(str, frame.columns))}",
    )


def _ids(frame: gpd.GeoDataFrame, id_field: str | None) -> tuple[list[str], str, list[Finding]]:
    """Ids from the field asked for, else a usual one that is present and unique, else numbers from 1."""
    numbers = [str(number) for number in range(1, len(frame) + 1)]
    if id_field is None:
        there = [name for name in ID_FIELDS if name in frame]
        for name in there:
            column = frame[name]
            if column.is_unique and not any(cell_text(value) is None for value in column):
                return [str(value) for value in column], name, []
        return numbers, "", _not_ids(frame, there)
    values = [cell_text(value) for value in frame[id_field]]
    findings = []
    if missing := [numbers[i] for i, value in enumerate(values) if value is None]:
        findings.append(
            _about(
                "parcels.id_missing",
                missing,
                "没有编号,以行号代替",
                "have no id; their row number stands for it",
            )
        )
    repeated = sorted(value for value, n in Counter(values).items() if value is not None and n > 1)
    if repeated:
        findings.append(_about("parcels.id_repeated", repeated, "编号重复", "are ids of several parcels"))
    return [value or f"#{numbers[i]}" for i, value in enumerate(values)], id_field, findings


def _not_ids(frame: gpd.GeoDataFrame, names: Sequence[str]) -> list[Finding]:
    """Usual fields of ids that cannot be ids, and what of them is blank or there twice."""
    found = []
    for name in names:
        values = [cell_text(value) for value in frame[name]]
        if not any(values):
            continue
        twice = sorted(value for value, n in Counter(values).items() if value is not None and n > 1)
        shown = "、".join(twice[:_SHOWN]) + (" …" if len(twice) > _SHOWN else "")
        zh = f"字段 {name} 有 {values.count(None)} 个空值、{len(twice)} 个重复值({shown or '—'}),未用作地块编号,以行号编号;可用 --id-field 指定"
        en = f"the field {name} has {values.count(None)} blank and {len(twice)} repeated values ({shown or '-'}): parcels are numbered by row; --id-field names another"
        found.append(Finding("parcels.id_field", "warning", zh, en, "parcels"))
    return found


def _about(code: str, ids: list[str], zh: str, en: str) -> Finding:
    shown = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
    return Finding(
        code,
        "warning",
        f"{len(ids)} 个地块{zh}:{shown}",
        f"{len(ids)} parcels {en}: {shown}",
        "parcels",
        feature=tuple(ids),
    )


def _usable(frame: gpd.GeoDataFrame, ids: list[str]) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Parcels with what cannot be measured taken out of their geometry: each is named, and will have no data."""
    shapes = frame.geometry.to_numpy().copy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    flat = there & (shapely.get_dimensions(shapes) != 2)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    wild = np.zeros(len(shapes), dtype=bool)
    wild[owner[~(np.isfinite(xy).all(axis=1) & (np.abs(xy) <= ABSURD).all(axis=1))]] = True
    if there.any() and not (there & ~flat).any():
        zh, en = (
            f"{int(flat.sum())} 个要素都不是面;地块应为面",
            f"none of the {int(flat.sum())} features is a polygon; parcels must be polygons",
        )
        raise InputError(fault("parcels.type", "parcels", zh, en))
    kinds = (
        ("parcels.empty", ~there, "没有几何", "have no geometry"),
        ("parcels.type", flat, "不是面", "are no polygons"),
        (
            "parcels.coordinates",
            wild & ~flat,
            "坐标不是有效数值",
            "have coordinates that are no numbers of use",
        ),
    )
    findings = [
        _about(code, [ids[i] for i in np.flatnonzero(where)], f"{zh},未核查(记为无数据)", f"{en} and are not checked (no data)")
        for code, where, zh, en in kinds
        if where.any()
    ]  # fmt: skip
    if not (flat | wild).any():
        return frame, findings
    shapes[flat | wild] = None
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)), findings


def _sound(shapes: Shapes, ids: list[str], crs: CRS) -> tuple[gpd.GeoSeries, list[Finding]]:
    """Valid polygons; what was repaired is said with its areas, what is empty stays empty."""
    made = shapely.force_2d(shapes)
    made[shapely.is_missing(made)] = shapely.Polygon()
    mixed = ~np.isin(shapely.get_type_id(made), (POLYGON, MULTIPOLYGON))
    made[mixed] = [polygonal(shape) for shape in made[mixed]]
    invalid = np.flatnonzero(~shapely.is_valid(made))
    if not len(invalid):
        return gpd.GeoSeries(made, crs=crs), []
    mended, report = repair(gpd.GeoDataFrame(geometry=made[invalid], crs=crs))
    made[invalid] = mended.geometry.to_numpy()
    findings = [
        _repaired(ids[number], row, lon_lat(made[number], crs))
        for number, row in zip(invalid.tolist(), report.to_dict("index").values(), strict=True)
    ]
    return gpd.GeoSeries(made, crs=crs), findings


def _repaired(name: str, row: Mapping[Any, Any], point: tuple[float, float] | None) -> Finding:
    zh, en = repaired_words(row, "请核对图形", "look at it")
    zh, en = f"地块 {name} {zh}", f"parcel {name} {en}"
    return Finding("parcels.repaired", "warning", zh, en, "parcels", feature=(name,), point=point)
