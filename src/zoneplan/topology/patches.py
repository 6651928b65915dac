"""Single polygons: invalid or empty geometry, slivers, multiparts, and patches below the minimum mapped area."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry import Point, Polygon

from zoneplan.engine import ellipsoid, overlay
from zoneplan.engine.hollow import without_hollow_rings
from zoneplan.engine.rings import Shapes
from zoneplan.topology.coverage import mean_width, roundness
from zoneplan.topology.edges import Array
from zoneplan.topology.faults import Note, measure, no_place

SLIVER_ROUNDNESS = 0.25
"""A strip's 4πA/P²; a square has 0.79."""
LIMITS_M2: Mapping[str, float] = {"built": 200.0, "farm": 400.0, "desert": 1500.0, "other": 600.0}
_AT_ONCE = 5_000  # polygons measured together, so that all their coordinates are not held twice
_PLAN = (("desert", "2304 2305 2306 2307"), ("built", "06 07 08 09 10 11 12 13 14 15 16 2301"),
         ("farm", "01 02 03 0401 0402 1703 1704 1705 2303"))  # fmt: skip
_SURVEY = (("desert", "1204 1205 1206 1207"), ("built", "05 06 07 08 09 1001 1002 1003 1004 1005 1007 1008 1009 1109 1201 1202"),
           ("farm", "01 02 03 0401 0402 0403 1006 1103 1104 1107 1203"))  # fmt: skip
_ZH = {"built": "建设用地和设施农用地", "farm": "农用地", "desert": "荒漠地区", "other": "其他地类"}
_EN = {"built": "construction land and farm facilities", "farm": "agricultural land", "desert": "desert land",
       "other": "other land"}  # fmt: skip
_REASONS = (
    ("Too few points", "节点太少"),
    ("Self-intersection", "自相交"),
    ("Hole lies outside shell", "内环在外环之外"),
    ("Holes are nested", "内环嵌套"),
    ("Nested shells", "外环嵌套"),
    ("Interior is disconnected", "内部不连通"),
    ("Duplicate Rings", "环重复"),
    ("Ring Self-intersection", "环自相交"),
    ("Invalid Coordinate", "坐标不是有效数值"),
)
_SPOT = re.compile(r"\[(\S+) (\S+?)\]")


def working(shapes: Shapes, valid: npt.NDArray[np.bool_]) -> Shapes:
    """Polygons fit for overlay: the invalid by structure, those of no use empty, none with a hole of no points."""
    made = np.full(len(shapes), Polygon(), dtype=object)
    finite = finite_ones(shapes)
    sound = finite & valid & (shapely.get_dimensions(shapes) == 2)
    made[sound] = shapes[sound]
    made = without_hollow_rings(made)
    for number in np.nonzero(finite & ~sound)[0]:
        mended = shapely.make_valid(shapes[number], method="structure", keep_collapsed=False)
        made[number] = overlay.polygonal(mended)
    return made


def validity(shapes: Shapes, names: Sequence[tuple[str, ...]], valid: npt.NDArray[np.bool_]) -> list[Note]:
    """Geometry that is missing, empty, of the wrong type or invalid, with the reason and its place.

    Parameters
    ----------
    shapes : ndarray of shapely geometries or None, shape (n,)
        At a local origin.
    names : sequence of tuple of str
    valid : ndarray of bool, shape (n,)
        What `shapely.is_valid` says of them.
    """
    notes = []
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    types = shapely.get_type_id(shapes)
    bad = np.nonzero(missing | ~np.isin(types, (3, 6)) | ~valid)[0]
    for number in bad.tolist():
        shape, name = shapes[number], names[number]
        if missing[number]:
            zh, en = (
                "没有几何或几何为空;请补绘或删除该记录",
                "no geometry, or an empty one; draw it or delete the record",
            )
            notes.append(Note("topology.empty", "error", zh, en, name, no_place()))
        elif types[number] not in (3, 6):
            kind = shape.geom_type
            notes.append(
                Note(
                    "topology.type", "error", f"几何类型是 {kind},应为面;只检查其中的面",
                    f"the geometry is a {kind}, expected polygons; only those in it are checked", name, shape,
                )
            )  # fmt: skip
        else:
            notes.append(_invalid(shape, str(shapely.is_valid_reason(shape)), name))
    return notes


def multiparts(shapes: Shapes, names: Sequence[tuple[str, ...]]) -> list[Note]:
    """Features of several parts; not a fault in itself."""
    count = shapely.get_num_geometries(shapes)
    return [
        Note(
            "topology.multipart", "info", f"由 {count[number]} 个部分组成;要求单部件时请拆分",
            f"consists of {count[number]} parts; split it where single parts are required",
            names[number], shapes[number], float(count[number]),
        )
        for number in np.nonzero(count > 1)[0].tolist()
    ]  # fmt: skip


def slivers(shapes: Shapes, names: Sequence[tuple[str, ...]], *, width: float) -> list[Note]:
    """Strips: mean width 2A/P under a limit in metres, and 4πA/P² under `SLIVER_ROUNDNESS`."""
    area, around = shapely.area(shapes), shapely.length(shapes)
    with np.errstate(divide="ignore", invalid="ignore"):
        thin = (2 * area / around < width) & (4 * np.pi * area / around**2 < SLIVER_ROUNDNESS)
    return [
        Note(
            "topology.sliver", "warning",
            f"狭长图斑:面积 {measure(float(area[number]), '平方米')},平均宽度 {measure(mean_width(shapes[number]), '米')}"
            f"(小于 {width:g} 米),形状指数 {roundness(shapes[number]):.3f},位于 {{at}};请并入相邻图斑或核对",
            f"sliver: {measure(float(area[number]), 'm²')}, mean width {measure(mean_width(shapes[number]), 'm')} "
            f"(less than {width:g} m), shape index {roundness(shapes[number]):.3f}, at {{at}}; merge it into a "
            "neighbour or check it",
            names[number], shapes[number], float(area[number]),
        )
        for number in np.nonzero(thin)[0].tolist()
    ]  # fmt: skip


def small(
    shapes: Shapes,
    names: Sequence[tuple[str, ...]],
    codes: Sequence[str],
    area: Array,
    *,
    survey: bool = False,
) -> list[Note]:
    """Patches below the minimum mapped area of their land use.

    Parameters
    ----------
    shapes, names
        As for `slivers`.
    codes : sequence of str
        Land-use codes, leading zeros kept; an empty one is not judged.
    area : ndarray, shape (n,)
        m².
    survey : bool
        Whether codes are those of the third land survey (DLBM) rather than of the plan (用地用海分类).
    """
    notes = []
    for number, code in enumerate(codes):
        kind = land_kind(code, survey=survey)
        if kind is None or not 0 < area[number] < LIMITS_M2[kind]:
            continue
        limit, found = LIMITS_M2[kind], measure(float(area[number]))
        notes.append(
            Note(
                "topology.small_patch", "warning",
                f"地类 {code} 的图斑面积 {found} 平方米,小于{_ZH[kind]}最小上图面积 {limit:g} 平方米;请并入相邻图斑",
                f"a patch of land use {code} has {found} m², less than the minimum mapped area of {_EN[kind]}, "
                f"{limit:g} m²; merge it into a neighbour",
                names[number], shapes[number], float(area[number]),
            )
        )  # fmt: skip
    return notes


def land_kind(code: str, *, survey: bool = False) -> str | None:
    """``built``, ``farm``, ``desert`` or ``other``; None without a code."""
    plain = code.strip()
    if not plain[:2].isdigit():
        return None
    for kind, starts in _SURVEY if survey else _PLAN:
        if plain.startswith(tuple(starts.split())):
            return kind
    return "other"


def areas(shapes: Shapes, *, origin: Array, crs: CRS | None) -> Array:
    """m²: ellipsoidal in a projected CGCS2000 CRS, else of the plane."""
    datum = crs.datum.name if crs is not None and crs.datum is not None else ""
    if crs is not None and crs.is_projected and "China 2000" in datum:
        stretches = (shapes[first : first + _AT_ONCE] for first in range(0, len(shapes), _AT_ONCE))
        moved = (shapely.transform(some, lambda xy: xy + origin) for some in stretches)
        return np.concatenate([np.zeros(0), *(ellipsoid.area(some, crs) for some in moved)])
    return np.asarray(shapely.area(shapes))


def reason_zh(words: str) -> str:
    """Why a polygon is invalid, from the library's words; these where there are no others."""
    return next((zh for en, zh in _REASONS if words.startswith(en)), words)


def _invalid(shape: Polygon, reason: str, name: tuple[str, ...]) -> Note:
    words = reason.partition("[")[0]
    zh = reason_zh(words)
    spot = _SPOT.search(reason)
    at = (float(spot[1]), float(spot[2])) if spot else None
    if at is not None and not np.isfinite(at).all():
        at = None
    finite = bool(finite_ones(np.array([shape], dtype=object))[0])
    geometry = Point(at) if at is not None else shape if finite else no_place()
    return Note(
        "topology.invalid", "error",
        f"几何无效:{zh}({words}),位于 {{at}};请改正,或用 --repair 修复后核对前后面积",
        f"invalid geometry: {words} at {{at}}; correct it, or use --repair and compare the areas before and after",
        name, geometry, at=at,
    )  # fmt: skip


def finite_ones(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Which geometries are there, with coordinates that are numbers."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = ~shapely.is_missing(shapes)
    finite[owner[~np.isfinite(points).all(axis=1)]] = False
    return np.asarray(finite)
