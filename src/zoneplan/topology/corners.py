"""Corners of polygons: repeated vertices, acute angles, spikes. Invalid polygons are looked at as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point, Polygon

from zoneplan.engine.rings import Shapes
from zoneplan.topology.edges import SAME_M, Array, Ints
from zoneplan.topology.faults import Note, measure


@dataclass(frozen=True)
class Spike:
    """A vertex at which a ring turns back on itself; the triangle is the vertex and its two neighbours."""

    owner: int
    corners: Array
    angle: float

    @property
    def triangle(self) -> Polygon:
        """May have no area."""
        return Polygon(self.corners)


@dataclass(frozen=True)
class Corners:
    """What the corners of a layer show."""

    notes: tuple[Note, ...]
    spikes: tuple[Spike, ...]


def corners(
    shapes: Shapes, names: list[tuple[str, ...]], *, tolerance: float, min_angle: float, spike_angle: float
) -> Corners:
    """Check every vertex of every ring.

    Parameters
    ----------
    shapes : ndarray of shapely polygons, shape (n,)
        Shells counter-clockwise, at a local origin; invalid ones too, with finite coordinates.
    names : list of tuple of str
        Ids of the features.
    tolerance : float
        Metres up to which two vertices in a row are nearly the same (code ``topology.near_vertex``); up to
        `SAME_M` they are one vertex twice (``topology.duplicate_vertex``).
    min_angle : float
        Degrees below which an angle inside a polygon is noted (``topology.acute_angle``).
    spike_angle : float
        Degrees below which an angle, inside or outside, is a spike (``topology.spike``).
    """
    points, owner, ring = _points(shapes)
    points, owner, ring, repeated = _thinned(points, owner, ring, names, tolerance)
    if len(points) == 0:
        return Corners(tuple(repeated), ())
    before, after = _neighbours(ring)
    back, forth = points[before] - points, points[after] - points
    with np.errstate(invalid="ignore"):
        cross = back[:, 0] * forth[:, 1] - back[:, 1] * forth[:, 0]
        angle = np.degrees(np.abs(np.arctan2(cross, (back * forth).sum(axis=1))))
    spiked = np.nonzero(angle < spike_angle)[0]
    spikes = [Spike(int(owner[at]), points[[before[at], at, after[at]]], float(angle[at])) for at in spiked]
    acute = np.nonzero((angle >= spike_angle) & (angle < min_angle) & (cross < 0))[0]
    notes = [*repeated, *(_spike(spike, names) for spike in spikes)]
    notes += [_acute(points[at], float(angle[at]), names[owner[at]], min_angle) for at in acute]
    return Corners(tuple(notes), tuple(spikes))


def _points(shapes: Shapes) -> tuple[Array, Ints, Ints]:
    """Vertices of rings without the closing one: coordinates, polygon, ring."""
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if len(ring) == 0:
        return points, ring, ring
    open_ = np.r_[ring[1:] == ring[:-1], False]
    return points[open_], part_owner[part[ring[open_]]], ring[open_]


def _neighbours(ring: Ints) -> tuple[Ints, Ints]:
    """Positions of the vertex before and the vertex after, around each ring."""
    n = len(ring)
    opens = np.nonzero(np.r_[True, ring[1:] != ring[:-1]])[0]
    closes = np.r_[opens[1:] - 1, n - 1]
    before, after = np.arange(n) - 1, np.arange(n) + 1
    before[opens], after[closes] = closes, opens
    return before, after


def _thinned(
    points: Array, owner: Ints, ring: Ints, names: list[tuple[str, ...]], tolerance: float
) -> tuple[Array, Ints, Ints, list[Note]]:
    """Vertices without those that repeat the one before, and what was repeated."""
    if len(points) == 0:
        return points, owner, ring, []
    before, _ = _neighbours(ring)
    step = np.hypot(*(points - points[before]).T)
    notes = []
    for code, chosen, zh, en in (
        (
            "topology.duplicate_vertex", step <= SAME_M,
            "重复节点 {n} 个(相邻两节点坐标相同),首个位于 {at};请删除重复者",
            "{n} duplicate vertices (two in a row at the same place), the first at {at}; delete the repeats",
        ),
        (
            "topology.near_vertex", (step > SAME_M) & (step <= tolerance),
            "近重复节点 {n} 处(相邻两节点相距不超过 {t} 米,最近 {d}),首处位于 {at};请合并",
            "{n} nearly duplicate vertices (two in a row within {t} m, closest {d}), the first at {at}; merge them",
        ),
    ):  # fmt: skip
        where = np.nonzero(chosen)[0]
        numbers, first = np.unique(owner[where], return_index=True)  # owners are in order
        for number, mine in zip(numbers, np.split(where, first)[1:], strict=True):
            words = {"n": str(len(mine)), "t": f"{tolerance:g}", "d": measure(float(step[mine].min()), "m")}
            zh_said, en_said = zh, en
            for key, value in words.items():
                zh_said, en_said = (text.replace("{" + key + "}", value) for text in (zh_said, en_said))
            spot = points[mine[0]]
            notes.append(
                Note(
                    code, "warning", zh_said, en_said, names[number], MultiPoint(points[mine]),
                    float(len(mine)), (float(spot[0]), float(spot[1])),
                )
            )  # fmt: skip
    keep = step > tolerance
    return points[keep], owner[keep], ring[keep], notes


def _spike(spike: Spike, names: list[tuple[str, ...]]) -> Note:
    foot, tip, other = spike.corners
    legs = np.hypot(*(foot - tip)), np.hypot(*(other - tip))
    length, width = measure(float(min(legs)), "m"), measure(float(np.hypot(*(foot - other))), "m")
    angle = measure(spike.angle)
    return Note(
        "topology.spike", "warning",
        f"尖刺:边界在 {{at}} 处折返,夹角 {angle}°,长 {length},根部宽 {width};请删除该节点",
        f"spike: the boundary turns back on itself at {{at}}, angle {angle}°, {length} long, {width} wide at its "
        "foot; delete that vertex",
        names[spike.owner], shapely.LineString(spike.corners), spike.angle, (float(tip[0]), float(tip[1])),
    )  # fmt: skip


def _acute(spot: Array, angle: float, name: tuple[str, ...], least: float) -> Note:
    shown = measure(angle)
    return Note(
        "topology.acute_angle", "info",
        f"内角 {shown}°,小于 {least:g}°,位于 {{at}};请核对是否为图形误差",
        f"an angle of {shown}°, less than {least:g}°, at {{at}}; check whether it is meant",
        name, Point(spot), angle,
    )  # fmt: skip
