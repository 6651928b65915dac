"""Which side of a line: the region that lines cut out of a container.

Each named line, drawn on straight until it leaves the container, parts the plane into two
sides. The region bounded by several lines is the container's part on the right side of each,
which is the union of those faces of the arrangement of lines and container that lie on the
right side of every line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from zoneplan.engine import overlay
from zoneplan.extent import Compass

GAP_COST = 3.0  # a bridged gap counts this many times its length, so that real line is preferred
REACH_M = 500.0  # the direction in which a line is drawn on: that of its last 500 m (or fifth)


class NoSide(ValueError):
    """The line has no two sides: it is closed, or crosses itself however it is drawn on."""


@dataclass(frozen=True)
class Course:
    """One line as a border: a simple course with a direction, and how it came about.

    ``line`` runs west → east for a north or south side, south → north otherwise; ``drawn_on`` is
    the same with both ends drawn on; ``bridged_m`` is the longest gap closed between segments.
    """

    line: LineString
    drawn_on: LineString
    bridged_m: float

    def added(self) -> BaseGeometry:
        """The two straight pieces that were drawn on."""
        start, end = self.drawn_on.coords[:2], self.drawn_on.coords[-2:]
        return MultiLineString([start, end])

    def runs_across(self, side: Compass) -> bool:
        """Whether the line runs more across than along the side that it is to bound."""
        (x0, y0), (x1, y1) = self.line.coords[0], self.line.coords[-1]
        east_west, north_south = abs(x1 - x0), abs(y1 - y0)
        return east_west < north_south if side in ("north", "south") else north_south < east_west


def course(geometry: BaseGeometry, side: Compass, container: BaseGeometry) -> Course:
    """The course of a (possibly broken or double) line that bounds one side of a container.

    Parameters
    ----------
    geometry : LineString or MultiLineString
        Metres. Segments are merged; of two carriageways one is taken; gaps are bridged.
    side : {"north", "south", "east", "west"}
    container : Polygon or MultiPolygon
        Metres, same CRS; the line is drawn on beyond it.

    Raises
    ------
    NoSide
        For a closed line, or one that crosses itself however it is drawn on.
    """
    line, bridged = _trunk(geometry, side)
    if side in ("north", "south"):
        backwards = line.coords[0][0] > line.coords[-1][0]
    else:
        backwards = line.coords[0][1] > line.coords[-1][1]
    line = line.reverse() if backwards else line
    reach = 2 * _diagonal(container, line)
    for direction in (_end_directions, _chord_directions):
        start, end = direction(line)
        drawn_on = LineString(
            [_step(line.coords[0], start, reach), *line.coords, _step(line.coords[-1], end, reach)]
        )
        if drawn_on.is_simple:
            return Course(line, drawn_on, bridged)
    raise NoSide("it crosses itself when drawn on beyond the container")


def right_side(border: Course, side: Compass, container: BaseGeometry) -> BaseGeometry:
    """The part of the plane around the container on the inner side of a border.

    The border of the south side runs west → east, so the inside is on its left; and so on round.
    """
    around = box(*container.union(border.line).envelope.buffer(_diagonal(container, border.line) / 2).bounds)
    faces = [face for face in split(around, border.drawn_on).geoms if isinstance(face, Polygon)]
    keep_left = side in ("south", "east")
    probe = _beside(border.line, left=keep_left)
    return next(face for face in faces if face.contains(probe))


def region(
    container: BaseGeometry, sides: Mapping[Compass, tuple[Sequence[Course], str | None]]
) -> BaseGeometry:
    """The part of a container on the right side of its borders.

    Parameters
    ----------
    container : Polygon or MultiPolygon
    sides : mapping of side to (courses, take)
        ``take="outer"`` keeps what lies on the right side of any of a side's courses,
        otherwise of all of them. No course: the container's own edge.
    """
    result = container
    for side, (courses, take) in sides.items():
        halves = [right_side(border, side, container) for border in courses]
        if take == "outer" and halves:
            halves = [overlay.union(halves)]
        for half in halves:
            result = overlay.intersection(result, half)
    return result


def _trunk(geometry: BaseGeometry, side: Compass) -> tuple[LineString, float]:
    """One simple line through all segments from one extreme end to the other, and its longest bridged gap."""
    noded = shapely.unary_union(geometry)
    merged = shapely.line_merge(noded)
    if isinstance(merged, LineString) and merged.is_simple and not merged.is_closed:
        return merged, 0.0
    import networkx as nx  # takes a third of a second, and only branching lines need it

    graph: nx.Graph[tuple[float, ...]] = nx.Graph()
    for part in shapely.get_parts(noded):  # not merged: two carriageways would close to a ring
        start, end = part.coords[0], part.coords[-1]
        known = graph.get_edge_data(start, end)
        if start != end and (known is None or known["weight"] > part.length):
            graph.add_edge(start, end, weight=part.length, line=part, gap=0.0)
    if graph.number_of_nodes() < 2:
        raise NoSide("it is closed")
    groups = list(nx.connected_components(graph))
    for one, other in combinations(groups, 2):
        a, b = min(((a, b) for a in sorted(one) for b in sorted(other)), key=lambda ends: math.dist(*ends))
        graph.add_edge(a, b, weight=GAP_COST * math.dist(a, b), line=LineString([a, b]), gap=math.dist(a, b))
    axis = 0 if side in ("north", "south") else 1
    first, last = (pick(graph.nodes, key=lambda node: (node[axis], node)) for pick in (min, max))
    steps = list(pairwise(nx.dijkstra_path(graph, first, last)))
    line = shapely.line_merge(MultiLineString([graph.edges[step]["line"] for step in steps]))
    if not isinstance(line, LineString) or not line.is_simple:
        raise NoSide("its segments cross each other")
    return line, max(graph.edges[step]["gap"] for step in steps)


def _diagonal(*geometries: BaseGeometry) -> float:
    bounds = shapely.total_bounds(list(geometries))
    return math.dist(bounds[:2], bounds[2:])


def _step(origin: Sequence[float], direction: tuple[float, float], length: float) -> tuple[float, float]:
    return origin[0] + direction[0] * length, origin[1] + direction[1] * length


def _unit(tail: Sequence[float], head: Sequence[float]) -> tuple[float, float]:
    size = math.dist(tail, head)
    return (head[0] - tail[0]) / size, (head[1] - tail[1]) / size


def _end_directions(line: LineString) -> tuple[tuple[float, float], tuple[float, float]]:
    """Outward directions of the line's ends, over its last stretch (one bend does not turn it)."""
    back = min(REACH_M, line.length / 5)
    near_start, near_end = line.interpolate(back).coords[0], line.interpolate(line.length - back).coords[0]
    return _unit(near_start, line.coords[0]), _unit(near_end, line.coords[-1])


def _chord_directions(line: LineString) -> tuple[tuple[float, float], tuple[float, float]]:
    """Outward directions along the chord from end to end, for a line that hooks."""
    return _unit(line.coords[-1], line.coords[0]), _unit(line.coords[0], line.coords[-1])


def _beside(line: LineString, *, left: bool) -> Point:
    """A point just left (or right) of the middle of the line's longest segment."""
    a, b = max(pairwise(line.coords), key=lambda ends: math.dist(*ends))
    along = _unit(a, b)
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    across = (-along[1], along[0]) if left else (along[1], -along[0])
    others = shapely.difference(line, LineString([a, b]).buffer(1e-3))
    room = Point(middle).distance(others) if not others.is_empty else math.inf
    return Point(_step(middle, across, min(1.0, math.dist(a, b) / 10, room / 2)))
