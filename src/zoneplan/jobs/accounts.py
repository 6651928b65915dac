"""Accounts of area from files: patches measured and balanced, passports, ledgers; read, made and written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from zoneplan.areas.ledger import Ledger, area_ledger
from zoneplan.areas.passport import AreaPassport, area_passport
from zoneplan.areas.patchtable import PatchAreas, Wanted, patch_areas
from zoneplan.check.parcels import ID_FIELDS
from zoneplan.crs.gate import refused, to_working, zone_crs
from zoneplan.engine import ellipsoid, overlay
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.datasets import is_plain_file
from zoneplan.io.layers import write_frames
from zoneplan.io.vector import read_vector, split_path_layer
from zoneplan.jobs.loading import open_layers, read_layer
from zoneplan.layers import LayerSet
from zoneplan.render.report import Subject, subject_of, write_areas_csv, write_areas_xlsx


def patches(
    source: str, wanted: Wanted, *, control: str | None = None, control_field: str | None = None
) -> PatchAreas:
    """Measure the patches of a file.

    Parameters
    ----------
    source : str
        ``PATH`` or ``PATH:LAYER``.
    wanted : Wanted
        Without an id field the first usual one that is present and unique is taken.
    control : str, optional
        A control area in m², or ``PATH[:LAYER]`` of the polygons whose areas are to be reached, by group if
        there is a field of groups.
    control_field : str, optional
        Field of that file that states the areas; default what its polygons measure.

    Raises
    ------
    InputError
        As `zoneplan.areas.patchtable.patch_areas`; files that cannot be read.
    """
    path, layer = split_path_layer(source)
    frame = _measurable(read_vector(path, layer=layer), path.name)
    if wanted.id_field is None:
        wanted = replace(wanted, id_field=_id_field(frame))
    if control is not None:
        wanted = replace(wanted, controls=_controls(control, wanted.group_field, control_field))
    return patch_areas(frame, wanted, place=path.name)


def write_patches(made: PatchAreas, source: str, out: Path) -> list[Path]:
    """Write ``areas.xlsx`` and ``areas.csv``; returns the files."""
    subject = Subject(split_path_layer(source)[0].name, CRS(made.frame.crs))
    return _write(subject, made.tables, made.findings, out, "areas")


def explain(
    names: Sequence[str], layers: LayerSet | None, made: PatchAreas | None
) -> list[tuple[str, list[AreaPassport]]]:
    """Passports of elements (by id or name) and patches (by id), with a heading each.

    Raises
    ------
    InputError
        With every name that is neither, and what comes near.
    """
    labels = list(dict.fromkeys(made.ids)) if made else []
    if layers:
        labels += [
            str(label) for frame in layers.elements.values() for label in (*frame["id"], *frame["name"])
        ]
    found: list[tuple[str, list[AreaPassport]]] = []
    faults = []
    for name in names:
        here = _of_elements(name, layers) if layers else []
        if made and name in made.ids:
            here.append((name, made.passports(name)))
        found += here
        if not here:
            near = difflib.get_close_matches(name, labels, 3)
            zh, en = ("、".join(near), ", ".join(near)) if near else ("无", "none")
            faults.append(
                fault("areas.explain", name, f"没有这个要素或图斑;相近的:{zh}", f"no element or patch is called so; near: {en}")
            )  # fmt: skip
    if faults:
        raise InputError(faults)
    return found


def _of_elements(name: str, layers: LayerSet) -> list[tuple[str, list[AreaPassport]]]:
    """Passports of the elements with that id or name."""
    made = []
    for frame in layers.elements.values():
        for row in np.flatnonzero((frame["id"] == name) | (frame["name"] == name)).tolist():
            one = frame.iloc[row]
            heading = f"{one['id']} {one['name']} ({one['accuracy']})"
            made.append((heading, [area_passport(frame.geometry.iloc[row], layers.crs)]))
    return made


def ledger(
    container: str, layers: Mapping[str, str], *, precedence: Sequence[str] | None = None
) -> tuple[Ledger, Subject]:
    """Divide a container among the layers of files.

    Parameters
    ----------
    container : str
        ``PATH[:LAYER]`` of polygons; or a plan or its layers, whose zone is divided.
    layers : mapping of str to str
        ``PATH[:LAYER]`` of polygons by key.
    precedence : sequence of str, optional
        As for `zoneplan.areas.ledger.area_ledger`.
    """
    if is_plain_file(container):
        path = split_path_layer(container)[0]
        frame = _measurable(read_layer("container", container), path.name)
        whole, subject = gpd.GeoSeries(frame.geometry), Subject(path.name, CRS(frame.crs))
    else:
        compiled, _ = open_layers(container)
        whole, subject = gpd.GeoSeries([compiled.zone], crs=compiled.crs), subject_of(compiled)
    given = {
        key: to_working(read_layer(key, text), subject.crs, place=f"{key}={text}")
        for key, text in layers.items()
    }
    return area_ledger(whole, given, precedence=precedence), subject


def write_ledger(made: Ledger, subject: Subject, out: Path) -> list[Path]:
    """Write ``ledger.xlsx``, ``ledger.csv`` and the pieces as ``ledger.gpkg``; returns the files."""
    return _write(subject, {"ledger": made.table}, made.findings, out, "ledger", pieces=made.pieces)


def _write(
    subject: Subject, tables: Mapping[str, pd.DataFrame], findings: Sequence[Finding], out: Path, name: str,
    *, pieces: gpd.GeoDataFrame | None = None,
) -> list[Path]:  # fmt: skip
    with store.staged(out) as stage:
        write_areas_xlsx(stage / f"{name}.xlsx", subject, tables, findings=findings)
        write_areas_csv(stage / f"{name}.csv", tables)
        if pieces is not None:
            write_frames(stage / f"{name}.gpkg", {"pieces": pieces})
        names = sorted(path.name for path in stage.iterdir())
    return [out / each for each in names]


def _measurable(frame: gpd.GeoDataFrame, place: str) -> gpd.GeoDataFrame:
    """A layer in a CRS in which areas are computed: its own, or the zone that fits."""
    if faults := refused(frame, place):
        raise InputError(faults)
    try:
        ellipsoid.require_plane(frame.crs)
    except InputError:
        west, _, east, _ = frame.to_crs("EPSG:4490").total_bounds
        return frame.to_crs(zone_crs((west + east) / 2))
    return frame


def _id_field(frame: gpd.GeoDataFrame) -> str | None:
    return next(
        (name for name in ID_FIELDS if name in frame and frame[name].notna().all() and frame[name].is_unique),
        None,
    )


def _controls(control: str, group_field: str | None, control_field: str | None) -> dict[str, float]:
    """Control areas by group; one for all under the empty text."""
    try:
        return {"": float(control)}
    except ValueError:
        frame = _measurable(read_layer("control", control), control)
    if missing := [name for name in (group_field, control_field) if name is not None and name not in frame]:
        raise InputError(
            fault("areas.field", control, f"没有字段“{missing[0]}”", f"there is no field '{missing[0]}'")
        )
    crs = CRS(frame.crs)
    groups = frame[group_field].astype(str).str.strip() if group_field else pd.Series("", index=frame.index)
    if control_field is not None:
        stated = pd.to_numeric(frame[control_field], errors="coerce")
        return {
            str(group): float(area)
            for group, area in stated.groupby(groups.to_numpy()).sum(min_count=1).items()
        }
    shapes = {
        str(group): overlay.union(list(part)) for group, part in frame.geometry.groupby(groups.to_numpy())
    }
    areas = ellipsoid.area(list(shapes.values()), crs)
    return dict(zip(shapes, map(float, areas), strict=True))
