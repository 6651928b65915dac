"""Inspecting a file: the topology of every polygon layer in it, control lines against one another, repair if asked.

Every layer is read, whatever is wrong with another; layers that hold no polygons are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.admission import Gate, finite
from zoneplan.crs.gate import GEOGRAPHIC, extent, zone_crs
from zoneplan.crs.zones import Bounds, between
from zoneplan.engine import overlay
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.polygonlayers import PolygonLayer, polygon_layers
from zoneplan.io.vector import read_vector, split_path_layer
from zoneplan.topology.faults import Fault, faults_frame
from zoneplan.topology.layer import Options, check_layer
from zoneplan.topology.prepared import id_column, names_of
from zoneplan.topology.repair import Method, repair
from zoneplan.topology.separation import BOUNDARY, check_inside, check_lines, line_of

FILLING = ("XZYDYH", "GHYDYH", "GHFQ", "YDYHGHFQ", "ZXCQGHFQ", "ZXCQXZYDYH", "ZXCQGHYDYH",
           "XZQDS", "XZQXS", "XZQX", "XZQXZ", "XZQC")  # fmt: skip
"""Standard layers that cover their area once."""
AT_ONCE = 5_000
"""Faults whose coordinates are transformed together: a layer may have a hundred thousand, of hundreds of vertices each."""
_WORDS = "城镇开发边界", "urban development boundary"


@dataclass(frozen=True)
class Repaired:
    """One layer repaired, in the CRS it came in, and the report of `repair`."""

    name: str
    frame: gpd.GeoDataFrame
    report: pd.DataFrame


@dataclass(frozen=True)
class Inspection:
    """What inspecting a file gave.

    Parameters
    ----------
    findings : tuple of Finding
        Those of all layers, in the order of the layers.
    faults : GeoDataFrame
        The geometry at fault, CGCS2000 degrees, columns `faults.COLUMNS`.
    repaired : tuple of Repaired
        Empty unless asked for.
    """

    findings: tuple[Finding, ...]
    faults: gpd.GeoDataFrame
    repaired: tuple[Repaired, ...] = ()


@dataclass
class _Gathered:
    """What the layers read so far gave."""

    findings: list[Finding] = field(default_factory=list)
    frames: list[gpd.GeoDataFrame] = field(default_factory=list)
    lines: dict[str, list[gpd.GeoDataFrame]] = field(default_factory=dict)
    repaired: list[Repaired] = field(default_factory=list)

    def add(self, faults: Sequence[Fault], crs: CRS) -> None:
        self.findings += [each.finding for each in faults]
        shown = [each for each in faults if not each.geometry.is_empty]
        for first in range(0, len(shown), AT_ONCE):
            self.frames.append(faults_frame(shown[first : first + AT_ONCE], crs).to_crs(GEOGRAPHIC))


def inspect(
    source: str | Path,
    *,
    options: Options | None = None,
    boundary: str | Path | None = None,
    method: Method | None = None,
    gate: Gate | None = None,
) -> Inspection:
    """Check every polygon layer of a file, of a folder of files, or of an archive.

    Parameters
    ----------
    source : path
        ``PATH`` or ``PATH:LAYER``: what `polygon_layers` reads. The control lines in it are held against one another,
        whichever files they are in.
    options : Options, optional
        A land-use field is used in the layers that have it. Unless stated, the three control lines are taken as
        separate patches, the standard land-use, zone and district layers as coverages.
    boundary : path, optional
        ``PATH`` or ``PATH:LAYER`` of polygons that every layer must lie in, and coverages must fill.
    method : {"structure", "linework"}, optional
        Repair invalid polygons by this method.
    gate : Gate, optional
        What of the CRS of ``file`` (all its layers) and ``boundary`` may be assumed or corrected; a repaired layer is
        written as it was corrected.

    Raises
    ------
    InputError
        The file or the boundary cannot be read, no layer has polygons, or none has the field named.
    """
    options = options or Options()
    path, only = split_path_layer(str(source))
    gate = gate or Gate()
    container = _container(boundary, gate)
    where = extent(container) if container is not None else None
    gathered = _Gathered()
    fields: set[str] = set()
    for layer in polygon_layers(path, only, assume_crs=gate.treatment("file").assume):
        for found in layer.findings:  # an assumed CRS is the gate's affair
            (gate.findings if found.code == "crs.assumed" else gathered.findings).append(found)
        if layer.frame is None:
            continue
        fields |= set(map(str, layer.frame.columns))
        trusted = _trusted(layer, gate, where, gathered)
        if trusted is None:
            continue
        working = _working(trusted)
        _check(working, layer, options, container, gathered)
        if method is not None:
            name = _unused(layer.name, {each.name for each in gathered.repaired})
            gathered.repaired.append(_repair(trusted, working, name, method, options.id_field))
    _require_fields(path, options, fields)
    gate.close()
    _apart(gathered, options, path)
    made = (
        pd.concat(gathered.frames, ignore_index=True)
        if gathered.frames
        else faults_frame([], CRS(GEOGRAPHIC))
    )
    return Inspection(
        (*gate.findings, *gathered.findings), gpd.GeoDataFrame(made, crs=GEOGRAPHIC), tuple(gathered.repaired)
    )


def _unused(name: str, used: set[str]) -> str:
    """A name for a layer beside others: files of different folders may have one name."""
    return next(each for n in count(1) if (each := name if n == 1 else f"{name}_{n}") not in used)


def _trusted(
    layer: PolygonLayer, gate: Gate, anchor: Bounds | None, gathered: _Gathered
) -> gpd.GeoDataFrame | None:
    """A layer past the gate; why it cannot be is a finding of its own. Coordinates that are no numbers stay."""
    assert layer.frame is not None
    try:
        return gate.admit_finite(
            layer.frame, "file", place=layer.place, path=layer.path, layer=layer.name, anchor=anchor
        )
    except InputError as error:
        gathered.findings += error.faults
        return None


def _working(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A trusted layer in a projected CRS in metres."""
    crs = CRS(frame.crs)
    if crs.is_projected:
        return frame
    known = gpd.GeoDataFrame(frame[finite(frame)])
    west, _, east, _ = known.total_bounds if len(known) else (114.0, 0.0, 114.0, 0.0)
    return frame.to_crs(zone_crs((west + east) / 2))


def _check(
    frame: gpd.GeoDataFrame,
    layer: PolygonLayer,
    options: Options,
    container: gpd.GeoDataFrame | None,
    gathered: _Gathered,
) -> None:
    """One layer by itself; the parts of a control line and the whole are layers of their own."""
    crs = CRS(frame.crs)
    place = layer.place
    here = _option(options, layer.name, frame)
    inner: BaseGeometry | None = None
    if container is not None:
        inner = overlay.union(list(container.to_crs(crs).geometry))
    for key, rows in _by_line(frame, layer.name).items():
        wanted = here if key is None else replace(here, coverage=False)
        pieces = _components(rows) if key == BOUNDARY else [rows]
        for part in pieces:
            gathered.add(check_layer(part, options=wanted, container=inner, place=place), crs)
        if len(pieces) == 2:
            gathered.add(
                check_inside(pieces[1], pieces[0], words=_WORDS, id_field=here.id_field, place=place), crs
            )
        if key is not None:
            gathered.lines.setdefault(key, []).append(rows)


def _option(options: Options, name: str, frame: gpd.GeoDataFrame) -> Options:
    """Options as they apply to one layer."""
    coverage = options.coverage
    if coverage is None and name.upper() in FILLING:
        coverage = True
    code = options.code_field if options.code_field in frame else None
    ids = options.id_field if options.id_field in frame else None
    return replace(options, coverage=coverage, code_field=code, id_field=ids)


def _by_line(frame: gpd.GeoDataFrame, name: str) -> Mapping[str | None, gpd.GeoDataFrame]:
    """A layer's rows by control line: all under one by the layer's name, or each by its id."""
    key = line_of(name)
    if key is not None:
        return {key: frame}
    column = id_column(frame)
    keys = frame[column].astype(str).map(line_of) if column else None
    if keys is None or keys.isna().any():
        return {None: frame}
    return {str(each): frame[keys == each] for each in keys.unique()}


def _components(frame: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """The rows of the whole boundary and those of its components, where a layer has both; else the layer."""
    column = next((each for each in ("component", "GHFQDM") if each in frame), None)
    if column is None:
        return [frame]
    codes = frame[column].fillna("").astype(str).str.strip()
    whole = codes.isin(["", "4", "400"])
    return [frame[whole], frame[~whole]] if whole.any() and not whole.all() else [frame]


def _apart(gathered: _Gathered, options: Options, path: Path) -> None:
    """The control lines against one another, each with all layers that hold it, all in the CRS of the first."""
    if len(gathered.lines) < 2:
        return
    crs = CRS(next(iter(gathered.lines.values()))[0].crs)
    lines = {key: _together(frames, crs) for key, frames in gathered.lines.items()}
    gathered.add(check_lines(lines, tolerance=options.tolerance, place=path.name), crs)


def _together(frames: Sequence[gpd.GeoDataFrame], crs: CRS) -> gpd.GeoDataFrame:
    """Layers of one line as one; of several, each of which may name its features by another field, names and geometry only."""
    same = [frame if frame.crs == crs else frame.to_crs(crs) for frame in frames]
    if len(same) == 1:
        return same[0]
    names = [name[0] for frame in same for name in names_of(frame)]
    shapes = np.concatenate([np.asarray(frame.geometry, dtype=object) for frame in same])
    return gpd.GeoDataFrame({"id": names}, geometry=shapes, crs=crs)


def _repair(
    frame: gpd.GeoDataFrame, working: gpd.GeoDataFrame, name: str, method: Method, id_field: str | None
) -> Repaired:
    """A layer repaired in metres and given back in the CRS that it came in."""
    ids = id_field if id_field in frame else None
    mended, report = repair(working, method, id_field=ids)
    report.insert(0, "layer", name)
    if working.crs == frame.crs:
        return Repaired(name, mended, report)
    shapes = np.asarray(frame.geometry, dtype=object).copy()
    rows = report["row"].to_numpy(dtype=np.int64) - 1
    back = between(working.crs, frame.crs)
    moved = np.asarray(mended.geometry, dtype=object)[rows]
    shapes[rows] = shapely.transform(moved, lambda xy: np.column_stack(back.transform(*xy.T)))
    made = frame.copy()
    made[made.geometry.name] = gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
    return Repaired(name, repair(made, "structure")[0], report)  # rounding may have crossed two edges again


def _container(boundary: str | Path | None, gate: Gate) -> gpd.GeoDataFrame | None:
    if boundary is None:
        return None
    path, layer = split_path_layer(str(boundary))
    frame = read_vector(path, layer=layer)
    frame = gate.admit(frame, "boundary", place=path.name, path=path, layer=layer)
    flat = shapely.get_dimensions(np.asarray(frame.geometry, dtype=object)) == 2
    if not flat.any():
        raise InputError(
            fault("topology.boundary", path.name, "范围边界中没有面", "the boundary has no polygons")
        )
    chosen: gpd.GeoDataFrame = frame.loc[flat]
    return chosen


def _require_fields(path: Path, options: Options, fields: set[str]) -> None:
    faults = []
    if not fields:
        zh, en = "文件中没有可检查的面图层", "the file has no polygon layer to check"
        faults.append(fault("topology.no_polygons", path.name, zh, en))
    for name in (options.code_field, options.id_field):
        if fields and name is not None and name not in fields:
            shown = ", ".join(sorted(fields))
            zh, en = f"没有字段“{name}”;有:{shown}", f"there is no field '{name}'; there are: {shown}"
            faults.append(fault("layer.field", path.name, zh, en))
    if faults:
        raise InputError(faults)
