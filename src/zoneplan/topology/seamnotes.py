"""What is said of seams: gaps, overlaps, duplicates, unmatched vertices, chords, features beyond the container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Shapes
from zoneplan.finding import Severity
from zoneplan.topology.corners import Spike
from zoneplan.topology.coverage import Overlap
from zoneplan.topology.edges import Array
from zoneplan.topology.faults import Note, measure, some
from zoneplan.topology.gaps import Gap
from zoneplan.topology.patches import areas
from zoneplan.topology.seams import Seams, Unmatched

Names = Sequence[tuple[str, ...]]
CONTAINER_ZH, CONTAINER_EN = "范围边界", "the container's boundary"


class Placed(Protocol):
    """What measuring a layer's parts needs."""

    @property
    def names(self) -> list[tuple[str, ...]]: ...
    @property
    def origin(self) -> Array: ...
    @property
    def crs(self) -> CRS | None: ...


@dataclass(frozen=True)
class Doubt:
    """Invalid polygons and spikes: what follows from them is no fault of its own.

    Parameters
    ----------
    invalid : frozenset of int
        Positions of invalid polygons.
    spikes : tuple of Spike
    tolerance : float
    """

    invalid: frozenset[int]
    spikes: tuple[Spike, ...]
    tolerance: float

    def cause(self, members: Iterable[int], shape: BaseGeometry) -> tuple[Severity | None, str, str]:
        """Severity ``info`` and words if a fault follows from another; None and nothing if not."""
        concerned = set(members)
        if concerned & self.invalid:
            return (
                "info",
                ";源于其中的无效几何,请先修复再检查",
                "; it follows from the invalid geometry there: repair that and check again",
            )
        if any(bool(shapely.covers(self._reach[at], shape)) for at in self._at(concerned)):
            return "info", ";源于该处尖刺", "; it follows from the spike there"
        return None, "", ""

    def spiked(self, members: Iterable[int], place: BaseGeometry) -> bool:
        """Whether a vertex is one of a spike's."""
        return any(
            shapely.distance(shapely.MultiPoint(self.spikes[at].corners), place) <= self.tolerance
            for at in self._at(set(members))
        )

    def _at(self, concerned: set[int]) -> list[int]:
        """The spikes of some polygons."""
        return [at for member in concerned for at in self._by_owner.get(member, ())]

    @cached_property
    def _by_owner(self) -> dict[int, list[int]]:
        mine: dict[int, list[int]] = {}
        for at, spike in enumerate(self.spikes):
            mine.setdefault(spike.owner, []).append(at)
        return mine

    @cached_property
    def _reach(self) -> Shapes:
        """What each spike covers, and the tolerance around it."""
        hulls = [shapely.LineString(spike.corners).convex_hull for spike in self.spikes]
        return np.asarray(shapely.buffer(_array(hulls), self.tolerance), dtype=object)


def duplicate_notes(groups: Sequence[Sequence[int]], shapes: Shapes, names: Names) -> list[Note]:
    """Polygons that are there more than once."""
    return [
        Note(
            "topology.duplicate", "error", f"{len(group)} 个要素几何相同:{some(ids)},位于 {{at}};请只留一个",
            f"{len(group)} features have the same geometry: {some(ids)}, at {{at}}; keep one",
            ids, shapes[group[0]], float(len(group)),
        )
        for group in groups
        for ids in [_ids(group, names)]
    ]  # fmt: skip


def overlap_notes(found: Sequence[Overlap], layer: Placed, doubt: Doubt, sliver: float) -> list[Note]:
    """One for each pair of polygons that overlap."""
    shapes = _array([pair.shape for pair in found])
    area = areas(shapes, origin=layer.origin, crs=layer.crs)
    notes = []
    for pair, m2, (zh_size, en_size) in zip(found, area, _sizes(shapes, area, sliver), strict=True):
        ids = _ids((pair.one, pair.other), layer.names)
        severity, zh, en = doubt.cause((pair.one, pair.other), pair.shape)
        notes.append(
            Note(
                "topology.overlap", severity or "error",
                f"{ids[0]} 与 {ids[1]} 重叠 {zh_size},位于 {{at}};请从其中之一减去{zh}",
                f"{ids[0]} and {ids[1]} overlap by {en_size}, at {{at}}; take it out of one of them{en}",
                ids, pair.shape, float(m2),
            )
        )  # fmt: skip
    return notes


def gap_notes(
    found: Sequence[Gap], layer: Placed, doubt: Doubt, sliver: float, *, filled: bool
) -> list[Note]:
    """One for each face that nothing covers."""
    shapes = _array([gap.shape for gap in found])
    area = areas(shapes, origin=layer.origin, crs=layer.crs)
    n = len(layer.names)
    notes = []
    for gap, m2, (zh_size, en_size) in zip(found, area, _sizes(shapes, area, sliver), strict=True):
        ids = _ids((number for number in gap.around if number < n), layer.names)
        severity, zh, en = doubt.cause(gap.around, gap.shape)
        zh_rim = CONTAINER_ZH if n in gap.around else ""
        zh_between = "、".join([*([some(ids)] if ids else []), *([zh_rim] if zh_rim else [])])
        en_between = ", ".join([*([some(ids)] if ids else []), *([CONTAINER_EN] if zh_rim else [])])
        notes.append(
            Note(
                "topology.gap", severity or ("error" if filled else "warning"),
                f"空隙 {zh_size},位于 {{at}},周围是 {zh_between};请并入相邻要素或说明原因{zh}",
                f"a gap of {en_size} at {{at}}, between {en_between}; give it to a neighbour or say why it is "
                f"there{en}",
                ids, gap.shape, float(m2),
            )
        )  # fmt: skip
    return notes


def unmatched_notes(found: Sequence[Unmatched], names: Names, doubt: Doubt) -> list[Note]:
    """One for each vertex that a neighbour does not have; those of spikes are left out."""
    notes = []
    for vertex in found:
        members = (*vertex.lacking, *vertex.having)
        if doubt.spiked(members, vertex.place):
            continue
        severity, zh, en = doubt.cause(members, vertex.place)
        off = measure(vertex.offset_m, "m") if vertex.offset_m > 1e-6 else "0 m"
        having, lacking = (_ids(side, names) for side in (vertex.having, vertex.lacking))
        if lacking:
            zh_said = f"{some(having)} 在 {some(lacking)} 的边上有节点,后者没有,位于 {{at}},偏离 {off};请给后者补上该节点"
            en_said = f"{some(having)} has a vertex on the edge of {some(lacking)}, which has none there, at {{at}}, {off} off the edge; insert it"
        else:
            zh_said = f"{some(having)} 的公共节点坐标不一致,相差 {off},位于 {{at}};请统一"
            en_said = f"the common vertex of {some(having)} differs by {off}, at {{at}}; make it one"
        spot = shapely.get_coordinates(vertex.place)[0]
        notes.append(
            Note(
                "topology.unmatched_vertex", severity or "warning", zh_said + zh, en_said + en,
                _ids(members, names), vertex.place, vertex.offset_m, (float(spot[0]), float(spot[1])),
            )
        )  # fmt: skip
    return notes


def chord_notes(joined: Seams, names: Names, tolerance: float) -> list[Note]:
    """One for each lens between an edge and the same line with more vertices."""
    notes = []
    for chord in joined.chords:
        along = sorted(set(joined.owner[list(chord.chain)].tolist()))
        ids = _ids((number for number in (joined.owner[chord.edge], *along) if number < len(names)), names)
        width, length = measure(chord.width_m, "m"), measure(float(chord.lens.boundary.length) / 2, "m")
        zh_line = f"(在 {chord.straight_in} 中是直线)" if chord.straight_in else ""
        en_line = f" (straight in {chord.straight_in})" if chord.straight_in else ""
        notes.append(
            Note(
                "topology.chord", "warning" if chord.width_m > tolerance else "info",
                f"投影造成的弦:{' 与 '.join(ids)} 沿同一条线,一方只有 2 个节点,另一方有 {len(chord.chain) + 1} 个{zh_line},"
                f"长 {length},最宽 {width},位于 {{at}};不是真空隙或重叠,请加密节点后再投影",
                f"a chord left by projecting: {' and '.join(ids)} follow one line, one with 2 vertices, the other "
                f"with {len(chord.chain) + 1}{en_line}, {length} long, {width} wide at most, at {{at}}; no real gap "
                "or overlap: densify the line before projecting it",
                ids, chord.lens, chord.width_m,
            )
        )  # fmt: skip
    return notes


def beyond_notes(found: Sequence[tuple[int, BaseGeometry]], layer: Placed, doubt: Doubt) -> list[Note]:
    """One for each polygon that reaches beyond the container."""
    area = areas(_array([part for _, part in found]), origin=layer.origin, crs=layer.crs)
    notes = []
    for (number, part), m2 in zip(found, area, strict=True):
        severity, zh, en = doubt.cause((number,), part)
        notes.append(
            Note(
                "topology.outside", severity or "error",
                f"超出范围边界 {measure(float(m2), '平方米')},位于 {{at}};请裁去或核对边界{zh}",
                f"{measure(float(m2), 'm²')} lie on the wrong side of the container's boundary, at {{at}}; cut them "
                f"off or check the boundary{en}",
                layer.names[number], part, float(m2),
            )
        )  # fmt: skip
    return notes


def _ids(members: Iterable[int], names: Names) -> tuple[str, ...]:
    return tuple(name for number in members for name in names[number])


def _sizes(shapes: Shapes, area: Array, sliver: float) -> Iterator[tuple[str, str]]:
    """Areas in words, with mean widths and shape indices."""
    plane, around = shapely.area(shapes), shapely.length(shapes)
    widths, indices = 2 * plane / around, 4 * np.pi * plane / around**2
    for m2, width, index in zip(area.tolist(), widths.tolist(), indices.tolist(), strict=True):
        zh = f"{measure(m2, '平方米')}(平均宽度 {measure(width, '米')},形状指数 {index:.3f}"
        en = f"{measure(m2, 'm²')} (mean width {measure(width, 'm')}, shape index {index:.3f}"
        yield (zh + ",狭长)", en + ", a sliver)") if width < sliver else (zh + ")", en + ")")


def _array(shapes: Sequence[BaseGeometry]) -> Shapes:
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes)
    return made
