"""Columns made fit for a format, before a library does it in silence: each change is a finding."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from zoneplan.finding import Finding
from zoneplan.io.fieldnotes import NOTES

INT32 = 2**31 - 1
_TAKEN = {"GPKG": ("fid", "geom"), "OpenFileGDB": ("objectid", "shape")}
"""Names of fields that a format keeps for itself: a field of that name would be lost, or make the file unwritable."""
FLOAT_WHOLE = 2**53
"""Whole numbers up to this are exact as floats."""


def fitted_columns(
    frame: gpd.GeoDataFrame, driver: str, place: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """A frame whose columns a format can hold, and what was changed.

    Mixed cells become text. A shapefile holds no time of day: it is written as text. A geodatabase holds whole numbers
    of 32 bits; larger ones become floats where these are exact, else text.
    """
    made = frame.copy()
    said: list[Finding] = []

    def note(name: str, zh: str, en: str) -> None:
        said.append(Finding("out.type", "warning", f"字段 {name} {zh}", f"field {name} {en}", place))

    for name in [column for column in made.columns if column != made.geometry.name]:
        column = made[name]
        if column.dtype == object:
            made[name], kinds = _texts(column)
            if len(kinds) > 1:
                note(name, "中的值类型不一,已写成文字", "has values of several types: written as text")
            elif kinds:
                note(
                    name,
                    f"的值是 {kinds[0]} 类型,不能照写,已写成文字",
                    f"has values of type {kinds[0]}, which are written as text",
                )
        elif driver == "ESRI Shapefile" and pd.api.types.is_datetime64_any_dtype(column):
            made[name], timed = _days(column)
            if timed:
                note(
                    name,
                    "含时刻,shapefile 放不下,已写成文字",
                    "has times of day, which a shapefile cannot hold: written as text",
                )
        elif driver == "OpenFileGDB" and pd.api.types.is_bool_dtype(column):
            made[name] = column.astype("int16")
        elif driver == "OpenFileGDB" and pd.api.types.is_integer_dtype(column):
            made[name], changed = _whole(column)
            if changed:
                note(
                    name,
                    f"的整数超过 32 位,已写成{changed[0]}",
                    f"has whole numbers of more than 32 bits: written as {changed[1]}",
                )
    return made, tuple(said)


def free_names(
    frame: gpd.GeoDataFrame, driver: str, place: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """A frame without fields named as a format names its own (row numbers, geometry), in whatever case."""
    taken = {str(name).casefold() for name in frame.columns}
    renamed: dict[str, str] = {}
    for name in [str(column) for column in frame.columns if column != frame.geometry.name]:
        if name.casefold() in _TAKEN.get(driver, ()):
            number = next(n for n in range(1, len(taken) + 2) if f"{name}_{n}".casefold() not in taken)
            renamed[name] = f"{name}_{number}"
            taken.add(renamed[name].casefold())
    if not renamed:
        return frame, ()
    shown = "、".join(f"{name}→{new}" for name, new in renamed.items())
    zh, en = (
        f"{driver} 自己使用这些字段名,已改名:{shown}",
        f"{driver} uses these names of fields itself, so that they were renamed: {shown}",
    )
    made = frame.rename(columns=renamed)
    notes = frame.attrs.get(NOTES, {})
    made.attrs = {**frame.attrs, NOTES: {renamed.get(name, name): note for name, note in notes.items()}}
    return made, (Finding("out.names", "warning", zh, en, place),)


def _texts(column: pd.Series[Any]) -> tuple[pd.Series[Any], list[str]]:
    """Cells as text, missing ones as None, unless they are all dates; the types of what was made text."""
    there = column[column.notna()]
    kinds = {type(value) for value in there}
    if kinds <= {str} or (len(kinds) == 1 and hasattr(next(iter(kinds)), "isoformat")):
        return column.where(column.notna(), None), []
    made = column.map(lambda cell: str(cell), na_action="ignore").astype(object)
    return made.where(column.notna(), None), sorted(kind.__name__ for kind in kinds)


def _days(column: pd.Series[Any]) -> tuple[pd.Series[Any], bool]:
    """Days as dates; where there are times of day, as text."""
    timed = bool((column.dropna() != column.dropna().dt.normalize()).any())
    form = "%Y-%m-%d %H:%M:%S" if timed else "%Y-%m-%d"
    made = column.dt.strftime(form).astype(object).where(column.notna(), None)
    if timed:
        return made, True
    return column.dt.date.astype(object).where(column.notna(), None), False


def _whole(column: pd.Series[Any]) -> tuple[pd.Series[Any], tuple[str, str] | None]:
    """Whole numbers of 32 bits; what they become if they are larger."""
    known = column.dropna()
    most = max((abs(int(known.min())), abs(int(known.max())))) if len(known) else 0
    if most <= INT32:
        return column.astype("Int32" if column.hasnans else np.int32), None
    if most <= FLOAT_WHOLE:
        return column.astype("float64"), ("浮点数", "floats")
    return column.map(str, na_action="ignore").astype(object), ("文字", "text")
