"""The topology of one layer: every fault of its polygons and of how they fit together, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.errors import InputError, fault
from zoneplan.topology import patches
from zoneplan.topology.chords import frame_of
from zoneplan.topology.corners import Corners, corners
from zoneplan.topology.coverage import beyond, faces_of, mean_widths, overlaps
from zoneplan.topology.edges import Array, merged
from zoneplan.topology.faults import Fault, Note, finish, no_place
from zoneplan.topology.gaps import gaps, uncovered
from zoneplan.topology.prepared import Prepared, id_column, ids_of, prepare
from zoneplan.topology.seamnotes import (
    Doubt,
    beyond_notes,
    chord_notes,
    duplicate_notes,
    gap_notes,
    overlap_notes,
    unmatched_notes,
)
from zoneplan.topology.seams import Seams, seams

FILLED = 0.5
"""The share of a container that a layer meant to fill it covers at least."""
SURVEY_FIELD = "DLBM"


@dataclass(frozen=True)
class Options:
    """What counts as a fault.

    Parameters
    ----------
    tolerance : float
        Metres. A vertex this near another polygon's edge or vertex lies on it; an overlap or gap nowhere
        wider is the rounding of coordinates.
    min_angle, spike_angle : float
        Degrees below which an angle is noted, and below which it is a spike.
    sliver_width : float
        Metres. Strips of a smaller mean width (2A/P) are slivers.
    coverage : bool, optional
        Whether polygons are meant to fill their area, so that every hole between them is a gap. Default:
        they are if they have half of a given container's area, or without one share more length of edge
        than the holes between them have; else only holes narrower than `sliver_width` are gaps.
    id_field : str, optional
        Column of ids; default the first of `prepared.ID_FIELDS`, else the index.
    code_field : str, optional
        Column of land-use codes; with it, patches below the minimum mapped area are found. A field named
        DLBM has codes of the third land survey, any other those of the plan's classification.
    """

    tolerance: float = 1e-3
    min_angle: float = 10.0
    spike_angle: float = 1.0
    sliver_width: float = 1.0
    coverage: bool | None = None
    id_field: str | None = None
    code_field: str | None = None


def check_layer(
    frame: gpd.GeoDataFrame,
    *,
    options: Options | None = None,
    container: BaseGeometry | None = None,
    place: str = "",
) -> tuple[Fault, ...]:
    """Every topology fault of a layer of polygons.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in a projected CRS in metres, zone-prefixed or not.
    options : Options, optional
    container : polygon, optional
        In the same CRS: the area that the layer has to cover and not to leave.
    place : str
        File or layer, named in every finding.

    Returns
    -------
    tuple of Fault
        Worst first. What follows from an invalid polygon or a spike is of severity ``info``: the cause is
        the fault. The last says what was checked, and with which limits.

    Raises
    ------
    InputError
        The CRS is not in metres, or a field named in the options is not there.
    """
    options = options or Options()
    _refuse(frame, options, place)
    layer = prepare(frame, container=container, id_field=options.id_field)
    repeated = _repeated_ids(layer, frame, options)
    frame_ = frame_of(layer.crs, layer.origin, _bounds(layer))
    joined = seams(layer.shapes, tolerance=options.tolerance, frame=frame_, container=layer.container)
    seen = _corners(layer, options)
    notes = [
        *patches.validity(layer.raw, layer.names, layer.valid),
        *repeated,
        *seen.notes,
        *patches.multiparts(layer.shapes, layer.names),
        *patches.slivers(layer.shapes, layer.names, width=options.sliver_width),
        *_small(layer, frame, options),
        *_fit(layer, joined, seen, options),
    ]
    return finish(notes, origin=layer.origin, crs=layer.crs, place=place)


def _refuse(frame: gpd.GeoDataFrame, options: Options, place: str) -> None:
    faults = []
    crs = frame.crs
    if crs is not None and (not crs.is_projected or any(a.unit_name != "metre" for a in crs.axis_info[:2])):
        zh = f"坐标系为 {crs.name},拓扑检查要求以米为单位的投影坐标系;请先转换,如 EPSG:4547"
        en = f"the CRS is {crs.name}; topology is checked in a projected CRS in metres: transform it first"
        faults.append(fault("topology.crs", place or "layer", zh, en))
    for name in (options.id_field, options.code_field):
        if name is not None and name not in frame:
            there = ", ".join(str(column) for column in frame.columns)
            zh, en = f"没有字段“{name}”;有:{there}", f"there is no field '{name}'; there are: {there}"
            faults.append(fault("layer.field", place or "layer", zh, en))
    if faults:
        raise InputError(faults)


def _repeated_ids(layer: Prepared, frame: gpd.GeoDataFrame, options: Options) -> list[Note]:
    column = id_column(frame, options.id_field)
    if column in (None, "name", "名称"):  # names may repeat, ids may not
        return []
    ids = ids_of(frame, column)
    notes = []
    for text, rows in ids.groupby(ids.to_numpy(), sort=True).indices.items():
        if len(rows) < 2 or text == "":
            continue
        numbers = ", ".join(str(row + 1) for row in rows)
        notes.append(
            Note(
                "topology.duplicate_id", "error",
                f"标识 {column} = {text} 出现 {len(rows)} 次(第 {numbers} 行);标识应唯一",
                f"{column} = {text} is there {len(rows)} times (rows {numbers}); ids must be unique",
                (str(text),), layer.shapes[rows[0]], float(len(rows)),
            )
        )  # fmt: skip
    return notes


def _corners(layer: Prepared, options: Options) -> Corners:
    usable = patches.finite_ones(layer.raw) & np.isin(shapely.get_type_id(layer.raw), (3, 6))
    shapes = np.where(usable, layer.raw, layer.shapes)
    return corners(
        shapely.orient_polygons(shapes), layer.names, tolerance=options.tolerance,
        min_angle=options.min_angle, spike_angle=options.spike_angle,
    )  # fmt: skip


def _small(layer: Prepared, frame: gpd.GeoDataFrame, options: Options) -> list[Note]:
    if options.code_field is None:
        return []
    column = frame[options.code_field]
    if pd.api.types.is_numeric_dtype(column):
        zh = f"字段 {options.code_field} 是数值,代码的前导零已丢失;未检查最小上图面积,请改为文本字段"
        en = f"the field {options.code_field} holds numbers, so leading zeros are lost; minimum mapped areas were not checked: make it text"
        return [Note("topology.code_field", "warning", zh, en, (), no_place())]
    codes = ["" if pd.isna(value) else str(value) for value in column]
    survey = options.code_field.upper() == SURVEY_FIELD
    area = np.asarray(shapely.area(layer.shapes))
    close = np.nonzero(area < 1.01 * max(patches.LIMITS_M2.values()))[0]
    area[close] = patches.areas(layer.shapes[close], origin=layer.origin, crs=layer.crs)
    return patches.small(layer.shapes, layer.names, codes, area, survey=survey)


def _fit(layer: Prepared, joined: Seams, seen: Corners, options: Options) -> list[Note]:
    """How the polygons fit one another and their container."""
    tolerance = options.tolerance
    invalid = frozenset(np.nonzero(~layer.valid & ~shapely.is_missing(layer.raw))[0].tolist())
    doubt = Doubt(invalid, seen.spikes, tolerance)
    faces = faces_of(layer.shapes, joined, tolerance=tolerance, container=layer.container)
    common = overlaps(layer.shapes, joined, faces, tolerance=tolerance)
    twice = [pair for pair in common if pair.same]
    inlet = options.sliver_width if layer.container is None else 0.0
    open_ = uncovered(faces)
    filled = options.coverage
    if filled is None and layer.container is not None:
        filled = float(shapely.area(layer.shapes).sum()) > FILLED * layer.container.area
    elif filled is None:
        wide = mean_widths(open_) >= options.sliver_width
        filled = bool(joined.shared_m > shapely.length(open_[wide]).sum())
    narrower = np.inf if filled else options.sliver_width
    holes = gaps(open_, joined, faces, tolerance=tolerance, inlet=inlet, narrower=narrower)
    groups = _groups([(pair.one, pair.other) for pair in twice], len(layer.shapes))
    notes = [
        *duplicate_notes(groups, layer.shapes, layer.names),
        *overlap_notes([pair for pair in common if not pair.same], layer, doubt, options.sliver_width),
        *gap_notes(holes, layer, doubt, options.sliver_width, filled=filled),
        *unmatched_notes(joined.unmatched, layer.names, doubt),
        *chord_notes(joined, layer.names, tolerance),
    ]
    if layer.container is not None:
        notes += beyond_notes(
            beyond(layer.shapes, joined, layer.container, tolerance=tolerance), layer, doubt
        )
    return [*notes, _checked(layer, options, filled=filled)]


def _groups(pairs: Sequence[tuple[int, int]], n: int) -> list[list[int]]:
    """Positions joined by pairs."""
    if not pairs:
        return []
    one, other = np.array(pairs, dtype=np.int64).T
    label = merged(np.arange(n), one, other)
    members = np.unique(np.concatenate([one, other]))
    return [members[label[members] == key].tolist() for key in np.unique(label[members])]


def _checked(layer: Prepared, options: Options, *, filled: bool) -> Note:
    n = len(layer.raw)
    zh_kind, en_kind = ("按全覆盖图层检查空隙", "as a coverage") if filled else (
        f"按非全覆盖图层检查,只列宽度小于 {options.sliver_width:g} 米的空隙",
        f"as separate patches: only gaps narrower than {options.sliver_width:g} m are listed",
    )  # fmt: skip
    return Note(
        "topology.checked", "info",
        f"检查了 {n} 个要素,{zh_kind};容差 {options.tolerance:g} 米,尖刺 {options.spike_angle:g}°,"
        f"锐角 {options.min_angle:g}°,狭长宽度 {options.sliver_width:g} 米",
        f"{n} features checked {en_kind}; tolerance {options.tolerance:g} m, spikes {options.spike_angle:g}°, "
        f"acute angles {options.min_angle:g}°, sliver width {options.sliver_width:g} m",
        (), no_place(), float(n),
    )  # fmt: skip


def _bounds(layer: Prepared) -> Array:
    known = layer.shapes[~shapely.is_empty(layer.shapes)]
    return np.asarray(shapely.total_bounds(known) if len(known) else np.full(4, np.nan), dtype=np.float64)
