"""Reference features from files, and features of a user's file put in place by name.

A plan's base features (boundary, roads, rivers, lakes, stations) come from the file that its document
names. A better source, such as an OpenStreetMap extract or a surveyed file, replaces them by name and
alias; accuracy and source follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import GEOGRAPHIC, near, refused, to_working, zone_crs
from zoneplan.errors import InputError, fault
from zoneplan.features import ACCURACY
from zoneplan.finding import Finding
from zoneplan.io.geometrycheck import check_geometry
from zoneplan.io.osm import OSM_ACCURACY_M, is_osm, read_osm, tags
from zoneplan.io.vector import read_vector

COLUMNS = ("name", "kind", "aliases", "accuracy", "accuracy_m", "source", "basis")
NAME_FIELDS = (
    "name",
    "NAME",
    "Name",
    "名称",
    "MC",
    "道路名称",
    "河流名称",
    "name:zh",
    "alt_name",
    "official_name",
    "old_name",
)
AROUND_M = 5_000.0
_SHOWN = 10


def read_reference(path: Path, *, place: str | None = None) -> gpd.GeoDataFrame:
    """Read a file of named base features.

    Returns
    -------
    GeoDataFrame
        Columns `COLUMNS` in CGCS2000 degrees (EPSG:4490); ``aliases`` is a tuple of str; ``accuracy``
        is ``derived`` where the file does not say.

    Raises
    ------
    InputError
        All faults: CRS, invalid rings, missing or repeated names, unknown accuracy.
    """
    place = place or path.name
    frame = read_vector(path, place=place)
    faults = check_geometry(frame, place=place, families={"polygon", "line", "point"})
    faults += refused(frame, place)
    if "name" not in frame:
        faults.append(fault("reference.name", place, "缺少字段 name(要素名称)", "there is no field `name`"))
    if faults:
        raise InputError(faults)
    table = _with_columns(frame.to_crs(GEOGRAPHIC), path)
    if faults := list(_value_faults(table, place)):
        raise InputError(faults)
    return table


def match_reference(base: gpd.GeoDataFrame, path: Path) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Base features with those of a user's file in place, by name or alias.

    Parameters
    ----------
    base : GeoDataFrame
        As `read_reference` gives it.
    path : Path
        ``.osm.pbf``, ``.osm`` or any format of `read_vector`. A feature's name may stand in any of
        `NAME_FIELDS`. Segments of one name become one feature; only those within `AROUND_M` of the
        base features' bounding box count.

    Returns
    -------
    GeoDataFrame, tuple of Finding
        The features, and what was replaced.

    Raises
    ------
    InputError
        CRS faults, a file far from the plan, no name that matches, or matches of the wrong geometry.
    """
    place = path.name
    found = _named_features(path, base, place)
    rows, said, faults = [], [], []
    for _, row in base.iterrows():
        names = (row["name"], *row["aliases"])
        hits = found[[any(name in known for name in names) for known in found["names"]]]
        if len(hits) == 0:
            rows.append(row)
            continue
        geometry = _same_family(row["geometry"], hits.geometry)
        if geometry is None:
            kinds = ", ".join(sorted(set(hits.geometry.geom_type)))
            faults.append(
                fault(
                    "reference.family",
                    f"{place}: {row['name']}",
                    f"“{row['name']}”应为 {row['geometry'].geom_type},文件中只有 {kinds}",
                    f"'{row['name']}' should be a {row['geometry'].geom_type}; the file has {kinds} only",
                )
            )
            continue
        trust = _trust(hits, path)
        rows.append(pd.Series({**row, **trust, "geometry": geometry}))
        said.append(
            Finding(
                "reference.replaced", "info",
                f"“{row['name']}”取自 {place}({len(hits)} 段),精度由 {row['accuracy']} 变为 {trust['accuracy']}",
                f"'{row['name']}' is taken from {place} ({len(hits)} pieces); accuracy {row['accuracy']} → {trust['accuracy']}",
                place, feature=(str(row["name"]),),
            )
        )  # fmt: skip
    if not said and not faults:
        wanted = ", ".join(base["name"].head(_SHOWN))
        there = ", ".join(sorted({name for names in found["names"] for name in names})[:_SHOWN]) or "-"
        faults.append(
            fault(
                "reference.no_match",
                place,
                f"没有一个名称与规划所用的相符;规划用到:{wanted} …;文件中有:{there}",
                f"no name matches those the plan uses; the plan uses {wanted} …; the file has {there}",
            )
        )
    if faults:
        raise InputError(faults)
    kept = [row["name"] for row in rows if row["accuracy"] == "schematic"]
    if kept:
        said.append(
            Finding(
                "reference.kept",
                "info",
                f"{len(kept)} 个参考要素仍为示意:{'、'.join(kept[:_SHOWN])} …",
                f"{len(kept)} reference features are still schematic: {', '.join(kept[:_SHOWN])} …",
                place,
            )
        )
    return gpd.GeoDataFrame(rows, columns=[*COLUMNS, "geometry"], crs=base.crs).reset_index(drop=True), tuple(
        said
    )


def _named_features(path: Path, base: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
    """Features of a user's file near the base, in degrees, with all the names each bears in ``names``."""
    frame = read_osm(path, place) if is_osm(path) else read_vector(path, place=place)
    work = zone_crs(float(np.mean(base.total_bounds[::2])))
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    projected = to_working(frame, work, place=place)
    near(frame, base, place=place)
    box = shapely.box(*base.to_crs(work).total_bounds).buffer(AROUND_M)
    frame = projected[projected.intersects(box)]
    names = [_names(row) for _, row in frame.drop(columns=frame.geometry.name).iterrows()]
    table = frame.assign(names=pd.Series(names, index=frame.index, dtype=object)).to_crs(GEOGRAPHIC)
    table = table[[bool(n) for n in table["names"]]]
    wanted = {
        name for name, aliases in zip(base["name"], base["aliases"], strict=True) for name in (name, *aliases)
    }
    relevant = table[[bool(n & wanted) for n in table["names"]]]
    faults = (
        [] if is_osm(path) else check_geometry(relevant, place=place, families={"polygon", "line", "point"})
    )
    if faults:
        raise InputError(faults)
    return table


def _names(row: pd.Series) -> frozenset[str]:
    """Every name a feature bears: its name fields, OSM's other tags, lists parted by semicolons."""
    values = [row[field] for field in NAME_FIELDS if field in row.index]
    if isinstance(row.get("other_tags"), str):
        values += [value for key, value in tags(row["other_tags"]) if key in NAME_FIELDS]
    if "aliases" in row.index:
        values += _aliases(row["aliases"])
    return frozenset(
        part.strip()
        for value in values
        if isinstance(value, str)
        for part in value.split(";")
        if part.strip()
    )


def _same_family(wanted: BaseGeometry, shapes: gpd.GeoSeries) -> BaseGeometry | None:
    """The shapes of the family that is wanted as one geometry; for a point, any shape's own place."""
    dimension = shapely.get_dimensions(wanted)
    fitting = [shape for shape in shapes if shapely.get_dimensions(shape) == dimension]
    if dimension == 0:
        shape = fitting[0] if fitting else shapes.iloc[0]
        return shape if shape.geom_type == "Point" else shape.representative_point()
    if not fitting:
        return None
    whole = shapely.union_all([shape if dimension == 1 else shapely.make_valid(shape) for shape in fitting])
    return shapely.line_merge(whole) if dimension == 1 else whole


def _trust(hits: gpd.GeoDataFrame, path: Path) -> dict[str, object]:
    """Accuracy and source of what was taken from a file."""
    if is_osm(path):
        return {"accuracy": "derived", "accuracy_m": OSM_ACCURACY_M, "source": f"OpenStreetMap ({path.name})"}
    stated = [value for value in hits["accuracy"] if value in ACCURACY] if "accuracy" in hits else []
    metres = pd.to_numeric(hits["accuracy_m"], errors="coerce").max() if "accuracy_m" in hits else np.nan
    source = (
        next((value for value in hits["source"] if isinstance(value, str) and value), path.name)
        if "source" in hits
        else path.name
    )
    return {
        "accuracy": max(stated, key=ACCURACY.index, default="derived"),
        "accuracy_m": metres,
        "source": source,
    }


def _with_columns(frame: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """The documented columns, with defaults where the file is silent."""
    table = frame.copy()
    table["name"] = table["name"].astype(object).where(table["name"].notna(), None)
    defaults = {"kind": "", "accuracy": "derived", "source": path.name, "basis": ""}
    for column, value in defaults.items():
        table[column] = table[column].fillna(value).astype(str) if column in table else value
    table["accuracy_m"] = (
        pd.to_numeric(table["accuracy_m"], errors="coerce") if "accuracy_m" in table else np.nan
    )
    table["aliases"] = (
        [tuple(_aliases(value)) for value in table["aliases"]] if "aliases" in table else [()] * len(table)
    )
    return (
        table[[*COLUMNS, "geometry"]]
        if table.geometry.name == "geometry"
        else table.rename_geometry("geometry")[[*COLUMNS, "geometry"]]
    )


def _aliases(value: object) -> list[str]:
    """Aliases as a list: a list, or as text with brackets and quotes or without, parted by ; , or 、."""
    if isinstance(value, str):
        value = re.split(r"[;;,,、]", value.strip().strip("[]"))
    if isinstance(value, Iterable):
        return [text for item in value if (text := str(item).strip(" \t\"'"))]
    return []


def _value_faults(table: gpd.GeoDataFrame, place: str) -> Iterable[Finding]:
    families = shapely.get_dimensions(table.geometry.to_numpy())
    for number, (name, accuracy) in enumerate(zip(table["name"], table["accuracy"], strict=True), start=1):
        if not isinstance(name, str) or not name.strip():
            yield fault("reference.name", f"{place}: #{number}", "没有名称", "it has no name")
        if accuracy not in ACCURACY:
            yield fault(
                "reference.accuracy",
                f"{place}: #{number} {name}",
                f"accuracy 是“{accuracy}”,应为 {'、'.join(ACCURACY)}",
                f"accuracy is '{accuracy}', expected {', '.join(ACCURACY)}",
            )
    repeated = table[
        pd.DataFrame({"name": table["name"], "family": families}).duplicated().to_numpy() & (families != 1)
    ]
    for name in sorted(set(repeated["name"].dropna())):
        yield fault(
            "reference.repeated",
            place,
            f"“{name}”出现多次;同名的面或点只能有一个",
            f"'{name}' is there more than once; polygons and points of one name must be one feature",
        )
