"""The style document's symbols in print: fills, hatches, lines and marks, on the map and in the legend alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from zoneplan.engine.rings import Floats
from zoneplan.render.sheet.ink import Ink, line_path, polygon_path
from zoneplan.render.sheet.paper import Box
from zoneplan.render.style import HATCHES, Symbol

MM_PER_PIXEL = 0.22
"""A width of the style document, in screen pixels, on A3."""
SPACING = 1.5
_STROKE, _DOT, _DOT_STEP = 0.16, 0.5, 1.25
_MARK = 1.7


def draw(ink: Ink, shapes: np.ndarray, symbol: Symbol, *, within: Box) -> None:
    """Geometry in page millimetres with its symbol, cut to a box."""
    unit = ink.paper.unit
    flat = shapes[shapely.get_dimensions(shapes) == 2]
    if len(flat):
        _area(ink, flat, symbol, within)
    lines = shapes[shapely.get_dimensions(shapes) == 1]
    if len(lines):
        ink.path(line_path(lines), **pen(symbol, unit), within=within, round_ends=not symbol.dash)
    points = shapes[shapely.get_dimensions(shapes) == 0]
    if len(points):
        mark(ink, shapely.get_coordinates(points), symbol, within=within)


def mark(ink: Ink, xy: Floats, symbol: Symbol, *, within: Box | None = None) -> None:
    """Points: a round mark."""
    unit = ink.paper.unit
    line, width = symbol.line, symbol.weight * MM_PER_PIXEL * unit
    ink.dots(xy, size=_MARK * unit, fill=symbol.fill or "#ffffff", line=line, width=width, within=within)


def pen(symbol: Symbol, unit: float) -> dict[str, Any]:
    """A symbol's outline as `Ink.path` takes it."""
    dash = tuple(float(part) * MM_PER_PIXEL * unit for part in (symbol.dash or "").split())
    return {"line": symbol.line, "width": symbol.weight * MM_PER_PIXEL * unit, "dash": dash}


def mark_size(unit: float) -> float:
    """The diameter of a point's mark, in mm."""
    return _MARK * unit


def _area(ink: Ink, shapes: np.ndarray, symbol: Symbol, within: Box) -> None:
    path = polygon_path(shapes)
    if symbol.fill:
        ink.path(path, fill=symbol.fill, opacity=symbol.opacity, within=within)
    if symbol.hatch:
        _hatch(ink, shapes, symbol, within)
    ink.path(path, **pen(symbol, ink.paper.unit), within=within)


def _hatch(ink: Ink, shapes: np.ndarray, symbol: Symbol, within: Box) -> None:
    """Strokes cut to the shapes' outline, or dots inside; their grid is that of the page, so neighbours' hatches meet."""
    unit = ink.paper.unit
    box = shapely.box(within.x, within.y, within.right, within.top)
    bounds = shapely.bounds(shapely.intersection(shapely.box(*shapely.total_bounds(shapes)), box))
    if np.isnan(bounds).any():
        return
    if symbol.hatch == "dots":
        spots = _grid(bounds, _DOT_STEP * unit)
        shape = shapely.union_all(shapes)
        shapely.prepare(shape)
        spots = spots[shapely.contains_xy(shape, spots)]
        if len(spots):
            ink.dots(spots, size=_DOT * unit, fill=symbol.line, within=within)
        return
    inside = polygon_path(shapes)
    for angle in HATCHES[symbol.hatch or "diagonal"]:
        strokes = _strokes(bounds, SPACING * unit, angle)
        ink.lines(strokes, line=symbol.line, width=_STROKE * unit, within=within, inside=inside)


def _grid(bounds: Floats, step: float) -> Floats:
    """Points of a quincunx over a box."""
    west, south, east, north = bounds
    columns = np.arange(np.floor(west / step), np.ceil(east / step) + 1)
    rows = np.arange(np.floor(south / step), np.ceil(north / step) + 1)
    x, y = np.meshgrid(columns, rows)
    kept = (x + y) % 2 == 0
    return np.column_stack([x[kept], y[kept]]) * step


def _strokes(bounds: Floats, step: float, angle: float) -> Floats:
    """Parallel lines over a box, shape (n, 2, 2)."""
    turn = np.deg2rad(angle)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    west, south, east, north = bounds
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    reach, offsets = corners @ along, corners @ across
    rows = np.arange(np.ceil(offsets.min() / step), np.floor(offsets.max() / step) + 1) * step
    ends = np.stack([rows[:, None] * across + end * along for end in (reach.min(), reach.max())], axis=1)
    return np.asarray(ends)


def swatch(ink: Ink, box: Box, symbol: Symbol, *, form: str) -> None:
    """A row of the legend: an area, a line or a point with its symbol."""
    middle = (box.y + box.top) / 2
    if form == "point":
        mark(ink, np.array([[box.x + box.width / 2, middle]]), symbol)
    elif form == "line":
        line = shapely.LineString([(box.x, middle), (box.right, middle)])
        draw(ink, np.array([line]), symbol, within=box.inset(-2))
    else:
        draw(ink, np.array([shapely.box(box.x, box.y, box.right, box.top)]), symbol, within=box.inset(-2))
