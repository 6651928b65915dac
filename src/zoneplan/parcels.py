"""Parcels made ready to check: ids, uses, sound geometry. As many come out as went in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan import ellipsoid
from zoneplan.crs import lon_lat, to_working
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.overlay import plane_area, polygonal

ID_FIELDS = ("BSM", "TBBH", "DKBH", "id")
USE_FIELDS = ("use", "YDYHFLDM")
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
    area_m2: npt.NDArray[np.float64]
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
    area: str,
) -> Parcels:
    """Parcels made ready.

    Raises
    ------
    InputError
        A CRS that the gate refuses, a field that is not there, geometry that is no polygon.
    """
    faults = [
        fault(
            "parcels.field",
            f"--{option}",
            f"没有字段“{name}”;有:{'、'.join(map(str, frame.columns))}",
            f"there is no field '{name}'; there are: {', '.join(map(str, frame.columns))}",
        )
        for option, name in (("id-field", id_field), ("use-field", use_field))
        if name is not None and name not in frame
    ]
    wrong = [
        number
        for number, shape in enumerate(frame.geometry, 1)
        if shape is not None and not shape.is_empty and shapely.get_dimensions(shape) != 2
    ]
    if wrong:
        shown = ", ".join(f"#{number}" for number in wrong[:_SHOWN])
        faults.append(
            fault(
                "parcels.type",
                "parcels",
                f"{len(wrong)} 个地块不是面:{shown}",
                f"{len(wrong)} parcels are no polygons: {shown}",
            )
        )
    if faults:
        raise InputError(faults)
    working = to_working(frame, crs, place="parcels").reset_index(drop=True)
    ids, named_by, findings = _ids(working, id_field)
    shapes, said = _sound(working.geometry, ids, crs)
    field = use_field or next((name for name in USE_FIELDS if name in working), "")
    uses: list[str | None] = (
        [use] * len(working)
        if use
        else [_text(value) for value in working[field]]
        if field
        else [None] * len(working)
    )
    measured = ellipsoid.area(shapes, crs) if area == "ellipsoidal" else plane_area(shapes)
    return Parcels(ids, uses, shapes, measured, named_by, "" if use else field, (*findings, *said))


def _ids(frame: gpd.GeoDataFrame, id_field: str | None) -> tuple[list[str], str, list[Finding]]:
    """Ids from the field asked for, else a usual one that is present and unique, else numbers from 1."""
    numbers = [str(number) for number in range(1, len(frame) + 1)]
    if id_field is None:
        for name in ID_FIELDS:
            if name in frame and frame[name].notna().all() and frame[name].is_unique:
                return [str(value) for value in frame[name]], name, []
        return numbers, "", []
    values = [_text(value) for value in frame[id_field]]
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


def _about(code: str, ids: list[str], zh: str, en: str) -> Finding:
    shown = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
    return Finding(
        code,
        "warning",
        f"{len(ids)} 个地块{zh}:{shown}",
        f"{len(ids)} parcels {en}: {shown}",
        "parcels",
        feature=tuple(ids[:_SHOWN]),
    )


def _sound(shapes: gpd.GeoSeries, ids: list[str], crs: CRS) -> tuple[gpd.GeoSeries, list[Finding]]:
    """Valid geometry; what was repaired is said with both areas, what is empty stays empty."""
    made: list[BaseGeometry] = []
    findings = []
    for name, shape in zip(ids, shapes, strict=True):
        if shape is None or shape.is_empty:
            findings.append(
                Finding(
                    "parcels.empty",
                    "warning",
                    f"地块 {name} 没有几何",
                    f"parcel {name} has no geometry",
                    "parcels",
                    feature=(name,),
                )
            )
            made.append(shapely.Polygon())
            continue
        if not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            whole = polygonal(shapely.make_valid(shape, method="structure", keep_collapsed=False))
            findings.append(
                Finding(
                    "parcels.repaired", "warning",
                    f"地块 {name} 几何无效({reason}),已修复:{shape.area:.2f} → {whole.area:.2f} m²",
                    f"parcel {name} was invalid ({reason}) and was repaired: {shape.area:.2f} → {whole.area:.2f} m²",
                    "parcels", feature=(name,), point=lon_lat(whole, crs),
                )
            )  # fmt: skip
            shape = whole
        made.append(shapely.force_2d(shape))
    return gpd.GeoSeries(made, crs=crs), findings


def _text(value: object) -> str | None:
    """A cell as text; missing and blank are None. A whole number is not written with a point."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.strip() or None
