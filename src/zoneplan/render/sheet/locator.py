"""The inset that says where a map lies: in the plan's zone or, where it shows the whole zone, on the national map sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from zoneplan.engine.rings import Floats
from zoneplan.render.sheet.content import Content
from zoneplan.render.sheet.ink import Ink, line_path, polygon_path
from zoneplan.render.sheet.mapindex import sheets_over
from zoneplan.render.sheet.paper import Box, Window
from zoneplan.render.sheet.words import say

HEIGHT, LEAST_WIDTH = 35.0, 46.0
"""Of the block, on A3."""
_HERE, _ZONE, _LINE, _PALE = "#c00000", "#e4e4e4", "#444444", "#9a9a9a"
_WHOLE = 0.98


def draw_locator(
    ink: Ink, box: Box, window: Window, zone: BaseGeometry, base: Sequence[Content], crs: CRS, lang: str
) -> None:
    """The inset in a box, with its title."""
    unit = ink.paper.unit
    view = shapely.box(*window.bounds)
    whole = shapely.area(shapely.intersection(zone, view)) >= _WHOLE * zone.area
    title = (
        say("所在 1:5 万图幅", "Sheets of the 1:50000 series", lang)
        if whole
        else say("位置图", "Location", lang)
    )
    ink.text(box.x + box.width / 2, box.top - 4.2 * unit, title, size=7 * unit, align=0.5)
    inner = Box(box.x, box.y, box.width, box.height - 6 * unit)
    ink.box(inner, fill="#ffffff")
    if whole:
        _on_sheets(ink, inner, zone, crs)
    else:
        _in_zone(ink, inner, zone, view, base)
    ink.box(inner, line=_LINE, width=0.2 * unit)


def _fit(bounds: Floats, box: Box) -> Window:
    """A window of any scale that shows bounds inside a box."""
    west, south, east, north = (float(side) for side in bounds)
    scale = max((east - west) / box.width, (north - south) / box.height) * 1000
    return Window(box, ((west + east) / 2, (south + north) / 2), max(round(scale), 1))


def _in_zone(ink: Ink, box: Box, zone: BaseGeometry, view: BaseGeometry, base: Sequence[Content]) -> None:
    unit = ink.paper.unit
    fitted = _fit(shapely.bounds(zone), box.inset(2 * unit))
    small = Window(box, fitted.middle, fitted.scale)
    outline = shapely.transform(zone, small.page)
    ink.path(polygon_path(np.array([outline])), fill=_ZONE, within=box)
    for content in base:
        lines = content.shapes[shapely.get_dimensions(content.shapes) == 1]
        if len(lines) and content.layer != "boundary":
            colour = content.drawing.legend[0][1].line if content.drawing.legend else _PALE
            ink.path(
                line_path(shapely.transform(lines, small.page)), line=colour, width=0.15 * unit, within=box
            )
    ink.path(polygon_path(np.array([outline])), line=_LINE, width=0.35 * unit, within=box)
    here = shapely.transform(view, small.page)
    ink.path(
        polygon_path(np.array([here])), fill=_HERE, opacity=0.25, line=_HERE, width=0.4 * unit, within=box
    )
    x, y = shapely.get_coordinates(here.centroid)[0]
    if here.area < (4 * unit) ** 2:  # too small to be found otherwise
        reach = 4 * unit
        cross = [[(x - reach, y), (x - reach / 3, y)], [(x + reach / 3, y), (x + reach, y)],
                 [(x, y - reach), (x, y - reach / 3)], [(x, y + reach / 3), (x, y + reach)]]  # fmt: skip
        ink.lines(np.array(cross), line=_HERE, width=0.4 * unit, within=box)


def _on_sheets(ink: Ink, box: Box, zone: BaseGeometry, crs: CRS) -> None:
    unit = ink.paper.unit
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    west, south, east, north = shapely.bounds(shapely.transform(zone, _turned(to_degrees)))
    cells = list(sheets_over(float(west), float(south), float(east), float(north)))
    back = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    shapes = [shapely.transform(shapely.box(*edges), _turned(back)) for _, edges in cells]
    small = _fit(shapely.bounds(shapely.union_all(shapes)), box.inset(1.5 * unit))
    outline = shapely.transform(zone, small.page)
    ink.path(
        polygon_path(np.array([outline])), fill=_HERE, opacity=0.25, line=_HERE, width=0.35 * unit, within=box
    )
    for (number, _), shape in zip(cells, shapes, strict=True):
        cell = shapely.transform(shape, small.page)
        ink.path(polygon_path(np.array([cell])), line=_PALE, width=0.18 * unit, within=box)
        _number(ink, number, cell, outline)


def _number(ink: Ink, number: str, cell: BaseGeometry, outline: BaseGeometry) -> None:
    """The number of a sheet at its upper or lower edge, where less of the zone is."""
    unit = ink.paper.unit
    west, south, east, north = cell.bounds
    wide = ink.letters.width(number, 5.4 * unit)
    size = 5.4 * unit * min(1.0, (east - west) * 0.92 / wide)
    rows = (north - 2.8 * unit, south + 1.2 * unit)
    covered = [
        shapely.area(shapely.intersection(outline, shapely.box(west, y - 0.5 * unit, east, y + 2 * unit)))
        for y in rows
    ]
    ink.text(
        (west + east) / 2, rows[int(covered[1] < covered[0])], number, size=size, align=0.5, colour="#555555"
    )


def _turned(transformer: Transformer) -> Callable[[Floats], Floats]:
    def turned(xy: Floats) -> Floats:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return turned
