"""Between layers: the three control lines apart from one another, and parts inside the whole they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import overlay
from zoneplan.engine.rings import Shapes
from zoneplan.errors import InputError, fault
from zoneplan.standardlayers import recognised
from zoneplan.topology.chords import frame_of
from zoneplan.topology.coverage import Overlap, beyond, lenses_by_pair, meeting, real
from zoneplan.topology.edges import Array, Ints
from zoneplan.topology.faults import Fault, Note, finish, measure
from zoneplan.topology.patches import areas
from zoneplan.topology.prepared import Prepared, origin_of, prepare
from zoneplan.topology.seamnotes import chord_notes
from zoneplan.topology.seams import Seams, seams

ECOLOGY, FARMLAND, BOUNDARY = "ecological_redline", "permanent_basic_farmland", "urban_development_boundary"
NAMES_ZH: Mapping[str, str] = {ECOLOGY: "生态保护红线", FARMLAND: "永久基本农田", BOUNDARY: "城镇开发边界"}
NAMES_EN: Mapping[str, str] = {
    ECOLOGY: "ecological red line", FARMLAND: "permanent basic farmland", BOUNDARY: "urban development boundary",
}  # fmt: skip
_GUIDANCE = "中办国办《关于在国土空间规划中统筹划定落实三条控制线的指导意见》(2019)"
_FARMLAND = "《永久基本农田保护红线管理办法》(自然资源部 农业农村部令第17号,2025)"
FITS = 0.5
"""A hole explains an overlap if at least this share of the other polygon lies in it."""


@dataclass(frozen=True)
class Precedence:
    """Which of two lines yields where they meet, and by which instrument."""

    zh: str
    en: str
    citation: str


PRECEDENCE: Mapping[frozenset[str], Precedence] = {
    frozenset((ECOLOGY, FARMLAND)): Precedence(
        "自然保护地核心保护区内的永久基本农田逐步退出并补划,一般控制区内的视对生态功能的影响保留或退出;"
        "其余由生态保护红线避让,不得因调整生态保护红线而调整永久基本农田",
        "farmland inside the core zone of a nature reserve leaves step by step and is replaced, in the general "
        "control zone it stays or leaves by its effect; elsewhere the ecological red line yields: farmland may not "
        "be moved because that line is adjusted",
        f"{_GUIDANCE};{_FARMLAND}第四条",
    ),
    frozenset((ECOLOGY, BOUNDARY)): Precedence(
        "城镇开发边界应避让重要生态功能区,由城镇开发边界扣除",
        "the urban development boundary keeps clear of important ecological areas: take it out of the boundary",
        _GUIDANCE,
    ),
    frozenset((FARMLAND, BOUNDARY)): Precedence(
        "城镇开发边界内的永久基本农田原则上保留,由城镇开发边界以“开天窗”方式扣除",
        "permanent basic farmland inside the urban development boundary stays in principle: the boundary leaves a "
        "hole for it",
        f"{_GUIDANCE};{_FARMLAND}第四条、第五条",
    ),
}


def line_of(name: str) -> str | None:
    """The control line that a layer of this name holds, None if it is none of the three."""
    plain = name.strip().removeprefix("line_")
    known = recognised(plain)
    key = known.key if known else plain
    return key if key in NAMES_ZH else None


def check_lines(
    lines: Mapping[str, gpd.GeoDataFrame],
    *,
    tolerance: float = 1e-3,
    id_field: str | None = None,
    place: str = "",
) -> tuple[Fault, ...]:
    """Every overlap between the control lines.

    Parameters
    ----------
    lines : mapping of str to GeoDataFrame
        By ``ecological_redline``, ``permanent_basic_farmland``, ``urban_development_boundary``; polygons in one
        projected CRS in metres.
    tolerance : float
        Metres; an overlap nowhere as wide as this is the rounding of coordinates.
    id_field : str, optional
        Column of ids; default as for `check_layer`.
    place : str
        File, named in every finding.

    Returns
    -------
    tuple of Fault
        One ``topology.lines_overlap`` for each two features that overlap: ids in the order of the lines, m²
        (ellipsoidal in a CGCS2000 CRS), which line yields and by which instrument, and whether the overlap is
        the edge of a hole (开天窗) that one line left for the other. Lines that are apart give an ``info``.

    Raises
    ------
    InputError
        The lines are not in one CRS.
    """
    _require_one_crs(lines, place)
    shapes = [np.asarray(frame.geometry, dtype=object) for frame in lines.values()]
    origin = origin_of(np.concatenate(shapes)) if shapes else np.zeros(2)
    ready = {key: prepare(frame, id_field=id_field, origin=origin) for key, frame in lines.items()}
    found: list[Fault] = []
    for one, other in combinations([key for key in NAMES_ZH if key in ready], 2):
        notes = _pair((one, other), ready[one], ready[other], tolerance)
        between = f"{NAMES_ZH[one]} × {NAMES_ZH[other]}"
        at = f"{place}: {between}" if place else between
        found += finish(notes, origin=origin, crs=ready[one].crs, place=at)
    return tuple(found)


def check_inside(
    parts: gpd.GeoDataFrame,
    whole: gpd.GeoDataFrame,
    *,
    words: tuple[str, str],
    tolerance: float = 1e-3,
    id_field: str | None = None,
    place: str = "",
) -> tuple[Fault, ...]:
    """Features that reach beyond the layer they must lie in, e.g. 集中建设区 beyond the growth boundary.

    Parameters
    ----------
    parts, whole : GeoDataFrame
        Polygons in one projected CRS in metres.
    words : tuple of str
        What `whole` is, in Chinese and English.
    tolerance, id_field, place
        As for `check_lines`.

    Returns
    -------
    tuple of Fault
        Code ``topology.not_inside``, severity ``error``, m² beyond.
    """
    _require_one_crs({"parts": parts, "whole": whole}, place)
    ready = prepare(parts, id_field=id_field)
    outer = prepare(whole, origin=ready.origin)
    container = overlay.union(list(outer.shapes))
    frame = frame_of(ready.crs, ready.origin, np.array(container.bounds))
    joined = seams(ready.shapes, tolerance=tolerance, frame=frame, container=container)
    found = beyond(ready.shapes, joined, container, tolerance=tolerance)
    area = areas(_array([part for _, part in found]), origin=ready.origin, crs=ready.crs)
    notes = [
        Note(
            "topology.not_inside", "error",
            f"有 {measure(float(m2), '平方米')} 在{words[0]}之外,位于 {{at}};应全部位于其内",
            f"{measure(float(m2), 'm²')} lie outside the {words[1]}, at {{at}}; all of it must lie inside",
            ready.names[number], part, float(m2),
        )
        for (number, part), m2 in zip(found, area, strict=True)
    ]  # fmt: skip
    return finish(notes, origin=ready.origin, crs=ready.crs, place=place)


def _pair(keys: tuple[str, str], one: Prepared, other: Prepared, tolerance: float) -> list[Note]:
    """What two lines have in common."""
    first, second = meeting(one.shapes, other.shapes)
    common = overlay.pieces(one.shapes[first], other.shapes[second])
    joined, lenses = _chords(one, other, first, second, tolerance)
    positions = list(zip(first.tolist(), second.tolist(), strict=True))
    common = real(common, [lenses.get(pair, []) for pair in positions], tolerance)
    pairs = [
        Overlap(*positions[at], common[at], same=False) for at in np.flatnonzero(~shapely.is_empty(common))
    ]
    area = areas(_array([pair.shape for pair in pairs]), origin=one.origin, crs=one.crs)
    notes = _overlap_notes(keys, one, other, pairs, area)
    notes += joined
    if not pairs:
        zh, en = (" 与 ".join(NAMES_ZH[key] for key in keys), " and ".join(NAMES_EN[key] for key in keys))
        citation = PRECEDENCE[frozenset(keys)].citation
        empty = shapely.Point()
        said = f"{zh}互不重叠", f"the {en} do not overlap"
        notes.append(Note("topology.lines_overlap", "info", *said, (), empty, citation=citation))
    return notes


def _chords(
    one: Prepared, other: Prepared, first: Ints, second: Ints, tolerance: float
) -> tuple[list[Note], Mapping[tuple[int, int], list[shapely.Polygon]]]:
    """The chords between polygons of two layers that meet: what is said of them, and lenses by positions."""
    left, right = np.unique(first), np.unique(second)
    shapes = np.concatenate([one.shapes[left], other.shapes[right]])
    if len(shapes) == 0:
        return [], {}
    names = [*(one.names[n] for n in left.tolist()), *(other.names[n] for n in right.tolist())]
    frame = frame_of(one.crs, one.origin, np.asarray(shapely.total_bounds(shapes)))
    joined: Seams = seams(shapes, tolerance=tolerance, frame=frame)
    n = len(left)
    lenses = {
        (int(left[a]), int(right[b - n])): lens
        for (a, b), lens in lenses_by_pair(joined).items()
        if a < n <= b
    }
    return chord_notes(joined, names, tolerance), lenses


def _overlap_notes(
    keys: tuple[str, str], one: Prepared, other: Prepared, pairs: Sequence[Overlap], area: Array
) -> list[Note]:
    rule = PRECEDENCE[frozenset(keys)]
    holed = (_holes(one.shapes, other.shapes, [(p.one, p.other) for p in pairs]),
             _holes(other.shapes, one.shapes, [(p.other, p.one) for p in pairs]))  # fmt: skip
    notes = []
    for number, (pair, m2) in enumerate(zip(pairs, area, strict=True)):
        ids = (*one.names[pair.one], *other.names[pair.other])
        sides = [side for side in (0, 1) if holed[side][number]]
        if sides:
            host, guest = keys[sides[0]], keys[1 - sides[0]]
            zh_hole = f"{NAMES_ZH[host]}已为该{NAMES_ZH[guest]}图斑开天窗,但边缘不吻合,请使天窗与图斑边界一致"
            en_hole = f"the {NAMES_EN[host]} has a hole for it, but their edges differ: make them agree"
        else:
            zh_hole, en_hole = "该处没有与之对应的天窗", "there is no hole for it"
        notes.append(
            Note(
                "topology.lines_overlap", "error",
                f"{NAMES_ZH[keys[0]]} {ids[0]} 与{NAMES_ZH[keys[1]]} {ids[1]} 重叠 {measure(float(m2), '平方米')},"
                f"位于 {{at}};{zh_hole};避让:{rule.zh}",
                f"{NAMES_EN[keys[0]]} {ids[0]} and {NAMES_EN[keys[1]]} {ids[1]} overlap by "
                f"{measure(float(m2), 'm²')} at {{at}}; {en_hole}; what yields: {rule.en}",
                ids, pair.shape, float(m2), citation=rule.citation,
            )
        )  # fmt: skip
    return notes


def _holes(hosts: Shapes, guests: Shapes, pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """For each (host, guest): whether the guest fits a hole of the host, `FITS` of it at least."""
    fits = np.zeros(len(pairs), dtype=bool)
    if not pairs:
        return fits
    parts, host = shapely.get_parts(hosts, return_index=True)
    count = shapely.get_num_interior_rings(parts)
    owner = np.repeat(host, count)
    if len(owner) == 0:
        return fits
    rings, part = shapely.get_rings(parts, return_index=True)
    inner = np.r_[False, part[1:] == part[:-1]]
    holes = np.asarray(shapely.polygons(rings[inner]), dtype=object)
    wanted = guests[[guest for _, guest in pairs]]
    pair, hole = shapely.STRtree(holes).query(wanted)
    mine = owner[hole] == np.array([number for number, _ in pairs])[pair]
    pair, hole = pair[mine], hole[mine]
    inside = shapely.area(overlay.pieces(wanted[pair], holes[hole]))
    fits[pair[inside >= FITS * shapely.area(wanted[pair])]] = True
    return fits


def _require_one_crs(lines: Mapping[str, gpd.GeoDataFrame], place: str) -> None:
    known = {key: frame.crs for key, frame in lines.items() if frame.crs is not None}
    names = {key: crs.name for key, crs in known.items()}
    if len(set(known.values())) > 1:
        shown = ", ".join(f"{key}: {name}" for key, name in names.items())
        zh, en = (
            f"图层坐标系不一致({shown});请先转换到同一坐标系",
            f"the layers are not in one CRS ({shown}); transform them first",
        )
        raise InputError(fault("crs.mismatch", place or "lines", zh, en))


def _array(shapes: Sequence[BaseGeometry]) -> Shapes:
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes)
    return made
