"""Places where a name could stand, and how badly it reads at each: along bands and lines, inside areas, beside marks.

Where a line or band runs steeply, Chinese characters stand upright one below the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Floats
from zoneplan.render.sheet.centreline import courses
from zoneplan.render.sheet.lettering import ASCENT, DESCENT, MM_PER_POINT, Lettering, is_wide

_STEEP = 50.0  # degrees: from here on characters stand upright
_LEVEL = 2.0  # degrees: up to here words stand level
_STATIONS = 31
_LEADING = 1.15
_MOST_LINES = 3
_ROOMY = 3.0  # of a name's ground: an area so large is not named from outside but in need


@dataclass(frozen=True)
class Name:
    """Words for a shape in page millimetres; `size` in points."""

    words: str
    shape: BaseGeometry
    size: float
    colour: str


@dataclass(frozen=True)
class Run:
    """Words on one straight base line, centred at a point of the page."""

    words: str
    x: float
    y: float
    turn: float = 0.0


@dataclass(frozen=True)
class Place:
    """A name in its place: its runs, the ground they cover, and how badly it reads there (0 is best)."""

    name: Name
    size: float
    runs: tuple[Run, ...]
    cover: BaseGeometry
    cost: float

    @property
    def level(self) -> bool:
        """Whether the words stand in one level line."""
        return len(self.runs) == 1 and self.runs[0].turn == 0


def candidates(name: Name, size: float, letters: Lettering) -> Iterator[Place]:
    """Places for a name in a size in points, in no order, on the map or off it."""
    dimension = shapely.get_dimensions(name.shape)
    if dimension == 0:
        yield from _around(name, size, letters, shapely.bounds(name.shape), 0.0)
        return
    part = max(shapely.get_parts(name.shape), key=lambda one: (one.area, one.length))
    if dimension == 1:
        merged = shapely.get_parts(shapely.line_merge(name.shape))
        part = max(merged, key=lambda one: float(one.length))
        yield from _along(name, size, letters, shapely.get_coordinates(part))
    else:
        lines = courses(part)
        for number, line in enumerate(lines):
            yield from _along(name, size, letters, line, 0.1 * number)
        if not lines:
            yield from _within(name, size, letters, part)
    yield from _around(name, size, letters, shapely.bounds(shapely.point_on_surface(part)), 3.0)


def _around(name: Name, size: float, letters: Lettering, bounds: Floats, cost: float) -> Iterator[Place]:
    """Beside a mark: right, left, above, below, at the corners."""
    west, south, east, north = bounds
    em = size * MM_PER_POINT
    wide, high, gap = letters.width(name.words, size), em, em * 0.55
    x, y = (west + east) / 2, (south + north) / 2
    right, left = east + gap + wide / 2, west - gap - wide / 2
    above, below = north + gap + high / 2, south - gap - high / 2
    for number, (u, v) in enumerate(
        [
            (right, y),
            (left, y),
            (x, above),
            (x, below),
            (right, above),
            (right, below),
            (left, above),
            (left, below),
        ]
    ):
        yield _block(name, size, [name.words], u, v, letters, cost + number * 0.08)


def _within(name: Name, size: float, letters: Lettering, part: BaseGeometry) -> Iterator[Place]:
    """Inside an area, in one to three lines; where it is too small, in its middle or beside it."""
    circle = shapely.maximum_inscribed_circle(part, tolerance=max(np.sqrt(part.area) / 50, 1e-3))
    centre = shapely.get_coordinates(circle)[0]
    west, south, east, north = shapely.bounds(part)
    reach = float(np.hypot(east - west, north - south)) or 1.0
    x, y = np.meshgrid(np.linspace(west, east, 15)[1:-1], np.linspace(south, north, 13)[1:-1])
    spots = np.vstack([centre[None], np.column_stack([x.ravel(), y.ravel()])])
    spots = spots[shapely.contains_xy(part, spots)]
    shapely.prepare(part)
    off = 1.6 * np.hypot(*(spots - centre).T) / reach
    for number, words in enumerate(_wrapped(name.words, size, letters)):
        blocks = [_block(name, size, words, u, v, letters, 0.25 * number) for u, v in spots.tolist()]
        covers = np.array([block.cover for block in blocks])
        over = ~shapely.contains(part, covers)
        kept = shapely.area(shapely.intersection(part, covers[over])) / shapely.area(covers[over])
        costs = off.copy()
        costs[over] += 0.6 + 2.5 * (1 - kept)
        for block, cost in zip(blocks, costs.tolist(), strict=True):
            yield Place(name, size, block.runs, block.cover, block.cost + cost)
    roomy = part.area > _ROOMY * letters.width(name.words, size) * size * MM_PER_POINT
    yield from _around(name, size, letters, shapely.bounds(part), 3.6 if roomy else 1.8)


def _wrapped(words: str, size: float, letters: Lettering) -> list[list[str]]:
    """Words in one line, and in two and three of about equal length."""
    whole = letters.width(words, size)
    made = [[words]]
    for count in range(2, _MOST_LINES + 1):
        if whole < count * 3.0 * size * MM_PER_POINT:
            break
        widths = whole / count + np.arange(8) * size * MM_PER_POINT / 2
        tried = (letters.wrap(words, size, float(width)) for width in widths)
        if lines := next((one for one in tried if len(one) == count), None):
            made.append(lines)
    return made


def _along(name: Name, size: float, letters: Lettering, course: Floats, cost: float = 0.0) -> Iterator[Place]:
    """Along a line: turned with it, or with upright characters where it is steep."""
    line = shapely.LineString(course)
    em, whole = size * MM_PER_POINT, float(line.length)
    wide = letters.width(name.words, size)
    upright = all(map(is_wide, name.words))
    for station in np.linspace(0, whole, _STATIONS)[1:-1]:
        off = cost + abs(float(station) / whole - 0.5)
        level = _chord(line, float(station), wide)
        if level is None:
            continue
        turn, bend, (x, y) = level
        if abs(turn) <= _STEEP or not upright:
            if bend > 1.1 * em:
                continue
            shift = _baseline(em, turn)
            cover = _turned_box(x, y, wide, em, turn)
            run = Run(name.words, x + shift[0], y + shift[1], turn)
            yield Place(name, size, (run,), cover, off + 0.5 * bend / em + abs(turn) / 400)
        else:
            yield from _column(name, size, line, float(station), off)


def _column(name: Name, size: float, line: BaseGeometry, station: float, off: float) -> Iterator[Place]:
    """Characters upright along a steep line, from the upper end down."""
    em = size * MM_PER_POINT
    count = len(name.words)
    step = float(em * 1.06)
    for _ in range(3):  # a slanting line must not bring characters side by side into each other
        at = np.asarray(station + (np.arange(count) - (count - 1) / 2) * step, float)
        if at[0] < 0 or at[-1] > line.length:
            return
        spots = _points_along(line, at)
        apart = np.abs(np.diff(spots, axis=0)).max(axis=1).min() if count > 1 else step
        if apart >= em * 0.99:
            break
        step *= float(em * 1.06 / max(float(apart), em * 0.3))
    if spots[0, 1] < spots[-1, 1]:
        spots = spots[::-1]
    drop = (ASCENT - DESCENT) / 2 * em
    runs = tuple(Run(char, float(x), float(y) - drop) for char, (x, y) in zip(name.words, spots, strict=True))
    boxes = [shapely.box(x - em / 2, y - em / 2, x + em / 2, y + em / 2) for x, y in spots]
    bend = float(np.abs(np.diff(spots[:, 0])).max()) / em if count > 1 else 0.0
    yield Place(name, size, runs, shapely.union_all(boxes), off + 0.1 + 0.3 * bend)


def _chord(
    line: BaseGeometry, station: float, length: float
) -> tuple[float, float, tuple[float, float]] | None:
    """Direction (-90 to 90 degrees), largest distance from the line, and middle, of a stretch of a line."""
    if station - length / 2 < 0 or station + length / 2 > line.length:
        return None
    at = station + np.linspace(-0.5, 0.5, 7) * length
    spots = _points_along(line, at)
    (x0, y0), (x1, y1) = spots[0], spots[-1]
    turn = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
    turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
    turn = 0.0 if abs(turn) < _LEVEL else turn
    reach = float(np.hypot(x1 - x0, y1 - y0)) or 1e-9
    bend = np.abs((spots[:, 0] - x0) * (y1 - y0) - (spots[:, 1] - y0) * (x1 - x0)) / reach
    x, y = spots[2:5].mean(axis=0)
    return turn, float(bend.max()), (float(x), float(y))


def _points_along(line: BaseGeometry, at: Floats) -> Floats:
    """Points of a line at distances from its start, shape (n, 2)."""
    return shapely.get_coordinates(shapely.line_interpolate_point(np.full(len(at), line), at))


def _turned_box(x: float, y: float, wide: float, high: float, turn: float) -> BaseGeometry:
    """A rectangle about a middle, turned anticlockwise by degrees."""
    angle = np.deg2rad(turn)
    along = np.array([np.cos(angle), np.sin(angle)]) * wide / 2
    across = np.array([-np.sin(angle), np.cos(angle)]) * high / 2
    corners = np.array([-along - across, along - across, along + across, across - along])
    return shapely.Polygon(np.add(corners, (x, y)))


def _baseline(em: float, turn: float) -> tuple[float, float]:
    """From the middle of a line of words to the middle of its base line."""
    drop, angle = (ASCENT - DESCENT) / 2 * em, np.deg2rad(turn)
    return float(np.sin(angle)) * drop, -float(np.cos(angle)) * drop


def _block(
    name: Name, size: float, words: Sequence[str], x: float, y: float, letters: Lettering, cost: float
) -> Place:
    """Level lines about a middle."""
    em = size * MM_PER_POINT
    step, drop = em * _LEADING, (ASCENT - DESCENT) / 2 * em
    rows = [float(y) + ((len(words) - 1) / 2 - number) * step for number in range(len(words))]
    runs = tuple(Run(line, float(x), row - drop) for line, row in zip(words, rows, strict=True))
    wide = max(letters.width(line, size) for line in words)
    high = em + step * (len(words) - 1)
    cover = shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    return Place(name, size, runs, cover, cost)
